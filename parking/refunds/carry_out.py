"""Carry out approved refunds at their gateways, and follow each until it has ended.

The key was stored before anything is sent, and a refund is sent again under the same
key only after the gateway said that it never arrived: there is never a second one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy.orm import Session, sessionmaker

from parking.audit.log import record
from parking.database.engine import ALREADY_THERE, retried
from parking.errors import (
    GatewayError,
    GatewayOut,
    GatewayRefused,
    GatewayUnauthorised,
    GatewayUnavailable,
    ParkingError,
)
from parking.gateways.breaker import Standing as Answers
from parking.gateways.protocol import (
    Evidence,
    Gateway,
    Reference,
    RefundAnswer,
    RefundRequest,
    RefundState,
)
from parking.payments.apply import apply_answers
from parking.refunds import store
from parking.refunds.refund import (
    LONGEST_NOTE,
    SENDS,
    WATCHED,
    Refund,
    Standing,
    is_under_way,
    next_look,
    standing_after,
)

log = structlog.get_logger()

ACTOR = "job:refunds"
AT_ONCE = 50

WHILE_OUT = timedelta(minutes=1)  # until it is tried again; our own breaker says no at once
OUT_UNSENT = "Gerbang sedang gangguan: belum dikirim, dan dikirim sendiri begitu gerbang menjawab"
OUT_SENT = "Gerbang sedang gangguan: ditanya lagi sendiri begitu gerbang menjawab"
NOT_SET_UP = "Server ini tidak dapat memakai akunnya: administrator memeriksa kunci gerbang"

BY_HAND_ONLY = "Gerbang ini tidak mengembalikan lewat API: bendahara mentransfer"
WATCHED_TEXT = {
    RefundState.PENDING: "Gerbang juga sedang mengembalikannya",
    RefundState.DONE: "Gerbang juga sudah mengembalikannya",
    RefundState.REFUSED: "Gerbang tidak mengembalikannya",
    RefundState.UNKNOWN: "Gerbang tidak mengenalnya",
}


class Gateways(Protocol):
    """Where the gateways of our merchant accounts are found."""

    def find(self, gateway: str, account: str) -> Gateway | None: ...

    def standing(self, gateway: str, account: str) -> Answers: ...


@dataclass(frozen=True, slots=True)
class Order:
    """A case with all that its gateway must be told."""

    refund: Refund
    request: RefundRequest
    account: tuple[str, str]
    was_sent: bool  # perhaps: it was about to be sent once before


def carry_out_due(sessions: sessionmaker[Session], gateways: Gateways, now: datetime) -> int:
    """Go on with every case that is due; how many. No transaction is open while we wait."""
    with sessions() as session:
        due = [each.key for each in store.due(session, now, AT_ONCE)]
    for key in due:
        carry_out(sessions, gateways, key, now)
    return len(due)


def carry_out(
    sessions: sessionmaker[Session], gateways: Gateways, key: str, now: datetime
) -> Refund:
    """The case after its gateway was told, or asked. Raises NotFound."""
    account = _account_of(sessions, key)
    try:
        gateway = gateways.find(*account)
    except ParkingError as error:  # its key is missing, and that holds up no other
        log.error("account cannot be used", refund=key, account=account, why=str(error))
        return _put_off(sessions, key, now, why=NOT_SET_UP)
    if gateway is not None and not gateway.gives_back:
        return _left_to_the_treasurer(sessions, key, now)
    if gateways.standing(*account) is not Answers.WELL:  # money is not what we try them with
        return _put_off(sessions, key, now)
    order = _begin(sessions, key, now)
    if gateway is None or not is_under_way(order.refund):
        return order.refund
    try:
        answer, sent = _answer(gateway, order)
    except GatewayOut:
        return _put_off(sessions, key, now, was_sent=order.was_sent)
    except GatewayError as error:
        return _later(sessions, key, error, now)
    try:
        said = list(gateway.inquire(_payment_of(order)))
    except GatewayError as error:
        return _later(sessions, key, error, now)
    return _end(sessions, order, answer, sent, said, now)


def _account_of(sessions: sessionmaker[Session], key: str) -> tuple[str, str]:
    with sessions() as session:
        payable = store.payable(session, store.by_key(session, key).payment_id)
        return payable.gateway, payable.account


def _left_to_the_treasurer(sessions: sessionmaker[Session], key: str, now: datetime) -> Refund:
    with sessions.begin() as session:
        held = store.locked(session, key)
        return _noted(session, held, BY_HAND_ONLY, now, due_at=None)


def _begin(sessions: sessionmaker[Session], key: str, now: datetime) -> Order:
    """Store that it is being sent, before it is: after a crash we ask, and send no second one."""
    with sessions.begin() as session:
        refund = store.locked(session, key)
        payable = store.payable(session, refund.payment_id)
        was_sent = refund.standing is not Standing.APPROVED
        if not was_sent:
            refund = store.move(
                session, refund, Standing.SENT, ACTOR, now, sent_at=now, sends=1, why="",
                due_at=next_look(0, now),
            )  # fmt: skip
    request = RefundRequest(
        refund.key, Reference(payable.ours, payable.theirs), payable.payment_ref, payable.paid,
        refund.amount, refund.note,
    )  # fmt: skip
    return Order(refund, request, (payable.gateway, payable.account), was_sent)


def _answer(gateway: Gateway, order: Order) -> tuple[RefundAnswer, bool]:
    """What they say of it, and whether it was sent just now: what may have been sent before is
    looked up first.
    """
    if order.was_sent:
        found = gateway.find_refund(order.request)
        is_paid = order.refund.standing is Standing.TRANSFERRED
        if found.state is not RefundState.UNKNOWN or is_paid or order.refund.sends >= SENDS:
            return found, False
    try:
        return gateway.refund(order.request), True
    except GatewayUnauthorised:
        raise
    except GatewayRefused as error:
        return RefundAnswer(RefundState.REFUSED, why=str(error)), True


def _payment_of(order: Order) -> Reference:
    return Reference(order.request.reference.ours, order.request.payment_ref)


def _put_off(
    sessions: sessionmaker[Session], key: str, now: datetime, *, was_sent: bool = True,
    why: str = "",
) -> Refund:  # fmt: skip
    """Leave a case where it stood while its gateway is out: nobody was asked, and nothing sent."""
    with sessions.begin() as session:
        held = store.locked(session, key)
        again = now + WHILE_OUT
        if held.due_at is None:
            return held
        if was_sent and held.standing is not Standing.APPROVED:
            return _noted(session, held, why or OUT_SENT, now, due_at=again)
        return _noted(
            session, held, why or OUT_UNSENT, now, to=Standing.APPROVED, sent_at=None, sends=0,
            due_at=again,
        )  # fmt: skip


def _later(sessions: sessionmaker[Session], key: str, error: GatewayError, now: datetime) -> Refund:
    """Ask again. That they do not answer says nothing of the refund, and makes no pause longer."""
    log.warning("refund not answered", refund=key, why=str(error))
    with sessions.begin() as session:
        held = store.locked(session, key)
        if held.due_at is None:
            return held
        if isinstance(error, GatewayUnavailable):
            why = OUT_SENT if isinstance(error, GatewayOut) else str(error)
            return _noted(session, held, why, now, due_at=now + WHILE_OUT)
        return _noted(
            session, held, str(error), now, looks=held.looks + 1,
            due_at=next_look(held.looks, now),
        )  # fmt: skip


def _noted(
    session: Session, held: Refund, why: str, now: datetime, *, to: Standing | None = None,
    **projections: Any,
) -> Refund:  # fmt: skip
    """Why it is not over; the timeline tells the same only once."""
    why = why[:LONGEST_NOTE]
    note = "" if why == held.why else why
    return store.move(session, held, to or held.standing, ACTOR, now, note, why=why, **projections)


def _end(
    sessions: sessionmaker[Session], order: Order, answer: RefundAnswer, sent: bool,
    said: list[Evidence], now: datetime,
) -> Refund:  # fmt: skip
    """Book what the gateway tells of the payment, and where the case stands by its answer."""
    apply = partial(apply_answers, answers=said, silent=[], unreachable=[], now=now)
    retried(sessions, apply, also=ALREADY_THERE)
    never_came = answer.state is RefundState.UNKNOWN and order.refund.sends >= SENDS
    to = Standing.REFUSED if never_came else standing_after(answer)
    why = answer.why or ("gerbang tidak pernah menerimanya" if never_came else "")
    is_over = to is not Standing.SENT
    with sessions.begin() as session:
        held = store.locked(session, order.refund.key)
        if held.standing is not Standing.SENT:
            return _watched(session, held, answer, now)
        again = 1 if sent and order.was_sent else 0
        after = store.move(
            session, held, to, ACTOR, now, why, theirs=answer.theirs or held.theirs,
            why=why[:500], sends=held.sends + again, looks=held.looks + 1,
            due_at=None if is_over else next_look(held.looks, now),
        )  # fmt: skip
        if is_over:
            detail = {"amount": after.amount, "theirs": after.theirs}
            record(session, now, ACTOR, f"refund.{to}", f"refund:{after.key}", detail, why)
        return after


def _watched(session: Session, held: Refund, answer: RefundAnswer, now: datetime) -> Refund:
    """What the gateway says of a case that was paid by hand, perhaps while it was asked."""
    if not is_under_way(held):
        return held
    assert held.sent_at is not None  # noqa: S101 - nothing else is under way
    is_lost = answer.state is RefundState.UNKNOWN and now >= held.sent_at + WATCHED
    is_over = answer.state in (RefundState.DONE, RefundState.REFUSED) or is_lost
    said = WATCHED_TEXT[answer.state]
    after = _noted(
        session, held, f"{said}: {answer.why}" if answer.why else said, now,
        theirs=answer.theirs or held.theirs, looks=held.looks + 1,
        due_at=None if is_over else next_look(held.looks, now),
    )  # fmt: skip
    if is_over:
        detail = {"amount": after.amount, "theirs": after.theirs, "said": answer.state.value}
        record(session, now, ACTOR, "refund.watched", f"refund:{after.key}", detail, after.why)
    return after
