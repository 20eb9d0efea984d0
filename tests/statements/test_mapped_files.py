"""Files of banks that number nothing: taken in by day, once, and the newest export holds."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from click.testing import CliRunner
from parking.audit.store import AuditEventRow
from parking.business_day import wib
from parking.cli.main import parking
from parking.clock import DrivenClock
from parking.ledger.store import PostingRow
from parking.statements import store, watch
from parking.statements.read_file import mapping_for
from parking.statements.take_in import Attempt, take_in
from sqlalchemy import func, select

from tests.gateways.mapped_files import PLAIN, TITLES, csv_file, xlsx_file
from tests.reconciliation.scenes import DAY, TUESDAY, Scene, at, night_after

STATUS = """
filters:
  - {column: Status, take: PAID, skip: [PENDING, VOID]}
"""


@dataclass(frozen=True)
class Row:
    ours: str
    amount: int = 2_000
    fee: int = 0
    at: object = at(12)
    status: str = "PAID"

    def cells(self):
        local = wib(self.at)
        return [
            self.ours, f"trx-{self.ours}", f"{self.amount}.00", str(self.fee),
            str(self.amount - self.fee), f"{local:%Y-%m-%d %H:%M:%S}",
            str(local.date() + timedelta(days=1)), self.status,
        ]  # fmt: skip


def file(*rows):
    return csv_file(f"{TITLES},Status", *(",".join(row.cells()) for row in rows))


@pytest.fixture
def scene(parts, city):
    """With a mapping of the operator's own for the account."""
    folder = parts.settings.mapping_folders[0]
    folder.mkdir(parents=True)
    (folder / "midtrans-jambi.yaml").write_text(PLAIN + STATUS)
    (folder / "sheet.yaml").write_text(PLAIN.replace("csv", "xlsx") + STATUS)
    return Scene(parts, city)


@pytest.fixture
def bring(scene):
    def taken(content, name="laporan.csv", mapping=None):
        parts = scene.parts
        attempt = Attempt("midtrans", "jambi", name, content, "user:rina", night_after(TUESDAY))
        found = mapping_for(parts.mappings, "midtrans", "jambi", mapping)
        gateway = parts.gateways.find("midtrans", "jambi")
        return [
            (i.outcome, i.report_day, i.version, i.line_count)
            for i in take_in(parts.sessions, gateway, attempt, found)
        ]

    return taken


@pytest.fixture
def sold(scene):
    shift = scene.shift()
    return lambda: scene.charge(shift, state="pending")


@pytest.fixture
def settled(scene):
    """What the ledger says has been paid out."""

    def total():
        query = select(func.coalesce(func.sum(PostingRow.amount), 0))
        with scene.parts.sessions() as session:
            return int(session.scalar(query.where(PostingRow.account == "settled")))

    return total


def problems(scene):
    with scene.parts.sessions() as session:
        return store.imports(session)[0].problems


def test_a_file_of_two_days_is_taken_in_as_two_reports(bring, sold, settled):
    rows = Row(sold()), Row(sold(), at=at(12, day=TUESDAY))

    assert bring(file(*rows)) == [("accepted", DAY, 1, 1), ("accepted", TUESDAY, 1, 1)]
    assert settled() == 4_000


@pytest.mark.fault("F59")
def test_the_same_lines_again_are_a_duplicate_in_any_order(bring, sold, settled):
    rows = [Row(sold()), Row(sold()), Row(sold(), at=at(12, day=TUESDAY))]
    bring(file(*rows))

    assert bring(file(*rows)) == [("duplicate", DAY, 1, 2), ("duplicate", TUESDAY, 1, 1)]
    assert bring(file(*reversed(rows))) == [("duplicate", DAY, 1, 2), ("duplicate", TUESDAY, 1, 1)]
    assert settled() == 6_000


@pytest.mark.fault("F60")
def test_a_later_export_with_more_and_changed_lines_supersedes_the_day(bring, sold, settled):
    one, two = Row(sold()), Row(sold(), status="PENDING")
    bring(file(one, two))
    changed = Row(one.ours, fee=14)

    assert bring(file(changed, Row(two.ours))) == [("accepted", DAY, 2, 2)]
    assert settled() == 3_986


@pytest.mark.fault("F59")
def test_an_old_export_that_comes_again_does_not_undo_a_newer_one(bring, sold, settled):
    old, new = file(one := Row(sold())), file(one, Row(sold()))
    bring(old)
    bring(new)

    assert bring(old)[0][0] == "duplicate"
    assert settled() == 4_000


