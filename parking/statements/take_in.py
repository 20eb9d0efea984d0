"""Take in a settlement file: all of it or nothing, once, and with every attempt on record.

A file holds one report, or one for each of several days. What becomes of each is decided
against what is in already (`foresee`), and then done in one transaction.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.database.engine import ALREADY_THERE, retried
from parking.errors import FileRefused
from parking.gateways.mapping_parts import NamedMapping
from parking.gateways.protocol import Gateway, Merchant, Report, ReportLine
from parking.gateways.report_mapping import Mapping
from parking.payments.apply import apply_lines
from parking.statements import store
from parking.statements.read_file import LARGEST, read_file
from parking.statements.settlement import (
    NOTHING,
    lines_lost,
    looks_like_test,
    say_the_same,
    totals,
)
from parking.statements.store import Import


@dataclass(frozen=True, slots=True)
class Attempt:
    """A file that somebody wants taken in."""

    gateway: str
    account: str
    file_name: str
    content: bytes
    actor: str
    at: datetime
    read_by: str = ""  # the mapping it is read by, with its hash; empty: the adapter

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What becomes of the report of one day."""

    report: Report
    outcome: str  # "accepted", "duplicate" or "rejected"
    version: int
    before: Import | None  # the report of that day that is in force
    problem: str = ""  # why it is rejected


def take_in(
    sessions: sessionmaker[Session],
    gateway: Gateway,
    attempt: Attempt,
    mapping: NamedMapping[Mapping] | None = None,
) -> Sequence[Import]:
    """Store the reports of a file and book what their lines prove, in one transaction.

    One outcome for each day that the file reports, on record whatever it is:
    "accepted"; "duplicate" when the same report is in already, and nothing is added;
    "rejected" with what is wrong, line by line, and then nothing of the file is added.
    A report of a higher version supersedes the one of the same day and account, whose
    lines stay on record (M9). A source that does not number its reports has each that
    says something else numbered here.
    """
    if mapping is not None:
        attempt = replace(attempt, read_by=f"{mapping.name} {mapping.sha256}")
    try:
        reading = read_file(gateway, mapping, attempt.content, attempt.file_name)
    except FileRefused as error:
        return [reject(sessions, attempt, [str(error), *error.problems])]
    if reading.problems:
        return [reject(sessions, attempt, [str(problem) for problem in reading.problems])]
    return retried(
        sessions,
        lambda session: _take_in(session, gateway.merchant, attempt, reading.reports),
        also=ALREADY_THERE,
    )


def reject(sessions: sessionmaker[Session], attempt: Attempt, problems: Sequence[str]) -> Import:
    """Record that a file was not taken in, and why."""
    with sessions.begin() as session:
        return _record(session, attempt, "rejected", None, problems=problems)


def foresee(session: Session, attempt: Attempt, reports: Sequence[Report]) -> list[Foreseen]:
    """What becomes of the reports of a file, decided against what is in by now."""
    keys = {line.line_key for report in reports for line in report.lines}
    return [_foresee(session, attempt, report, keys) for report in reports]


def _foresee(session: Session, attempt: Attempt, report: Report, keys: Collection[str]) -> Foreseen:
    of_day = attempt.gateway, attempt.account, report.day
    before = store.report_in_force(session, *of_day)
    same = store.accepted_file(session, *of_day, attempt.sha256)
    if same is not None and _says(session, same, report):
        return Foreseen(report, "duplicate", same.version, same)
    if before is None:
        return Foreseen(report, "accepted", report.version or 1, None)
    if report.version is not None and report.version > before.version:
        return Foreseen(report, "accepted", report.version, before)
    if _says(session, before, report):
        return Foreseen(report, "duplicate", before.version, before)
    if report.version is not None:
        return Foreseen(report, "rejected", report.version, before, _not_newer(report, before))
    lost = lines_lost(_lines(session, before), keys, report.left_out)
    if lost:
        return Foreseen(report, "rejected", before.version, before, _loses(report, before, lost))
    return Foreseen(report, "accepted", before.version + 1, before)


def _says(session: Session, taken: Import, report: Report) -> bool:
    return say_the_same(_lines(session, taken), report.lines)


def _not_newer(report: Report, before: Import) -> str:
    return (
        f"Laporan {report.day} versi {before.version} sudah diterima (impor {before.id}); berkas"
        f" ini isinya lain tetapi versinya {report.version}: minta versi yang lebih tinggi"
    )


def _loses(report: Report, before: Import, lost: Sequence[ReportLine]) -> str:
    """An export of half a day must not undo the other half."""
    return (
        f"Laporan {report.day} sudah diterima (impor {before.id}) dan berkas ini tidak memuat"
        f" {len(lost)} barisnya, seperti {lost[0].payment_ref}: ekspor hari itu seutuhnya, dari"
        " 00.00 sampai 24.00 WIB"
    )


def _take_in(
    session: Session, merchant: Merchant, attempt: Attempt, reports: Sequence[Report]
) -> list[Import]:
    store.lock_account(session, attempt.gateway, attempt.account)
    foreseen = foresee(session, attempt, reports)
    refused = [each for each in foreseen if each.outcome == "rejected"]
    if refused:
        problems = [each.problem for each in refused]
        first = refused[0]
        return [
            _record(session, attempt, "rejected", first.report, first.version, problems=problems)
        ]
    return [_done(session, merchant, attempt, each) for each in foreseen]


def _done(session: Session, merchant: Merchant, attempt: Attempt, each: Foreseen) -> Import:
    before = each.before
    if each.outcome == "duplicate" and before is not None:
        return _record(
            session, attempt, "duplicate", each.report, each.version, duplicate_of=before.id
        )
    supersedes = before.id if before is not None else None
    taken = _record(session, attempt, "accepted", each.report, each.version, supersedes=supersedes)
    _book(session, merchant, attempt, each.report, taken, before)
    return taken


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
    version: int = 0,
    *,
    problems: Sequence[str] = (),
    supersedes: int | None = None,
    duplicate_of: int | None = None,
) -> Import:
    sums = totals(report.lines) if report is not None else NOTHING
    is_large = len(attempt.content) > LARGEST  # it was refused for that; nobody reads it again
    taken = store.add_import(
        session,
        gateway=attempt.gateway, account=attempt.account, file_name=attempt.file_name,
        sha256=attempt.sha256, content=attempt.content if not is_large else b"", at=attempt.at,
        actor=attempt.actor, outcome=outcome, report_day=report.day if report else None,
        version=version, supersedes=supersedes,
        duplicate_of=duplicate_of, line_count=sums.count, gross=sums.gross, fee=sums.fee,
        net=sums.net, problems=list(problems),
    )  # fmt: skip
    detail = {
        "file": attempt.file_name, "sha256": attempt.sha256, "lines": sums.count,
        "read_by": attempt.read_by or "adapter",
    }  # fmt: skip
    record(session, attempt.at, attempt.actor, f"import.{outcome}", f"import:{taken.id}", detail)
    return taken
