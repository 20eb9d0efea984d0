"""Bank statements that appear in a folder: taken in once, then put aside."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.errors import FileRefused, NeedsPerson, NotFound
from parking.gateways.find_mapping import Mappings
from parking.gateways.mapping_parts import BadMapping
from parking.gateways.statement_mapping import StatementMapping
from parking.statements import bank_store
from parking.statements.bank_store import BankAccount, Taken
from parking.statements.folder import FOR_PEOPLE, make_room, put_aside, was_put_aside, whole
from parking.statements.read_statement import LARGEST, TOO_LARGE, format_of, way_of
from parking.statements.take_in_statement import Attempt, reject, take_in

log = structlog.get_logger()

# Those that are never read are refused by name, which is better than lying there unseen.
SUFFIXES = (
    ".csv", ".xlsx", ".xls", ".xlsm", ".xlsb", ".txt", ".sta", ".940", ".mt940", ".swi", ".xml",
    ".camt",
)  # fmt: skip


def take_in_folder(
    sessions: sessionmaker[Session], mappings: Mappings[StatementMapping], folder: Path,
    actor: str, now: datetime,
) -> list[Taken]:  # fmt: skip
    """Take in every file that lies whole in <folder>/<code of an account>/, oldest name first.

    Its form is seen in its first bytes; a CSV or XLSX is read by the mapping named after the
    account. What was taken in, or was in already, goes to done/ beside it; what was refused,
    to refused/. A file is moved after its outcome is stored, so a stop in between loses
    nothing. A name that sorts by day is taken in in order, so that each goes on from the last.

    Raises NeedsPerson, when the others are done, for a folder that is no account of ours.
    """
    taken, strange = [], set()
    for path in whole(folder.glob("*/*"), (*SUFFIXES, *FOR_PEOPLE)):
        try:
            with sessions() as session:
                account = bank_store.account(session, path.parent.name)
        except NotFound:
            strange.add(path.parent.name)
            continue
        taken.append(_take_in_file(sessions, mappings, account, path, actor, now))
    if strange:
        raise NeedsPerson(_no_account(folder, sorted(strange)))
    return taken


def _no_account(folder: Path, codes: Sequence[str]) -> str:
    return (
        f"Tidak ada rekening bank {', '.join(codes)}: pindahkan berkasnya dari {folder}, atau"
        " tambahkan rekening itu di /admin/bank-accounts"
    )


def _take_in_file(
    sessions: sessionmaker[Session], mappings: Mappings[StatementMapping], account: BankAccount,
    path: Path, actor: str, now: datetime,
) -> Taken:  # fmt: skip
    make_room(path)
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    attempt = Attempt(account, format_of(content, path.name), path.name, content, actor, now)
    taken = _stopped_before_moving(sessions, path, attempt) or _decide(sessions, mappings, attempt)
    put_aside(path, taken.outcome, taken.id, taken.problems)
    log.info(
        "bank statement", file=path.name, account=account.code, outcome=taken.outcome,
        number=taken.id, lines=taken.line_count, added=taken.added, problems=len(taken.problems),
    )  # fmt: skip
    return taken


def _decide(
    sessions: sessionmaker[Session], mappings: Mappings[StatementMapping], attempt: Attempt
) -> Taken:
    if len(attempt.content) > LARGEST:
        return reject(sessions, attempt, [TOO_LARGE[0], *TOO_LARGE[1]])
    try:
        way = way_of(mappings, "", attempt.content, attempt.file_name, attempt.account.code)
    except (BadMapping, FileRefused) as error:
        return reject(sessions, attempt, [str(error), *error.problems])
    return take_in(sessions, attempt, way.mapping)


def _stopped_before_moving(
    sessions: sessionmaker[Session], path: Path, attempt: Attempt
) -> Taken | None:
    """The outcome of this very file if it was stored and the file stayed where it was.

    One that was put here again is looked at again: what did not fit then may fit now.
    """
    with sessions() as session:
        last = bank_store.last_attempt(session, attempt.account.id, path.name)
    if last is None or last.sha256 != attempt.sha256:
        return None
    return last if not was_put_aside(path, last.outcome, last.id) else None
