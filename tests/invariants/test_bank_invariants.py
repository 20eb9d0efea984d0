"""What must be true of bank statements, and what names it when somebody broke it."""

import pytest
from parking.invariants.check import check_all
from parking.statements import bank_store
from parking.statements.take_in_statement import Attempt, take_in

from tests.invariants.test_invariants import as_owner
from tests.statements.bank_files import (
    MONDAY,
    NOW,
    TUESDAY,
    WEDNESDAY,
    Move,
    add_account,
    mt940,
)

IN, OUT, LATE = Move(150_000, "SETORAN"), Move(-2_500, "BIAYA"), Move(7, "LAMBAT")


@pytest.fixture
def account(parts):
    with parts.sessions.begin() as session:
        add_account(session)
    return parts


def bring(parts, *contents):
    with parts.sessions() as session:
        account = bank_store.account(session, "rkud")
    for content in contents:
        attempt = Attempt(account, "mt940", "x.sta", content, "user:a", NOW)
        assert take_in(parts.sessions, attempt).outcome == "accepted"


def broken(parts):
    with parts.sessions() as session:
        return {v.code for v in check_all(session, NOW) if v.outcome == "broken"}


def test_honest_statements_break_nothing_however_they_overlap(account):
    """Among them an export in the middle of a day, and one that goes on from there."""
    tuesday = Move(30, day=TUESDAY)
    bring(
        account,
        mt940(IN), mt940(IN, OUT, LATE),
        mt940(tuesday, opening=1_147_507, first=MONDAY, last=TUESDAY),
        mt940(replaced(tuesday, 40), Move(5, day=WEDNESDAY), opening=1_147_537, first=TUESDAY,
              last=WEDNESDAY),
    )  # fmt: skip

    assert broken(account) == set()


def replaced(move, amount):
    return Move(amount, "KEDUA", day=move.day)


@pytest.mark.parametrize(
    ("code", "breaks"),
    [
        ("M9", "UPDATE bank_statement SET added = added + 1"),
        ("M9", "UPDATE bank_statement SET outcome = 'rejected'"),
        ("M17", "DELETE FROM ledger_entry WHERE statement_line_id IS NOT NULL"),
        ("M17", "UPDATE statement_line SET amount = amount + 1"),
        ("M17", "UPDATE ledger_posting SET amount = 2 * amount"),
        ("M17", "UPDATE bank_statement SET closing = closing + 1"),
        ("M17", "UPDATE bank_statement SET opening = opening - 1"),
        ("M17", "UPDATE statement_line SET booked_on = booked_on + 1"),
    ],
)
def test_what_breaks_an_invariant_of_statements_is_named(account, database_url, code, breaks):
    bring(account, mt940(IN, OUT))

    as_owner(database_url, breaks)

    assert code in broken(account)
