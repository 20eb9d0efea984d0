"""What the measurement of a day plants is what reconciliation names, wherever it runs."""

from datetime import date

import pytest
from click.testing import CliRunner
from parking.bench.fill import fill
from parking.bench.invented_day import CODE_OF, InventedDay
from parking.bench.reconcile import Size, measure
from parking.bench.servers import empty_database
from parking.cli.bench import bench
from parking.database.engine import driver_url
from sqlalchemy import create_engine, text

DAY = date(2026, 1, 5)
# Adding a foreign key anew makes the database look at every row.
LOOK_AGAIN = """
SELECT format('ALTER TABLE %1$s DROP CONSTRAINT %2$I; ALTER TABLE %1$s ADD CONSTRAINT %2$I %3$s',
              conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' ORDER BY conname
"""


def test_pandas_and_dask_find_everything_and_agree(owner_url):
    told = measure(owner_url, Size(rows=10_000, days=2), workers=[0, 2])

    assert (told["planted"], told["found"]) == (200, 200)
    assert (told["missed_by_code"], told["invented_by_code"]) == ({}, {})
    assert set(told["planted_by_code"]) == set(CODE_OF.values())
    assert told["identical"]
    assert told["core_ratio"] > 0
    assert told["peak_mib"] < 1_024


def test_what_is_filled_in_fits_together(owner_url):
    url = empty_database(owner_url, "bench_fits_together")
    days = [InventedDay(DAY, 0, 2_000), InventedDay(date(2026, 1, 6), 1, 2_000)]

    fill(url, days)

    engine = create_engine(driver_url(url), pool_size=1)
    with engine.begin() as connection:
        for statement in connection.scalars(text(LOOK_AGAIN)).all():
            connection.exec_driver_sql(statement)
        count = text("SELECT count(*), count(DISTINCT ours) FROM charge")
        assert tuple(connection.execute(count).one()) == (4_000, 4_000)
    engine.dispose()


def test_a_day_in_pieces_is_the_day_in_one():
    day = InventedDay(DAY, 3, 2_000)
    (whole,) = (piece.tables() for piece in day.pieces(2_000))
    parts = [piece.tables() for piece in day.pieces(700)]

    for name, table in whole.items():
        assert sum(part[name].num_rows for part in parts) == table.num_rows
        firsts = [part[name].slice(0, 3).to_pylist() for part in parts]
        rows = table.to_pylist()
        assert all(row in rows for rows_of in firsts for row in rows_of)


@pytest.mark.parametrize(
    "words",
    [("--engine", "pandas", "--workers", "2"), ("--rows", "100"), ("--engine", "spark")],
)
def test_sizes_that_make_no_sense_are_a_usage_error(words):
    assert CliRunner().invoke(bench, ["reconcile", *words]).exit_code == 2
