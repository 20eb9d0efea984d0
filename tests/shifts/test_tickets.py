"""Tickets by series: what is odd about them is noted, and a shift closes all the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.errors import BadInput
from parking.registry.facts import Vehicle
from parking.shifts.move_tickets import add_book, move_tickets
from parking.shifts.ticket_store import TicketBookRow, TicketMoveRow
from parking.shifts.tickets import Book, Move, Moved, check_move, count_of, covers, without
from sqlalchemy import insert

from tests.builders import ENTERED


@pytest.fixture
def books(parts, city):
    """Series A of this year, of which Budi has 1–50, and A of last year."""
    with parts.sessions.begin() as session:
        for series, year in (("A-2026", 2026), ("A-2025", 2025)):
            book = session.scalar(
                insert(TicketBookRow).values(
                    series=series, year=year, vehicle="motorcycle", amount=2_000, first=1,
                    last=100, received_on=date(year, 1, 2), document="BA 1",
                    entered_at=ENTERED, entered_by="user:treasurer",
                ).returning(TicketBookRow.id)
            )  # fmt: skip
            session.execute(
                insert(TicketMoveRow).values(
                    book_id=book, kind="issued", attendant_id=city.budi, first=1, last=50,
                    moved_on=date(year, 1, 2), document="BA 2", at=ENTERED, actor="user:treasurer",
                )
            )  # fmt: skip


def close(phone, point, *tickets):
    phone.post("/attendant/shifts", point_id=point)
    said = [{"series": s, "first": first, "last": last} for s, first, last in tickets]
    answer = phone.post("/attendant/shifts/close", cash=0, tickets=said)
    assert answer.status_code == 200, answer.json
    return answer.json["odd"]


def test_tickets_that_he_has_are_as_they_should_be(budi, city, books):
    assert close(budi, city.market, ("A-2026", 1, 10), ("A-2026", 11, 12)) == []


@pytest.mark.parametrize(
    ("tickets", "odd"),
    [
        (("B-2026", 1, 2), "seri B-2026 nomor 1–2 tidak ada di stok karcis"),
        (("A-2026", 90, 101), "seri A-2026 nomor 90–101 tidak ada di stok karcis"),
        (("A-2026", 50, 51), "seri A-2026 nomor 50–51 belum diserahkan kepada juru parkir ini"),
        (("A-2025", 7, 7), "seri A-2025 nomor 7 dari seri tahun 2025"),
    ],
)
def test_what_is_odd_about_tickets_is_noted_and_the_shift_closes(budi, city, books, tickets, odd):
    assert close(budi, city.market, tickets) == [odd]
    assert budi.get("/attendant/state").json["shift"] is None


def test_numbers_torn_off_twice_are_noted_also_when_somebody_else_did(budi, sari, city, books):
    close(budi, city.market, ("A-2026", 1, 10))

    assert close(budi, city.market, ("A-2026", 10, 12)) == [
        "seri A-2026 nomor 10–12 sudah dipakai: nomor 1–10"
    ]
    assert "sudah dipakai" in close(sari, city.street, ("A-2026", 5, 5))[1]
    twice = close(budi, city.market, ("A-2026", 20, 21), ("A-2026", 21, 22))
    assert twice == ["seri A-2026 nomor 21–22 sudah dipakai: nomor 20–21"]


def test_a_phone_is_told_from_which_number_on_it_has_tickets(budi, city, books):
    close(budi, city.market, ("A-2026", 1, 10))

    told = budi.get("/attendant/shifts/tickets").json["tickets"]

    assert [(t["series"], t["vehicle_text"], t["first"], t["last"]) for t in told] == [
        ("A-2025", "Motor", 1, 50), ("A-2026", "Motor", 11, 50),
    ]  # fmt: skip


A = Book(1, "A-2026", 2026, "motorcycle", 2_000, 1, 100, date(2026, 1, 2), "BA 1")


@pytest.mark.parametrize(
    ("kind", "numbers", "used", "why"),
    [
        (Move.ISSUED, (40, 60), [], "sudah keluar"),
        (Move.ISSUED, (90, 101), [], "bernomor 1–100"),
        (Move.ISSUED, (60, 59), [], "lebih kecil"),
        (Move.ISSUED, (60, 70), [(65, 65)], "sudah dipakai"),
        (Move.RETURNED, (40, 60), [], "tidak semuanya"),
        (Move.LOST, (10, 10), [(1, 10)], "sudah dipakai"),
    ],
)
def test_tickets_move_only_as_they_can(kind, numbers, used, why):
    moves = [Moved(1, Move.ISSUED, 7, 1, 50)]

    with pytest.raises(BadInput) as refusal:
        check_move(A, kind, numbers, moves, moves, used)

    assert why in next(iter(refusal.value.problems.values()))


def test_what_came_back_can_go_out_again_and_what_is_lost_cannot():
    moves = [Moved(1, Move.ISSUED, 7, 1, 50), Moved(1, Move.RETURNED, 7, 41, 50),
             Moved(1, Move.LOST, 7, 1, 1)]  # fmt: skip

    check_move(A, Move.ISSUED, (41, 60), [], moves, [])
    with pytest.raises(BadInput):
        check_move(A, Move.ISSUED, (1, 1), [], moves, [])


ranges = st.tuples(st.integers(1, 60), st.integers(0, 20)).map(lambda r: (r[0], r[0] + r[1]))


@given(st.lists(ranges, max_size=4), ranges)
def test_ranges_do_what_sets_of_numbers_do(some, one):
    numbers = [n for a, b in without(some, one) for n in range(a, b + 1)]
    whole = [n for a, b in some for n in range(a, b + 1)]
    gone = set(range(one[0], one[1] + 1))

    assert sorted(numbers) == sorted(n for n in whole if n not in gone)
    assert count_of(without(some, one)) == len(numbers)
    assert covers(some, one) == (gone <= set(whole))


def at_hand(phone):
    told = phone.get("/attendant/shifts/tickets").json["tickets"]
    return [(stub["series"], stub["first"]) for stub in told if stub["at_hand"]]


def test_the_book_in_use_and_the_next_are_at_hand(parts, budi, city, books):
    with parts.sessions.begin() as session:
        for first in (201, 301):
            book = add_book(
                session, "A-2026", 2026, Vehicle.MOTORCYCLE, 2_000, (first, first + 99),
                date(2026, 2, 1), "BA 3", "x", parts.clock.now(),
            )  # fmt: skip
            move_tickets(
                session, book.id, Move.ISSUED, city.budi, (first, first + 99), date(2026, 2, 1),
                "BA 4", "x", parts.clock.now(),
            )  # fmt: skip
    assert at_hand(budi) == [("A-2025", 1), ("A-2026", 1)]
    close(budi, city.market, ("A-2026", 1, 10))
    assert at_hand(budi) == [("A-2026", 11), ("A-2026", 201)]
    close(budi, city.market, ("A-2026", 11, 50))
    assert at_hand(budi) == [("A-2026", 201), ("A-2026", 301)]
    close(budi, city.market, ("A-2026", 301, 400))
    assert at_hand(budi) == [("A-2025", 1), ("A-2026", 201)]  # after the last, from the start
