"""A refund: money of a payment that goes back to the driver, asked by one and approved by another.

Pure. What was given back is booked by evidence alone (payments.apply), or by the document of
a transfer; a case says who wanted it, who agreed, and how far it has come (reliability.md 5.3).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from parking.business_day import day_text, time_text, wib
from parking.errors import BadInput, Conflict, NotAllowed
from parking.gateways.protocol import RefundAnswer, RefundState
from parking.money import Rupiah, rupiah_text
from parking.payments.payment import Ref

LONGEST_NOTE = 500
# How long a refund that was taken on may rest before we ask again; banks confirm within days.
PAUSES = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=6), timedelta(days=1),
)  # fmt: skip
# A request that never arrived is sent again under the same key, so often and no more.
SENDS = 5
# How long a gateway may leave a refund unfinished before the treasurer may pay it by hand.
UNANSWERED = timedelta(hours=24)
# What was paid by hand meanwhile is looked for at the gateway so long, from when it was sent.
WATCHED = timedelta(days=30)


class Standing(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"  # or perhaps sent: the gateway is asked
    CONFIRMED = "confirmed"
    REFUSED = "refused"  # by the gateway
    REJECTED = "rejected"  # by the one who was to approve
    TRANSFERRED = "transferred"  # paid by the treasurer, outside the gateway


MOVES: dict[Standing, frozenset[Standing]] = {
    Standing.REQUESTED: frozenset({Standing.APPROVED, Standing.REJECTED}),
    Standing.APPROVED: frozenset({Standing.SENT, Standing.TRANSFERRED, Standing.REJECTED}),
    Standing.SENT: frozenset({Standing.CONFIRMED, Standing.REFUSED, Standing.TRANSFERRED}),
    Standing.REFUSED: frozenset({Standing.TRANSFERRED, Standing.REJECTED}),
    Standing.CONFIRMED: frozenset(),
    Standing.REJECTED: frozenset(),
    Standing.TRANSFERRED: frozenset(),
}
PARTICIPLE = {
    Standing.REQUESTED: "diajukan",
    Standing.APPROVED: "disetujui",
    Standing.SENT: "dikirim ke gerbang",
    Standing.CONFIRMED: "kembali ke pengemudi",
    Standing.REFUSED: "ditolak gerbang",
    Standing.REJECTED: "ditolak",
    Standing.TRANSFERRED: "ditransfer",
}
# Money that is promised, and that no gateway was asked for, or that it refused.
WAITING = frozenset({Standing.REQUESTED, Standing.APPROVED, Standing.REFUSED})
OPEN = WAITING | {Standing.SENT}
ASKED_FOR = frozenset({Standing.SENT, Standing.CONFIRMED})


class Reason(StrEnum):
    PAID_TWICE = "paid_twice"  # D10
    PAID_TOO_MUCH = "paid_too_much"  # D05
    NOT_OURS = "not_ours"  # money of no charge of ours (D03)
    WRONG_CHARGE = "wrong_charge"  # the attendant's mistake
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Payable:
    """A payment as far as refunds are concerned. Amounts are positive."""

    payment_id: int
    gateway: str
    account: str
    payment_ref: str
    ours: str
    theirs: str | None  # of the charge's QR
    charge_id: int | None
    asked: Rupiah | None  # by the charge; None where there is none
    paid: Rupiah
    paid_at: datetime
    given_back: Rupiah  # by the gateway, as booked
    unasked: Rupiah  # of it, before we asked the gateway for any
    sent: Rupiah  # what we asked the gateway for: by cases that were sent, or confirmed
    transferred: Rupiah  # by hand
    waiting: Rupiah  # by cases that are open, and not at the gateway

    @property
    def ref(self) -> Ref:
        return self.gateway, self.account, self.payment_ref

    @property
    def coming(self) -> Rupiah:
        """What we asked the gateway for and the book does not show. Most gateways tell how much
        went back in all and not by which refund: what came since we asked counts as asked for.
        """
        return Rupiah(max(0, self.sent - (self.given_back - self.unasked)))

    @property
    def promised(self) -> Rupiah:
        """Money that is to go back, or on its way, and not in the book as given back."""
        return Rupiah(self.waiting + self.coming)

    @property
    def left(self) -> Rupiah:
        """What may still be promised: all refunds together never exceed the payment."""
        return Rupiah(max(0, self._unpromised))

    def owed(self, refund: "Refund") -> Rupiah:
        """How much may go back by an open case of it: a bank may have been quicker."""
        most = self._unpromised + refund.amount
        if refund.standing is Standing.SENT:
            return Rupiah(min(self.coming, max(0, most)))
        return Rupiah(max(0, min(refund.amount, most)))

    @property
    def _unpromised(self) -> int:
        return self.paid - self.given_back - self.transferred - self.promised


@dataclass(frozen=True, slots=True)
class Refund:
    """One case."""

    id: int
    key: str
    payment_id: int
    amount: Rupiah
    reason: Reason
    note: str
    code: str  # the discrepancy that led to it: "D10"; empty for none
    subject: str
    requested_by: str
    requested_at: datetime
    standing: Standing
    decided_by: str | None
    decided_at: datetime | None
    sent_at: datetime | None
    sends: int
    looks: int
    due_at: datetime | None  # when the jobs process goes on with it; None: it does not
    theirs: str
    why: str
    document: str  # of a transfer by hand


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for."""

    payment_id: int
    amount: int
    reason: str
    note: str
    code: str = ""
    subject: str = ""


