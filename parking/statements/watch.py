"""Settlement files that appear in a folder: taken in once, then put aside."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import sleep

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.gateways.protocol import Gateway
from parking.statements import store
from parking.statements.store import Import
from parking.statements.take_in import LARGEST, Attempt, reject, take_in

log = structlog.get_logger()

# A file that grows within this time is still being written.
SETTLED_S = 0.2

Find = Callable[[str, str], Gateway | None]


def take_in_folder(
    sessions: sessionmaker[Session], find: Find, folder: Path, actor: str, now: datetime
) -> list[Import]:
    """Take in every file that lies whole in <folder>/<gateway>/<account>/, oldest name first.

    What was taken in, or was in already, goes to done/ beside it; what was refused,
    to refused/. A file is moved after its outcome is stored, so a stop in between
    loses nothing: the next look finds the outcome and only moves the file.
    """
    waiting = sorted(folder.glob("*/*/*.csv"))
    return [_take_in_file(sessions, find, path, actor, now) for path in _whole(waiting)]


def _whole(paths: list[Path]) -> list[Path]:
    before = {path: _look(path) for path in paths}
    if paths:
        sleep(SETTLED_S)
    return [path for path in paths if _look(path) == before[path]]


def _look(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _take_in_file(
    sessions: sessionmaker[Session], find: Find, path: Path, actor: str, now: datetime
) -> Import:
    account, gateway = path.parent.name, path.parent.parent.name
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    attempt = Attempt(gateway, account, path.name, content, actor, now)
    taken = _stopped_before_moving(sessions, path, attempt)
    if taken is None:
        taken = _decide(sessions, find(gateway, account), attempt)
    _move(path, taken)
    log.info(
        "settlement file", file=path.name, outcome=taken.outcome, number=taken.id,
        lines=taken.line_count, problems=len(taken.problems),
    )  # fmt: skip
    return taken


def _decide(sessions: sessionmaker[Session], gateway: Gateway | None, attempt: Attempt) -> Import:
    if gateway is None:
        unknown = f"Tidak ada akun {attempt.account} pada gateway {attempt.gateway}"
        return reject(sessions, attempt, [unknown])
    return take_in(sessions, gateway, attempt)


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
