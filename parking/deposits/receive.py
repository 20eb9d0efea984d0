"""Receive cash: count it, book what was counted, and give the treasurer's receipt for it."""

from datetime import datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day
from parking.deposits import handover_store as store
from parking.deposits import sts_store
from parking.deposits.handover import (
    COUNTED,
    LONGEST_NOTE,
    OFFICE,
    Handover,
    Holder,
    Party,
    check_amount,
    check_move,
    standing_after,
)
from parking.errors import BadInput, Conflict, NotAllowed
from parking.ledger.entry import Entry, Source, moved
from parking.ledger.post import post
from parking.money import Rupiah, rupiah_text

HANDOVER = "handover"  # the kind of its entry


def receive(
    session: Session, handover_id: int, receiver: Holder, counted: int, note: str, actor: str,
    now: datetime,
) -> Handover:  # fmt: skip
    """The handover as counted, and booked; sent twice, it is counted once.

    What was given and not received stays with the giver in the book. Received by the
    treasurer, it has a receipt (TBP). `receiver` is who counts, with his own id.
    Raises NotFound, BadInput, NotAllowed to the giver himself; Conflict if it was
    counted otherwise before, or withdrawn.
    """
    amount = check_amount(counted, "received")
    if len(note) > LONGEST_NOTE:
        raise BadInput("Catatan terlalu panjang", {"note": f"paling banyak {LONGEST_NOTE} huruf"})
    of = store.for_receiver(session, handover_id, receiver)
    store.lock(session, of.giver)
    of = store.for_receiver(session, handover_id, receiver, lock=True)
    if of.giver.party is not Party.ATTENDANT and of.giver.id == receiver.id:
        raise NotAllowed("Anda sendiri yang menyetor ini. Orang lain yang harus menerima.")
    if of.standing in COUNTED:
        return _counted_before(of, receiver, amount)
    to = standing_after(of.given, amount)
    check_move(of, to)
    after = store.move(
        session, of, to, actor, amount, now, note, receiver=receiver, received=amount,
        received_at=now, receiver_note=note,
    )  # fmt: skip
    if amount:
        _book(session, after, amount, now)
    if amount and receiver.party is Party.TREASURER:
        sts_store.add_tbp(session, after.id, amount, actor, now)
    detail = {"given": of.given, "received": amount}
    record(session, now, actor, "handover.receive", f"handover:{of.id}", detail, note)
    return after


def _counted_before(of: Handover, receiver: Holder, amount: Rupiah) -> Handover:
    if (of.receiver, of.received) == (receiver, amount):
        return of
    raise Conflict(
        f"Serah terima {of.id} sudah dihitung: {rupiah_text(of.received or 0)}."
        " Jumlah yang sudah diterima tidak diubah."
    )


def _book(session: Session, of: Handover, amount: Rupiah, now: datetime) -> None:
    """Of the day on which it was counted: till then it was the giver's."""
    to = OFFICE if of.receiver.party is Party.TREASURER else of.receiver
    sides = moved(amount, store.held(session, of.giver), of.giver.place, to.place)
    source = Source(handover_id=of.id)
    post(session, Entry(HANDOVER, str(of.id), business_day(now), sides, source), now)
