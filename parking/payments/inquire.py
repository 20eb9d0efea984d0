"""Ask gateways about charges: for callbacks that prove too little, or never came."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.charges import store as charge_store
from parking.charges.charge import Charge
from parking.database.engine import ALREADY_THERE, is_down, retried
from parking.errors import GatewayRefused, GatewayUnreadable, NotFound, ParkingError
from parking.gateways.protocol import Evidence, Gateway, Reference
from parking.payments import store
from parking.payments.apply import apply_answers
from parking.payments.store import Due

log = structlog.get_logger()

Find = Callable[[str, str], Gateway | None]

# Charges asked about before what was learned is applied: a driver waits for all of his batch.
BATCH = 20
# Inquiries under way at the same time. With an answer in 0.3 s and two to an inquiry that is 7 a
# second; Xendit lets 10 a second pass (gateways.md 2).
AT_ONCE = 4
REFS_AN_ORDER = 3  # payments in doubt that are asked about; more of one order is an attack


@dataclass(slots=True)
class Answers:
    """What was learned of some charges."""

    said: list[Evidence] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)  # orders of which they know nothing
    unreachable: list[str] = field(default_factory=list)


def sweep(sessions: sessionmaker[Session], find: Find, now: datetime) -> int:
    """Ask about every charge that is due, and apply the answers; how many were asked.

    Charges whose QR nobody has seen come first. No transaction is open while a
    gateway thinks. An account that does not answer is left alone until the next
    sweep, and the charge that it did not answer is tried again in a minute.
    """
    asked, silent_accounts = 0, set[tuple[str, str]]()
    while True:
        with sessions() as session:
            due = store.due_charges(session, now, BATCH, silent_accounts)
            if not due:
                return asked
            doubts = store.refs_in_doubt(session, [d.ours for d in due])
        answers = _ask_all(due, doubts, find, silent_accounts)
        _apply(sessions, answers, now)
        asked += len(due)
        if len(due) < BATCH:
            return asked


def ask_now(sessions: sessionmaker[Session], find: Find, ours: str, now: datetime) -> Charge:
    """Ask about one charge because somebody waits; the charge after the answer is applied.

    Raises NotFound, and what the gateway's adapter raises: then nothing has changed.
    """
    with sessions() as session:
        charge = charge_store.by_ours(session, ours)
        doubts = store.refs_in_doubt(session, [ours])
    gateway = _found(find, (charge.gateway, charge.account))
    said = _ask(gateway, Due(ours, charge.theirs, charge.gateway, charge.account), doubts)
    _apply(sessions, Answers(said, [] if said else [ours]), now)
    with sessions() as session:
        return charge_store.by_ours(session, ours)


def _ask_all(
    due: Sequence[Due],
    doubts: Mapping[str, Collection[str]],
    find: Find,
    silent_accounts: set[tuple[str, str]],
) -> Answers:
    """Ask about charges, a few at a time; accounts that do not answer join the silent ones."""
    answers = Answers()

    def ask(charge: Due) -> None:
        account = (charge.gateway, charge.account)
        if account in silent_accounts:
            return
        try:
            said = _ask(_found(find, account), charge, doubts)
        except ParkingError as error:
            log.warning("inquiry failed", ours=charge.ours, why=str(error))
            answers.unreachable.append(charge.ours)
            if not isinstance(error, GatewayRefused | GatewayUnreadable):
                silent_accounts.add(account)
        else:
            answers.said.extend(said)
            answers.silent.extend([] if said else [charge.ours])

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(ask, due))
    return answers


def _found(find: Find, account: tuple[str, str]) -> Gateway:
    gateway = find(*account)
    if gateway is None:
        raise NotFound(f"Tidak ada rekening merchant {'/'.join(account)}")
    return gateway


def _ask(gateway: Gateway, due: Due, doubts: Mapping[str, Collection[str]]) -> list[Evidence]:
    """All they know of a charge, and of each payment that a callback named for it."""
    refs = sorted(set(doubts.get(due.ours, ())) - {due.theirs})[:REFS_AN_ORDER]
    references = [Reference(due.ours, due.theirs), *(Reference(due.ours, ref) for ref in refs)]
    said = (evidence for reference in references for evidence in gateway.inquire(reference))
    return list({(e.payment_ref, e.state): e for e in said}.values())


def _apply(sessions: sessionmaker[Session], answers: Answers, now: datetime) -> None:
    """Apply answers together; if that fails, each charge's in a transaction of its own."""
    try:
        _apply_these(sessions, answers, now)
    except Exception as error:  # whatever one answer does to the batch, the others go on
        if is_down(error):
            raise
        for ours in dict.fromkeys([*(e.ours for e in answers.said), *answers.silent]):
            _apply_one(sessions, ours, [e for e in answers.said if e.ours == ours], now)
        _apply_these(sessions, Answers(unreachable=answers.unreachable), now)


def _apply_one(
    sessions: sessionmaker[Session], ours: str, said: list[Evidence], now: datetime
) -> None:
    try:
        _apply_these(sessions, Answers(said, [] if said else [ours]), now)
    except Exception as error:
        if is_down(error):
            raise
        log.exception("answer not applied", ours=ours)
        _apply_these(sessions, Answers(unreachable=[ours]), now)


def _apply_these(sessions: sessionmaker[Session], answers: Answers, now: datetime) -> None:
    apply = partial(
        apply_answers, answers=answers.said, silent=answers.silent,
        unreachable=answers.unreachable, now=now,
    )  # fmt: skip
    retried(sessions, apply, also=ALREADY_THERE)
