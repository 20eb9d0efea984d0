"""`parking mappings`: how settlement files of banks and gateways are described."""

import json
import os
from pathlib import Path

import click
from config.settings import SHIPPED_MAPPINGS

from parking.gateways.find_mapping import Mappings, mapping_in
from parking.gateways.report_mapping import BadMapping


@click.group()
def mappings() -> None:
    """Descriptions of settlement files: those that come along, and your own.

    Example: parking mappings list
    """


@mappings.command("list")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
def list_mappings(as_json: bool) -> None:
    """Every mapping by its name, where it lies and what it is for.

    Your own lie in mappings/ under VAR_DIR; one of the same name wins over ours.

    Example: parking mappings list
    """
    own = Path(os.environ.get("VAR_DIR", "var")) / "mappings"
    known = Mappings((own, SHIPPED_MAPPINGS))
    for name in known.names():
        about = _about(known, name)
        path = known.path(name)
        told = {"name": name, "about": about, "path": str(path)}
        click.echo(json.dumps(told, ensure_ascii=False) if as_json else f"{name}: {about} ({path})")


def _about(known: Mappings, name: str) -> str:
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
    found = mapping_in(file)
    click.echo(f"{file.name}: {found.mapping.about}")
