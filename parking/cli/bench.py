"""`parking bench`: how fast it is, beside a peer from the same run."""

import json
import sys
from pathlib import Path

import click

from parking.bench import callbacks as measured
from parking.bench import phones as waited
from parking.bench import reconcile as reconciled
from parking.bench import store
from parking.bench.notifications import notifications
from parking.cli.machine import machine, running_parts
from parking.errors import ParkingError

# How many, if nobody says: what is signed by RSA or read again takes longer.
USUAL = {"midtrans": 20_000, "snap": 10_000, "xendit": 2_000}


@click.group()
def bench() -> None:
    """Measurements. Each prints one JSON object.

    Example: parking bench callbacks
    """


@bench.command()
@click.option("--gateway", type=click.Choice(["midtrans", "snap", "xendit"]), default="midtrans",
              show_default=True)  # fmt: skip
@click.option("--callbacks", "count", type=click.IntRange(10),
              show_default="20000; snap 10000; xendit 2000")  # fmt: skip
@click.option("--peer-callbacks", default=6_000, show_default=True, help="the peer is slower")
def callbacks(gateway: str, count: int | None, peer_callbacks: int) -> None:
    """Settlement notifications from first byte to posted, ours and the peer's (S1).

    midtrans: each signed with the key we share. Beside a peer from the package index, which
    is installed under VAR_DIR; the ratio is ours to the peer's.

    snap: a plain bank signs each with its RSA key. verify_us is one verification.

    xendit: a token proves nothing of what is told, so that each payment is read again, from
    a sandbox that has as many paid codes and shares this machine. inquiries_per_s is how
    many were read a second. The time runs until every charge is paid.

    No peer exists for snap and xendit. Each makes databases of its own on the server.

    Example: parking bench callbacks --gateway snap
    """
    with machine() as settings:
        where = settings.owner_url, settings.var
        number = count or USUAL[gateway]
        match gateway:
            case "snap":
                figures = measured.snap(*where, number)
            case "xendit":
                figures = measured.xendit(*where, number)
            case _:
                figures = measured.midtrans(*where, number, peer_callbacks)
    click.echo(json.dumps(figures))


@bench.command()
@click.option("--charges", "count", default=10_000, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def prepare(count: int, out: Path) -> None:
    """Store pending charges in an empty database, and write their notifications to a file.

    One signed JSON body a line, for any load tool; POST them to
    /callbacks/midtrans/jambi.

    Example: parking bench prepare --charges 10000 --out notifications.jsonl
    """
    with running_parts() as parts:
        key = parts.settings.gateway_keys["MIDTRANS_JAMBI"][0]
        with parts.sessions.begin() as session:
            if store.has_charges(session):
                raise ParkingError("This database has charges: prepare fills an empty one")
            pending = store.add_pending(session, count, parts.clock.now())
        bodies = notifications(pending, key, parts.clock.now())
        out.write_text("".join(f"{body}\n" for body in bodies))
    click.echo(json.dumps({"charges": count, "file": str(out)}))


@bench.command()
@click.option("--phones", "count", default=500, show_default=True)
@click.option("--seconds", default=60, show_default=True, help="in which all of them are paid")
@click.option("--rate", default=20.0, show_default=True, help="taps a second beforehand")
@click.option("--gateway", type=click.Choice(["midtrans", "xendit"]), default="midtrans",
              show_default=True, help="xendit's callbacks are read again first")  # fmt: skip
def phones(count: int, seconds: int, rate: float, gateway: str) -> None:
    """Phones that all show a QR, one payment each: from the gateway to LUNAS (S2).

    Example: parking bench phones
    """
    with machine() as settings:
        figures = waited.lunas(settings.owner_url, settings.var, count, seconds, rate, gateway)
    click.echo(json.dumps(figures))


@bench.command()
@click.option("--rate", default=20.0, show_default=True, help="taps a second")
@click.option("--seconds", default=30, show_default=True)
def charges(rate: float, seconds: int) -> None:
    """From the tap to the QR's bytes (S3).

    Example: parking bench charges --rate 20
    """
    with machine() as settings:
        figures = waited.taps(settings.owner_url, settings.var, rate, seconds)
    click.echo(json.dumps(figures))


@bench.command()
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(2_000),
              help="charges a day, with as many callbacks and settlement lines")  # fmt: skip
@click.option("--engine", type=click.Choice(["pandas", "dask"]), default="pandas",
              show_default=True)  # fmt: skip
@click.option("--days", default=1, show_default=True, type=click.IntRange(1, 366))
@click.option("--cities", default=1, show_default=True, type=click.IntRange(1))
@click.option("--workers", multiple=True, type=click.IntRange(1, 64),
              help="Dask's, each a process; several are compared  [default: 2]")  # fmt: skip
def reconcile(rows: int, engine: str, days: int, cities: int, workers: tuple[int, ...]) -> None:
    """Days from tables to stored discrepancies, one row of a hundred wrong on purpose (S4, S6).

    Matching is compared with a bare join of the same frames by DuckDB. Makes a database
    of its own on the server, for which it must be a superuser. Exit code 1 if a fault
    was missed or invented, or results differ.

    Example: parking bench reconcile --engine dask --days 30 --rows 75000 --workers 1 --workers 2
    """
    if engine == "pandas" and workers:
        raise click.UsageError("--workers are Dask's: add --engine dask")
    size = reconciled.Size(rows, days, cities)
    with machine() as settings:
        figures = reconciled.measure(
            settings.owner_url, size, (workers or (2,)) if engine == "dask" else (0,)
        )
    click.echo(json.dumps({"engine": engine} | figures))
    if figures["missed"] or figures["invented"] or not figures.get("identical", True):
        sys.exit(1)
