"""`parking close`: whether a day may be closed, and what is in its way. People sign on the web."""

import json
import sys
from datetime import datetime, timedelta

import click

from parking.business_day import business_day
from parking.cli.machine import running_parts
from parking.reconciliation.closing import close as closing
from parking.reconciliation.closing.readiness import DayFacts, blockers


@click.command()
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="without it, yesterday")
@click.option("--json", "as_json", is_flag=True, help="one JSON object on stdout")
def close(day: datetime | None, as_json: bool) -> None:
    """Say whether a day is ready to be closed; exit code 1 when something is in the way.

    Example: parking close --date 2026-11-23
    """
    with running_parts() as parts:
        now = parts.clock.now()
        asked = day.date() if day else business_day(now) - timedelta(days=1)
        with parts.sessions() as session:
            facts = closing.facts_of(session, asked, now)
    in_the_way = blockers(facts) if facts.closed is None else []
    if as_json:
        click.echo(json.dumps(_told(facts), ensure_ascii=False))
    else:
        click.echo(f"{asked} {facts.standing}")
        for blocker in in_the_way:
            click.echo(f"  {blocker.text}")
    sys.exit(1 if in_the_way else 0)


def _told(facts: DayFacts) -> dict[str, object]:
    closed = facts.closed
    return {
        "date": facts.day.isoformat(),
        "standing": facts.standing,
        "in_the_way": [blocker.text for blocker in blockers(facts)] if closed is None else [],
        "files": {f.source: "here" if f.has_come else f.reason or "missing" for f in facts.files},
        "open_cases": facts.open_cases,
        "hash": closed.hash if closed else None,
        "corrections_after": closed.later if closed else None,
    }
