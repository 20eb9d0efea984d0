"""Bulk reads: from PostgreSQL through ADBC into Arrow-backed frames, all in one snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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


class Snapshot:
    """The database as it was at one moment, whatever is written meanwhile."""

    def __init__(self, connection: dbapi.Connection) -> None:
        self._connection = connection

    def frame(self, query: str, columns: Columns, values: Sequence[Any] = ()) -> pd.DataFrame:
        """What a query gives, cast to these columns: an empty result has them too.

        `values` stand for $1, $2, … in the query.
        """
        with self._connection.cursor() as cursor:
            cursor.execute(query, list(values) or None)
            table: pa.Table = cursor.fetch_arrow_table()
        frame = table.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)
        return frame[list(columns)].astype(dict(columns))


@contextmanager
def snapshot(session: Session) -> Iterator[Snapshot]:
    """Bulk reads beside a session, which sees the very same moment.

    The session must be fresh: its transaction begins here, and reads only.
    """
    own = session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    shared = own.scalar(text("SELECT pg_export_snapshot()"))
    url = own.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with dbapi.connect(url) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(f"SET TRANSACTION SNAPSHOT '{shared}'")
            cursor.execute(f"SET LOCAL ROLE {APP_ROLE}")
            cursor.execute("SET LOCAL timezone TO 'UTC'")
        yield Snapshot(connection)
        connection.rollback()
