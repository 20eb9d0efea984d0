"""What closing a day settles with the bank: kept as signed, booked once, never matched anew."""

from datetime import date, timedelta

import pytest
from parking.access.policy import Role
from parking.deposits.store import NumberRow
from parking.errors import Conflict
from parking.invariants.check import check_all
from parking.ledger.entry import Account, Entry, Source, Terms, cash, moved
from parking.ledger.post import post
from parking.reconciliation import by_hand, treasury_store
from parking.reconciliation.bank_matching import Outcome
from parking.reconciliation.by_hand import Wish
from parking.reconciliation.closing import close, store, verify
from parking.reconciliation.rule_store import RuleRow
from parking.reconciliation.run import reconcile_day
from parking.statements import bank_store
from parking.statements.take_in_statement import Attempt, take_in
from sqlalchemy import text

from tests.people import desk_client
from tests.reconciliation.scenes import DAY, TUESDAY, Papers, Scene, at, night_after
from tests.statements.bank_files import NOW, Move, add_account, mt940

ONE, OTHER = "user:rina", "user:tono"
SLIP = 50_000
RULES = (
    ("nomor", "reference", {"days_late": 5}),
    ("setoran", "amount", {"of": "sts", "days_late": 5, "less": 500}),
    ("batch", "amount", {"of": "batch", "words": ["{gateway}"], "days_late": 5}),
)
BOOKED = """
SELECT e.effective_on, p.account, p.amount FROM ledger_entry e
JOIN ledger_posting p ON p.entry_id = e.id WHERE e.kind = 'bank_match' ORDER BY e.id, p.number
"""


@pytest.fixture
def papers(parts, city, clock) -> Papers:
    with parts.sessions.begin() as session:
        add_account(session)
        for rank, (name, kind, terms) in enumerate(RULES, 1):
            session.add(RuleRow(
                name=name, version=1, kind=kind, rank=rank, is_on=True, reason="x", terms=terms,
                valid_from=date(2026, 1, 1), entered_at=NOW, entered_by="user:a",
            ))  # fmt: skip
    clock.moment = night_after(TUESDAY) + timedelta(hours=6)
    return Papers(Scene(parts, city))


def slip(papers, amount=SLIP) -> int:
    """Monday's cash, that was paid in the same day."""
    shift = papers.shift(amount, opened_at=at(6), closed_at=at(10))
    handover = papers.hand(shifts=(shift,), when=at(11))
    sides = moved(amount, amount, (Account.CASH_WITH_ATTENDANT, papers.scene.city.budi),
                  (Account.CASH_WITH_TREASURER, None))  # fmt: skip
    with papers.scene.parts.sessions.begin() as session:
        source = Source(handover_id=handover)
        post(session, Entry("handover", str(handover), DAY, sides, source), at(11))
    receipt = papers.receipt(handover, amount, number="0001/TBP/DISHUB/XI/2026")
    for series in ("TBP/2026", "STS/2026"):
        papers.scene.add(NumberRow, series=series, last=1)
    return papers.slip(
        {receipt: amount}, number="0001/STS/DISHUB/XI/2026", dated=DAY, bank_reference="TRX6"
    )


def bring(papers, *moves, day=DAY, opening=1_000_000, when=None) -> list[int]:
    """A statement of one day that has come; the ids of all lines by now."""
    sessions = papers.scene.parts.sessions
    with sessions() as session:
        account = bank_store.account(session, "rkud")
    content = mt940(*(Move(*move, day=day) for move in moves), opening=opening, first=day, last=day)
    when = when or at(1, 0, day + timedelta(days=1))
    taken = take_in(sessions, Attempt(account, "mt940", f"{day}.sta", content, "user:a", when))
    assert taken.outcome == "accepted", taken.problems
    with sessions() as session:
        return list(session.scalars(text("SELECT id FROM statement_line ORDER BY id")))


def run(papers, *days, now=None):
    for day in days or (DAY,):
        reconcile_day(papers.scene.parts.sessions, day, now or night_after(day))


def prepare(papers, day=DAY, now=None):
    with papers.scene.parts.sessions.begin() as session:
        close.prepare(session, day, ONE, now or morning(day))


def sign(papers, day=DAY, now=None):
    with papers.scene.parts.sessions.begin() as session:
        close.sign(session, day, OTHER, now or morning(day))


def close_day(papers, day=DAY, now=None):
    prepare(papers, day, now)
    sign(papers, day, now)


def morning(day):
    return night_after(day) + timedelta(hours=6)


def booked(papers):
    with papers.scene.parts.sessions() as session:
        return [tuple(row) for row in session.execute(text(BOOKED))]


def kept(papers, day=DAY):
    with papers.scene.parts.sessions() as session:
        return store.closed_row(session, day).snapshot


def group_of(papers, line):
    with papers.scene.parts.sessions() as session:
        groups = treasury_store.facts(session).matched()
    return next((g for g in groups if any(each.id == line for each in g.lines)), None)


def balance(papers, account):
    query = "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_posting WHERE account = :of"
    with papers.scene.parts.sessions() as session:
        return session.scalar(text(query), {"of": account})


