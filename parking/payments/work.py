"""Work through the inbox: callbacks are kept first and applied here, in any order."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.charges import store as charge_store
from parking.database.engine import ALREADY_THERE, is_down, retried
from parking.errors import GatewayError
from parking.gateways.protocol import Callback, Evidence, Gateway
from parking.payments import store
from parking.payments.apply import apply_all
from parking.payments.decide import judged
from parking.payments.payment import Brought, Origin, Outcome
from parking.payments.store import WaitingCallback, Worked

log = structlog.get_logger()

Find = Callable[[str, str], Gateway | None]

BATCH = 500
ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
ORPHAN_GRACE = timedelta(minutes=15)  # then somebody has to look (D03)
PROMPTS = 30  # callbacks that wait for an inquiry at once: each costs a call with our key


def work_through(sessions: sessionmaker[Session], find: Find, now: datetime) -> int:
    """Apply every callback whose work is due; how many were worked on.

    Several may run at once. A callback that cannot be worked on is set aside with
    its reason and tried again later, and holds up nobody: when a batch fails, each
    of it is worked on in a transaction of its own.
    """
    done = 0
    while True:
        try:
            worked = retried(sessions, partial(_work_on, find=find, now=now))
        except Exception as error:  # whatever one callback does to the batch, the others go on
            if is_down(error):
                raise
            worked = _one_by_one(sessions, find, now)
        done += worked
        if worked < BATCH:
            return done


def _one_by_one(sessions: sessionmaker[Session], find: Find, now: datetime) -> int:
    with sessions() as session:
        waiting = store.due_callbacks(session, now, BATCH)
    for callback_id, attempts in waiting:
        try:
            one = partial(_work_on, find=find, now=now, only=callback_id)
            retried(sessions, one, also=ALREADY_THERE)
        except Exception as error:
            if is_down(error):
                raise
            log.exception("callback set aside", callback=callback_id, attempts=attempts + 1)
            reason = f"{type(error).__name__}: {error}"[:500]
            with sessions.begin() as session:
                store.mark_worked(session, [_again(callback_id, attempts, now, reason)], now)
    return len(waiting)


def _work_on(session: Session, find: Find, now: datetime, only: int | None = None) -> int:
    """Work on a batch, or on one callback, in this transaction."""
    waiting = store.waiting_callbacks(session, now, BATCH, only)
    worked, to_apply = [], []
    for callback in waiting:
        step = _read(session, find, callback, now)
        if isinstance(step, Worked):
            worked.append(step)
        else:
            to_apply.append((callback, step))
    room = PROMPTS - store.count_waiting(session, "UNVERIFIED", PROMPTS) if to_apply else 0
    outcomes = apply_all(session, [brought for _, brought in to_apply], now, prompts=room)
    for (callback, _), outcome in zip(to_apply, outcomes, strict=True):
        worked.append(_after(callback, outcome, now))
    store.mark_worked(session, worked, now)
    return len(waiting)


def _read(
    session: Session, find: Find, callback: WaitingCallback, now: datetime
) -> Brought | Worked:
    """The evidence of a callback, or what it came to without being applied."""
    if callback.state == "ORPHAN":
        return _ended(callback, "ESCALATED", "no charge of this name came up")
    gateway = find(callback.gateway, callback.account)
    if gateway is None:
        return _again(callback.id, callback.attempts, now, "no such account any more")
    try:
        evidence = gateway.read_callback(
            Callback(
                callback.path, json.loads(callback.headers), callback.body, callback.received_at
            )
        )
    except GatewayError as error:
        log.error("callback unreadable", callback=callback.id, why=str(error))
        return _ended(callback, "MALFORMED", str(error)[:500])
    if not evidence.ours:
        evidence = replace(evidence, ours=_ours(session, evidence))
    if callback.state == "UNVERIFIED":
        return _confirm(session, callback, evidence)
    return Brought(evidence, Origin.CALLBACK, callback_id=callback.id)


def _ours(session: Session, evidence: Evidence) -> str:
    """Our name of what a message calls by theirs alone; theirs again, if it is no charge of ours.

    Some banks leave ours out (gateways.md 3.6), and Xendit where it tells of a refund: that
    names the payment, which is not the QR by which the charge knows it.
    """
    theirs = evidence.gateway, evidence.account, evidence.payment_ref
    found = charge_store.named_by_them(session, *theirs) or store.order_of(session, *theirs)
    return found or evidence.payment_ref


def _confirm(session: Session, callback: WaitingCallback, evidence: Evidence) -> Brought | Worked:
    """What an inquiry made of a callback that proved nothing; while there is none, ask again."""
    kept = store.kept_evidence(session, callback.id, evidence.ours)
    if kept is None:
        return Brought(evidence, Origin.CALLBACK, callback_id=callback.id)
    evidence_id, seen_at = kept
    answers = store.answers_after(session, evidence.ours, evidence_id)
    unknown = store.not_known_since(session, evidence.ours, seen_at)
    if not answers and not unknown:
        return Brought(evidence, Origin.CALLBACK, callback.id, evidence_id=evidence_id)
    outcome = judged(evidence, answers)
    if outcome is None:
        log.warning("callback rejected", callback=callback.id, order=evidence.ours)
        return _ended(callback, "REJECTED", f"the gateway does not confirm {evidence.state}")
    return _ended(callback, outcome.upper(), "")


def _after(callback: WaitingCallback, outcome: Outcome, now: datetime) -> Worked:
    if outcome is Outcome.ASK:
        return _again(callback.id, callback.attempts, now, "waits for the gateway", "UNVERIFIED")
    if outcome is Outcome.ORPHAN:
        due_at = callback.received_at + ORPHAN_GRACE
        return Worked(callback.id, "ORPHAN", callback.attempts, due_at, "no charge of this name")
    if outcome is Outcome.MISMATCH:
        return _ended(callback, "ESCALATED", "the amount is not the one that was asked")
    return _ended(callback, outcome.upper(), "")


def _ended(callback: WaitingCallback, state: str, reason: str) -> Worked:
    return Worked(callback.id, state, callback.attempts, None, reason)


def _again(
    callback_id: int, attempts: int, now: datetime, reason: str, state: str = "RETRY"
) -> Worked:
    """Later again: 5 s, 10 s, 20 s, … 1 h; after twelve attempts a person must look."""
    if attempts + 1 >= ATTEMPTS:
        log.error("callback given up", callback=callback_id, why=reason)
        return Worked(callback_id, "DEAD", attempts + 1, None, reason)
    pause = min(FIRST_PAUSE * 2**attempts, LONGEST_PAUSE)
    return Worked(callback_id, state, attempts + 1, now + pause, reason)
