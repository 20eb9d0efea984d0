"""Files in a watched folder: which lie there whole, and where they go when they are done."""

from collections.abc import Collection, Iterable
from pathlib import Path
from time import sleep

# A file that grows within this time is still being written.
SETTLED_S = 0.2


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


def put_aside(path: Path, outcome: str, number: int) -> None:
    to = place(path, outcome, number)
    to.parent.mkdir(exist_ok=True)
    path.rename(to)
