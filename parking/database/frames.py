"""Bulk reads: from PostgreSQL through ADBC into Arrow-backed frames, all in one snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from typing import Any, Final

import pandas as pd
import pyarrow as pa
from adbc_driver_postgresql import dbapi
from sqlalchemy import text
from sqlalchemy.orm import Session

from parking.database.engine import APP_ROLE

TEXT: Final = "string[pyarrow]"
WHOLE: Final = "int64[pyarrow]"
FLAG: Final = "bool[pyarrow]"
DAY: Final = "date32[day][pyarrow]"
MOMENT: Final = "timestamp[us, tz=UTC][pyarrow]"

Columns = Mapping[str, str]


READERS = 2  # connections at once: one is parsed here while PostgreSQL works for the other


class Snapshot:
    """The database as it was at one moment, whatever is written meanwhile."""

    def __init__(self, connections: Sequence[dbapi.Connection], threads: ThreadPoolExecutor):
        self._threads = threads
        self._free: SimpleQueue[dbapi.Connection] = SimpleQueue()
        for connection in connections:
            self._free.put(connection)

    def frame(self, query: str, columns: Columns, values: Sequence[Any] = ()) -> pd.DataFrame:
        """What a query gives, cast to these columns: an empty result has them too.

        `values` stand for $1, $2, … in the query.
        """
        connection = self._free.get()
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, list(values) or None)
                table: pa.Table = cursor.fetch_arrow_table()
        finally:
            self._free.put(connection)
        return pd.DataFrame({name: _column(table, name, of) for name, of in columns.items()})

    def soon(
        self, query: str, columns: Columns, values: Sequence[Any] = ()
    ) -> "Future[pd.DataFrame]":
        """The same, beside what else is done meanwhile; begun in the order of asking."""
        return self._threads.submit(self.frame, query, columns, values)


def _column(table: pa.Table, name: str, of: str) -> pd.Series:
    """One at a time, so that no second copy of a whole frame stands beside the first."""
    kind = pd.api.types.pandas_dtype(of)
    return pd.Series(pd.arrays.ArrowExtensionArray(table[name])).astype(kind)


@contextmanager
def snapshot(session: Session) -> Iterator[Snapshot]:
    """Bulk reads beside a session, which sees the very same moment.

    The session must be fresh: its transaction begins here, and reads only.
    """
    own = session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    shared = own.scalar(text("SELECT pg_export_snapshot()"))
    url = own.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with ExitStack() as held:
        connections = [held.enter_context(_sharing(url, shared)) for _ in range(READERS)]
        threads = held.enter_context(ThreadPoolExecutor(READERS, "snapshot"))
        yield Snapshot(connections, threads)


@contextmanager
def _sharing(url: str, shared: str) -> Iterator[dbapi.Connection]:
    """A connection that sees what the transaction saw that exported this snapshot."""
    with dbapi.connect(url) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(f"SET TRANSACTION SNAPSHOT '{shared}'")
            cursor.execute(f"SET LOCAL ROLE {APP_ROLE}")
            cursor.execute("SET LOCAL timezone TO 'UTC'")
        yield connection
        connection.rollback()
