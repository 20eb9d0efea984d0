"""`parking check`: do the invariants of money hold?"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from parking.cli.machine import running_parts
from parking.invariants.check import INVARIANTS, check_all
from parking.invariants.invariant import Verdict


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(as_json: bool) -> None:
    """Evaluate the money invariants M1 to M22 over one snapshot of the tables.

    Names the first rows at fault of each that is broken, and says which cannot be
    evaluated yet and why. Exit code 1 if one is broken.

    \b
    Examples:
      parking check
      parking check --json
    """
    with running_parts(statement_timeout_s=3600) as parts, parts.sessions() as session:
        bar = click.progressbar(
            length=len(INVARIANTS), label="invariants", file=sys.stderr,
            hidden=not sys.stderr.isatty(),
        )  # fmt: skip
        with bar:
            verdicts = check_all(session, parts.clock.now(), bar.update)
    broken = [v.code for v in verdicts if v.outcome == "broken"]
    if as_json:
        click.echo(json.dumps({"ok": not broken, "invariants": [asdict(v) for v in verdicts]}))
    else:
        click.echo("\n".join(_lines(verdicts)))
    sys.exit(1 if broken else 0)


def _lines(verdicts: Sequence[Verdict]) -> list[str]:
    lines = []
    for each in verdicts:
        lines.append(f"{each.code:<4}{each.outcome:<15}{each.says}")
        if each.why:
            lines.append(f"{'':<19}({each.why})")
        lines += [f"{'':<19}- {row}" for row in each.at_fault]
        if each.count > len(each.at_fault):
            lines.append(f"{'':<19}… {each.count} in all")
    return lines
