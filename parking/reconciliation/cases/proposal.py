"""A write-off, re-attribution or correction: proposed by one, decided by another (M14). Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from parking.errors import BadInput, Conflict, NotAllowed
from parking.ledger.entry import HELD, Account, Entry, Posting, Source
from parking.money import Rupiah, rupiah_text

# What people may not book: what bank statements and gateways say is theirs to say.
NOT_BY_HAND = frozenset({Account.TREASURY, Account.BANK_UNMATCHED})
MOST_SIDES = 6


class Kind(StrEnum):
    WRITE_OFF = "write_off"
    RE_ATTRIBUTION = "re_attribution"
    CORRECTION = "correction"


class Standing(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


DECIDED = {
    Standing.APPROVED: "disetujui", Standing.REJECTED: "ditolak", Standing.WITHDRAWN: "ditarik",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WriteOff:
    """The case ends without the money; the book keeps what happened."""

    amount: int


@dataclass(frozen=True, slots=True)
class ReAttribution:
    """The attendant's share of one charge or cash payment goes to who really took it (D29)."""

    thing: str  # "charge:PKR…" or "cash:12"
    from_id: int
    to_id: int
    amount: int
    day: date  # its business day


@dataclass(frozen=True, slots=True)
class Correction:
    """A balanced entry of today for a day. Debits are positive."""

    day: date
    sides: tuple[Posting, ...]


Terms = WriteOff | ReAttribution | Correction
KIND_OF: Mapping[type, Kind] = {
    WriteOff: Kind.WRITE_OFF, ReAttribution: Kind.RE_ATTRIBUTION, Correction: Kind.CORRECTION,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    id: int
    case_id: int
    terms: Terms
    reason: str
    document: str
    proposed_by: str
    proposed_at: datetime
    proposed_in: str
    standing: Standing
    decided_by: str | None
    decided_at: datetime | None
    why: str

    @property
    def kind(self) -> Kind:
        return KIND_OF[type(self.terms)]


def check_decider(proposal: Proposal, actor: str, session: str) -> None:
    """Raises NotAllowed: nobody decides about their own, nor in the browser it was written in."""
    if actor == proposal.proposed_by:
        raise NotAllowed("Anda sendiri yang mengusulkan ini. Orang lain yang harus memutuskan.")
    if session == proposal.proposed_in:
        raise NotAllowed("Usulan ini dibuat dari sesi yang sama. Putuskan dari sesi lain.")


def check_waiting(proposal: Proposal) -> None:
    """Raises Conflict."""
    if proposal.standing is not Standing.PROPOSED:
        then = DECIDED[proposal.standing]
        raise Conflict(f"Usulan {proposal.id} sudah {then}: tidak menunggu lagi")


def check_sides(sides: tuple[Posting, ...]) -> None:
    """Raises BadInput naming what is wrong with the sides of a correction."""
    if not 2 <= len(sides) <= MOST_SIDES:
        raise BadInput("Koreksi belum benar", {"sides": f"isi 2 sampai {MOST_SIDES} baris"})
    difference = sum(side.amount for side in sides)
    if difference:
        raise BadInput(
            "Koreksi belum benar",
            {"sides": f"debit dan kredit berbeda {rupiah_text(Rupiah(abs(difference)))}"},
        )
    if any(side.account in NOT_BY_HAND for side in sides):
        raise BadInput(
            "Koreksi belum benar", {"sides": "mutasi rekening hanya dibukukan dari rekening koran"}
        )


def side(account: str, holder: int | None, amount: int) -> Posting:
    """One side. Raises BadInput."""
    if account not in list(Account):
        raise BadInput("Koreksi belum benar", {"sides": "pilih akun di setiap baris"})
    if (holder is not None) != (Account(account) in HELD):
        wrong = "akun ini perlu pemegang" if holder is None else "akun ini tidak punya pemegang"
        raise BadInput("Koreksi belum benar", {"sides": wrong})
    return Posting(Account(account), amount, holder)


def entry_of(proposal: Proposal) -> Entry | None:
    """What approving it books: nothing for a write-off."""
    terms, source = proposal.terms, Source(proposal_id=proposal.id)
    if isinstance(terms, WriteOff):
        return None
    sides = terms.sides if isinstance(terms, Correction) else moved(terms)
    return Entry(proposal.kind, str(proposal.id), terms.day, sides, source)


def moved(terms: ReAttribution) -> tuple[Posting, ...]:
    """A share leaves one attendant and comes to another."""
    share = Account.ATTENDANT_SHARE
    return (
        Posting(share, terms.amount, terms.from_id), Posting(share, -terms.amount, terms.to_id),
    )  # fmt: skip


def to_json(terms: Terms) -> dict[str, Any]:
    values = asdict(terms)
    if "day" in values:
        values["day"] = values["day"].isoformat()
    return values


def from_json(kind: str, values: Mapping[str, Any]) -> Terms:
    if kind == Kind.WRITE_OFF:
        return WriteOff(**values)
    day = date.fromisoformat(values["day"])
    if kind == Kind.RE_ATTRIBUTION:
        return ReAttribution(**{**values, "day": day})
    sides = (Posting(Account(s["account"]), s["amount"], s["holder"]) for s in values["sides"])
    return Correction(day, tuple(sides))
