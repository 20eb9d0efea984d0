"""Bulk reads: from PostgreSQL through ADBC into Arrow-backed frames, all in one snapshot."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import lru_cache, partial
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
KEPT = 8  # databases; a worker of a province has one for each city


class Snapshot:
    """The database as it was at one moment, whatever is written meanwhile.

    With a second connection PostgreSQL works for one of them while what came by the other is
    made a frame of.
    """

    def __init__(
        self, here: dbapi.Connection, beside: dbapi.Connection | None, thread: ThreadPoolExecutor
    ) -> None:
        self._here, self._beside, self._thread = here, beside, thread

    def frame(self, query: str, columns: Columns, values: Sequence[Any] = ()) -> pd.DataFrame:
        """What a query gives, cast to these columns: an empty result has them too.

        `values` stand for $1, $2, … in the query.
        """
        return _frame(self._here, query, columns, values)

    def soon(
        self, query: str, columns: Columns, values: Sequence[Any] = ()
    ) -> Callable[[], pd.DataFrame]:
        """What gives the same. With a second connection it is read beside what is done
        meanwhile, one after another in order of asking; without one, when it is asked for.
        """
        if self._beside is None:
            return partial(self.frame, query, columns, values)
        return self._thread.submit(_frame, self._beside, query, columns, values).result


def _frame(
    connection: dbapi.Connection, query: str, columns: Columns, values: Sequence[Any]
) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(query, list(values) or None)
        table: pa.Table = cursor.fetch_arrow_table()
    return pd.DataFrame({name: _column(table, name, of) for name, of in columns.items()})


def _column(table: pa.Table, name: str, of: str) -> pd.Series:
    """One at a time, so that no second copy of a whole frame stands beside the first."""
    kind = pd.api.types.pandas_dtype(of)
    return pd.Series(pd.arrays.ArrowExtensionArray(table[name])).astype(kind)


@contextmanager
def snapshot(session: Session, *, beside: bool = True) -> Iterator[Snapshot]:
    """Bulk reads beside a session, which sees the very same moment.

    The session must be fresh: its transaction begins here, and reads only. `beside` reads by
    two connections at once.
    """
    own = session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    shared = own.scalar(text("SELECT pg_export_snapshot()"))
    url = own.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        _sharing(url, shared) as here,
        _sharing(url, shared) if beside else nullcontext() as second,
        ThreadPoolExecutor(1, "snapshot") as thread,
    ):
        yield Snapshot(here, second, thread)


@contextmanager
def _sharing(url: str, shared: str) -> Iterator[dbapi.Connection]:
    """A connection that sees what the transaction saw that exported this snapshot."""
    with _first(url).adbc_clone() as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(f"SET TRANSACTION SNAPSHOT '{shared}'")
            cursor.execute(f"SET LOCAL ROLE {APP_ROLE}")
            cursor.execute("SET LOCAL timezone TO 'UTC'")
            # Two connections and their reader keep the processors busy; a third hinders them.
            cursor.execute("SET LOCAL max_parallel_workers_per_gather TO 0")
        yield connection
        connection.rollback()


@lru_cache(maxsize=KEPT)
def _first(url: str) -> dbapi.Connection:
    """The first connection to a database, idle as long as the process: it has read all types that
    the database knows, which takes as long as a small day, and its clones have them from it.
    """
    return dbapi.connect(url, autocommit=True)