@pytest.mark.fault("F60")
def test_an_export_of_half_a_day_undoes_nothing(scene, bring, sold, settled):
    one, two, other = Row(sold()), Row(sold()), Row(sold(), at=at(12, day=TUESDAY))
    bring(file(one, two))

    assert bring(file(one, other)) == [("rejected", DAY, 1, 1)]
    assert f"tidak memuat 1 barisnya, seperti trx-{two.ours}" in problems(scene)[0]
    assert settled() == 4_000


@pytest.mark.fault("F60")
def test_a_payment_that_the_gateway_takes_back_leaves_the_report(bring, sold, settled):
    one, two = Row(sold()), Row(sold())
    bring(file(one, two))

    assert bring(file(one, Row(two.ours, status="VOID"))) == [("accepted", DAY, 2, 1)]
    assert settled() == 2_000


@pytest.mark.fault("F60")
def test_a_mapping_that_was_corrected_reads_the_same_bytes_anew(scene, bring, sold, settled):
    """Read as UTC the payment of 20:00 counted for the next day."""
    folder = scene.parts.settings.mapping_folders[0]
    (folder / "utc.yaml").write_text((PLAIN + STATUS).replace("Asia/Jakarta", "UTC"))
    evening = Row(sold(), at=at(12)), Row(sold(), at=at(20))
    late = [Row(row.ours, at=row.at) for row in evening]
    content = file(*late).replace(b"2026-11-24", b"2026-11-25")

    wrong = bring(content, mapping="utc")
    right = bring(content)

    assert wrong == [("accepted", DAY, 1, 1), ("accepted", TUESDAY, 1, 1)]
    assert right == [("accepted", DAY, 2, 2)]
    assert bring(content) == [("duplicate", DAY, 2, 2)]


@pytest.mark.fault("F71")
def test_one_wrong_line_keeps_the_whole_file_out(scene, bring, sold, settled):
    good, bad = Row(sold()), Row(sold(), amount=20_000_000, at=at(12, day=TUESDAY))

    assert bring(file(good, bad)) == [("rejected", None, 0, 0)]
    assert problems(scene)[0].startswith("baris 3, kolom 'Gross': '20000000.00'")
    assert settled() == 0


def test_the_audit_log_says_by_which_mapping_a_file_was_read(scene, bring, sold):
    bring(file(Row(sold())))
    bring(b"no report", mapping="adapter")

    with scene.parts.sessions() as session:
        events = session.scalars(select(AuditEventRow).order_by(AuditEventRow.seq)).all()
    read_by = [event.detail["read_by"] for event in events if event.action.startswith("import.")]
    assert [each.split()[0] for each in read_by] == ["midtrans-jambi", "adapter"]


def test_a_workbook_is_taken_in(bring, sold, settled):
    content = xlsx_file([[*TITLES.split(","), "Status"], Row(sold()).cells()])

    assert bring(content, "laporan.xlsx", mapping="sheet") == [("accepted", DAY, 1, 1)]
    assert settled() == 2_000


@pytest.fixture
def watched(scene):
    place = scene.parts.settings.watched / "midtrans" / "jambi"
    place.mkdir(parents=True)

    def look():
        parts = scene.parts
        return [
            (taken.outcome, taken.line_count)
            for taken in watch.take_in_folder(
                parts.sessions, watch.Doors(parts.gateways.find, parts.mappings),
                parts.settings.watched, "job:import", night_after(TUESDAY),
            )
        ]  # fmt: skip

    return place, look


def lying(folder):
    return [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]


def test_the_watched_folder_reads_by_the_mapping_of_the_account(watched, sold):
    folder, look = watched
    (folder / "a.csv").write_bytes(file(Row(sold()), Row(sold(), at=at(12, day=TUESDAY))))

    assert look() == [("accepted", 1), ("accepted", 1)]
    assert [path.startswith("done/a.") for path in lying(folder)] == [True]


def test_the_watched_folder_takes_workbooks(scene, watched, sold):
    folder, look = watched
    own = scene.parts.settings.mapping_folders[0]
    (own / "midtrans-jambi.yaml").write_text((own / "sheet.yaml").read_text())
    (folder / "A.XLSX").write_bytes(
        xlsx_file([[*TITLES.split(","), "Status"], Row(sold()).cells()])
    )

    assert look() == [("accepted", 1)]


@pytest.mark.fault("F70")
def test_an_old_workbook_and_a_mapping_that_is_wrong_are_refused_by_name(scene, watched):
    folder, look = watched
    (folder / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)

    assert look() == [("rejected", 0)]
    assert "Excel lama" in problems(scene)[0]

    (scene.parts.settings.mapping_folders[0] / "midtrans-jambi.yaml").write_text("format: pdf")
    (folder / "b.csv").write_bytes(file())
    assert look() == [("rejected", 0)]
    assert "format: Input should be 'csv' or 'xlsx' (it is 'pdf')" in problems(scene)


