"""`parking sandbox`: a payment gateway that runs on this machine."""

import os
from pathlib import Path

import click
from config.settings import kept_environment

from parking.clock import Clock, DrivenClock, SystemClock
from parking.errors import ParkingError
from parking.sandbox.app import SandboxProcess
from parking.sandbox.certificate import self_signed
from parking.sandbox.config import SandboxConfig, default_merchants, read_merchants
from parking.sandbox.providers import PROVIDERS


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8010, show_default=True)
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path),
              help="What it remembers; default: sandbox.sqlite under VAR_DIR.")  # fmt: skip
@click.option("--notify-url", default="http://127.0.0.1:8000/callbacks/{gateway}/{account}",
              show_default=True, help="Where notifications go.")  # fmt: skip
@click.option("--merchants", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A JSON list of merchants instead of those invented for Jambi.")  # fmt: skip
@click.option("--tls", is_flag=True,
              help="HTTPS with a certificate that nobody signed; callers must refuse.")  # fmt: skip
def sandbox(
    host: str, port: int, state: Path | None, notify_url: str, merchants: Path | None, tls: bool
) -> None:
    """Payment gateways on this machine: their APIs for QRIS, a payer's page, faults to switch on.

    Their keys are those of the environment, as GATEWAY_KEY_MIDTRANS_JAMBI. With
    CLOCK_FILE it reads the demo's clock. What can go wrong is listed at /_sim/faults.

    Example: parking sandbox --port 8010 --state var/sandbox.sqlite
    """
    if os.environ.get("PARKING_ENV") == "production":
        raise ParkingError("The sandbox moves play money: not on a production machine")
    known = kept_environment(os.environ)
    try:
        chosen = read_merchants(merchants) if merchants else default_merchants(PROVIDERS, known)
    except ValueError as error:
        raise ParkingError(str(error)) from error
    file = os.environ.get("CLOCK_FILE")
    clock: Clock = DrivenClock(Path(file)) if file else SystemClock()
    path = (state or Path(os.environ.get("VAR_DIR", "var")) / "sandbox.sqlite").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    config = SandboxConfig(path, chosen, notify_url, clock)
    base = f"{'https' if tls else 'http'}://{host}:{port}"
    for name in PROVIDERS:
        click.echo(f"{name:<12} {base}/{name}")
    click.echo(f"Payer        {base}/payer")
    click.echo(f"Console      {base}/console")
    click.echo(f"Controls     {base}/_sim/faults")
    click.echo(f"Notifies     {notify_url}")
    certificate = self_signed(path.parent, host) if tls else None
    SandboxProcess(config, host, port, certificate).run()