def broken(papers, *codes):
    """Which of these invariants do not hold, and why."""
    with papers.scene.parts.sessions() as session:
        found = check_all(session, morning(TUESDAY))
    return {v.code: v.at_fault for v in found if v.code in codes and v.outcome != "holds"}


@pytest.fixture
def closed(papers):
    """A Monday whose slip was credited, closed by two persons; the slip and its line."""
    number = slip(papers)
    (line,) = bring(papers, (SLIP, "SETORAN"))
    run(papers)
    close_day(papers)
    return number, line


def test_what_was_matched_is_kept_and_booked_on_the_closed_day(papers, closed):
    number, line = closed

    assert kept(papers)["matches"] == [{
        "by": "setoran v1", "credited": SLIP, "expected": SLIP,
        "sides": [["line", str(line)], ["sts", str(number)]],
    }]  # fmt: skip
    assert booked(papers) == [
        (DAY, Account.BANK_UNMATCHED, SLIP), (DAY, Account.CASH_IN_TRANSIT, -SLIP),
    ]  # fmt: skip
    assert balance(papers, Account.BANK_UNMATCHED) == 0
    assert balance(papers, Account.CASH_IN_TRANSIT) == 0
    assert broken(papers, "M1", "M4", "M6", "M9", "M17") == {}


def test_a_second_credit_that_would_do_as_well_changes_nothing_that_is_frozen(papers, closed):
    number, line = closed
    _, second = bring(papers, (SLIP, "SETORAN"), day=TUESDAY, opening=1_000_000 + SLIP)
    run(papers, DAY, TUESDAY, now=night_after(TUESDAY))

    frozen = group_of(papers, line)

    assert (frozen.outcome, frozen.is_frozen) == (Outcome.MATCHED, True)
    assert [thing.name for thing in frozen.things] == [("sts", str(number))]
    assert group_of(papers, second) is None
    assert broken(papers, "M6", "M9", "M17") == {}


def test_the_same_second_credit_makes_it_ambiguous_as_long_as_the_day_is_open(papers):
    slip(papers)
    first, second = bring(papers, (SLIP, "SETORAN"), (SLIP, "SETORAN 2"))

    assert group_of(papers, first).outcome is Outcome.AMBIGUOUS
    assert group_of(papers, second).outcome is Outcome.AMBIGUOUS


def test_a_match_that_comes_between_the_signatures_must_be_seen_first(papers):
    slip(papers)
    bring(papers, (SLIP, "SETORAN"), (7_000, "JASA GIRO"))
    run(papers)
    prepare(papers)
    with papers.scene.parts.sessions.begin() as session:
        (giro,) = session.scalars(text("SELECT id FROM statement_line WHERE amount = 7000"))
        by_hand.match(session, giro, Wish(is_other=True), "jasa giro bank", ONE, morning(DAY))
    run(papers, now=morning(DAY))

    with pytest.raises(Conflict, match="berubah sejak disiapkan"):
        sign(papers)

    assert booked(papers) == []
    close_day(papers)
    assert len(kept(papers)["matches"]) == 2
    assert balance(papers, Account.BANK_UNMATCHED) == -7_000  # joined with nothing of ours


def test_a_frozen_match_is_not_taken_back_and_a_later_one_is_of_a_later_day(papers):
    slip(papers)
    bring(papers, (SLIP, "SETORAN"), (7_000, "JASA GIRO"))
    run(papers)
    close_day(papers)
    frozen = kept(papers)
    with papers.scene.parts.sessions.begin() as session:
        giro, line = session.scalars(text("SELECT id FROM statement_line ORDER BY amount"))
        number = by_hand.match(
            session, giro, Wish(is_other=True), "jasa giro bank", ONE, morning(DAY)
        )
    with papers.scene.parts.sessions() as session, pytest.raises(Conflict, match="dibekukan"):
        by_hand.undo(session, line, "keliru dicocokkan", ONE, morning(DAY))
    bring(papers, day=TUESDAY, opening=1_057_000)
    run(papers, DAY, TUESDAY, now=night_after(TUESDAY))

    close_day(papers, TUESDAY)

    assert kept(papers) == frozen
    assert [m["by"] for m in kept(papers, TUESDAY)["matches"]] == [f"manual:{number}"]
    assert broken(papers, "M6") == {}


def test_what_was_signed_as_another_amount_is_not_matched_away(papers):
    slip(papers)
    (line,) = bring(papers, (SLIP - 900, "SETORAN 0001/STS/DISHUB/XI/2026"))
    run(papers)
    assert group_of(papers, line).outcome is Outcome.DIFFERS
    close_day(papers)

    def match(wish):
        with papers.scene.parts.sessions.begin() as session:
            return by_hand.match(session, line, wish, "bank menjelaskan", ONE, morning(TUESDAY))

    with pytest.raises(Conflict, match="ditutup dengan selisih ini"):
        match(Wish(is_other=True))
    _, rest = bring(papers, (900, "SUSULAN"), day=TUESDAY, opening=1_000_000 + SLIP - 900)
    assert match(Wish(things=frozenset({("sts", str(group_of(papers, line).things[0].ref))}),
                      lines=frozenset({rest})))  # fmt: skip


