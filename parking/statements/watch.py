"""Settlement files that appear in a folder: taken in once, then put aside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.gateways.find_mapping import Mappings
from parking.gateways.mapping_parts import BadMapping
from parking.gateways.protocol import Gateway
from parking.gateways.report_mapping import Mapping
from parking.statements import store
from parking.statements.folder import FOR_PEOPLE, make_room, put_aside, was_put_aside, whole
from parking.statements.read_file import LARGEST, mapping_for
from parking.statements.store import Import
from parking.statements.take_in import Attempt, reject, take_in

log = structlog.get_logger()

# The last three are refused by name, which is better than lying there unseen.
SUFFIXES = (".csv", ".xlsx", ".xls", ".xlsm", ".xlsb")


@dataclass(frozen=True, slots=True)
class Doors:
    """Who knows the accounts, and how their files are written."""

    find: Callable[[str, str], Gateway | None]
    mappings: Mappings[Mapping]


def take_in_folder(
    sessions: sessionmaker[Session], doors: Doors, folder: Path, actor: str, now: datetime
) -> list[Import]:
    """Take in every file that lies whole in <folder>/<gateway>/<account>/, oldest name first.

    It is read by the mapping of the account, or as the gateway's adapter reads it.
    What was taken in, or was in already, goes to done/ beside it; what was refused,
    to refused/. A file is moved after its outcome is stored, so a stop in between
    loses nothing: the next look finds the outcome and only moves the file.
    """
    waiting = whole(folder.glob("*/*/*"), (*SUFFIXES, *FOR_PEOPLE))
    taken = [_take_in_file(sessions, doors, path, actor, now) for path in waiting]
    return [each for of_file in taken for each in of_file]


def _take_in_file(
    sessions: sessionmaker[Session], doors: Doors, path: Path, actor: str, now: datetime
) -> Sequence[Import]:
    account, gateway = path.parent.name, path.parent.parent.name
    make_room(path)
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    attempt = Attempt(gateway, account, path.name, content, actor, now)
    stopped = _stopped_before_moving(sessions, path, attempt)
    taken = [stopped] if stopped is not None else _decide(sessions, doors, attempt)
    put_aside(path, taken[-1].outcome, taken[-1].id, taken[-1].problems)
    for each in taken:
        log.info(
            "settlement file", file=path.name, outcome=each.outcome, number=each.id,
            day=str(each.report_day), lines=each.line_count, problems=len(each.problems),
        )  # fmt: skip
    return taken


def _decide(sessions: sessionmaker[Session], doors: Doors, attempt: Attempt) -> Sequence[Import]:
    gateway = doors.find(attempt.gateway, attempt.account)
    if gateway is None:
        unknown = f"Tidak ada akun {attempt.account} pada gateway {attempt.gateway}"
        return [reject(sessions, attempt, [unknown])]
    try:
        mapping = mapping_for(doors.mappings, attempt.gateway, attempt.account)
    except BadMapping as error:
        return [reject(sessions, attempt, [str(error), *error.problems])]
    return take_in(sessions, gateway, attempt, mapping)


def _stopped_before_moving(
    sessions: sessionmaker[Session], path: Path, attempt: Attempt
) -> Import | None:
    """The import of this very file if it was stored and the file stayed where it was.

    One that was put here again is looked at again: what did not fit then may fit now.
    """
    with sessions() as session:
        last = store.last_import(session, attempt.gateway, attempt.account, path.name)
    if last is None or last.sha256 != attempt.sha256:
        return None
    return last if not was_put_aside(path, last.outcome, last.id) else None
