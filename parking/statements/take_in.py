"""Take in a settlement file: all of it or nothing, once, and with every attempt on record."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.database.engine import ALREADY_THERE, retried
from parking.errors import FileRefused
from parking.gateways.protocol import Gateway, Merchant, Report, ReportLine
from parking.payments.apply import apply_lines
from parking.statements import store
from parking.statements.settlement import NOTHING, looks_like_test, say_the_same, totals
from parking.statements.store import Import

LARGEST = 64 * 1024 * 1024  # bytes; a busy city's day has about ten million


@dataclass(frozen=True, slots=True)
class Attempt:
    """A file that somebody wants taken in."""

    gateway: str
    account: str
    file_name: str
    content: bytes
    actor: str
    at: datetime

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def take_in(sessions: sessionmaker[Session], gateway: Gateway, attempt: Attempt) -> Import:
    """Store a settlement report and book what its lines prove, in one transaction.

    The outcome is recorded whatever it is: "accepted"; "duplicate" when the same
    report is in already, and nothing is added; "rejected" with what is wrong, line
    by line, and nothing is added. A report of a higher version supersedes the one of
    the same day and account, whose lines stay on record (M9).
    """
    try:
        report = _read(gateway, attempt)
    except FileRefused as error:
        return reject(sessions, attempt, [str(error), *error.problems])
    return retried(
        sessions,
        lambda session: _take_in(session, gateway.merchant, attempt, report),
        also=ALREADY_THERE,
    )


def reject(sessions: sessionmaker[Session], attempt: Attempt, problems: Sequence[str]) -> Import:
    """Record that a file was not taken in, and why."""
    with sessions.begin() as session:
        return _record(session, attempt, "rejected", None, problems=problems)


def _read(gateway: Gateway, attempt: Attempt) -> Report:
    """Raises FileRefused naming every line that is wrong."""
    if len(attempt.content) > LARGEST:
        raise FileRefused(f"Berkas lebih besar dari {LARGEST // 1024 // 1024} MiB", [])
    report = gateway.read_report(attempt.content)
    if report.merchant_id != gateway.merchant.merchant_id:
        raise FileRefused(
            f"Berkas milik merchant {report.merchant_id}, bukan {gateway.merchant.merchant_id}", []
        )
    repeated = _repeated_keys(report.lines)
    if repeated:
        raise FileRefused("Baris yang sama ada dua kali", repeated)
    return report


def _repeated_keys(lines: Sequence[ReportLine]) -> list[str]:
    first: dict[str, int] = {}
    return [
        f"baris {line.number}: sama dengan baris {first[line.line_key]} ({line.line_key})"
        for line in lines
        if first.setdefault(line.line_key, line.number) != line.number
    ]


def _take_in(session: Session, merchant: Merchant, attempt: Attempt, report: Report) -> Import:
    store.lock_account(session, attempt.gateway, attempt.account)
    same = store.accepted_file(session, attempt.gateway, attempt.account, attempt.sha256)
    if same is not None:
        return _record(session, attempt, "duplicate", report, duplicate_of=same.id)
    before = store.report_in_force(session, attempt.gateway, attempt.account, report.day)
    if before is not None and before.version >= report.version:
        return _not_newer(session, attempt, report, before)
    supersedes = before.id if before is not None else None
    taken = _record(session, attempt, "accepted", report, supersedes=supersedes)
    _book(session, merchant, attempt, report, taken, before)
    return taken


def _not_newer(session: Session, attempt: Attempt, report: Report, before: Import) -> Import:
    if say_the_same(_lines(session, before), report.lines):
        return _record(session, attempt, "duplicate", report, duplicate_of=before.id)
    problem = (
        f"Laporan {report.day} versi {before.version} sudah diterima (impor {before.id}); berkas"
        f" ini isinya lain tetapi versinya {report.version}: minta versi yang lebih tinggi"
    )
    return _record(session, attempt, "rejected", report, problems=[problem])


def _book(
    session: Session,
    merchant: Merchant,
    attempt: Attempt,
    report: Report,
    taken: Import,
    before: Import | None,
) -> None:
    """Apply each line as evidence, but for the bank's own tests (D33)."""
    stored = store.add_lines(session, taken.id, merchant.gateway, merchant.account, report.lines)
    suspects = [line.ours for line in report.lines if looks_like_test(line)]
    tests = set(suspects) - store.charges_named(session, suspects)
    real = [
        (line_id, line)
        for line_id, line in stored
        if not (looks_like_test(line) and line.ours in tests)
    ]
    superseded = store.lines_of(session, before.id) if before is not None else ()
    apply_lines(session, merchant, real, attempt.at, superseded)


def _lines(session: Session, taken: Import) -> list[ReportLine]:
    return [line for _, line in store.lines_of(session, taken.id)]


def _record(
    session: Session,
    attempt: Attempt,
    outcome: str,
    report: Report | None,
    *,
    problems: Sequence[str] = (),
    supersedes: int | None = None,
    duplicate_of: int | None = None,
) -> Import:
    sums = totals(report.lines) if report is not None else NOTHING
    taken = store.add_import(
        session,
        gateway=attempt.gateway, account=attempt.account, file_name=attempt.file_name,
        sha256=attempt.sha256, content=attempt.content[:LARGEST], at=attempt.at,
        actor=attempt.actor, outcome=outcome, report_day=report.day if report else None,
        version=report.version if report else 0, supersedes=supersedes,
        duplicate_of=duplicate_of, line_count=sums.count, gross=sums.gross, fee=sums.fee,
        net=sums.net, problems=list(problems),
    )  # fmt: skip
    detail = {"file": attempt.file_name, "sha256": attempt.sha256, "lines": sums.count}
    record(session, attempt.at, attempt.actor, f"import.{outcome}", f"import:{taken.id}", detail)
    return taken