def test_a_day_that_is_closed_before_the_one_before_it_leaves_that_ones_matches_to_it(papers):
    slip(papers)
    bring(papers, (SLIP, "SETORAN"))
    bring(papers, day=TUESDAY, opening=1_000_000 + SLIP)
    run(papers, DAY, TUESDAY, now=night_after(TUESDAY))

    close_day(papers, TUESDAY)
    close_day(papers, DAY, morning(TUESDAY))

    assert kept(papers, TUESDAY)["matches"] == []
    assert len(kept(papers, DAY)["matches"]) == 1
    assert [row[0] for row in booked(papers)] == [DAY, DAY]
    assert balance(papers, Account.CASH_IN_TRANSIT) == 0
    assert broken(papers, "M6", "M9", "M17") == {}


def test_what_a_rule_lets_pass_stays_in_transit_and_is_seen(papers):
    slip(papers)
    bring(papers, (SLIP - 500, "SETORAN"))
    run(papers)
    close_day(papers)

    assert balance(papers, Account.BANK_UNMATCHED) == 0
    assert balance(papers, Account.CASH_IN_TRANSIT) == 500
    page = desk_client(papers.scene.parts, Role.AUDITOR).get(f"/finance/days/{DAY}").text
    assert "-Rp500" in page.replace(".", "").replace("−", "-").replace(" ", "")
    assert broken(papers, "M1", "M6", "M9") == {}


def test_a_batch_that_was_credited_is_no_longer_only_settled(papers):
    scene = papers.scene
    scene.sale(scene.shift())
    bring(papers)
    bring(papers, (2_000, "TRANSFER MIDTRANS"), day=TUESDAY)
    scene.file(report_day=TUESDAY)
    run(papers, DAY, TUESDAY, now=night_after(TUESDAY))

    close_day(papers, TUESDAY)

    assert booked(papers) == [
        (TUESDAY, Account.BANK_UNMATCHED, 2_000), (TUESDAY, Account.SETTLED, -2_000),
    ]  # fmt: skip
    assert broken(papers, "M6") == {}


@pytest.mark.fault("F99")
@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE ledger_posting SET amount = amount * 2 WHERE entry_id IN"
        " (SELECT id FROM ledger_entry WHERE kind = 'bank_match')",
        "DELETE FROM ledger_entry WHERE kind = 'bank_match'",
        "UPDATE ledger_entry SET effective_on = effective_on + 1 WHERE kind = 'bank_match'",
        "UPDATE statement_line SET amount = amount + 1",
        "UPDATE reconciliation_run SET summary = summary || '{\"equations\": []}'",
        "UPDATE closed_day SET snapshot = snapshot || '{\"matches\": []}'",
    ],
)
def test_a_superuser_who_rewrites_what_was_frozen_is_found(papers, closed, superuser, tampering):
    superuser.does("SET session_replication_role = replica", tampering)

    with papers.scene.parts.sessions() as session:
        assert len(verify.faults(session)) == 1


def test_what_is_signed_is_whole_numbers_and_texts(papers, closed):
    def of(told):
        if isinstance(told, dict):
            return {type(key) for key in told} | {t for value in told.values() for t in of(value)}
        return {t for value in told for t in of(value)} if isinstance(told, list) else {type(told)}

    signed = kept(papers)

    assert of(signed) == {int, str}
    assert [each["number"] for each in signed["equations"]] == [
        "1a", "1b", "2", "3a", "3b", "3c", "3d", "4", "5",
    ]  # fmt: skip


def test_a_broken_equation_holds_a_day_up_and_says_by_how_much(papers):
    """Cash that the book has twice, and the shift once: nothing names it."""
    shift = papers.shift(SLIP)
    bring(papers)
    with papers.scene.parts.sessions.begin() as session:
        (taken,) = session.scalars(text("SELECT id FROM cash WHERE shift_id = :s"), {"s": shift})
        sides = cash(SLIP, Terms(papers.scene.city.budi, 4_000))
        post(session, Entry("cash", "again", DAY, sides, Source(cash_id=taken)), at(9))
    run(papers)

    with pytest.raises(Conflict, match="belum dapat ditutup: Persamaan 5 "):
        prepare(papers)

    page = desk_client(papers.scene.parts, Role.FINANCE).get(f"/finance/days/{DAY}").text
    assert "Persamaan 5 (Tunai awal + diterima − disetor = tunai akhir) belum terbukti" in page
    assert f'href="/audit/{DAY}#persamaan"' in page
    assert "Selisih tanpa nama" in page


def test_the_page_shows_each_equation_and_what_is_frozen(papers, closed):
    _, line = closed

    page = desk_client(papers.scene.parts, Role.TREASURER).get(f"/finance/days/{DAY}").text

    assert "3d &middot; STS + QRIS langsung = kredit RKUD" in page
    assert f"/finance/statements/lines/{line}" in page
    assert "aturan setoran v1" in page
    assert "STS 0001/STS/DISHUB/XI/2026</a>" in page
