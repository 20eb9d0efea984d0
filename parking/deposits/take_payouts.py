"""Take in what the bank paid out to attendants, and book it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.deposits import payout_store as store
from parking.deposits.payout import MOST_TOLD, Beside, Payout, Standing, beside
from parking.errors import BadInput
from parking.ledger.entry import Entry, Source, share_paid
from parking.ledger.post import post_all
from parking.money import Rupiah

PAYOUT = "share_payout"  # the kind of its entry


def take_payouts(session: Session, said: Sequence[Payout], actor: str, now: datetime) -> int:
    """How many of them are new: all of them or none. A line that is known is known.

    Raises BadInput for an attendant who is not there or has no share of that day in the
    book, a reference that was another transfer, or money sent back that never went out.
    """
    store.lock(session)
    attendants, known, _ = _judged(session, said)
    new = [each for each in said if (each.reference, each.standing) not in known]
    ids = store.add(session, new, attendants, actor, now)
    post_all(
        session,
        [
            Entry(
                PAYOUT, str(id_), each.paid_on,
                share_paid(Rupiah(each.change), attendants[each.badge]), Source(payout_id=id_),
            )
            for each, id_ in zip(new, ids, strict=True)
        ],
        now,
    )  # fmt: skip
    if new:
        detail = {"lines": len(new), "sum": sum(each.change for each in new)}
        record(session, now, actor, "payout.take", f"payouts:{ids[0]}-{ids[-1]}", detail)
    return len(new)


def look(session: Session, said: Sequence[Payout]) -> list[Beside]:
    """The lines beside the book, nothing stored. Raises BadInput as `take_payouts` does."""
    attendants, known, shares = _judged(session, said)
    badges = {id_: badge for badge, id_ in attendants.items()}
    paid = store.paid(session, badges, {each.earned_on for each in said})
    return beside(said, known, shares, paid)


def _judged(
    session: Session, said: Sequence[Payout]
) -> tuple[dict[str, int], store.Known, store.OfDays]:
    """Attendants by badge, lines that are known, and shares; or BadInput."""
    attendants = store.attendants(session, {each.badge for each in said})
    known = store.known(session, {each.reference for each in said})
    badges = {id_: badge for badge, id_ in attendants.items()}
    shares = store.shares(session, badges, {each.earned_on for each in said})
    problems = _problems(said, attendants, known, shares)
    if problems:
        more = [f"dan {len(problems) - MOST_TOLD} lagi"] if len(problems) > MOST_TOLD else []
        raise BadInput("Tabel belum benar", {"table": "; ".join([*problems[:MOST_TOLD], *more])})
    return attendants, known, shares


def _problems(
    said: Sequence[Payout], attendants: dict[str, int], known: store.Known, shares: store.OfDays
) -> list[str]:
    wrong = [f"tidak ada juru parkir {each.badge}" for each in said if each.badge not in attendants]
    if wrong:
        return wrong
    wrong = [
        f"{each.named}: tidak ada bagiannya di buku pada hari itu"
        for each in said
        if (each.badge, each.earned_on) not in shares
    ]
    paid = {ref: of for (ref, standing), of in known.items() if standing is Standing.PAID}
    paid |= {each.reference: each for each in said if each.standing is Standing.PAID}
    for each in said:
        before = known.get((each.reference, each.standing))
        if before is not None and before != each:
            wrong.append(f"referensi {each.reference} sudah dipakai untuk transfer lain")
        went = paid.get(each.reference)
        if each.standing is Standing.RETURNED and (
            went is None or (went.badge, went.amount) != (each.badge, each.amount)
        ):
            wrong.append(f"referensi {each.reference}: yang kembali tidak sama dengan yang dibayar")
    return wrong
