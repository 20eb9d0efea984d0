"""A whole city at once: what a city brings along on its first day, in a few statements."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from parking.audit import log
from parking.business_day import business_day
from parking.database.bulk import add_rows
from parking.errors import Conflict
from parking.registry import rules, store
from parking.registry.facts import Assignment, Attendant, Point
from parking.registry.rules import (
    NewAccount,
    NewAttendant,
    NewLeave,
    NewLetter,
    NewPoint,
    NewSplit,
    NewTariff,
    Problems,
)


@dataclass(frozen=True, slots=True)
class NamedLetter:
    """An assignment letter whose attendant and point are not numbered yet."""

    letter: str
    badge: str
    point: str  # its code
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Starter:
    """Tariffs and splits hold from the days they name, also past ones: nothing was charged yet."""

    attendants: Sequence[NewAttendant]
    points: Sequence[NewPoint]
    letters: Sequence[NamedLetter]
    tariffs: Sequence[NewTariff]
    splits: Sequence[NewSplit]
    accounts: Sequence[NewAccount]
    leave: Sequence[NewLeave] = ()


@dataclass(frozen=True, slots=True)
class Started:
    """The ids of what was added."""

    attendants: Mapping[str, int]  # by badge
    points: Mapping[str, int]  # by code
    letters: Mapping[str, int]  # by letter
    accounts: Mapping[str, int]  # by "gateway/account"


def add_many(
    session: Session, city: Starter, gateways: Collection[str], actor: str, now: datetime
) -> Started:
    """Add a city to an empty registry: all of it, or nothing.

    Every rule of `parking.registry.add` holds, but that of tomorrow: tariffs and
    splits may begin in the past. Raises Conflict if there is a city already, and
    BadInput naming every problem of every fact.
    """
    store.lock(session)
    if store.has_city(session):
        raise Conflict("Sudah ada juru parkir, titik atau tarif; tambahkan yang lain satu per satu")
    rules.refuse("Data awal", _problems(city, gateways, business_day(now)))
    started = _insert_people(session, city)
    _insert_terms(session, city, started, actor, now)
    counted = {kind: len(facts) for kind, facts in _kinds(city).items()}
    log.record(session, now, actor, "registry.start", "registry", counted)
    return started


def _kinds(city: Starter) -> dict[str, Sequence[Any]]:
    return {
        "attendants": city.attendants, "points": city.points, "letters": city.letters,
        "tariffs": city.tariffs, "splits": city.splits, "accounts": city.accounts,
        "leave": city.leave,
    }  # fmt: skip


def _insert_people(session: Session, city: Starter) -> Started:
    people = add_rows(session, store.AttendantRow, [asdict(a) for a in city.attendants])
    places = add_rows(session, store.PointRow, [asdict(p) for p in city.points])
    attendants = dict(zip((a.badge for a in city.attendants), people, strict=True))
    points = dict(zip((p.code for p in city.points), places, strict=True))
    rows = [
        {
            "letter": letter.letter,
            "attendant_id": attendants[letter.badge],
            "point_id": points[letter.point],
            "valid_from": letter.valid_from,
            "valid_to": letter.valid_to,
        }
        for letter in city.letters
    ]
    letters = add_rows(session, store.AssignmentRow, rows)
    accounts = add_rows(session, store.MerchantAccountRow, [_account(a) for a in city.accounts])
    return Started(
        attendants, points, dict(zip((x.letter for x in city.letters), letters, strict=True)),
        dict(zip((f"{a.gateway}/{a.account}" for a in city.accounts), accounts, strict=True)),
    )  # fmt: skip


def _insert_terms(
    session: Session, city: Starter, started: Started, actor: str, now: datetime
) -> None:
    entered = {"entered_at": now, "entered_by": actor}
    add_rows(session, store.TariffRow, [_term(t) | entered for t in city.tariffs])
    add_rows(session, store.SplitRow, [_term(s) | entered for s in city.splits])
    fees = [
        {
            "merchant_account_id": started.accounts[f"{account.gateway}/{account.account}"],
            "fee_bps": account.fee_bps,
            "settles_in": account.settles_in,
            "valid_from": account.valid_from,
            "contract": account.contract,
        }
        for account in city.accounts
    ]
    add_rows(session, store.FeeRow, fees)
    add_rows(session, store.CollectiveLeaveRow, [asdict(day) for day in city.leave])


def _account(account: NewAccount) -> dict[str, Any]:
    values = asdict(account)
    del values["fee_bps"], values["settles_in"], values["contract"]
    return values


def _term(term: NewTariff | NewSplit) -> dict[str, Any]:
    values = asdict(term)
    del values["is_back_dated"]
    return values


def _problems(city: Starter, gateways: Collection[str], today: date) -> Problems:
    zones = {point.zone for point in city.points}
    found = _repeated(city)
    for person in city.attendants:
        why = rules.attendant_problems(person, today)
        found |= rules.named("Juru parkir", person.badge, why)
    for place in city.points:
        found |= rules.named("Titik", place.code, rules.point_problems(place, today))
    for tariff in city.tariffs:
        said = NewTariff(**_term(tariff), is_back_dated=True)
        why = rules.tariff_problems(said, (), zones, today)
        found |= rules.named("Tarif", tariff.decree, why)
    for split in city.splits:
        said_split = NewSplit(**_term(split), is_back_dated=True)
        why = rules.split_problems(said_split, (), today)
        found |= rules.named("Bagi hasil", split.decree, why)
    for account in city.accounts:
        why = rules.account_problems(account, gateways, today)
        found |= rules.named("Akun", account.account, why)
    for day in city.leave:
        found |= rules.named("Cuti", str(day.day), rules.leave_problems(day, (), today))
    return found | _letter_problems(city, today)


def _letter_problems(city: Starter, today: date) -> Problems:
    """Each letter against those before it in the list."""
    people = {
        a.badge: Attendant(n, **asdict(a), ended_on=None) for n, a in _numbered(city.attendants)
    }
    places = {p.code: Point(n, **asdict(p), ended_on=None) for n, p in _numbered(city.points)}
    held: dict[str, list[Assignment]] = {}
    found: Problems = {}
    for letter in city.letters:
        who, where = people.get(letter.badge), places.get(letter.point)
        new = NewLetter(
            letter.letter, who.id if who else 0, where.id if where else 0,
            letter.valid_from, letter.valid_to,
        )  # fmt: skip
        before = held.setdefault(letter.badge, [])
        why = rules.letter_problems(new, who, where, before, today)
        found |= rules.named("SPT", letter.letter, why)
        before.append(Assignment(0, **asdict(new), ended_at=None, ended_reason=None))
    return found


def _numbered(facts: Sequence[Any]) -> Iterable[tuple[int, Any]]:
    return enumerate(facts, start=1)


def _repeated(city: Starter) -> Problems:
    return {
        f"{what} {name}": f"Tercantum {count} kali"
        for what, names in (
            ("Lencana", [a.badge for a in city.attendants]),
            ("Kode titik", [p.code for p in city.points]),
            ("Nomor SPT", [x.letter for x in city.letters]),
            ("Akun", [f"{a.gateway}/{a.account}" for a in city.accounts]),
            ("Tarif", [(t.vehicle, t.zone, t.valid_from) for t in city.tariffs]),
            ("Bagi hasil dari", [s.valid_from for s in city.splits]),
            ("Cuti", [d.day for d in city.leave]),
        )
        for name, count in _more_than_once(names)
    }


def _more_than_once(names: Iterable[Hashable]) -> list[tuple[Hashable, int]]:
    return [(name, count) for name, count in Counter(names).items() if count > 1]
