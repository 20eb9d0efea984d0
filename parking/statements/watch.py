"""Settlement files that appear in a folder: taken in once, then put aside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import sleep

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.gateways.find_mapping import Mappings
from parking.gateways.mapping_parts import BadMapping
from parking.gateways.protocol import Gateway
from parking.gateways.report_mapping import Mapping
from parking.statements import store
from parking.statements.read_file import LARGEST, mapping_for
from parking.statements.store import Import
from parking.statements.take_in import Attempt, reject, take_in

log = structlog.get_logger()

# A file that grows within this time is still being written.
SETTLED_S = 0.2

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
    waiting = sorted(p for p in folder.glob("*/*/*") if p.suffix.lower() in SUFFIXES)
    taken = [_take_in_file(sessions, doors, path, actor, now) for path in _whole(waiting)]
    return [each for of_file in taken for each in of_file]


def _whole(paths: list[Path]) -> list[Path]:
    before = {path: _look(path) for path in paths}
    if paths:
        sleep(SETTLED_S)
    return [path for path in paths if _look(path) == before[path]]


def _look(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _take_in_file(
    sessions: sessionmaker[Session], doors: Doors, path: Path, actor: str, now: datetime
) -> Sequence[Import]:
    account, gateway = path.parent.name, path.parent.parent.name
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    attempt = Attempt(gateway, account, path.name, content, actor, now)
    stopped = _stopped_before_moving(sessions, path, attempt)
    taken = [stopped] if stopped is not None else _decide(sessions, doors, attempt)
    _move(path, taken[-1])
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
    """The import of this very file if it was stored and the file stayed where it was."""
    with sessions() as session:
        last = store.last_import(session, attempt.gateway, attempt.account, path.name)
    if last is None or last.sha256 != attempt.sha256 or _place(path, last).exists():
        return None
    return last


def _place(path: Path, taken: Import) -> Path:
    """Where a file goes. The number of its import keeps names apart."""
    folder = path.parent / ("refused" if taken.outcome == "rejected" else "done")
    return folder / f"{path.stem}.{taken.id}{path.suffix}"


def _move(path: Path, taken: Import) -> None:
    place = _place(path, taken)
    place.parent.mkdir(exist_ok=True)
    path.rename(place)
