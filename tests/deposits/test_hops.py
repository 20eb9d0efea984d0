"""Each hop of cash through HTTP, on its own device; nobody sees or moves another's."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parking.access.policy import Role
from parking.deposits import balance_store, lists_store
from parking.deposits.store import HandoverRow, TbpRow
from parking.invariants.check import check_all
from parking.registry.facts import Vehicle
from parking.shifts.tickets import Book, Move, Moved, Tickets, stock_of
from sqlalchemy import select

from tests.deposits.test_desk import DESK, send
from tests.people import desk_client

PHONE, FIELD = "/attendant/handovers", "/field/cash"


@pytest.fixture
def collector(parts, city):
    return desk_client(parts, Role.COLLECTOR, "yanto")


def offered(phone, cash, given=15_000, to="treasurer", key="key-00000001"):
    shift = cash.shift()
    answer = phone.post(PHONE, client_key=key, given=given, shifts=[shift], receiver=to)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def the_only(session, table=HandoverRow):
    return session.scalars(select(table)).one()


def id_of_collector(phone):
    return phone.get(PHONE).json["receivers"][0]["id"]


def test_cash_goes_from_hand_to_hand_and_each_confirms(parts, budi, collector, cash):
    treasurer = desk_client(parts, Role.TREASURER)
    first = offered(budi, cash, to=id_of_collector(budi))
    page = f"{FIELD}/{first}/count"
    assert "15.000" not in collector.get(page).text  # he counts before he sees what was said
    assert "Rp15.000" in send(collector, page, received="14000").text
    send(collector, page, received="14000", seen="14000")

    told = budi.get(f"{PHONE}/{first}").json
    assert (told["given"], told["received"], told["standing"]) == (15_000, 14_000, "differs")
    budi.post(f"{PHONE}/{first}/answer", agrees=False)
    send(collector, f"{FIELD}/hand-on", given="14000", part=first, key="key-00000002")
    with parts.sessions() as session:
        second = session.scalars(select(HandoverRow).order_by(HandoverRow.id.desc())).first()
    send(treasurer, f"{DESK}/{second.id}/count", received="14000", seen="14000")

    with parts.sessions() as session:
        tbp = the_only(session, TbpRow)
        source = lists_store.sources(session, second.id)
    with parts.sessions() as session:
        broken = [v.code for v in check_all(session, cash.now) if v.outcome == "broken"]
    assert (tbp.amount, [s.attendant for s in source]) == (14_000, ["Budi Contoh (JBI-0001)"])
    assert cash.book() == {"cash_with_attendant": 1_000, "cash_with_treasurer": 14_000}
    assert budi.get(f"{PHONE}/{first}").json["standing"] == "disputed"
    assert broken == []


def test_a_number_that_is_no_part_is_handed_on_by_nobody(parts, budi, collector, cash):
    first = offered(budi, cash, to=id_of_collector(budi))
    send(collector, f"{FIELD}/{first}/count", received="15000", seen="15000")

    said = {"given": "15000", "part": "9" * 5_000, "key": "key-00000002"}
    assert send(collector, f"{FIELD}/hand-on", **said).status_code == 409
    assert cash.book() == {"cash_with_collector": 15_000}


def test_a_phone_that_sends_an_offer_again_makes_no_second_one(parts, budi, cash):
    shift = cash.shift()
    said = {
        "client_key": "key-00000001",
        "given": 15_000,
        "shifts": [shift],
        "receiver": "treasurer",
    }
    ids = [budi.post(PHONE, **said).json["id"] for _ in range(3)]

    assert len(set(ids)) == 1
    assert budi.post(PHONE, **(said | {"given": 1})).status_code == 422
    assert budi.post(PHONE, **(said | {"client_key": "key-00000002"})).status_code == 409


@pytest.mark.fault("F80")
def test_another_attendants_handover_is_not_there(budi, sari, cash):
    number = offered(budi, cash)

    answers = [
        sari.get(f"{PHONE}/{number}"),
        sari.post(f"{PHONE}/{number}/withdraw"),
        sari.post(f"{PHONE}/{number}/answer", agrees=True),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert budi.get(f"{PHONE}/{number}").json["standing"] == "offered"


@pytest.mark.fault("F80")
def test_another_attendants_shift_cannot_be_handed_over(sari, cash):
    shift = cash.shift()  # of Budi

    answer = sari.post(
        PHONE, client_key="key-00000009", given=15_000, shifts=[shift], receiver="treasurer"
    )

    assert answer.status_code == 409
    assert sari.get(PHONE).json["to_give"] == 0


@pytest.mark.fault("F80")
def test_another_collectors_offer_is_not_there(parts, budi, collector, cash):
    number = offered(budi, cash, to=id_of_collector(budi))
    other = desk_client(parts, Role.COLLECTOR, "zaki")

    assert other.get(f"{FIELD}/{number}/count").status_code == 404
    assert send(other, f"{FIELD}/{number}/count", received="1", seen="1").status_code == 404
    assert send(other, f"{FIELD}/{number}/withdraw").status_code == 404
    with parts.sessions() as session:
        assert the_only(session).standing == "offered"


def test_cash_of_the_last_day_of_a_year_is_carried_over(parts, cash, clock):
    clock.moment = datetime(2026, 12, 31, 8, tzinfo=UTC)
    tbp = cash.received(15_000)
    sts = cash.issue(cash.draft(tbp))
    clock.moment = datetime(2027, 1, 4, 3, tzinfo=UTC)
    cash.pay_in(sts)

    eve, after = date(2026, 12, 31), date(2027, 1, 4)
    with parts.sessions() as session:
        then = balance_store.carried_over(session, eve)
        left = lists_store.unpaid_at(session, eve)
        now = balance_store.carried_over(session, after)
        still = lists_store.unpaid_at(session, after)
    assert (then.with_treasurer, then.in_transit) == (15_000, 0)
    assert [(each.number, each.left) for each in left] == [("0001/TBP/DISHUB/XII/2026", 15_000)]
    assert (now.with_treasurer, now.in_transit, still) == (0, 15_000, [])
    treasurer = desk_client(parts, Role.TREASURER)
    shown = treasurer.get(f"{DESK}/flows?date=2026-12-31").text
    assert "Kas akhir tahun" in shown
    assert "Rp15.000" in shown


def test_lateness_of_a_receipt_stops_when_it_is_paid_in(parts, cash, clock):
    tbp = cash.received(15_000)  # Monday, 23 November
    clock.forward(days=3)
    treasurer = desk_client(parts, Role.TREASURER)
    assert treasurer.get(f"{DESK}/tbp?format=csv").text.splitlines()[1].endswith(",2026-11-24,2")
    cash.pay_in(cash.issue(cash.draft(tbp)))
    clock.forward(days=5)
    treasurer = desk_client(parts, Role.TREASURER, "later")

    assert treasurer.get(f"{DESK}/tbp?format=csv").text.splitlines()[1].endswith(",2026-11-24,2")


A = Book(1, "A-2026", 2026, Vehicle.CAR, 3_000, 1, 40, date(2026, 1, 2), "BA 1")
numbers = st.tuples(st.integers(1, 40), st.integers(0, 15)).map(
    lambda r: (r[0], min(40, r[0] + r[1]))
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(Move), numbers), max_size=6),
    st.lists(st.tuples(numbers, st.integers(0, 3)), max_size=4),
)
def test_every_ticket_of_a_book_is_somewhere_and_once(moves, torn):
    stock = stock_of(
        A, [Moved(1, kind, 1, *of) for kind, of in moves],
        [Tickets("A-2026", *of, spoiled=spoiled) for of, spoiled in torn],
    )  # fmt: skip

    places = (stock.in_office, stock.with_attendants, stock.used, stock.spoiled, stock.lost)
    assert sum(places) == 40
    assert min(places) >= 0
