"""`parking import`: files from outside."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from parking.business_day import business_day
from parking.cli.machine import running_parts
from parking.errors import ParkingError
from parking.gateways.protocol import Gateway
from parking.parts import Parts
from parking.statements.store import Import
from parking.statements.take_in import Attempt
from parking.statements.take_in import take_in as take_in_file

ACTOR = "user:shell"


@click.group()
def take_in() -> None:
    """Take in files from gateways.

    Example: parking import settlement --gateway midtrans report.csv
    """


@take_in.command()
@click.option("--gateway", required=True, help="which gateway made the file, as in midtrans")
@click.option("--account", help="our short name of the merchant account; needed if there are two")
@click.option("--json", "as_json", is_flag=True, help="one JSON object on stdout")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def settlement(gateway: str, account: str | None, as_json: bool, file: Path) -> None:
    """Take in the settlement report FILE: all of it, or nothing and every wrong line named.

    Taking in the same file again adds nothing. Exit code 1 if it is refused.

    Example: parking import settlement --gateway midtrans settlement-2026-11-23.csv
    """
    with running_parts() as parts:
        found = _gateway(parts, gateway, account)
        attempt = Attempt(
            gateway, found.merchant.account, file.name, file.read_bytes(), ACTOR, parts.clock.now()
        )
        taken = take_in_file(parts.sessions, found, attempt)
    click.echo(json.dumps(asdict(taken), default=str) if as_json else _line(taken))
    for problem in taken.problems:
        click.echo(problem, err=True)
    sys.exit(1 if taken.outcome == "rejected" else 0)


def _gateway(parts: Parts, gateway: str, account: str | None) -> Gateway:
    if account is None:
        today = business_day(parts.clock.now())
        accounts = [
            used.merchant.account
            for used in parts.gateways.in_use(today)
            if used.merchant.gateway == gateway
        ]
        if not accounts:
            raise ParkingError(f"We have no account at {gateway!r}: enter one at /admin/accounts")
        if len(accounts) > 1:
            names = ", ".join(accounts)
            raise ParkingError(f"Several accounts at {gateway}: name one with --account ({names})")
        account = accounts[0]
    found = parts.gateways.find(gateway, account)
    if found is None:
        raise ParkingError(f"no account {account!r} at gateway {gateway!r}")
    return found


def _line(taken: Import) -> str:
    return (
        f"{taken.file_name}: {taken.outcome}, import {taken.id}, report of {taken.report_day}"
        f" version {taken.version}, {taken.line_count} lines, gross {taken.gross}"
    )
