"""Files in a watched folder: which lie there whole, and where they go when they are done."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path
from time import sleep

from parking.errors import NeedsPerson

# A file that grows within this time is still being written.
SETTLED_S = 0.2

# What a bank or a gateway gives to be read by people: refused with the reason when somebody puts
# it here. It is not fetched: at a server it lies beside the files that are meant.
FOR_PEOPLE = (".pdf", ".htm", ".html")


def whole(paths: Iterable[Path], suffixes: Collection[str]) -> list[Path]:
    """Those of these endings that nobody is writing, the first name first."""
    before = {path: _look(path) for path in sorted(paths) if path.suffix.lower() in suffixes}
    if before:
        sleep(SETTLED_S)
    return [path for path, look in before.items() if _look(path) == look]


def _look(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def place(path: Path, outcome: str, number: int) -> Path:
    """Where a file goes. The number of its attempt keeps names apart."""
    folder = path.parent / ("refused" if outcome == "rejected" else "done")
    return folder / f"{path.stem}.{number}{path.suffix}"


def make_room(path: Path) -> None:
    """See that a file can be put aside, before anything of it is stored: one that stays where it
    is would be looked at, and stored as refused, at every look.

    Raises NeedsPerson naming the folder.
    """
    for folder in (path.parent, path.parent / "done", path.parent / "refused"):
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise NeedsPerson(f"{folder} tidak dapat dibuat: {error.strerror}") from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise NeedsPerson(f"{folder} tidak dapat ditulisi: beri izin kepada proses jobs")


def put_aside(path: Path, outcome: str, number: int, problems: Iterable[str]) -> None:
    """Move a file whose outcome is stored to its place; beside a refused one, why it is."""
    its = place(path, outcome, number)
    path.rename(its)
    if outcome == "rejected":
        _reasons(its).write_text("".join(f"{each}\n" for each in problems), encoding="utf-8")


def was_put_aside(path: Path, outcome: str, number: int) -> bool:
    """Whether a file with this outcome got to its place: then one of its name and content that
    lies here has been put here again. Otherwise we were stopped before it was moved.

    A refused file may have been taken out of its place to be put here; its reasons stay.
    """
    its = place(path, outcome, number)
    return its.exists() or _reasons(its).exists()


def _reasons(its: Path) -> Path:
    return its.with_name(f"{its.name}.sebab.txt")
