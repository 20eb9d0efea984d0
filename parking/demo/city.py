"""The demo's city on its first day: registry, people at desks, phones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.gateways import GATEWAYS
from config.invented import INVENTED
from sqlalchemy.orm import Session

from parking.access import enrolment, users
from parking.access.policy import Role
from parking.access.secrets import new_password
from parking.demo.demand import Worker
from parking.demo.phones import Phone
from parking.demo.places import person
from parking.parts import Parts
from parking.registry import add, starter
from parking.registry.rules import (
    NewAccount,
    NewAttendant,
    NewPoint,
    NewRoute,
    NewSplit,
    NewTariff,
)

BY = "system"
USERS = (
    (Role.ADMIN, "admin", "Administrator Contoh"),
    (Role.AUDITOR, "auditor", "Auditor Contoh"),
    (Role.TREASURER, "bendahara", "Bendahara Contoh"),
    (Role.FINANCE, "keuangan", "Keuangan Contoh"),
    (Role.SUPERVISOR, "pengawas", "Pengawas Contoh"),
    (Role.LEADERSHIP, "pimpinan", "Pimpinan Contoh"),
    (Role.COLLECTOR, "kolektor", "Kolektor Contoh"),
)
PRICES = (("motorcycle", 2_000), ("car", 3_000), ("truck_bus", 5_000))
CITY_BPS = 4_000
ACCOUNT = "jambi"
SETTLES_IN = {"xendit": 2}  # working days (gateways.md 2.9)
BEFORE = timedelta(days=60)  # the city's facts hold from well before the first day


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a person of the demo gets in; the one-time code is worked out when it is shown."""

    role: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class DemoCity:
    attendants: Mapping[str, int]  # id by badge
    points: Mapping[str, int]  # id by code
    letters: Mapping[str, int]  # assignment id by letter
    gateways: Mapping[str, str]  # of a point, by its code
    sign_ins: Sequence[SignIn]


def found(
    parts: Parts, workers: Sequence[Worker], gateways: Sequence[str], first_day: date,
    now: datetime,
) -> DemoCity:  # fmt: skip
    """Enter the city into an empty database; its points take turns with the gateways."""
    since = first_day - BEFORE
    with parts.sessions.begin() as session:
        started = starter.add_many(session, _starter(workers, gateways, since), GATEWAYS, BY, now)
        ways = ways_of(list(started.points), gateways)
        for code, names in ways.items():
            for rank, gateway in enumerate(names, 1):
                account = started.accounts[f"{gateway}/{ACCOUNT}"]
                route = NewRoute(account, started.points[code], rank, first_day)
                add.route(session, route, BY, now)
        of_points = {code: ways.get(code, gateways)[0] for code in started.points}
        sign_ins = [_user(session, parts, *user, now) for user in USERS]
    return DemoCity(started.attendants, started.points, started.letters, of_points, sign_ins)


def ways_of(points: Sequence[str], gateways: Sequence[str]) -> dict[str, list[str]]:
    """The gateways that points of the city have of their own, by code, the first to ask first.

    Points take turns with the gateways. In every second round the next gateway stands in, so
    that both can be seen when one is taken down: taps that go on, and taps that end in cash.
    """
    count = len(gateways)
    if count == 1:
        return {}  # the city's one account serves all
    ways = {}
    for number, code in enumerate(points):
        first, stand_in = gateways[number % count], gateways[(number + 1) % count]
        ways[code] = [first, stand_in] if number // count % 2 == 0 else [first]
    return ways


def letter_of(worker: Worker) -> str:
    return f"SPT/{worker.number + 1:03}/DISHUB"


def pin_of(worker: Worker) -> str:
    """A PIN that may be chosen: neither a date nor a row of figures."""
    return f"{481 + worker.number % 400}{(7 * worker.number + 927) % 1000:03}"


def phones_of(
    parts: Parts, workers: Sequence[Worker], city: DemoCity, base_url: str, now: datetime
) -> dict[int, Phone]:
    """A phone for every attendant, enrolled the ordinary way with a code from the supervisor."""
    phones = {}
    for worker in workers:
        with parts.sessions.begin() as session:
            invited = enrolment.invite(session, city.attendants[worker.badge], "user:pengawas", now)
        phone = Phone(base_url, worker.badge, pin_of(worker))
        phone.enrol(invited.code)
        phones[worker.number] = phone
    return phones


def _starter(workers: Sequence[Worker], gateways: Sequence[str], since: date) -> starter.Starter:
    places = {worker.place.code: worker.place for worker in workers}
    return starter.Starter(
        attendants=[NewAttendant(w.badge, person(w.number), since) for w in workers],
        points=[
            NewPoint(p.code, p.name, p.road, p.zone, p.area_type, has_qris=True, opened_on=since)
            for p in places.values()
        ],
        letters=[starter.NamedLetter(letter_of(w), w.badge, w.place.code, since) for w in workers],
        tariffs=[
            NewTariff(vehicle, "", amount, since, "Perda 2/2024") for vehicle, amount in PRICES
        ],
        splits=[NewSplit(CITY_BPS, since, "Perwal 12/2013")],
        accounts=[_account(gateway, since) for gateway in gateways],
    )


def _account(gateway: str, since: date) -> NewAccount:
    """The merchant that the sandbox knows at a gateway; its numbers are nobody's."""
    merchant_id, nmid, pan, _ = INVENTED[gateway]
    return NewAccount(
        gateway=gateway, account=ACCOUNT, merchant_id=merchant_id, nmid=nmid, pan=pan,
        name="PEMKOT JAMBI PARKIR", city="KOTA JAMBI", environment="sandbox",
        key_name=f"{gateway.upper()}_JAMBI", valid_from=since, fee_bps=0,
        contract="Perjanjian contoh 1/2026", settles_in=SETTLES_IN.get(gateway, 1),
    )  # fmt: skip


def _user(
    session: Session, parts: Parts, role: Role, username: str, name: str, now: datetime
) -> SignIn:
    password = new_password()
    users.add(session, username, role, name, password, parts.settings.pepper, BY, now)
    return SignIn(role, username, password)
