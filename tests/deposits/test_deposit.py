"""From the treasurer's drawer to the bank: slips with numbers, paid in, validated, or void."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from parking.deposits import balance_store, sts_store
from parking.deposits.sts import MOVES, Standing
from parking.errors import BadInput, Conflict
from parking.invariants.check import check_all


def test_a_slip_goes_from_draft_to_validated_and_the_cash_is_in_transit(cash):
    sts = cash.issue(cash.draft(cash.received(15_000)))
    assert sts.number == "0001/STS/DISHUB/XI/2026"

    cash.pay_in(sts)
    after = cash.validate(sts)

    assert after.standing is Standing.VALIDATED
    assert cash.book() == {"cash_in_transit": 15_000}


def test_a_slip_has_the_number_of_its_date_and_is_counted_in_that_year(cash, clock):
    """Drafted in the old year and issued in the new one, it belongs to the old."""
    old = cash.draft(cash.received(15_000))
    older = cash.draft(cash.received(15_000))
    clock.forward(days=60)
    new = cash.draft(cash.received(15_000))

    assert cash.issue(new).number == "0001/STS/DISHUB/I/2027"
    assert cash.issue(old).number == "0001/STS/DISHUB/XI/2026"
    assert cash.issue(older).number == "0002/STS/DISHUB/XI/2026"
    with cash.parts.sessions() as session:
        broken = [v.code for v in check_all(session, cash.now) if v.outcome == "broken"]
    assert broken == []


@pytest.mark.parametrize(("paid", "left"), [(14_000, 1_000), (15_000, 0)])
def test_the_book_follows_what_the_bank_says_was_paid_in(cash, paid, left):
    sts = cash.issue(cash.draft(cash.received(15_000)))

    after = cash.pay_in(sts, amount=paid)

    assert (after.amount, after.paid_in) == (15_000, paid)
    assert cash.book().get("cash_with_treasurer", 0) == left
    assert cash.book()["cash_in_transit"] == paid


def test_more_than_the_drawer_held_is_nobodys_yet(cash):
    sts = cash.issue(cash.draft(cash.received(15_000)))

    cash.pay_in(sts, amount=16_000)

    assert cash.book() == {"cash_in_transit": 16_000, "suspense": -1_000}


def test_what_was_paid_in_short_can_be_made_up_with_the_next_slip(cash):
    first, second = cash.received(15_000), cash.received(15_000)
    cash.pay_in(cash.issue(cash.draft(first)), amount=10_000)

    cash.pay_in(cash.issue(cash.draft(second)), amount=20_000)

    assert cash.book() == {"cash_in_transit": 30_000}


def test_a_slip_dated_yesterday_is_not_paid_from_todays_cash(cash, clock):
    sts = cash.issue(cash.draft(cash.received(15_000)))
    yesterday = cash.now
    clock.forward(days=1)
    cash.received(15_000)

    cash.pay_in(sts, amount=20_000, at=yesterday)

    assert cash.book() == {
        "cash_in_transit": 20_000, "cash_with_treasurer": 15_000, "suspense": -5_000,
    }  # fmt: skip


def test_a_slip_is_not_paid_in_before_its_own_day(cash, clock):
    received = cash.received(15_000)
    yesterday = cash.now
    clock.forward(days=1)
    sts = cash.issue(cash.draft(received))

    with pytest.raises(BadInput) as caught:
        cash.pay_in(sts, at=yesterday)
    assert caught.value.problems["at"].startswith("sebelum tanggal STS")


def test_no_slip_is_dated_into_a_day_that_was_signed(cash, clock, superuser):
    received = cash.received(15_000)
    yesterday = cash.now.date()
    clock.forward(days=1)
    superuser.does(
        "INSERT INTO closed_day (business_day, run_id, hash, snapshot, prepared_by, prepared_at,"
        f" signed_by, closed_at) VALUES ('{yesterday}', 1, 'h', '{{}}', 'user:a', now(),"
        " 'user:b', now())"
    )

    with pytest.raises(BadInput) as caught:
        cash.draft(received, dated=yesterday)
    assert "sudah ditutup" in caught.value.problems["dated"]


def test_a_void_slip_keeps_its_number_and_frees_its_receipts(cash):
    tbp = cash.received(15_000)
    cash.void(cash.issue(cash.draft(tbp)))

    second = cash.issue(cash.draft(tbp))

    assert second.number == "0002/STS/DISHUB/XI/2026"
    with cash.parts.sessions() as session:
        slips = [(sts.number, sts.standing) for sts, _ in sts_store.slips_of(session, tbp.id)]
    assert slips == [
        ("0001/STS/DISHUB/XI/2026", Standing.VOID), ("0002/STS/DISHUB/XI/2026", Standing.ISSUED),
    ]  # fmt: skip


def test_a_receipt_is_in_one_slip_also_when_two_are_drafted_at_once(cash):
    tbp = cash.received(15_000)

    def tried(_):
        try:
            return cash.draft(tbp).id
        except Conflict:
            return None

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(tried, range(4)))

    assert sum(each is not None for each in outcomes) == 1


def test_numbers_have_no_gap_however_many_issue_at_once_or_fail(cash):
    drafts = [cash.draft(cash.received(3_000, cars=1)) for _ in range(6)]
    cash.void(drafts[0])

    def tried(sts):
        try:
            return cash.issue(sts).number
        except Conflict:
            return None

    with ThreadPoolExecutor(6) as pool:
        numbers = sorted(filter(None, pool.map(tried, drafts)))

    assert [n[:4] for n in numbers] == ["0001", "0002", "0003", "0004", "0005"]


def test_a_year_begins_with_one(cash, clock):
    cash.received(3_000, cars=1)
    clock.moment = clock.moment.replace(month=12, day=31, hour=17)  # 1 January in Jambi

    assert cash.received(3_000, cars=1).number == "0001/TBP/DISHUB/I/2027"


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"amount": 0}, "amount"), ({"reference": "x"}, "reference"),
        ({"at": timedelta(minutes=1)}, "at"), ({"at": -timedelta(days=1)}, "at"),
    ],
)  # fmt: skip
def test_a_slip_that_cannot_be_is_refused_by_name(cash, how, field):
    sts = cash.issue(cash.draft(cash.received(15_000)))
    if "at" in how:
        how["at"] = cash.now + how["at"]

    with pytest.raises(BadInput) as refusal:
        cash.pay_in(sts, **how)

    assert list(refusal.value.problems) == [field]
    assert cash.book() == {"cash_with_treasurer": 15_000}


def test_what_is_not_its_turn_is_refused_with_where_it_stands(cash):
    sts = cash.draft(cash.received(15_000))
    with pytest.raises(Conflict, match="masih draf"):
        cash.pay_in(sts)
    cash.issue(sts)
    with pytest.raises(Conflict, match="sudah terbit"):
        cash.issue(sts)
    cash.pay_in(sts)
    with pytest.raises(Conflict, match="sudah disetor"):
        cash.void(sts)
    assert {after for afters in MOVES.values() for after in afters} | {Standing.DRAFT} == set(
        Standing
    )


def test_balances_at_any_hour_and_since_when(cash, clock):
    cash.shift(cars=5)
    evening = cash.now
    clock.forward(days=1)
    shift = cash.shift(cars=1)
    cash.count(cash.offer(3_000, shift), 3_000, cash.treasurer())

    with cash.parts.sessions() as session:
        then = balance_store.balances(session, evening)
        now = balance_store.balances(session, cash.now)
        day = balance_store.flows(session, date(2026, 11, 24))

    assert [(b.name, b.amount) for b in then] == [("Budi Contoh (JBI-0001)", 15_000)]
    assert [(b.name, b.amount, b.since) for b in now] == [
        ("Budi Contoh (JBI-0001)", 15_000, date(2026, 11, 23)),
        ("Kas bendahara", 3_000, date(2026, 11, 24)),
    ]
    assert {(f.name, f.opening, f.received, f.passed_on, f.closing) for f in day} == {
        ("Budi Contoh (JBI-0001)", 15_000, 3_000, 3_000, 15_000),
        ("Kas bendahara", 0, 3_000, 0, 3_000),
    }