def suggested(payable: Payable, code: str, in_question: Rupiah) -> Rupiah:
    """How much to ask for when a discrepancy leads here: what it is about, and all that is left
    of a payment that was less than asked, for then it is about what did not come.
    """
    is_short = code == "D05" and payable.paid < (payable.asked or 0)
    return payable.left if is_short or not code else min(in_question, payable.left)


def check_wish(wish: Wish, payable: Payable) -> None:
    """Raises BadInput naming every field that is wrong; Conflict if nothing is left."""
    if payable.left == 0:
        raise Conflict(
            "Pembayaran ini sudah dikembalikan atau sedang diajukan seluruhnya"
            f" ({rupiah_text(payable.paid)})"
        )
    problems = {}
    if wish.amount < 1 or wish.amount > payable.left:
        problems["amount"] = (
            f"antara Rp1 dan {rupiah_text(payable.left)}, sisa yang belum dikembalikan"
        )
    if wish.reason not in list(Reason):
        problems["reason"] = "pilih salah satu"
    if not 5 <= len(wish.note.strip()) <= LONGEST_NOTE:
        problems["note"] = f"jelaskan dengan 5 sampai {LONGEST_NOTE} huruf"
    if problems:
        raise BadInput("Pengajuan belum benar", problems)


def check_move(refund: Refund, to: Standing) -> None:
    """Raises Conflict if a case cannot come there from where it is."""
    if to not in MOVES[refund.standing]:
        before, after = PARTICIPLE[refund.standing], PARTICIPLE[to]
        raise Conflict(f"Pengembalian {refund.key} sudah {before}: tidak bisa {after}")


def check_other_person(refund: Refund, actor: str) -> None:
    """Raises NotAllowed: nobody decides about what they asked for themselves (M14, F101)."""
    if actor == refund.requested_by:
        raise NotAllowed(
            "Anda sendiri yang mengajukan pengembalian ini. Orang lain yang harus memutuskan."
        )


def check_unanswered(refund: Refund, actor: str, now: datetime) -> None:
    """Raises Conflict while a gateway that was asked may still answer; NotAllowed to the one who
    approved what now goes another way, perhaps for the second time.
    """
    until = answers_until(refund)
    if until is not None and now < until:
        raise Conflict(
            f"Pengembalian {refund.key} sudah dikirim: gerbang masih dapat menjawab sampai"
            f" {day_text(wib(until).date())}, {time_text(until)}"
        )
    if actor == refund.decided_by:
        raise NotAllowed(
            "Anda sendiri yang menyetujui pengembalian ini dikirim ke gerbang. Bendahara lain"
            " yang harus mencatat transfernya."
        )


def answers_until(refund: Refund) -> datetime | None:
    """Until when we wait for the gateway alone; None for a case that is not there."""
    if refund.standing is not Standing.SENT or refund.sent_at is None:
        return None
    return refund.sent_at + UNANSWERED


def is_under_way(refund: Refund) -> bool:
    """Whether the gateway is to be asked about it, be it that it was paid by hand meanwhile."""
    is_paid = refund.standing is Standing.TRANSFERRED
    return refund.due_at is not None and (is_paid or refund.standing is Standing.SENT)


def next_look(looks: int, now: datetime) -> datetime:
    """When the gateway is asked again about a refund that it has not finished."""
    return now + PAUSES[min(looks, len(PAUSES) - 1)]


def standing_after(answer: RefundAnswer) -> Standing:
    """Where a case that was sent stands by the gateway's word."""
    if answer.state is RefundState.DONE:
        return Standing.CONFIRMED
    return Standing.REFUSED if answer.state is RefundState.REFUSED else Standing.SENT
