"""Pay cash into the treasury's account: draft a slip, issue it, pay it in, have it validated."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day
from parking.deposits import handover_store, sts_store
from parking.deposits.handover import LONGEST_NOTE, OFFICE
from parking.deposits.sts import Slip, Standing, Sts, check_move, check_parts, check_slip
from parking.errors import BadInput
from parking.ledger.entry import Account, Entry, Source, moved
from parking.ledger.post import post
from parking.money import Rupiah

STS = "sts"  # the kind of its entry


def draft(
    session: Session, account_code: str, dated: date, parts: Mapping[int, int], note: str,
    actor: str, now: datetime,
) -> Sts:  # fmt: skip
    """A draft that pays in parts of receipts: rupiah by the id of the receipt.

    Raises BadInput; Conflict if a part is in another slip by now, so a form sent twice
    makes one.
    """
    if dated > business_day(now):
        raise BadInput("STS belum benar", {"dated": "belum terjadi"})
    if sts_store.is_closed(session, dated):
        raise BadInput(
            "STS belum benar", {"dated": "hari itu sudah ditutup; pakai tanggal hari ini"}
        )
    if len(note) > LONGEST_NOTE:
        raise BadInput("Catatan terlalu panjang", {"note": f"paling banyak {LONGEST_NOTE} huruf"})
    check_parts(parts, sts_store.tbps_locked(session, parts.keys()), dated)
    made = sts_store.add(session, account_code, dated, parts, note, actor, now)
    _record(session, now, actor, "sts.draft", made)
    return made


def issue(session: Session, sts_id: int, actor: str, now: datetime) -> Sts:
    """The slip with its number, of the day it is dated. Raises NotFound, Conflict."""
    sts = sts_store.one(session, sts_id, lock=True)
    check_move(sts, Standing.ISSUED)
    number = sts_store.next_number(session, "STS", sts.dated)
    after = sts_store.move(
        session, sts, Standing.ISSUED, actor, now, number=number, issued_at=now, issued_by=actor
    )
    _record(session, now, actor, "sts.issue", after)
    return after


def check(session: Session, sts: Sts, slip: Slip, now: datetime) -> None:
    """Whether what the bank's paper says can be kept. Raises BadInput."""
    received = [tbp.received_on for tbp, _ in sts_store.parts(session, sts.id)]
    check_slip(slip, sts, max(received), now)


def pay_in(session: Session, sts_id: int, slip: Slip, actor: str, now: datetime) -> Sts:
    """The slip as it was paid in, booked by what the bank's paper says, also where that is
    not the slip's own amount (D21). Raises NotFound, BadInput, Conflict.
    """
    sts = sts_store.one(session, sts_id, lock=True)
    check_move(sts, Standing.PAID_IN)
    check(session, sts, slip, now)
    amount, reference = Rupiah(slip.amount), slip.reference.strip()
    handover_store.lock(session, OFFICE)
    day = business_day(slip.at)
    sides = moved(
        amount, sts_store.with_treasurer(session, day), OFFICE.place,
        (Account.CASH_IN_TRANSIT, None),
    )  # fmt: skip
    post(session, Entry(STS, str(sts.id), day, sides, Source(sts_id=sts.id)), now)
    after = sts_store.move(
        session, sts, Standing.PAID_IN, actor, now, reference, paid_in=amount, paid_in_at=slip.at,
        paid_in_by=actor, bank_reference=reference,
    )  # fmt: skip
    _record(session, now, actor, "sts.pay_in", after, reference)
    return after


def validate(session: Session, sts_id: int, actor: str, now: datetime) -> Sts:
    """The slip that the bank has confirmed by its stamp or reference. Raises NotFound, Conflict."""
    sts = sts_store.one(session, sts_id, lock=True)
    check_move(sts, Standing.VALIDATED)
    after = sts_store.move(
        session, sts, Standing.VALIDATED, actor, now, validated_at=now, validated_by=actor
    )
    _record(session, now, actor, "sts.validate", after)
    return after


def void(session: Session, sts_id: int, reason: str, actor: str, now: datetime) -> Sts:
    """The slip that is not used: it keeps its number, and its receipts are open again.

    Raises NotFound, BadInput; Conflict once it was paid in.
    """
    why = reason.strip()
    sts = sts_store.one(session, sts_id, lock=True)
    check_move(sts, Standing.VOID)
    if not 5 <= len(why) <= LONGEST_NOTE:
        raise BadInput("Alasan belum ada", {"reason": f"5 sampai {LONGEST_NOTE} huruf"})
    after = sts_store.move(session, sts, Standing.VOID, actor, now, why, void_reason=why)
    _record(session, now, actor, "sts.void", after, why)
    return after


def _record(
    session: Session, now: datetime, actor: str, action: str, sts: Sts, reason: str = ""
) -> None:
    detail = {"number": sts.number, "amount": sts.amount, "paid_in": sts.paid_in}
    record(session, now, actor, action, f"sts:{sts.id}", detail, reason)
