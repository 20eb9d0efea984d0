"""What must be true of cash on its way, and what names it when somebody broke it."""

import pytest
from parking.invariants.check import check_all

from tests.invariants.test_invariants import as_owner


@pytest.fixture
def way(cash):
    """Cash at every stage: short by a collector, disputed, a slip void and one paid in."""
    collector, treasurer = cash.collector(), cash.treasurer()
    first = cash.offer(15_000, cash.shift(cars=5), to=collector)
    cash.count(first, 14_000, collector)
    cash.answer(first, agrees=False)
    second = cash.offer(14_000, giver=collector, parts=[first.id])
    cash.count(second, 14_000, treasurer)
    tbp = cash.tbp(second)
    cash.void(cash.issue(cash.draft(tbp)))
    cash.pay_in(cash.issue(cash.draft(tbp)), amount=13_000)
    cash.withdraw(cash.offer(6_000, cash.shift(cars=2)))
    return cash


def broken(way):
    with way.parts.sessions() as session:
        return {v.code for v in check_all(session, way.now) if v.outcome == "broken"}


def test_an_honest_way_breaks_nothing(way):
    assert broken(way) == set()


FIRST = "(SELECT min(id) FROM handover)"
SECOND = "(SELECT max(handover_id) FROM tbp)"


@pytest.mark.parametrize(
    ("code", "breaks"),
    [
        ("M4", "UPDATE sts SET bank_reference = ''"),
        ("M5", f"UPDATE handover SET standing = 'received' WHERE id = {FIRST}"),
        ("M5", "UPDATE sts_event SET to_standing = 'validated' WHERE to_standing = 'issued'"),
        ("M17", f"UPDATE handover SET received = 15000 WHERE id = {FIRST}"),
        ("M17", f"DELETE FROM ledger_entry WHERE handover_id = {SECOND}"),
        ("M17", "UPDATE ledger_posting SET amount = amount * 9 WHERE account = 'cash_in_transit'"),
        ("M17", "UPDATE tbp SET amount = amount - 1"),
        ("M17", "DELETE FROM tbp"),
        ("M17", "UPDATE sts_tbp SET part = part + 1"),
        ("M17", "UPDATE sts SET standing = 'draft' WHERE standing = 'void'"),
        ("M17", "UPDATE document_number SET last = last + 1"),
        ("M17", f"UPDATE handover_item SET part_id = {SECOND} WHERE part_id IS NOT NULL"),
        ("M17", f"UPDATE handover SET receiver_id = giver_id WHERE id = {SECOND}"),
        ("M17", "UPDATE handover SET standing = 'offered' WHERE standing = 'withdrawn';"
                " UPDATE handover_item SET shift_id = (SELECT max(id) FROM shift)"
                " WHERE shift_id IS NOT NULL"),
        ("M17", "UPDATE ledger_entry SET effective_on = '2026-11-01' WHERE kind = 'handover'"),
    ],
)  # fmt: skip
def test_what_breaks_an_invariant_of_cash_is_named(way, database_url, code, breaks):
    as_owner(database_url, *breaks.split(";"))

    assert code in broken(way)
