"""The chain of one charge: from the tap to the settlement line, and the link where it broke.

Pure: what the tables know in, the picture out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from parking.charges.charge import ChargeState, has_ended
from parking.money import Rupiah
from parking.registry.facts import VEHICLE_TEXT, Vehicle


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    id: int
    ours: str
    theirs: str | None
    gateway: str
    account: str
    attendant_id: int
    badge: str
    attendant: str
    point: str
    point_name: str
    shift_id: int
    vehicle: str
    tariff: Rupiah
    decree: str
    amount: Rupiah
    city_bps: int
    created_at: datetime
    business_day: date
    expires_at: datetime
    state: ChargeState
    late: bool
    paid_at: datetime | None
    confirmed_at: datetime | None
    inquiries: int
    replaces: str | None
    payload: str | None

    @property
    def vehicle_text(self) -> str:
        return VEHICLE_TEXT[Vehicle(self.vehicle)]


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    before: str
    after: str
    cause: str
    actor: str
    note: str


@dataclass(frozen=True, slots=True)
class Evidence:
    id: int
    source: str
    seen_at: datetime
    at: datetime
    state: str
    amount: Rupiah
    refunded: Rupiah
    trust: str
    payment_ref: str
    issuer: str
    callback_id: int | None


@dataclass(frozen=True, slots=True)
class Callback:
    id: int
    received_at: datetime
    repeated_at: tuple[datetime, ...]
    level: str
    reason: str
    work: str
    work_reason: str
    attempts: int
    gateway: str
    account: str
    remote: str
    headers: str  # JSON
    body: bytes


@dataclass(frozen=True, slots=True)
class Payment:
    payment_ref: str
    effect: str
    amount: Rupiah
    paid_at: datetime
    business_day: date
    source: str
    late: bool
    booked_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Posting:
    account: str
    holder: str  # badge of the attendant; empty where none holds it
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    kind: str
    reference: str
    effective_on: date
    posted_at: datetime
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class SettlementLine:
    id: int
    import_id: int
    file_name: str
    number: int
    kind: str
    payment_ref: str
    gross: Rupiah
    fee: Rupiah
    net: Rupiah
    settled_on: date
    taken_in_at: datetime
    in_force: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """A discrepancy of the charge."""

    id: int
    code: str
    status: str
    severity: str
    owner: str
    due_on: date
    amount: Rupiah
    explanation: str
    case_id: int | None = None
    case_text: str = ""

    @property
    def is_open(self) -> bool:
        return self.status == "selisih"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one charge."""

    charge: ChargeFacts
    events: Sequence[Event] = ()
    evidence: Sequence[Evidence] = ()
    callbacks: Sequence[Callback] = ()
    payments: Sequence[Payment] = ()
    entries: Sequence[Entry] = ()
    lines: Sequence[SettlementLine] = ()
    troubles: Sequence[Trouble] = ()

    @property
    def receipts(self) -> list[Payment]:
        return [p for p in self.payments if p.effect == "receipt"]


class Hold(StrEnum):
    """How a link of the chain stands."""

    HOLDS = "holds"
    WAITS = "waits"  # not there yet, and not due yet
    BROKEN = "broken"  # a person must look
    BRIDGED = "bridged"  # missing, but another witness stood in
    NONE = "none"  # nothing is expected


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    english: str
    hold: Hold
    says: str  # one sentence in Indonesian
    at: datetime | None = None
    codes: tuple[str, ...] = ()  # discrepancies that sit on this link


# Where a discrepancy sits (domain.md section 7).
LINK_OF = {
    "D28": "tap", "D29": "tap", "D27": "tap",
    "D01": "paid", "D02": "paid", "D05": "paid", "D10": "paid",
    "D03": "callback", "D04": "callback", "D07": "callback",
    "D06": "settlement", "D08": "settlement", "D09": "settlement", "D14": "settlement",
    "D32": "settlement", "D33": "settlement",
}  # fmt: skip


def links(facts: Facts) -> list[Link]:
    """The six links of a charge's chain in the order money passes them."""
    return [
        _tap(facts), _qr(facts), _paid(facts), _callback(facts), _booked(facts),
        _settled(facts),
    ]  # fmt: skip


def _tap(facts: Facts) -> Link:
    charge = facts.charge
    says = f"{charge.badge} di {charge.point}"
    return _link(facts, "tap", "Ketukan", "Tap", Hold.HOLDS, says, charge.created_at)


