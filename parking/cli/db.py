"""`parking db`: the schema, and copies of the database."""

import click

from parking.cli.machine import machine
from parking.database import migrate


@click.group()
def db() -> None:
    """The database's schema.

    Example: parking db upgrade
    """


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema to REVISION (default: the newest).

    Example: parking db upgrade
    """
    with machine() as settings:
        migrate.upgrade(settings.owner_url, revision)
    click.echo("schema is up to date", err=True)


@db.command()
@click.argument("revision", default="-1")
@click.confirmation_option(prompt="Tables and what is in them will be dropped. Go on?")
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION (default: one step; "base" empties it).

    Example: parking db downgrade --yes base
    """
    with machine() as settings:
        migrate.downgrade(settings.owner_url, revision)
    click.echo("schema was taken back", err=True)
