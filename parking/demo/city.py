"""The demo's city on its first day: registry, people at desks, phones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.gateways import GATEWAYS
from sqlalchemy.orm import Session

from parking.access import enrolment, users
from parking.access.policy import Role
from parking.access.secrets import new_password
from parking.demo.demand import Worker
from parking.demo.phones import Phone
from parking.demo.places import person
from parking.parts import Parts
from parking.registry import starter
from parking.registry.rules import NewAccount, NewAttendant, NewPoint, NewSplit, NewTariff

BY = "system"
USERS = (
    (Role.ADMIN, "admin", "Administrator Contoh"),
    (Role.AUDITOR, "auditor", "Auditor Contoh"),
    (Role.TREASURER, "bendahara", "Bendahara Contoh"),
    (Role.FINANCE, "keuangan", "Keuangan Contoh"),
    (Role.SUPERVISOR, "pengawas", "Pengawas Contoh"),
    (Role.LEADERSHIP, "pimpinan", "Pimpinan Contoh"),
)
PRICES = (("motorcycle", 2_000), ("car", 3_000), ("truck_bus", 5_000))
CITY_BPS = 4_000
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
    sign_ins: Sequence[SignIn]


def found(parts: Parts, workers: Sequence[Worker], first_day: date, now: datetime) -> DemoCity:
    """Enter the city into an empty database."""
    since = first_day - BEFORE
    with parts.sessions.begin() as session:
        started = starter.add_many(session, _starter(workers, since), GATEWAYS, BY, now)
        sign_ins = [_user(session, parts, *user, now) for user in USERS]
    return DemoCity(started.attendants, started.points, started.letters, sign_ins)


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


def _starter(workers: Sequence[Worker], since: date) -> starter.Starter:
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
        accounts=[_account(since)],
    )


def _account(since: date) -> NewAccount:
    """The merchant that the sandbox knows; its numbers are nobody's."""
    return NewAccount(
        gateway="midtrans", account="jambi", merchant_id="G000000001", nmid="ID1020000000012",
        pan="936001150000000123", name="PEMKOT JAMBI PARKIR", city="KOTA JAMBI",
        environment="sandbox", key_name="MIDTRANS_JAMBI", valid_from=since, fee_bps=0,
        contract="Perjanjian contoh 1/2026",
    )  # fmt: skip


def _user(
    session: Session, parts: Parts, role: Role, username: str, name: str, now: datetime
) -> SignIn:
    password = new_password()
    users.add(session, username, role, name, password, parts.settings.pepper, BY, now)
    return SignIn(role, username, password)