def _qr(facts: Facts) -> Link:
    answered = next((e.at for e in facts.events if e.after == ChargeState.PENDING), None)
    hold, says = {
        ChargeState.CREATING: (Hold.WAITS, "sedang dibuat"),
        ChargeState.CREATE_UNKNOWN: (Hold.WAITS, "jawaban gerbang hilang, sedang ditanyakan"),
        ChargeState.CREATE_FAILED: (Hold.NONE, "gerbang tidak membuat QR"),
    }.get(facts.charge.state, (Hold.HOLDS, "QR diterima dari gerbang"))
    return _link(facts, "qr", "QR", "QR", hold, says, answered)


def _paid(facts: Facts) -> Link:
    receipts = facts.receipts
    if not receipts:
        ended = has_ended(facts.charge.state)
        says = "berakhir tanpa pembayaran" if ended else "belum ada pembayaran"
        hold = Hold.NONE if ended else Hold.WAITS
        return _link(facts, "paid", "Bayar", "Payment", hold, says)
    says = "terlambat, setelah QR berakhir" if receipts[0].late else "uang diterima gerbang"
    if len(receipts) > 1:
        says = f"{len(receipts)} pembayaran untuk satu QR"
    return _link(facts, "paid", "Bayar", "Payment", Hold.HOLDS, says, receipts[0].paid_at)


def _callback(facts: Facts) -> Link:
    said_paid = {e.callback_id for e in facts.evidence if e.callback_id and e.state == "paid"}
    came = [c for c in facts.callbacks if c.id in said_paid]
    if came:
        times = 1 + len(came[0].repeated_at)
        says = "diterima" if times == 1 else f"diterima {times} kali, dicatat sekali"
        return _link(
            facts, "callback", "Pemberitahuan", "Callback", Hold.HOLDS, says, came[0].received_at
        )
    if not facts.receipts:
        hold = Hold.NONE if has_ended(facts.charge.state) else Hold.WAITS
        return _link(facts, "callback", "Pemberitahuan", "Callback", hold, "belum ada")
    witness = {"inquiry": "pertanyaan kami", "settlement": "berkas settlement"}
    source = facts.receipts[0].source
    says = f"tidak datang; diketahui dari {witness.get(source, source)}"
    return _link(facts, "callback", "Pemberitahuan", "Callback", Hold.BRIDGED, says)


def _booked(facts: Facts) -> Link:
    receipts = facts.receipts
    booked = [e for e in facts.entries if e.kind == "payment"]
    if not receipts:
        hold = Hold.NONE if has_ended(facts.charge.state) else Hold.WAITS
        return _link(facts, "booked", "Buku", "Ledger", hold, "belum ada yang dibukukan")
    if len(booked) < len(receipts):
        return _link(facts, "booked", "Buku", "Ledger", Hold.BROKEN, "ada penerimaan tanpa jurnal")
    return _link(
        facts, "booked", "Buku", "Ledger", Hold.HOLDS, "debit sama dengan kredit",
        booked[0].posted_at,
    )  # fmt: skip


def _settled(facts: Facts) -> Link:
    lines = [line for line in facts.lines if line.in_force and line.kind == "payment"]
    if lines:
        net = sum(line.net for line in lines)
        gross = sum(line.gross for line in lines)
        says = "dana masuk penuh" if net == gross else "dana masuk setelah biaya"
        return _link(
            facts, "settlement", "Dana masuk", "Settlement", Hold.HOLDS, says, lines[0].taken_in_at
        )
    if facts.receipts:
        says = "belum ada di berkas settlement"
        return _link(facts, "settlement", "Dana masuk", "Settlement", Hold.WAITS, says)
    hold = Hold.NONE if has_ended(facts.charge.state) else Hold.WAITS
    return _link(facts, "settlement", "Dana masuk", "Settlement", hold, "tidak ada yang ditunggu")


def _link(
    facts: Facts, key: str, name: str, english: str, hold: Hold, says: str,
    at: datetime | None = None,
) -> Link:  # fmt: skip
    """A link, broken where an open discrepancy sits on it."""
    on_it = [t for t in facts.troubles if LINK_OF.get(t.code) == key]
    still_open = any(t.is_open for t in on_it)
    codes = tuple(dict.fromkeys(t.code for t in on_it))
    return Link(name, english, Hold.BROKEN if still_open else hold, says, at, codes)
