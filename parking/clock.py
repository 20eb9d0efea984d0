"""The one place where time enters. Everything below an edge takes a moment as an argument."""

import mmap
import struct
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

_MICROSECONDS = struct.Struct("<q")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class DrivenClock:
    """A clock that the demo drives, shared by its processes through a small file.

    The file holds the microseconds since 1970 that all of them should read, or 0
    for the machine's own time. Settings allow it in the demo alone.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_MICROSECONDS.pack(0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _MICROSECONDS.size)

    def now(self) -> datetime:
        (driven,) = _MICROSECONDS.unpack_from(self._shared)
        return datetime.fromtimestamp(driven / 1e6 if driven else time.time(), UTC)

    @property
    def is_driven(self) -> bool:
        """Whether it reads a moment that was set, not the machine's own time."""
        return self._shared[:] != _MICROSECONDS.pack(0)

    def drive(self, moment: datetime) -> None:
        """From now on every process of the demo reads this moment."""
        _MICROSECONDS.pack_into(self._shared, 0, int(moment.timestamp() * 1_000_000))

    def release(self) -> None:
        """From now on every process of the demo reads the machine's own clock."""
        _MICROSECONDS.pack_into(self._shared, 0, 0)
