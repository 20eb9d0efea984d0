"""A bank statement is taken in whole and once, or not at all; every attempt is on record."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner
from parking.audit.store import AuditEventRow
from parking.cli.main import parking
from parking.clock import DrivenClock
from parking.ledger.store import EntryRow, PostingRow
from parking.statements import bank_store
from parking.statements.bank_store import StatementLineRow, StatementRow
from parking.statements.take_in_statement import Attempt, take_in
from sqlalchemy import event, func, select

from tests.statements.bank_files import (
    FRIDAY,
    MONDAY,
    NOW,
    PLAIN,
    TUESDAY,
    WEDNESDAY,
    Move,
    add_account,
    camt,
    csv_file,
    mapped,
    mt940,
)

IN, OUT = Move(150_000, "SETORAN STS 12", reference="FT001"), Move(-2_500, "BIAYA ADM")


@pytest.fixture
def account(parts):
    with parts.sessions.begin() as session:
        add_account(session)
    with parts.sessions() as session:
        return bank_store.account(session, "rkud")


@pytest.fixture
def bring(parts, account):
    def taken(content, format="mt940", name="mutasi.sta", mapping=None):
        if format == "csv" and mapping is None:
            mapping = mapped(PLAIN)
        attempt = Attempt(account, format, name, content, "user:rina", NOW)
        return take_in(parts.sessions, attempt, mapping)

    return taken


@pytest.fixture
def lines(parts):
    def there():
        with parts.sessions() as session:
            query = select(StatementLineRow.amount).order_by(StatementLineRow.id)
            return list(session.scalars(query))

    return there


@pytest.fixture
def balance(parts):
    def of(name):
        total = select(func.coalesce(func.sum(PostingRow.amount), 0))
        with parts.sessions() as session:
            return int(session.scalar(total.where(PostingRow.account == name)))

    return of


def test_each_new_line_is_stored_and_booked(parts, bring, lines, balance):
    taken = bring(mt940(IN, OUT))

    assert (taken.outcome, taken.line_count, taken.added) == ("accepted", 2, 2)
    assert (taken.opening, taken.closing, taken.to_day) == (1_000_000, 1_147_500, MONDAY)
    assert lines() == [150_000, -2_500]
    assert (balance("treasury"), balance("bank_unmatched")) == (147_500, -147_500)
    with parts.sessions() as session:
        entries = session.scalars(select(EntryRow)).all()
        assert [(e.kind, e.effective_on) for e in entries] == [("statement_line", MONDAY)] * 2
        assert {e.statement_line_id for e in entries} == set(
            session.scalars(select(StatementLineRow.id))
        )
        actions = list(session.scalars(select(AuditEventRow.action)))
    assert actions == ["statement.accepted"]


@pytest.mark.fault("F59")
def test_the_same_file_again_is_a_duplicate(bring, lines, balance):
    first = bring(mt940(IN, OUT))

    again = bring(mt940(IN, OUT), name="lagi.sta")

    assert (again.outcome, again.duplicate_of, again.added) == ("duplicate", first.id, 0)
    assert balance("treasury") == 147_500
    assert len(lines()) == 2


@pytest.mark.fault("F61")
def test_true_twins_are_two_lines_and_come_again_as_the_same_two(bring, lines):
    assert bring(mt940(IN, IN)).added == 2
    assert bring(mt940(IN, IN, OUT)).added == 1

    assert lines() == [150_000, 150_000, -2_500]


@pytest.mark.fault("F59")
def test_a_file_that_overlaps_adds_only_what_is_new(bring, lines):
    bring(mt940(IN, OUT))

    more = bring(mt940(IN, OUT, Move(7, day=TUESDAY), last=TUESDAY))

    assert (more.outcome, more.line_count, more.added) == ("accepted", 3, 1)
    assert lines() == [150_000, -2_500, 7]


def test_the_same_day_in_another_form_adds_nothing(bring, lines):
    bring(mt940(IN, OUT))

    assert bring(camt(IN, OUT), "camt053").added == 0
    assert len(lines()) == 2


@pytest.mark.fault("F60")
def test_a_file_with_a_changed_line_is_refused_naming_both(bring, lines, balance):
    first = bring(mt940(IN, Move(5, day=TUESDAY), last=TUESDAY))
    changed = mt940(replace(IN, text="SETORAN STS 13"), Move(5, day=TUESDAY), last=TUESDAY)

    refused = bring(changed)

    assert refused.outcome == "rejected"
    assert "'SETORAN STS 13' rujukan 'FT001' lain dari" in refused.problems[0]
    assert f"'SETORAN STS 12' rujukan 'FT001' (baris 5 rekening koran {first.id})" in str(
        refused.problems[0]
    )
    assert balance("treasury") == 150_005


@pytest.mark.fault("F72")
def test_a_gap_is_refused_and_closes_when_the_day_in_between_comes(bring, lines):
    bring(mt940(IN))
    wednesday = mt940(Move(3, day=WEDNESDAY), opening=1_150_007, first=TUESDAY, last=WEDNESDAY)

    refused = bring(wednesday)
    assert refused.outcome == "rejected"
    assert "saldo awal Rp1.150.007" in refused.problems[0]
    assert "Rp1.150.000 (selisih Rp7)" in refused.problems[0]

    bring(mt940(Move(7, day=TUESDAY), opening=1_150_000, last=TUESDAY))
    assert bring(wednesday).outcome == "accepted"
    assert lines() == [150_000, 7, 3]


SATURDAY = date(2026, 11, 28)  # the day after NOW


@pytest.mark.fault("F72")
@pytest.mark.parametrize(
    ("moves", "where"), [((Move(7, day=SATURDAY),), "baris 5: "), ((), "berkas: ")]
)
def test_a_day_that_has_not_come_is_refused_and_closes_the_account_to_nothing(
    bring, lines, moves, where
):
    bring(mt940(IN))
    ahead = mt940(*moves, opening=1_150_000, first=SATURDAY, last=SATURDAY)

    refused = bring(ahead)

    assert refused.outcome == "rejected"
    assert refused.problems[0].startswith(f"{where}memuat hari 2026-11-28, padahal hari ini 2026")
    assert "ekspor lagi paling jauh sampai 2026-11-27" in refused.problems[0]
    today = mt940(Move(3, day=NOW.date()), opening=1_150_000, first=NOW.date(), last=NOW.date())
    assert bring(today).outcome == "accepted"


@pytest.mark.fault("F72")
def test_a_day_before_the_first_is_taken_when_its_balance_leads_up_to_it(bring, lines):
    bring(mt940(IN))

    friday = mt940(Move(9, day=FRIDAY), opening=999_991, first=FRIDAY, last=FRIDAY)
    assert bring(friday).outcome == "accepted"
    tuesday = mt940(Move(7, day=TUESDAY), opening=1_150_000, last=TUESDAY)
    assert bring(tuesday).added == 1


@pytest.mark.fault("F71")
def test_a_failure_in_the_middle_leaves_nothing(parts, bring, lines, balance):
    def fail(conn, cursor, statement, parameters, context, executemany):
        if "ledger_posting" in statement:
            raise RuntimeError("the machine stops here")

    event.listen(parts.engine, "before_cursor_execute", fail)
    with pytest.raises(RuntimeError, match="stops here"):
        bring(mt940(IN, OUT))
    event.remove(parts.engine, "before_cursor_execute", fail)

    assert lines() == []
    assert bring(mt940(IN, OUT)).outcome == "accepted"
    assert balance("treasury") == 147_500


@pytest.mark.fault("F59")
def test_two_people_with_the_same_file_at_once_add_it_once(parts, bring, lines, balance):
    with ThreadPoolExecutor(3) as pool:
        taken = list(pool.map(bring, [mt940(IN, OUT)] * 3))

    assert sorted(t.outcome for t in taken) == ["accepted", "duplicate", "duplicate"]
    assert balance("treasury") == 147_500


@pytest.mark.fault("F59")
def test_two_files_that_overlap_at_once_add_each_line_once(bring, lines):
    one = mt940(IN, OUT)
    other = mt940(IN, OUT, Move(7, day=TUESDAY), last=TUESDAY)

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(bring, [one, other]))

    assert {t.outcome for t in taken} == {"accepted"}
    assert sorted(lines()) == [-2_500, 7, 150_000]


def test_without_balances_an_unclear_beginning_is_refused(bring, lines):
    text = PLAIN.replace("  balance: Saldo\n", "")
    bring(csv_file(IN, OUT), "csv", mapping=mapped(text))

    refused = bring(csv_file(OUT, Move(7)), "csv", mapping=mapped(text))

    assert "baris 2: tidak jelas apakah" in refused.problems[0]
    assert len(lines()) == 2


# Through the shell


@pytest.fixture
def told_now(environment, tmp_path):
    """The environment of a command that runs at NOW."""
    DrivenClock(tmp_path / "clock").drive(NOW)
    return environment | {"PARKING_ENV": "demo", "CLOCK_FILE": str(tmp_path / "clock")}


@pytest.fixture
def run(told_now, account):
    return lambda *words: CliRunner().invoke(parking, ["import", "statement", *words],
                                             env=told_now)  # fmt: skip


@pytest.fixture
def path(tmp_path):
    def written(content, name="mutasi.sta"):
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return written


AS_MT940 = ("--account", "rkud", "--format", "mt940")


def test_a_preview_shows_the_lines_and_takes_nothing_in(run, path, lines):
    shown = run(*AS_MT940, "--preview", path(mt940(IN, OUT)))

    assert shown.exit_code == 0, shown.output
    assert [row.split() for row in shown.stdout.splitlines()[:1]] == [
        ["5", "2026-11-23", "Rp150.000", "SETORAN", "STS", "12"],
    ]  # fmt: skip
    assert shown.stdout.splitlines()[-1] == (
        "2026-11-23 to 2026-11-23: 2 lines, balance Rp1.000.000 to Rp1.147.500; accepted, 2 new"
    )
    assert lines() == []


@pytest.mark.parametrize("words", [(), ("--preview",)])
def test_the_shell_says_of_a_day_that_has_not_come_which_it_is(run, path, lines, words):
    ahead = date(2099, 12, 31)

    told = run(*AS_MT940, *words, path(mt940(Move(7, day=ahead), first=ahead, last=ahead)))

    assert told.exit_code == 1
    assert "memuat hari 2099-12-31" in told.stderr
    assert lines() == []


def test_a_pdf_is_asked_of_the_bank_in_another_form(run, path):
    told = run(*AS_MT940, path(b"%PDF-1.7 rekening koran", "laporan.pdf"))

    assert told.exit_code == 1
    assert "minta MT940, CAMT.053, CSV atau XLSX dari bank" in told.stderr


def test_a_statement_is_taken_in_and_said_as_json(run, path, lines):
    taken = json.loads(run(*AS_MT940, "--json", path(mt940(IN, OUT))).stdout)

    assert (taken["outcome"], taken["added"], taken["closing"]) == ("accepted", 2, 1_147_500)
    assert len(lines()) == 2


def test_a_refusal_names_every_line_and_ends_with_1(run, path, lines):
    wrong = mt940(IN, OUT).replace(b"150000,00", b"150000,50")

    for words in ((), ("--preview",)):
        told = run(*AS_MT940, *words, path(wrong))
        assert told.exit_code == 1
        assert "baris 5" in told.stderr
    assert lines() == []


def test_a_csv_is_read_by_a_mapping_that_is_named_or_a_file(run, path, tmp_path, lines):
    (tmp_path / "own.yaml").write_text(PLAIN)
    words = ("--account", "rkud", "--format", "csv")

    taken = run(*words, "--mapping", str(tmp_path / "own.yaml"), path(csv_file(IN), "a.csv"))
    assert taken.exit_code == 0, taken.output
    assert lines() == [150_000]

    unnamed = run(*words, path(csv_file(IN, OUT), "b.csv"))
    assert "tidak punya pemetaan" in str(unnamed.exception)
    assert "needs none" in str(run(*AS_MT940, "--mapping", "bank-lembar", path(b"")).exception)


@pytest.mark.fault("F67")
@pytest.mark.parametrize("words", [(), ("--preview",)])
def test_a_file_of_one_gigabyte_is_refused_by_its_size_before_it_is_read(run, tmp_path, words):
    big = tmp_path / "big.sta"
    with big.open("wb") as file:
        file.truncate(1024**3)  # sparse: it takes no room on the disk
    begun = time.monotonic()

    told = run(*AS_MT940, *words, str(big))

    assert told.exit_code == 1
    assert "lebih besar dari 20 MiB" in told.stderr
    assert time.monotonic() - begun < 5


@pytest.mark.fault("F71")
def test_a_process_that_is_killed_while_it_takes_in_leaves_all_or_nothing(
    parts, told_now, account, path, lines, balance
):
    """Killed at ten different moments; the last try is let run, and all is there once."""
    moves = [Move(n, f"SETORAN {n}") for n in range(1, 2_001)]
    file = path(mt940(*moves))
    command = [sys.executable, "-m", "parking.cli.main", "import", "statement", *AS_MT940, file]
    env = os.environ | told_now

    for tenths in range(6, 16):
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)  # fmt: skip
        try:
            process.wait(tenths / 8)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert len(lines()) in (0, 2_000)
        assert balance("treasury") in (0, sum(range(1, 2_001)))

    assert subprocess.run(command, env=env, capture_output=True, check=False).returncode == 0
    assert len(lines()) == 2_000
    assert balance("treasury") == sum(range(1, 2_001))
    with parts.sessions() as session:
        outcomes = list(session.scalars(select(StatementRow.outcome).order_by(StatementRow.id)))
    assert outcomes.count("accepted") == 1
