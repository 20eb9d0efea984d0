"""Opening, taking over and closing a shift, through the phone's own requests."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from parking.access.pin import prove_pin
from parking.registry.store import AssignmentRow
from parking.shifts import ticket_store
from parking.shifts.store import ShiftEventRow, ShiftRow
from parking.shifts.tickets import Tickets
from sqlalchemy import func, select, update

from tests.phone import Phone
from tests.shifts.conftest import BUDIS_PIN, SARIS_PIN


def events(parts, shift_id):
    with parts.sessions() as session:
        return list(
            session.scalars(
                select(ShiftEventRow.kind)
                .where(ShiftEventRow.shift_id == shift_id)
                .order_by(ShiftEventRow.id)
            )
        )


def change_letters(parts, city, **values):
    """Give Budi's letters other dates; the owner's hand, since letters are only ever ended."""
    from parking.database.engine import owner_engine

    owner = owner_engine(parts.settings.owner_url)
    with owner.begin() as connection:
        connection.execute(
            update(AssignmentRow).where(AssignmentRow.attendant_id == city.budi).values(**values)
        )
    owner.dispose()


def test_a_shift_opens_at_a_point_of_a_letter_and_is_told(budi, city, parts):
    answer = budi.post("/attendant/shifts", point_id=city.market)

    assert answer.status_code == 201
    told = answer.json["shift"]
    assert told["point"]["code"] == "PSR-01"
    assert told["letter"] == "SPT/001/2026"
    assert events(parts, told["id"]) == ["opened"]
    state = budi.get("/attendant/state").json
    assert state["shift"]["id"] == told["id"]
    assert [t["amount"] for t in state["tariffs"]] == [2_000, 3_000, 5_000]


def test_a_point_without_a_letter_is_refused_with_whom_to_ask(budi, city):
    answer = budi.post("/attendant/shifts", point_id=city.street)

    assert answer.status_code == 409
    assert "Tidak ada SPT" in answer.json["message"]
    assert "pengawas" in answer.json["message"]
    assert budi.get("/attendant/state").json["shift"] is None


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"valid_to": date(2026, 11, 22)}, "berlaku sampai Minggu, 22 November 2026"),
        ({"valid_from": date(2026, 11, 24)}, "baru berlaku mulai Selasa, 24 November 2026"),
    ],
)
def test_a_letter_outside_its_days_is_refused_with_the_day(budi, city, parts, values, why):
    change_letters(parts, city, **values)

    answer = budi.post("/attendant/shifts", point_id=city.market)

    assert answer.status_code == 409
    assert why in answer.json["message"]
    offer = budi.get("/attendant/state").json["points"][0]
    assert not offer["can_open"]
    assert why in offer["reason"]


def test_a_letter_holds_to_the_end_of_its_last_day_in_jambi(city, parts, clock):
    change_letters(parts, city, valid_to=date(2026, 11, 23))
    clock.moment = clock.moment.replace(hour=16, minute=59, second=59)  # 23.59.59 WIB
    budi = Phone(parts, city.budi, city.budis_phone)

    assert budi.post("/attendant/shifts", point_id=city.market).status_code == 201


def test_a_revoked_letter_is_refused_with_its_reason(budi, city, parts, clock):
    change_letters(parts, city, ended_at=clock.now(), ended_reason="mutasi")

    answer = budi.post("/attendant/shifts", point_id=city.market)

    assert answer.status_code == 409
    why = "dicabut sejak Senin, 23 November 2026 pukul 12.00 WIB (mutasi)"
    assert why in answer.json["message"]


def test_taps_side_by_side_open_one_shift(parts, city):
    phones = [Phone(parts, city.budi, city.budis_phone) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda p: p.post("/attendant/shifts", point_id=city.market), phones)
        )

    assert {a.status_code for a in answers} == {201}
    assert len({a.json["shift"]["id"] for a in answers}) == 1
    with parts.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ShiftRow)) == 1
    assert events(parts, answers[0].json["shift"]["id"]) == ["opened"]


def test_a_second_shift_elsewhere_waits_until_the_first_is_closed(sari, city):
    sari.post("/attendant/shifts", point_id=city.street)

    answer = sari.post("/attendant/shifts", point_id=city.market)

    assert answer.status_code == 409
    assert "SDR-01 masih terbuka" in answer.json["message"]


@pytest.mark.usefixtures("pins")
def test_a_colleague_takes_over_with_both_pins(budi, sari, city, parts):
    budis = budi.post("/attendant/shifts", point_id=city.market).json["shift"]["id"]
    budi.post("/attendant/cash", vehicle="motorcycle", client_key="a" * 16)
    words = {
        "badge": "JBI-0001", "their_pin": BUDIS_PIN, "my_pin": SARIS_PIN, "their_cash": 2_000,
    }  # fmt: skip

    first = sari.post("/attendant/shifts/take-over", **words)
    again = sari.post("/attendant/shifts/take-over", **words)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["shift"]["id"] == again.json["shift"]["id"]
    assert first.json["shift"]["taken_over"]
    assert events(parts, budis) == ["opened", "closed"]
    assert events(parts, first.json["shift"]["id"]) == ["taken_over"]
    with parts.sessions() as session:
        row = session.get(ShiftRow, budis)
        assert (row.declared_cash, row.closed_at) == (2_000, parts.clock.now())
    assert budi.get("/attendant/state").json["shift"] is None


@pytest.mark.usefixtures("pins")
@pytest.mark.parametrize("wrong", ["their_pin", "my_pin"])
def test_one_wrong_pin_and_nothing_is_taken_over(budi, sari, city, parts, wrong):
    budis = budi.post("/attendant/shifts", point_id=city.market).json["shift"]["id"]
    words = {
        "badge": "JBI-0001", "their_pin": BUDIS_PIN, "my_pin": SARIS_PIN, "their_cash": 0,
    } | {wrong: "918273"}  # fmt: skip

    answer = sari.post("/attendant/shifts/take-over", **words)

    assert answer.status_code == 422
    assert events(parts, budis) == ["opened"]
    assert sari.get("/attendant/state").json["shift"] is None


@pytest.mark.usefixtures("pins")
@pytest.mark.fault("F81")
def test_a_colleagues_pin_cannot_be_guessed_by_taking_over(budi, sari, city):
    budi.post("/attendant/shifts", point_id=city.market)
    words = {"badge": "JBI-0001", "my_pin": SARIS_PIN, "their_cash": 0}

    tries = [
        sari.post("/attendant/shifts/take-over", their_pin=f"91{n:04}", **words).status_code
        for n in range(6)
    ]

    assert tries == [422] * 5 + [429]


@pytest.mark.usefixtures("pins")
def test_whoever_guesses_a_colleagues_pin_locks_nobody_else_out(budi, sari, city, parts):
    budi.post("/attendant/shifts", point_id=city.market)
    words = {"badge": "JBI-0001", "my_pin": SARIS_PIN, "their_cash": 0}
    for n in range(6):
        sari.post("/attendant/shifts/take-over", their_pin=f"91{n:04}", **words)

    prove_pin(
        parts.sessions, city.budi, BUDIS_PIN, parts.settings.pepper, parts.clock.now()
    )  # on his own phone


@pytest.mark.usefixtures("pins")
def test_a_colleague_who_stands_nowhere_has_no_pin_to_be_tried(budi, sari):
    answer = sari.post(
        "/attendant/shifts/take-over",
        badge="JBI-0001", their_pin="918273", my_pin=SARIS_PIN, their_cash=0,
    )  # fmt: skip

    assert answer.status_code == 409
    assert "tidak punya giliran yang terbuka" in answer.json["message"]


@pytest.mark.usefixtures("pins")
def test_nobody_takes_over_where_no_letter_lets_them(budi, sari, city, parts):
    theirs = sari.post("/attendant/shifts", point_id=city.street).json["shift"]["id"]

    answer = budi.post(
        "/attendant/shifts/take-over",
        badge="JBI-0002", their_pin=SARIS_PIN, my_pin=BUDIS_PIN, their_cash=0,
    )  # fmt: skip

    assert answer.status_code == 409
    assert "Tidak ada SPT" in answer.json["message"]
    assert events(parts, theirs) == ["opened"]


def test_closing_keeps_what_was_declared_beside_what_was_counted(budi, city, parts):
    shift = budi.post("/attendant/shifts", point_id=city.market).json["shift"]["id"]
    budi.post("/attendant/cash", vehicle="car", client_key="a" * 16)

    answer = budi.post(
        "/attendant/shifts/close",
        cash=5_000, qris=0, remarks="hujan",
        tickets=[{"series": "A-2026", "first": 100, "last": 101, "spoiled": 1}],
    )  # fmt: skip

    assert answer.status_code == 200
    assert answer.json["shift"]["closed_at"] is not None
    with parts.sessions() as session:
        row = session.get(ShiftRow, shift)
        assert (row.declared_cash, row.remarks) == (5_000, "hujan")
        assert ticket_store.tickets_of(session, shift) == [Tickets("A-2026", 100, 101, spoiled=1)]
        closed = session.scalars(select(ShiftEventRow).order_by(ShiftEventRow.id.desc())).first()
    assert closed.detail["cash_counted"] == 3_000


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"cash": -1}, "cash"),
        ({"cash": 1.5}, "cash"),
        ({"cash": "5000"}, "cash"),
        ({"cash": 10**30}, "cash"),
        ({"cash": 0, "ticket_first": 5}, "ticket_first"),
        ({"cash": 0, "tickets": [{"series": "A", "first": 5}]}, "tickets.0.last"),
        ({"cash": 0, "tickets": [{"series": "A", "first": 5, "last": 4}]}, "tickets.0.last"),
        ({"cash": 0, "tickets": [{"series": "A", "first": 0, "last": 4}]}, "tickets.0.first"),
        ({"cash": 0, "tickets": [{"series": "a b", "first": 5, "last": 5}]}, "tickets.0.series"),
        (
            {"cash": 0, "tickets": [{"series": "A", "first": 5, "last": 5, "spoiled": 2}]},
            "tickets.0.spoiled",
        ),
        ({"cash": 0, "tickets": [{"series": "A", "first": 5, "last": 5}] * 21}, "tickets"),
        ({"cash": 0, "remarks": "a\x00b"}, "remarks"),
        ({"cash": 0, "closed_at": "2026-11-23"}, "closed_at"),
        ({}, "cash"),
    ],
)
@pytest.mark.fault("F75")
@pytest.mark.fault("F79")
def test_a_closing_that_makes_no_sense_closes_nothing(budi, city, said, field):
    budi.post("/attendant/shifts", point_id=city.market)

    answer = budi.post("/attendant/shifts/close", **said)

    assert answer.status_code == 422
    assert field in answer.json["problems"]
    assert budi.get("/attendant/state").json["shift"] is not None


def test_closing_twice_says_that_nothing_is_open(budi, city):
    budi.post("/attendant/shifts", point_id=city.market)
    budi.post("/attendant/shifts/close", cash=0)

    assert budi.post("/attendant/shifts/close", cash=0).status_code == 409
