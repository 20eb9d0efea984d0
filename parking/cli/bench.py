"""`parking bench`: how fast it is, beside a peer from the same run."""

import json
from collections.abc import Mapping
from pathlib import Path

import click

from parking.bench import callbacks as measured
from parking.bench import others, store
from parking.bench import phones as waited
from parking.bench.notifications import notifications
from parking.cli.machine import machine, running_parts
from parking.errors import ParkingError


@click.group()
def bench() -> None:
    """Measurements. Each prints one JSON object.

    Example: parking bench callbacks
    """


@bench.command()
@click.option("--callbacks", "count", type=click.IntRange(10),
              help="default: 20000 of Midtrans, 10000 of SNAP, 2000 of Xendit")  # fmt: skip
@click.option("--peer-callbacks", default=6_000, show_default=True, help="the peer is slower")
@click.option("--gateway", type=click.Choice(["midtrans", "snap", "xendit"]), default="midtrans",
              show_default=True)  # fmt: skip
def callbacks(count: int | None, peer_callbacks: int, gateway: str) -> None:
    """Settlement notifications from first byte to posted, ours and the peer's (S1).

    The peer speaks Midtrans alone. A SNAP bank's are signed by RSA; Xendit's prove
    nothing and each is read again at a sandbox before it is posted.

    Makes databases of its own on the server and installs the peer under VAR_DIR.

    Example: parking bench callbacks --gateway snap
    """
    with machine() as settings:
        url, var = settings.owner_url, settings.var
        if gateway == "snap":
            figures: Mapping[str, object] = others.measure_snap(url, var, count or 10_000)
        elif gateway == "xendit":
            figures = others.measure_xendit(url, var, count or 2_000)
        else:
            figures = measured.measure(url, var, count or 20_000, peer_callbacks)
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
def phones(count: int, seconds: int, rate: float) -> None:
    """Phones that all show a QR, one payment each: from the gateway to LUNAS (S2).

    Example: parking bench phones
    """
    with machine() as settings:
        figures = waited.lunas(settings.owner_url, settings.var, count, seconds, rate)
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
