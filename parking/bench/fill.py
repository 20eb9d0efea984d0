"""Fill a database with invented days, by COPY."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from adbc_driver_postgresql import dbapi
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from parking.bench import store
from parking.bench.invented_day import ACCOUNT, CLOSES, GATEWAY, MOMENT, OPENS, InventedDay
from parking.business_day import day_starts
from parking.database import migrate
from parking.database.engine import driver_url

AT_ONCE = 100_000  # rows of a day that are in memory

IMPORT = """
INSERT INTO import_batch (id, gateway, account, file_name, sha256, content, at, actor, outcome,
                          report_day, version, line_count, gross, fee, net, problems)
VALUES (:id, :gateway, :account, :name, :name, '', :at, 'bench', 'accepted', :day, 1, :lines,
        0, 0, 0, '[]')
"""


def fill(url: str, days: Sequence[InventedDay]) -> None:
    """Put days into an empty database: `url` is a superuser's, as of the private PostgreSQL."""
    migrate.upgrade(url)
    engine = create_engine(driver_url(url), pool_size=1)
    with Session(engine) as session, session.begin():
        store.add_city(session, days[0].shifts, day_starts(days[0].day))
        for day in days:
            session.execute(text(IMPORT), _file(day))
    with dbapi.connect(url) as connection:
        with connection.cursor() as cursor:
            # What is invented fits together; to look up each foreign key would take most of
            # the time.
            cursor.execute("SET session_replication_role = replica")
        for day in days:
            _copy_day(connection, day)
        connection.commit()
    # As autovacuum leaves tables in which rows stand for a while.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
    engine.dispose()


def _file(day: InventedDay) -> Mapping[str, object]:
    return {
        "id": day.number + 1, "gateway": GATEWAY, "account": ACCOUNT, "lines": day.rows,
        "name": f"settlement-{day.day}.csv", "at": day_starts(day.day), "day": day.day,
    }  # fmt: skip


def _copy_day(connection: dbapi.Connection, day: InventedDay) -> None:
    qris, cash = np.zeros(day.shifts, "int64"), np.zeros(day.shifts, "int64")
    for piece in day.pieces(AT_ONCE):
        for table, rows in piece.tables().items():
            _copy(connection, table, rows)
        said_qris, said_cash = piece.declared()
        qris, cash = qris + said_qris, cash + said_cash
    _copy(connection, "shift", _shifts(day, qris, cash))


def _shifts(day: InventedDay, qris: np.ndarray, cash: np.ndarray) -> pa.Table:
    attendant = np.arange(1, day.shifts + 1)

    def all_at(moment: datetime) -> pa.Array:
        return pa.repeat(pa.scalar(moment.astimezone(UTC), MOMENT), day.shifts)

    return pa.table(
        {
            "id": day.number * day.shifts + attendant, "attendant_id": attendant,
            "point_id": attendant, "assignment_id": attendant, "device_id": attendant,
            "opened_at": all_at(day_starts(day.day) + OPENS),
            "business_day": pa.repeat(pa.scalar(day.day), day.shifts),
            "closed_at": all_at(day_starts(day.day) + CLOSES),
            "declared_cash": cash, "declared_qris": qris,
        }
    )  # fmt: skip


def _copy(connection: dbapi.Connection, table: str, rows: pa.Table) -> None:
    with connection.cursor() as cursor:
        cursor.adbc_ingest(table, rows, mode="append")
