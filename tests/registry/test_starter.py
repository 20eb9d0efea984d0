"""A whole city is added at once, or not at all."""

from datetime import date

import pytest
from parking.audit.store import AuditEventRow
from parking.demo.places import person, place_of
from parking.errors import BadInput, Conflict
from parking.registry import starter, store
from parking.registry.facts import Vehicle, tariff_for
from parking.registry.rules import NewAttendant, NewPoint, NewSplit, NewTariff
from parking.registry.starter import NamedLetter, Starter
from sqlalchemy import select

from tests.conftest import NOON
from tests.registry.facts import new_account

FIRST = date(2026, 1, 1)


def a_starter(count: int) -> Starter:
    places = [place_of(n) for n in range(count)]
    return Starter(
        attendants=[NewAttendant(f"JBI-{n:04}", person(n % 475), FIRST) for n in range(count)],
        points=[NewPoint(p.code, p.name, p.road, p.zone, p.area_type, True, FIRST) for p in places],
        letters=[
            NamedLetter(f"SPT/{n:03}/2026", f"JBI-{n:04}", p.code, FIRST)
            for n, p in enumerate(places)
        ],
        tariffs=[NewTariff("motorcycle", "", 2_000, FIRST, "Perda 2/2024")],
        splits=[NewSplit(4_000, FIRST, "Perwal 12/2013")],
        accounts=[new_account()],
    )


def start(parts, city):
    with parts.sessions.begin() as session:
        return starter.add_many(session, city, ["midtrans"], "system", NOON)


def test_five_hundred_attendants_are_each_where_their_letter_says(parts):
    city = a_starter(500)

    started = start(parts, city)

    with parts.sessions() as session:
        for letter in (city.letters[0], city.letters[250], city.letters[499]):
            (held,) = store.assignments_of(session, started.attendants[letter.badge])
            assert held.letter == letter.letter
            assert store.point(session, held.point_id).code == letter.point
        assert tariff_for(store.tariffs(session), Vehicle.MOTORCYCLE, "Pasar", NOON).amount == 2_000
        assert [a.key_name for a in store.merchant_accounts(session, date(2026, 11, 23))] == [
            "MIDTRANS_PASAR"
        ]
        (event,) = session.scalars(select(AuditEventRow.detail))
        assert (event["attendants"], event["letters"]) == (500, 500)


def test_everything_wrong_is_named_and_nothing_is_added(parts):
    good = a_starter(3)
    bad = Starter(
        attendants=[*good.attendants, NewAttendant("JBI-0000", "", FIRST)],
        points=good.points,
        letters=[
            *good.letters,
            NamedLetter("SPT/900/2026", "JBI-0001", good.letters[1].point, FIRST),
            NamedLetter("SPT/901/2026", "JBI-7777", "XX-99", FIRST),
        ],
        tariffs=[NewTariff("bicycle", "Nowhere", 2_000, FIRST, "Perda 2/2024")],
        splits=good.splits,
        accounts=good.accounts,
    )

    with pytest.raises(BadInput) as refused:
        start(parts, bad)

    assert set(refused.value.problems) == {
        "Lencana JBI-0000",
        "Juru parkir JBI-0000: name",
        "SPT SPT/900/2026: point_id",
        "SPT SPT/901/2026: attendant_id",
        "SPT SPT/901/2026: point_id",
        "Tarif Perda 2/2024: vehicle",
        "Tarif Perda 2/2024: zone",
    }
    with parts.sessions() as session:
        assert not store.has_city(session)


def test_a_city_is_started_once(parts):
    start(parts, a_starter(2))

    with pytest.raises(Conflict):
        start(parts, a_starter(2))
