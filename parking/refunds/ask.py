"""Ask for a refund, and decide about it: two persons, and never more than was paid."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day
from parking.charges import store as charge_store
from parking.errors import BadInput
from parking.ledger.entry import Account, Entry, Source, taken_back
from parking.ledger.post import post
from parking.money import Rupiah, rupiah_text
from parking.payments.payment import BY_HAND, by_hand_reference
from parking.reconciliation.cases import work as case_work
from parking.refunds import store
from parking.refunds.refund import (
    LONGEST_NOTE,
    Payable,
    Refund,
    Standing,
    Wish,
    check_move,
    check_other_person,
    check_unanswered,
    check_wish,
)

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ask(session: Session, wish: Wish, actor: str, now: datetime) -> Refund:
    """A case that waits for another person. Raises NotFound, BadInput, Conflict."""
    check_wish(wish, store.payable(session, wish.payment_id, lock=True))
    made = store.add(session, new_key(now), wish, actor, now)
    note, page = f"Pengembalian {made.key} diajukan", f"/finance/refunds/{made.key}"
    case_work.link(session, wish.code, wish.subject, note, page, actor, now)
    _record(session, now, actor, "refund.request", made, wish.note)
    return made


def approve(session: Session, key: str, actor: str, now: datetime) -> Refund:
    """The case, which the jobs process now sends to the gateway.

    Raises NotFound, NotAllowed to the one who asked; Conflict if it was decided before,
    or if the money has gone back in the meantime.
    """
    refund = store.locked(session, key)
    check_other_person(refund, actor)
    check_move(refund, Standing.APPROVED)
    _check_still_owed(store.payable(session, refund.payment_id, lock=True), refund)
    after = store.move(
        session, refund, Standing.APPROVED, actor, now, decided_by=actor, decided_at=now, due_at=now
    )
    _record(session, now, actor, "refund.approve", after)
    return after


def reject(session: Session, key: str, why: str, actor: str, now: datetime) -> Refund:
    """The case, which ends without money moving. Raises as `approve` does, and BadInput."""
    refund = store.locked(session, key)
    check_other_person(refund, actor)
    check_move(refund, Standing.REJECTED)
    reason = _reason(why)
    after = store.move(
        session, refund, Standing.REJECTED, actor, now, reason, decided_by=actor, decided_at=now,
        due_at=None, why=reason,
    )  # fmt: skip
    _record(session, now, actor, "refund.reject", after, reason)
    return after


def transfer(
    session: Session, key: str, document: str, actor: str, now: datetime, why: str = ""
) -> Refund:
    """The case, which the treasurer has paid outside the gateway, with the number of the document.

    Booked as money that the treasury gave out for the receipt. What a gateway was asked for
    and has not answered needs a reason and another person than approved it; the gateway is
    looked at on, for it may give the same back (D36).
    Raises NotFound, NotAllowed, BadInput; Conflict while the gateway may still answer.
    """
    refund = store.locked(session, key)
    check_other_person(refund, actor)
    check_move(refund, Standing.TRANSFERRED)
    is_sent = refund.standing is Standing.SENT
    if is_sent:
        check_unanswered(refund, actor, now)
    reason = _reason(why) if is_sent else refund.why
    number = document.strip()
    if not 3 <= len(number) <= 80:
        raise BadInput("Nomor dokumen belum benar", {"document": "3 sampai 80 huruf"})
    ours = store.payable(session, refund.payment_id).ours
    charge_store.locked_all(session, {ours})  # what its gateway gives back now comes after this
    payable = store.payable(session, refund.payment_id, lock=True)
    _check_still_owed(payable, refund)
    before = Rupiah(payable.given_back + payable.transferred)
    sides = taken_back(
        store.booked(session, payable), before, Rupiah(before + refund.amount),
        out_of=Account.REFUNDED_BY_HAND,
    )  # fmt: skip
    source, name = Source(refund_id=refund.id), by_hand_reference(payable.ref, refund.key)
    post(session, Entry(BY_HAND, name, business_day(now), sides, source), now)
    note = f"{number}: {reason}" if is_sent else number
    after = store.move(
        session, refund, Standing.TRANSFERRED, actor, now, note, document=number, why=reason,
        due_at=refund.due_at if is_sent else None, decided_by=refund.decided_by or actor,
        decided_at=refund.decided_at or now,
    )  # fmt: skip
    _record(session, now, actor, "refund.transfer", after, note)
    return after


def new_key(now: datetime) -> str:
    """What we call a refund at the gateway: "RF", the WIB day and eight characters."""
    rest = "".join(secrets.choice(CROCKFORD) for _ in range(8))
    return f"RF{business_day(now):%Y%m%d}{rest}"


def _check_still_owed(payable: Payable, refund: Refund) -> None:
    """A bank may have given the money back by itself since it was asked for."""
    owed = payable.owed(refund)
    if refund.amount > owed:
        then = "Tolak pengajuan ini, dan ajukan lagi bila masih perlu."
        if refund.standing is Standing.SENT:
            then = "Tunggu kabar terakhir gerbang."
        raise BadInput(
            f"Sementara itu {rupiah_text(payable.given_back)} sudah dikembalikan oleh gerbang; sisa"
            f" {rupiah_text(owed)}. {then}"
        )


def _reason(text: str) -> str:
    reason = text.strip()
    if not 5 <= len(reason) <= LONGEST_NOTE:
        raise BadInput("Alasan belum ada", {"why": f"5 sampai {LONGEST_NOTE} huruf"})
    return reason


def _record(
    session: Session, now: datetime, actor: str, action: str, refund: Refund, reason: str = ""
) -> None:
    detail = {"amount": refund.amount, "payment": refund.payment_id, "code": refund.code}
    record(session, now, actor, action, f"refund:{refund.key}", detail, reason)
