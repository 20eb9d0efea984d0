"""`parking import statement`: a bank's statement of one of our accounts."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from parking.cli.machine import ACTOR, running_parts
from parking.errors import ParkingError
from parking.gateways.find_mapping import mapping_in
from parking.gateways.mapping_parts import NamedMapping
from parking.gateways.statement_mapping import StatementMapping
from parking.money import rupiah_text
from parking.parts import Parts
from parking.statements import bank_store
from parking.statements.bank_store import Taken
from parking.statements.look_at_statement import StatementPreview, as_json, look
from parking.statements.read_statement import (
    FORMATS,
    LARGEST,
    MAPPED,
    TOO_LARGE,
    mapping_for,
)
from parking.statements.take_in_statement import Attempt, reject
from parking.statements.take_in_statement import take_in as take_in_statement


@click.command()
@click.option("--account", "code", required=True, help="our code of the account, as in rkud")
@click.option("--format", "form", required=True, type=click.Choice(FORMATS))
@click.option(
    "--mapping",
    "named",
    help="how a CSV or XLSX is written: a name from `parking mappings list`, or a YAML file;"
    " else the one named after the account",
)
@click.option("--preview", is_flag=True, help="show how it is understood, and take nothing in")
@click.option("--json", "wants_json", is_flag=True, help="one JSON object on stdout")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def statement(
    code: str, form: str, named: str | None, preview: bool, wants_json: bool, file: Path
) -> None:
    """Take in the bank statement FILE: all of it, or nothing and every wrong line named.

    It must go on from the statements that are in. Lines that are in already add nothing,
    and neither does the same file again. Exit code 1 if it is refused.

    Example: parking import statement --account rkud --format mt940 rkud-2026-11-23.sta
    """
    with running_parts() as parts:
        with parts.sessions() as session:
            account = bank_store.account(session, code)
        mapping = _mapping(parts, form, code, named)
        now = parts.clock.now()
        is_large = file.stat().st_size > LARGEST
        content = b"" if is_large else file.read_bytes()
        attempt = Attempt(account, form, file.name, content, ACTOR, now)
        if preview:
            _show(look(parts.sessions, attempt, mapping) if not is_large else _LARGE, wants_json)
            return
        if is_large:
            taken = reject(parts.sessions, attempt, [TOO_LARGE[0], *TOO_LARGE[1]])
        else:
            taken = take_in_statement(parts.sessions, attempt, mapping)
    click.echo(json.dumps(asdict(taken), default=str) if wants_json else _told(taken))
    for problem in taken.problems:
        click.echo(problem, err=True)
    sys.exit(1 if taken.outcome == "rejected" else 0)


_LARGE = StatementPreview(refusal=TOO_LARGE[0], reasons=TOO_LARGE[1])


def _mapping(
    parts: Parts, form: str, code: str, named: str | None
) -> NamedMapping[StatementMapping] | None:
    """By a file, by a name, or the one of the account."""
    if named and form not in MAPPED:
        raise ParkingError(f"--mapping is for csv and xlsx; {form} needs none")
    if named and named.lower().endswith((".yaml", ".yml")):
        path = Path(named)
        if not path.is_file():
            raise ParkingError(f"no file {named!r}")
        return mapping_in(path, StatementMapping)
    return mapping_for(parts.statement_mappings, form, code, named)


def _show(seen: StatementPreview, wants_json: bool) -> None:
    if wants_json:
        click.echo(json.dumps(as_json(seen), ensure_ascii=False))
    else:
        for text in _lines_of(seen):
            click.echo(text)
        for reason in (seen.refusal, *seen.reasons):
            if reason:
                click.echo(reason, err=True)
    sys.exit(0 if seen.outcome != "rejected" else 1)


def _lines_of(seen: StatementPreview) -> Iterator[str]:
    for each in seen.seen:
        if each.line is not None:
            amount, balance = rupiah_text(each.line.amount), each.line.balance
            after = rupiah_text(balance) if balance is not None else ""
            yield f"{each.number:>5}  {each.line.booked_on}  {amount:>18}  {after:>18}  " + (
                each.line.text
            )
        else:
            yield f"{each.number:>5}  {'; '.join([*each.notes, *each.problems]) or 'salah'}"
    found = seen.statement
    if found is not None and seen.foreseen is not None:
        ends = [rupiah_text(b) if b is not None else "–" for b in (found.opening, found.closing)]
        yield (
            f"{found.from_day} to {found.to_day}: {len(found.lines)} lines, balance {ends[0]} to"
            f" {ends[1]}; {seen.outcome}, {len(seen.foreseen.joined.added)} new"
        )


def _told(taken: Taken) -> str:
    return (
        f"{taken.file_name}: {taken.outcome}, statement {taken.id}, {taken.from_day} to"
        f" {taken.to_day}, {taken.line_count} lines, {taken.added} new"
    )
