"""`parking import`: files from outside."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from parking.business_day import business_day
from parking.cli.machine import ACTOR, running_parts
from parking.cli.preview_text import lines_of
from parking.cli.take_in_statement import statement
from parking.errors import ParkingError
from parking.gateways.find_mapping import mapping_in
from parking.gateways.mapping_parts import NamedMapping
from parking.gateways.protocol import Gateway
from parking.gateways.report_mapping import Mapping
from parking.parts import Parts
from parking.statements.look import look
from parking.statements.preview import Preview
from parking.statements.preview import as_json as as_json_of
from parking.statements.read_file import LARGEST, mapping_for
from parking.statements.store import Import
from parking.statements.take_in import Attempt
from parking.statements.take_in import take_in as take_in_file

SUMS = ("line_count", "gross", "fee", "net")


@click.group()
def take_in() -> None:
    """Take in files from gateways and banks.

    Example: parking import settlement --gateway midtrans report.csv
    """


take_in.add_command(statement)


@take_in.command()
@click.option("--gateway", required=True, help="which gateway made the file, as in midtrans")
@click.option("--account", help="our short name of the merchant account; needed if there are two")
@click.option(
    "--mapping",
    "named",
    help="how the file is written: a name from `parking mappings list`, or a YAML file;"
    " else <gateway>-<account>, or the gateway's own way",
)
@click.option("--preview", is_flag=True, help="show how it is understood, and take nothing in")
@click.option("--json", "as_json", is_flag=True, help="one JSON object on stdout")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def settlement(
    gateway: str, account: str | None, named: str | None, preview: bool, as_json: bool, file: Path
) -> None:
    """Take in the settlement report FILE: all of it, or nothing and every wrong line named.

    Taking in the same file again adds nothing. Exit code 1 if it is refused.

    Example: parking import settlement --gateway midtrans settlement-2026-11-23.csv
    """
    with running_parts() as parts:
        found = _gateway(parts, gateway, account)
        mapping = _mapping(parts, found, named)
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        now = parts.clock.now()
        attempt = Attempt(gateway, found.merchant.account, file.name, content, ACTOR, now)
        if preview:
            _preview(look(parts.sessions, found, attempt, mapping), as_json)
            return
        taken = take_in_file(parts.sessions, found, attempt, mapping)
    if as_json:
        told = {"outcome": _outcome(taken), "imports": [asdict(each) for each in taken]}
        told |= {key: sum(getattr(i, key) for i in taken) for key in SUMS}
        click.echo(json.dumps(told, default=str))
    for each in taken:
        if not as_json:
            click.echo(_line(each))
        for problem in each.problems:
            click.echo(problem, err=True)
    sys.exit(1 if _outcome(taken) == "rejected" else 0)


def _mapping(parts: Parts, gateway: Gateway, named: str | None) -> NamedMapping[Mapping] | None:
    """By a file, by a name, or the one of the account."""
    if named and named.lower().endswith((".yaml", ".yml")):
        path = Path(named)
        if not path.is_file():
            raise ParkingError(f"no file {named!r}")
        return mapping_in(path, Mapping)
    merchant = gateway.merchant
    return mapping_for(parts.mappings, merchant.gateway, merchant.account, named)


def _preview(seen: Preview, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(as_json_of(seen), ensure_ascii=False))
    else:
        for text in lines_of(seen):
            click.echo(text)
        for reason in (seen.refusal, *seen.reasons, *(day.problem for day in seen.days)):
            if reason:
                click.echo(reason, err=True)
    sys.exit(0 if seen.is_acceptable else 1)


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


def _outcome(taken: Sequence[Import]) -> str:
    """Of a whole file: it is a duplicate when each of its days is."""
    outcomes = {each.outcome for each in taken}
    return next(word for word in ("rejected", "accepted", "duplicate") if word in outcomes)


def _line(taken: Import) -> str:
    return (
        f"{taken.file_name}: {taken.outcome}, import {taken.id}, report of {taken.report_day}"
        f" version {taken.version}, {taken.line_count} lines, gross {taken.gross}"
    )