def test_a_workbook_for_an_adapter_that_reads_csv_is_refused_by_name(scene, bring):
    assert bring(xlsx_file([["a"]]), mapping="adapter") == [("rejected", None, 0, 0)]
    assert "untuk XLSX pilih sebuah pemetaan" in problems(scene)[0]


# In the shell


@pytest.fixture
def run(environment, scene, tmp_path):
    clock = tmp_path / "clock"
    DrivenClock(clock).drive(night_after(TUESDAY))
    known = environment | {"PARKING_ENV": "demo", "CLOCK_FILE": str(clock)}
    return lambda *words: CliRunner().invoke(parking, words, env=known)


@pytest.fixture
def path(tmp_path):
    def written(content, name="laporan.csv"):
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return written


IMPORT = ("import", "settlement", "--gateway", "midtrans")


def test_a_preview_prints_how_it_is_understood_and_takes_nothing_in(scene, run, path, sold):
    ours = sold()
    answer = run(*IMPORT, "--preview", path(file(Row(ours, fee=14))))

    assert answer.exit_code == 0, answer.output
    assert [line.split() for line in answer.stdout.splitlines()[1:2]] == [
        ["2", "payment", ours, f"trx-{ours}", "2000", "14", "1986", "2026-11-23", "12:00:00",
         "2026-11-24"],
    ]  # fmt: skip
    assert answer.stdout.splitlines()[-1] == "2026-11-23: accepted, version 1, 1 lines"
    with scene.parts.sessions() as session:
        assert store.imports(session) == []


def test_a_preview_as_json_names_every_wrong_cell(run, path, sold):
    answer = run(*IMPORT, "--preview", "--json", path(file(Row(sold()), Row("PKR X"))))

    told = json.loads(answer.stdout)
    assert answer.exit_code == 1
    assert not told["acceptable"]
    assert [row["line"] is None for row in told["rows"]] == [False, True]
    assert {(p["line"], p["column"], p["found"]) for p in told["problems"]} == {
        (3, "Ref", "PKR X"), (3, "RRN", "trx-PKR X"),
    }  # fmt: skip


def test_a_preview_of_what_cannot_be_read_says_why(run, path):
    answer = run(*IMPORT, "--preview", path(b"<html>"))

    assert answer.exit_code == 1
    assert "HTML" in answer.stderr


def test_a_file_is_taken_in_by_a_mapping_that_is_named_or_a_file(run, path, sold, tmp_path):
    own = tmp_path / "my.yaml"
    own.write_text(PLAIN + STATUS)
    content = file(Row(sold()))

    by_file = run(*IMPORT, "--mapping", str(own), "--json", path(content))
    by_name = run(*IMPORT, "--mapping", "midtrans-jambi", "--json", path(content))

    assert json.loads(by_file.stdout)["outcome"] == "accepted"
    assert json.loads(by_name.stdout)["outcome"] == "duplicate"


def test_mappings_are_listed_and_checked(run, tmp_path):
    names = [json.loads(line)["name"] for line in run(
        "mappings", "list", "--json").stdout.splitlines()]  # fmt: skip
    assert {"midtrans-jambi", "snap-bank", "xendit-balance"} <= set(names)

    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(PLAIN)
    bad.write_text(PLAIN.replace("csv", "pdf"))
    assert run("mappings", "check", str(good)).exit_code == 0
    refused = run("mappings", "check", str(bad))
    assert refused.exit_code == 1
    assert "format: Input should be" in str(refused.exception.problems)


@pytest.mark.fault("F71")
def test_a_process_that_is_killed_while_it_takes_in_leaves_all_or_nothing(
    scene, environment, tmp_path, sold, settled
):
    """Killed at eight different moments; the last try is let run, and all is there once."""
    path = tmp_path / "laporan.csv"
    path.write_bytes(file(*(Row(sold()) for _ in range(300))))
    words = ["import", "settlement", "--gateway", "midtrans", str(path)]
    command = [sys.executable, "-m", "parking.cli.main", *words]
    told = {"env": os.environ | environment, "capture_output": True, "check": False}

    for tenths in range(8, 24, 2):
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(command, timeout=tenths / 10, **told)  # killed when it is over
        assert settled() in (0, 600_000)

    assert subprocess.run(command, **told).returncode == 0
    assert settled() == 600_000
    with scene.parts.sessions() as session:
        outcomes = [taken.outcome for taken in store.imports(session)]
    assert outcomes.count("accepted") == 1
    assert set(outcomes) <= {"accepted", "duplicate"}
