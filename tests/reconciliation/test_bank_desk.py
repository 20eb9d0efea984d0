"""/finance/statements/lines and /unmatched: what became of each bank line, what waits, and why."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from parking.access.policy import Role
from parking.audit.store import AuditEventRow
from parking.errors import Conflict
from parking.reconciliation import by_hand
from parking.reconciliation.cases.store import CaseRow
from parking.reconciliation.rule_store import MatchRow, RuleRow
from parking.reconciliation.run import reconcile_day
from parking.statements import bank_store
from parking.statements.bank_store import StatementLineRow
from parking.statements.store import SettlementLineRow
from parking.statements.take_in_statement import Attempt, take_in
from sqlalchemy import insert, select

from tests.people import browser, desk_client
from tests.reconciliation.scenes import DAY, TUESDAY, Scene, night_after
from tests.statements.bank_files import NOW, Move, add_account, mt940


@pytest.fixture
def scene(parts, city):
    with parts.sessions.begin() as session:
        add_account(session)
        session.add(RuleRow(
            name="batch-bernama", version=1, kind="amount", rank=1, is_on=True, reason="x",
            terms={"of": "batch", "words": ["{gateway}"]}, valid_from=date(2026, 1, 1),
            entered_at=NOW, entered_by="user:a",
        ))  # fmt: skip
    return Scene(parts, city)


@pytest.fixture
def batch(scene):
    """What Midtrans says it pays out, and when."""
    scene.sale(scene.shift())
    with scene.parts.sessions() as session:
        return session.execute(select(SettlementLineRow.net, SettlementLineRow.settled_on)).one()


@pytest.fixture
def bank(parts, scene):
    def bring(*moves, opening=1_000_000):
        with parts.sessions() as session:
            account = bank_store.account(session, "rkud")
        content = mt940(*moves, opening=opening, first=DAY, last=TUESDAY)
        taken = take_in(parts.sessions, Attempt(account, "mt940", "x.sta", content, "user:a", NOW))
        assert taken.outcome == "accepted", taken.problems

    return bring


@pytest.fixture
def finance(parts, scene):
    return desk_client(parts, Role.FINANCE)


def test_a_credit_that_pays_a_batch_is_matched_and_says_by_what(finance, batch, bank):
    net, day = batch
    bank(Move(net, "TRANSFER MIDTRANS", day=day))

    page = finance.get("/finance/statements/lines").text

    assert "Cocok" in page
    assert "batch midtrans/jambi" in page
    assert "aturan batch-bernama v1" in page
    assert "Semua baris rekening koran sudah cocok" in finance.get(
        "/finance/statements/unmatched"
    ).text  # fmt: skip


def test_what_no_rule_matches_waits_with_what_it_might_be(parts, finance, batch, bank):
    net, day = batch
    bank(Move(net - 500, "KIRIMAN", day=day), Move(-7_000, "TARIKAN", day=day))
    run = reconcile_day(parts.sessions, day, night_after(day))
    assert run.business_day == day

    page = finance.get("/finance/statements/unmatched").text

    assert "KIRIMAN" in page
    assert "batch midtrans/jambi" in page
    assert "Rp500 kurang" in page
    assert "Tanyakan kepada bank untuk apa debit ini" in page
    assert len(set(re.findall("/audit/cases/[0-9]+", page))) == 2
    assert "KIRIMAN" not in finance.get("/finance/statements/unmatched?account=x&q=TARIKAN").text


def test_a_line_has_a_page_that_leads_to_its_statement_and_to_who_works_on_it(
    parts, finance, batch, bank
):
    net, day = batch
    bank(Move(net, "TRANSFER MIDTRANS", day=day), Move(-7_000, "TARIKAN", day=day))
    reconcile_day(parts.sessions, day, night_after(day))
    with parts.sessions() as session:
        paid, out = session.scalars(select(StatementLineRow.id).order_by(StatementLineRow.id))

    page = finance.get(f"/finance/statements/lines/{paid}").text
    assert "batch midtrans/jambi" in page
    assert "aturan batch-bernama v1" in page
    assert "Usulan" not in page
    page = finance.get(f"/finance/statements/lines/{out}").text
    assert "Tanyakan kepada bank untuk apa debit ini" in page
    case = finance.get(re.search("/audit/cases/[0-9]+", page)[0]).text
    assert f"/finance/statements/lines/{out}" in case
    assert finance.get("/finance/statements/lines/999999").status_code == 404


@pytest.mark.fault("F66")
def test_lines_are_searched_filtered_and_exported_without_formulas(finance, bank):
    bank(Move(5_000, "=HYPERLINK('x')", day=TUESDAY), Move(6_000, "LAIN", day=DAY))

    assert "LAIN" not in finance.get("/finance/statements/lines?q=hyperlink").text
    assert "HYPERLINK" not in finance.get("/finance/statements/lines?day=2026-11-23").text
    assert "HYPERLINK" not in finance.get("/finance/statements/lines?state=matched").text
    exported = finance.get("/finance/statements/lines?format=csv").text
    assert "'=HYPERLINK" in exported
    assert "<script" not in exported


@pytest.mark.fault("F78")
def test_who_may_see_them(parts, scene):
    for page in ("lines", "unmatched"):
        assert desk_client(parts, Role.AUDITOR, f"a{page}").get(
            f"/finance/statements/{page}"
        ).status_code == 200  # fmt: skip
        assert browser(parts).get(f"/finance/statements/{page}").status_code == 302
        assert desk_client(parts, Role.SUPERVISOR, f"s{page}").get(
            f"/finance/statements/{page}"
        ).status_code == 403  # fmt: skip


def test_a_year_of_lines_is_shown_in_time(parts, finance, bank):
    """Twenty lines a day, none of which anything explains: the worst case of the queue."""
    bank(Move(1, "AWAL"))
    with parts.sessions.begin() as session:
        first = session.scalar(select(StatementLineRow))
        session.execute(
            insert(StatementLineRow),
            [
                {
                    "statement_id": first.statement_id, "account_id": first.account_id,
                    "number": n, "line_key": f"k{n}", "value_on": day, "booked_on": day,
                    "amount": 10_000 + n, "text": f"MUTASI {n}", "reference": "",
                }
                for n in range(7_300)
                for day in [date(2026, 11, 23) - timedelta(days=n // 20)]
            ],
        )  # fmt: skip

    for page in ("lines", "unmatched"):
        finance.get(f"/finance/statements/{page}")
        begun = time.perf_counter()
        assert finance.get(f"/finance/statements/{page}").status_code == 200
        assert time.perf_counter() - begun < 3  # far above what it takes; a square would not do


# By hand


@pytest.fixture
def line_ids(parts):
    def ids():
        with parts.sessions() as session:
            return list(session.scalars(select(StatementLineRow.id).order_by(StatementLineRow.id)))

    return ids


def match(client, number, what, reason="Bukti transfer dari bank"):
    data = {"what": what, "reason": reason}
    return client.post(f"/finance/statements/lines/{number}/match", data=data)


def unmatch(client, number, reason="Salah pilih batch"):
    return client.post(f"/finance/statements/lines/{number}/unmatch", data={"reason": reason})


def test_a_person_matches_what_a_suggestion_says_and_takes_it_back(
    parts, finance, batch, bank, line_ids
):
    net, day = batch
    bank(Move(net, "KIRIMAN", day=day))
    (number,) = line_ids()
    where = f"/finance/statements/lines/{number}"
    page = finance.get(where).text
    what = re.search(r'value="(batch:[^"]+)">Usulan', page)[1]

    assert match(finance, number, what).status_code == 303

    page = finance.get(where).text
    assert "Cocok" in page
    assert "Bukti transfer dari bank" in page
    assert "oleh petugas" in page
    assert "KIRIMAN" not in finance.get("/finance/statements/unmatched").text

    assert unmatch(finance, number).status_code == 303
    assert "KIRIMAN" in finance.get("/finance/statements/unmatched").text
    with parts.sessions() as session:
        actions = list(session.scalars(select(AuditEventRow.action)))
        made = session.scalar(select(MatchRow))
    assert [a for a in actions if a.startswith("bank.")] == ["bank.match", "bank.unmatch"]
    assert (made.undone_by, made.undone_reason) == ("user:finance", "Salah pilih batch")


def test_a_matched_line_ends_its_case_and_opens_it_again_when_it_is_taken_back(
    parts, finance, batch, bank, line_ids
):
    net, day = batch
    bank(Move(net, "KIRIMAN", day=day))
    (number,) = line_ids()

    def codes(hours):
        now = night_after(day) + timedelta(hours=hours)
        reconcile_day(parts.sessions, day, now)
        with parts.sessions() as session:
            query = select(CaseRow.state).where(CaseRow.code == "D13").order_by(CaseRow.id)
            return list(session.scalars(query))

    assert codes(0) == ["tracing"]
    match(finance, number, f"batch:midtrans/jambi/{day}")
    assert codes(1) == ["resolved"]
    unmatch(finance, number)
    assert codes(2)[-1] == "tracing"
    told = finance.get(case_page(parts)).text
    assert "Dicocokkan dengan bank: Bukti transfer dari bank" in told
    assert f'<a href="/finance/statements/lines/{number}">Buka</a>' in told


def case_page(parts):
    with parts.sessions() as session:
        query = select(CaseRow.id).where(CaseRow.code == "D13").order_by(CaseRow.id)
        return f"/audit/cases/{session.scalars(query).first()}"


def test_what_does_not_come_to_the_same_amount_is_no_match(finance, batch, bank, line_ids):
    net, day = batch
    bank(Move(net - 500, "KIRIMAN", day=day))
    (number,) = line_ids()

    answer = match(finance, number, f"batch:midtrans/jambi/{day}")

    assert answer.status_code == 422
    assert "selisih -Rp500 tidak dapat dicocokkan" in answer.text
    assert "KIRIMAN" in finance.get("/finance/statements/unmatched").text


def test_two_lines_that_take_each_other_back_and_one_that_is_neither_are_matched(
    finance, bank, line_ids
):
    bank(Move(7_000, "SALAH KIRIM", day=DAY), Move(-7_000, "KOREKSI", day=DAY),
         Move(9_000, "BUNGA GIRO", day=DAY))  # fmt: skip
    wrong, back, interest = line_ids()

    assert match(finance, wrong, f"line:{back}").status_code == 303
    assert match(finance, interest, "other", "Jasa giro November").status_code == 303

    assert "sudah cocok" in finance.get("/finance/statements/unmatched").text


@pytest.mark.fault("F75")
@pytest.mark.parametrize(
    ("what", "reason", "status"),
    [
        ("", "Bukti transfer", 422), ("x:1", "Bukti transfer", 422), ("line:x", "Bukti", 422),
        ("batch:", "Bukti transfer", 422), ("batch:midtrans/jambi/2020-01-01", "Bukti", 422),
        ("line:999999", "Bukti transfer", 404), ("line:" + "9" * 30, "Bukti transfer", 422),
        ("other", "", 422), ("other", "x", 422), ("other", "x" * 400, 422),
        ("other", "a\0bcdef", 422),
    ],
)  # fmt: skip
def test_a_match_that_makes_no_sense_is_refused_and_changes_nothing(
    parts, finance, bank, line_ids, what, reason, status
):
    bank(Move(7_000, "KIRIMAN", day=DAY))
    (number,) = line_ids()

    assert match(finance, number, what, reason).status_code == status

    with parts.sessions() as session:
        assert session.scalar(select(MatchRow)) is None


def test_a_line_is_matched_once_and_what_nobody_matched_is_not_taken_back(
    finance, batch, bank, line_ids
):
    net, day = batch
    bank(Move(net, "TRANSFER MIDTRANS", day=day), Move(5_000, "X", day=day))
    by_rule, free = line_ids()

    assert match(finance, by_rule, "other", "Bukan batch").status_code == 422
    assert unmatch(finance, by_rule).status_code == 422
    assert unmatch(finance, free).status_code == 422
    assert match(finance, free, f"batch:midtrans/jambi/{day}").status_code == 422


def test_two_people_at_once_match_a_batch_once(parts, scene, batch, bank, line_ids):
    net, day = batch
    bank(Move(net, "SATU", day=day), Move(net, "DUA", day=day))
    wish = by_hand.read_wish(f"batch:midtrans/jambi/{day}")

    def attempt(number):
        try:
            with parts.sessions.begin() as session:
                return by_hand.match(session, number, wish, "Bukti transfer", "user:a", NOW)
        except Conflict:
            return None

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(attempt, line_ids()))

    assert made.count(None) == 1


@pytest.mark.fault("F78")
def test_who_reads_may_not_match(parts, scene, bank, line_ids):
    bank(Move(7_000, "KIRIMAN", day=DAY))
    (number,) = line_ids()
    auditor = desk_client(parts, Role.AUDITOR)

    assert match(auditor, number, "other").status_code == 403
    assert unmatch(auditor, number).status_code == 403
    assert "Cocokkan" not in auditor.get(f"/finance/statements/lines/{number}").text
