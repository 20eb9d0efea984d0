"""The shell: `parking COMMAND`. Data on stdout, messages on stderr, exit code 0, 1 or 2."""

import importlib
import sys

import click

from parking.errors import ParkingError

# Each command is imported when it is asked for: `parking qris inspect` needs no database.
COMMANDS = {
    "bench": "parking.cli.bench:bench",
    "check": "parking.cli.check:check",
    "close": "parking.cli.close:close",
    "db": "parking.cli.db:db",
    "demo": "parking.cli.demo:demo",
    "gateways": "parking.cli.gateways:gateways",
    "import": "parking.cli.take_in:take_in",
    "jobs": "parking.cli.processes:jobs",
    "mappings": "parking.cli.mappings:mappings",
    "qris": "parking.cli.qris:qris",
    "reconcile": "parking.cli.reconcile:reconcile",
    "sandbox": "parking.cli.sandbox:sandbox",
    "serve": "parking.cli.processes:serve",
    "users": "parking.cli.users:users_group",
    "verify-chain": "parking.cli.chain:verify_chain",
}


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        return getattr(importlib.import_module(module), attribute)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="parking-levies")
def parking() -> None:
    """Collects a city's parking levies by QRIS and proves where every rupiah went.

    Example: parking demo
    """


def main() -> None:
    """Run a command; a refusal of ours is one line and exit code 1, not a traceback."""
    try:
        parking()
    except ParkingError as error:
        problems = getattr(error, "problems", None) or ()
        if isinstance(problems, dict):
            problems = [f"{name}: {why}" for name, why in problems.items()]
        for line in (str(error), *problems):
            click.echo(line, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
