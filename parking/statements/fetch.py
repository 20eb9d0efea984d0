"""Fetch files from another party's server into the watched folder of their kind.

    listed ─► as in the last visit? ─► part file ─► noted ─► renamed into the folder ─► placed
              no: it may still grow                  │
                                                     └─ a stop from here on: the next visit renames

Nothing is changed or deleted there, so what was fetched is known from our table alone. A file
whose size or time changed is fetched again: it is a re-issue, and taking it in decides what of it.
"""

import hashlib
import os
import re
import time
from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

import structlog
from config.sources import Source
from sqlalchemy.orm import Session, sessionmaker

from parking.errors import NeedsPerson
from parking.statements import fetch_store, watch, watch_statements
from parking.statements.fetch_store import Fetched
from parking.statements.read_file import LARGEST
from parking.statements.sftp import Listed, Remote, visiting

log = structlog.get_logger()

LONGEST_STEM = 80
FETCHING_S = 300.0  # then the rest is left for the next visit


class TooLarge(NeedsPerson):
    """A file that no report of a day can be."""


class Fetcher:
    """One source. Between two visits it remembers how each file looked, to see which still grow."""

    def __init__(self, source: Source, var: Path) -> None:
        self._source = source
        self._folder = var / "incoming" / source.into
        # What nobody takes in by its ending would lie there unseen.
        is_settlement = source.kind == "settlement"
        self._suffixes = watch.SUFFIXES if is_settlement else watch_statements.SUFFIXES
        self._parts = var / "fetching" / source.name  # of the same disk, and no watched folder
        self._seen: dict[str, Listed] = {}

    def visit(self, sessions: sessionmaker[Session], epoch: int, now: datetime) -> list[str]:
        """The names under which new files lie in the watched folder now.

        Raises HostKeyRefused, NotLetIn, SourceAway; TooLarge when the others are fetched.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._parts.mkdir(parents=True, exist_ok=True)
        self._finish(sessions, now)
        until = time.monotonic() + FETCHING_S
        with sessions() as session:
            known = fetch_store.newest(session, self._source.name)
        placed: list[str] = []
        with visiting(self._source) as remote:
            listed = [file for file in remote.files() if self._is_wanted(file)]
            due = [file for file in listed if self._is_due(file, known.get(file.name))]
            for file in sorted(due, key=lambda f: (f.modified_s, f.name)):
                if time.monotonic() < until and file.size <= LARGEST:
                    placed += self._fetch(remote, file, known.get(file.name), sessions, epoch, now)
        self._seen = {file.name: file for file in listed}
        if large := [file.name for file in listed if file.size > LARGEST]:
            raise TooLarge(f"{self._source.name}: larger than {LARGEST} bytes: {large[:5]}")
        return placed

    def _is_wanted(self, file: Listed) -> bool:
        return (
            not file.name.startswith(".")
            and file.name.lower().endswith(self._suffixes)
            and fnmatchcase(file.name, self._source.pattern)
        )

    def _is_due(self, file: Listed, known: Fetched | None) -> bool:
        if known is not None and (known.size, known.modified_s) == (file.size, file.modified_s):
            return False
        return self._seen.get(file.name) == file

    def _fetch(
        self, remote: Remote, file: Listed, known: Fetched | None,
        sessions: sessionmaker[Session], epoch: int, now: datetime,
    ) -> Sequence[str]:  # fmt: skip
        part = self._parts / f"{epoch}.part"
        sha256, size = _write(remote, file, part)
        if size != file.size or not remote.looks_the_same(file):
            return ()  # it grew meanwhile
        name = local_name(file.name, sha256)
        is_new = known is None or known.sha256 != sha256
        if is_new:
            part.rename(self._parts / name)
            _to_disk(self._parts)
        with sessions.begin() as session:
            number = fetch_store.note(
                session, source=self._source.name, path=file.name, size=size,
                modified_s=file.modified_s, sha256=sha256, file_name=name, fetched_at=now,
                placed_at=None if is_new else now,
            )  # fmt: skip
        if not is_new:
            return ()
        self._place(Fetched(number, size, file.modified_s, sha256, name), sessions, now)
        log.info("file fetched", source=self._source.name, file=name, bytes=size)
        return (name,)

    def _finish(self, sessions: sessionmaker[Session], now: datetime) -> None:
        """Do what a stop has left undone, and throw away what was never noted."""
        with sessions() as session:
            left = fetch_store.unplaced(session, self._source.name)
        for fetched in left:
            self._place(fetched, sessions, now)
        for path in self._parts.iterdir():
            path.unlink(missing_ok=True)

    def _place(self, fetched: Fetched, sessions: sessionmaker[Session], now: datetime) -> None:
        """Into the watched folder, once: the part is gone as soon as the file lies there."""
        part = self._parts / fetched.file_name
        if part.exists():
            part.rename(self._folder / fetched.file_name)
            _to_disk(self._folder)
        with sessions.begin() as session:
            fetch_store.note_placed(session, fetched.id, now)


def local_name(name: str, sha256: str) -> str:
    """What a file is called here. What they call it names no path of ours.

    >>> local_name("../../etc/Lap 1.CSV", "ab" * 32)
    'etc_Lap_1.abababababab.csv'
    """
    stem, _, suffix = name.rpartition(".")
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_")[:LONGEST_STEM]
    return f"{plain or 'file'}.{sha256[:12]}.{suffix.lower()}"


def _write(remote: Remote, file: Listed, part: Path) -> tuple[str, int]:
    """The file's hash and its size as it came."""
    digest, size = hashlib.sha256(), 0
    with part.open("wb") as out:
        for chunk in remote.read(file):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest(), size


def _to_disk(folder: Path) -> None:
    """A rename outlives a power cut only when its folder is written too."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
