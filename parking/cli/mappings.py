"""`parking mappings`: how settlement files and bank statements are described."""

import json
import os
import re
from pathlib import Path

import click
from config.settings import SHIPPED_MAPPINGS

from parking.gateways.find_mapping import Mappings, mapping_in
from parking.gateways.mapping_parts import BadMapping, M, Table
from parking.gateways.report_mapping import Mapping
from parking.gateways.statement_mapping import StatementMapping


@click.group()
def mappings() -> None:
    """Descriptions of settlement files and bank statements: those that come along, and your own.

    Example: parking mappings list
    """


@mappings.command("list")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
def list_mappings(as_json: bool) -> None:
    """Every mapping by its name, where it lies and what it is for.

    Your own lie in mappings/ under VAR_DIR, those of bank statements in mappings/statements/;
    one of the same name wins over ours.

    Example: parking mappings list
    """
    own = Path(os.environ.get("VAR_DIR", "var")) / "mappings"
    places = (own, SHIPPED_MAPPINGS)
    _list(Mappings(places, Mapping), as_json)
    _list(Mappings([place / "statements" for place in places], StatementMapping), as_json)


def _list(known: Mappings[M], as_json: bool) -> None:
    for name in known.names():
        about = _about(known, name)
        path = known.path(name)
        told = {"name": name, "about": about, "path": str(path)}
        click.echo(json.dumps(told, ensure_ascii=False) if as_json else f"{name}: {about} ({path})")


def _about(known: Mappings[M], name: str) -> str:
    try:
        return known.find(name).mapping.about
    except BadMapping as error:
        return f"cannot be used: {'; '.join(error.problems)}"


@mappings.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Whether the mapping FILE can be used. Exit code 1 with every wrong key if it cannot.

    Example: parking mappings check var/mappings/snap-jambi.yaml
    """
    is_statement = re.search(rb"^of: *statement\b", file.read_bytes(), re.MULTILINE)
    kind: type[Table] = StatementMapping if is_statement else Mapping
    click.echo(f"{file.name}: {mapping_in(file, kind).mapping.about}")
