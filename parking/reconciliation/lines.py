"""One line of each list of the desk, and the words in which a screen shows it."""

from dataclasses import dataclass
from datetime import date, datetime

from parking.ledger.entry import Account
from parking.money import Rupiah
from parking.reconciliation import words
from parking.reconciliation.cases.case import CaseState
from parking.reconciliation.cases.words import STATE_TEXT
from parking.reconciliation.catalogue import (
    OWNER_TEXT,
    SEVERITY_TEXT,
    STATUS_TEXT,
    Severity,
    Status,
)
from parking.registry.facts import VEHICLE_TEXT, Vehicle

# Callbacks on which the inbox can do nothing more by itself (reliability.md 5.1).
FOR_A_PERSON = ("MALFORMED", "REJECTED", "ESCALATED", "DEAD")


def is_grave(status: str, severity: str) -> bool:
    """Whether a person must look soon: not what only waits, nor what the system put right."""
    return status == Status.DIFFERENCE and severity in (Severity.CRITICAL, Severity.HIGH)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for; empty means any."""

    first_day: date
    last_day: date
    text: str = ""
    attendant: str = ""  # badge
    point: str = ""  # code
    state: str = ""
    code: str = ""
    status: str = ""
    severity: str = ""
    owner: str = ""
    account: str = ""  # of the book; "cash": all that people hold
    kind: str = ""  # of entries
    by: str = ""  # which of its days a settlement line is asked by
    sort: str = ""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ChargeLine:
    ours: str
    created_at: datetime
    badge: str
    attendant: str
    point: str
    vehicle: str
    amount: Rupiah
    state: str
    late: bool
    paid_at: datetime | None
    gateway: str

    @property
    def vehicle_text(self) -> str:
        return VEHICLE_TEXT[Vehicle(self.vehicle)]

    @property
    def state_text(self) -> str:
        text = words.CHARGE_TEXT.get(self.state, self.state)
        return f"{text}, terlambat" if self.late else text


@dataclass(frozen=True, slots=True)
class PaymentLine:
    paid_at: datetime
    payment_ref: str
    ours: str
    is_ours: bool  # whether it is of a charge of ours
    amount: Rupiah
    asked: Rupiah | None
    source: str
    late: bool
    gateway: str

    @property
    def source_text(self) -> str:
        return words.SOURCE_TEXT.get(self.source, self.source)

    @property
    def remark(self) -> str:
        """What is odd about it; empty for most."""
        if not self.is_ours:
            return "tanpa tagihan"
        if self.asked != self.amount:
            return "nominal berbeda"
        return "terlambat" if self.late else ""


@dataclass(frozen=True, slots=True)
class CashLine:
    at: datetime
    badge: str
    attendant: str
    point: str
    vehicle: str
    amount: Rupiah
    instead_of: str | None
    shift_id: int

    @property
    def vehicle_text(self) -> str:
        return VEHICLE_TEXT[Vehicle(self.vehicle)]


@dataclass(frozen=True, slots=True)
class CallbackLine:
    id: int
    received_at: datetime
    gateway: str
    account: str
    ours: str  # as the evidence drawn from it says; empty when none was
    said: str  # the state it tells of
    level: str
    work: str
    repeats: int
    remote: str

    @property
    def needs_person(self) -> bool:
        return self.work in FOR_A_PERSON

    @property
    def said_text(self) -> str:
        return words.SAID_TEXT.get(self.said, self.said)

    @property
    def door(self) -> str:
        return f"{self.gateway}/{self.account}"

    @property
    def level_text(self) -> str:
        return words.LEVEL_TEXT.get(self.level, self.level)

    @property
    def work_text(self) -> str:
        return words.WORK_TEXT.get(self.work, self.work)


@dataclass(frozen=True, slots=True)
class SettledLine:
    import_id: int
    number: int
    paid_at: datetime
    settled_on: date
    kind: str
    ours: str
    payment_ref: str
    gross: Rupiah  # less than nothing where money went back, so that rows add up
    fee: Rupiah
    net: Rupiah

    @property
    def kind_text(self) -> str:
        return words.KIND_TEXT.get(self.kind, self.kind)


@dataclass(frozen=True, slots=True)
class ShiftLine:
    id: int
    badge: str
    attendant: str
    point: str
    opened_at: datetime
    closed_at: datetime | None
    qris: Rupiah  # what the server knew when it was closed; knows, of one that is open
    declared_qris: Rupiah | None
    cash: Rupiah
    declared_cash: Rupiah | None

    @property
    def remark(self) -> str:
        """Where what was declared differs; the server's figure prevails."""
        if self.closed_at is None:
            return "masih buka"
        odd = ("QRIS", self.declared_qris, self.qris), ("tunai", self.declared_cash, self.cash)
        found = [name for name, said, known in odd if said is not None and said != known]
        return f"{' dan '.join(found)} berbeda" if found else ""


@dataclass(frozen=True, slots=True)
class BookLine:
    """One side of an entry."""

    posted_at: datetime
    kind: str
    reference: str
    account: str
    holder: int | None
    amount: Rupiah  # debit positive
    rests_on: tuple[str, int] | None  # what has a page of its own: "handover", "sts", …
    is_later: bool  # whether its day was closed by then

    @property
    def kind_text(self) -> str:
        return words.ENTRY_TEXT.get(self.kind, self.kind)

    @property
    def account_text(self) -> str:
        text = words.ACCOUNT_TEXT[Account(self.account)]
        return f"{text} {self.holder}" if self.holder is not None else text

    @property
    def debit(self) -> Rupiah | None:
        return self.amount if self.amount > 0 else None

    @property
    def credit(self) -> Rupiah | None:
        return Rupiah(-self.amount) if self.amount < 0 else None

    @property
    def remark(self) -> str:
        return "sesudah ditutup" if self.is_later else ""


@dataclass(frozen=True, slots=True)
class DiscrepancyLine:
    id: int
    business_day: date
    code: str
    status: str
    severity: str
    owner: str
    due_on: date
    amount: Rupiah
    ours: str
    badge: str | None
    attendant: str | None
    point: str | None
    explanation: str
    case_id: int | None  # none where the system itself put it right
    case_state: str | None

    @property
    def case_text(self) -> str:
        if self.case_state is None:
            return ""
        return f"{self.case_id} {STATE_TEXT[CaseState(self.case_state)]}"

    @property
    def what(self) -> str:
        return words.code_text(self.code)

    @property
    def status_text(self) -> str:
        return STATUS_TEXT[Status(self.status)]

    @property
    def severity_text(self) -> str:
        return SEVERITY_TEXT[Severity(self.severity)]

    @property
    def owner_text(self) -> str:
        return OWNER_TEXT.get(self.owner, self.owner)

    @property
    def is_grave(self) -> bool:
        return is_grave(self.status, self.severity)
