"""`parking verify-chain`: is the audit log what was sealed?"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict

import click

from parking.audit import store
from parking.audit.verify import Verdict, verify
from parking.cli.machine import running_parts


@click.command("verify-chain")
@click.option("--anchor", metavar="HASH", help="A head printed earlier, which must still be there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def verify_chain(anchor: str | None, as_json: bool) -> None:
    """Walk along the audit log and name the first event that is not what was sealed.

    Prints the head of the chain: write it down where nobody of this machine reaches
    it, and give it back with --anchor another day. Exit code 1 if the chain is broken.

    \b
    Examples:
      parking verify-chain
      parking verify-chain --json --anchor 5f2d…c07a
    """
    with running_parts(statement_timeout_s=3600) as parts, parts.sessions() as session:
        verdict = verify(session, anchor, _progress(store.count_events(session)))
    click.echo(json.dumps(asdict(verdict)) if as_json else _sentence(verdict))
    sys.exit(1 if verdict.broken else 0)


def _progress(length: int) -> Callable[[int], object]:
    """What to call with the number of events walked; it draws when stderr is a terminal."""
    bar = click.progressbar(
        length=length, label="events", file=sys.stderr, hidden=not sys.stderr.isatty()
    )
    return bar.update


def _sentence(verdict: Verdict) -> str:
    if verdict.broken and verdict.broken.seq:
        return f"BROKEN at event {verdict.broken.seq}: {verdict.broken.why}"
    if verdict.broken:
        return f"BROKEN: {verdict.broken.why}"
    return f"ok: {verdict.sealed} sealed, {verdict.unsealed} waiting, head {verdict.head}"
