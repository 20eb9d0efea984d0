"""`parking gateways`: are our accounts at the gateways reachable, and do they know us?"""

import json
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import click
import structlog

from parking.business_day import business_day
from parking.cli.machine import running_parts
from parking.errors import ParkingError
from parking.gateways.probe import Reached, probe
from parking.parts import Parts, access, connected
from parking.registry import store as registry
from parking.registry.facts import MerchantAccount

log = structlog.get_logger()

PUBLISHED = "as the provider publishes it"
CANNOT = "cannot be used"  # before anybody is asked: no key, or not for this machine


@dataclass(frozen=True, slots=True)
class Found:
    """A merchant account as it was found."""

    account: str  # "midtrans/jambi"
    environment: str
    address: str
    key_name: str
    has_key: bool
    outcome: str  # "good", or what is wrong
    says: str
    took_ms: int | None  # None where nobody was asked

    @property
    def is_good(self) -> bool:
        return self.outcome == Reached.GOOD


@click.group()
def gateways() -> None:
    """Our merchant accounts at the payment gateways.

    Example: parking gateways check
    """


@gateways.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def check(as_json: bool) -> None:
    """Ask every merchant account in use about an order that nobody has.

    Says of each whether its key is there, whether it is for this machine, whether it can
    be reached by a certificate that one may trust, and whether it knows us. Exit code 1
    if one of them is not good, or there is none.

    \b
    Examples:
      parking gateways check
      parking gateways check --json
    """
    with running_parts() as parts:
        found = check_all(parts)
    is_good = bool(found) and all(each.is_good for each in found)
    if as_json:
        click.echo(json.dumps({"ok": is_good, "accounts": [asdict(each) for each in found]}))
    else:
        click.echo("\n".join(_lines(found)))
    sys.exit(0 if is_good else 1)


def check_all(parts: Parts) -> Sequence[Found]:
    """Every account in use today, as it is found now; they are asked side by side."""
    with parts.sessions() as session:
        accounts = registry.merchant_accounts(session, business_day(parts.clock.now()))
    with ThreadPoolExecutor(max(1, min(len(accounts), 8))) as threads:
        return list(threads.map(lambda account: _checked(account, parts), accounts))


def tell_in_background(parts: Parts) -> threading.Thread:
    """Log a line for each account, and delay nobody: a gateway that is out keeps nothing
    from starting.
    """
    thread = threading.Thread(target=_tell, args=(parts,), daemon=True, name="gateways")
    thread.start()
    return thread


def _tell(parts: Parts) -> None:
    for each in check_all(parts):
        tell = log.info if each.is_good else log.error
        tell(
            "gateway", account=each.account, address=each.address, found=each.outcome,
            why=each.says, took_ms=each.took_ms,
        )  # fmt: skip


def _checked(account: MerchantAccount, parts: Parts) -> Found:
    merchant, way = account.merchant, access(account, parts.settings, parts.clock)
    outcome, says, took_ms = CANNOT, "", None
    try:
        found = probe(connected(account, parts.settings, parts.clock))
        outcome, says, took_ms = str(found.reached), found.says, found.took_ms
    except ParkingError as error:
        says = str(error)
    return Found(
        f"{merchant.gateway}/{merchant.account}", merchant.environment, way.url or PUBLISHED,
        account.key_name, bool(way.keys), outcome, says, took_ms,
    )  # fmt: skip


def _lines(found: Sequence[Found]) -> list[str]:
    if not found:
        return ["no merchant account is in use today: enter one at /admin/accounts"]
    lines = []
    for each in found:
        took = f"{each.took_ms} ms" if each.took_ms is not None else ""
        lines.append(f"{each.account:<24}{each.outcome:<18}{took:<10}{each.address}".rstrip())
        if each.says:
            lines.append(f"{'':<24}({each.says})")
    return lines
