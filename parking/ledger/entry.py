"""The book: balanced entries, and how each event of ours is booked.

Debits are positive, credits negative. What the driver paid is owed to us by the
gateway or held by the attendant until it is handed on, and belongs to the city and
the attendant in the shares that held when it was asked.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from parking.money import Rupiah, share_of


class Account(StrEnum):
    DUE_FROM_GATEWAY = "due_from_gateway"  # paid by drivers, not yet paid out to us
    SETTLED = "settled"  # paid out by the gateway, net of its fee
    GATEWAY_FEE = "gateway_fee"
    CASH_WITH_ATTENDANT = "cash_with_attendant"  # by holder
    CASH_WITH_COLLECTOR = "cash_with_collector"  # by holder: the user who collects
    CASH_WITH_TREASURER = "cash_with_treasurer"
    CASH_IN_TRANSIT = "cash_in_transit"  # paid in at the bank, not yet matched with its credit
    TREASURY = "treasury"  # what bank statements show on our accounts
    BANK_UNMATCHED = "bank_unmatched"  # credits and debits of which it is not settled what they are
    CITY_SHARE = "city_share"
    ATTENDANT_SHARE = "attendant_share"  # by holder
    SHARE_PAID_OUT = "share_paid_out"  # by the bank, to attendants, out of the budget
    REFUNDED_BY_HAND = "refunded_by_hand"  # given back by the treasurer, outside the gateway
    SUSPENSE = "suspense"  # received, and not yet anybody's: a case says why


HELD = frozenset(
    {Account.CASH_WITH_ATTENDANT, Account.CASH_WITH_COLLECTOR, Account.ATTENDANT_SHARE}
)


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry."""

    account: Account
    amount: int  # rupiah; debit positive, credit negative
    holder: int | None = None  # the attendant or collector, on the accounts that one holds

    def __post_init__(self) -> None:
        if type(self.amount) is not int or self.amount == 0:
            raise ValueError(f"a posting is a whole number of rupiah, not {self.amount!r}")
        if (self.holder is not None) != (self.account in HELD):
            raise ValueError(f"{self.account} of holder {self.holder}")


@dataclass(frozen=True, slots=True)
class Source:
    """What a booking rests on: exactly one of them (M4)."""

    evidence_id: int | None = None
    cash_id: int | None = None
    cash_correction_id: int | None = None
    refund_id: int | None = None  # of a transfer that a document proves
    handover_id: int | None = None  # that the receiver has counted
    sts_id: int | None = None  # that a bank's slip proves
    statement_line_id: int | None = None
    payout_id: int | None = None
    proposal_id: int | None = None  # of a correction that a second person approved

    def __post_init__(self) -> None:
        if sum(value is not None for value in self.named().values()) != 1:
            raise ValueError(f"an entry rests on one source, not {self}")

    def named(self) -> dict[str, int | None]:
        """By the names of the book's columns."""
        return {each: getattr(self, each) for each in self.__slots__}


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking. Kind and reference name it: the same one cannot be booked twice."""

    kind: str
    reference: str
    effective_on: date  # the business day it belongs to
    postings: tuple[Posting, ...]
    source: Source

    def __post_init__(self) -> None:
        if len(self.postings) < 2 or sum(p.amount for p in self.postings) != 0:
            raise ValueError(f"entry {self.kind} {self.reference} does not balance")


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose a levy is: the attendant's who took it, and the city's by the split of that time."""

    attendant_id: int
    city_bps: int


def shared_between(amount: Rupiah, city_bps: int) -> tuple[Rupiah, Rupiah]:
    """The city's and the attendant's share of an amount, together exactly the amount.

    The city's is rounded half up to whole rupiah, the attendant has the rest: with
    two parties that is the largest-remainder rule.

    >>> shared_between(Rupiah(2_001), 4_000)
    (800, 1201)
    """
    city = share_of(amount, city_bps)
    return city, Rupiah(amount - city)


def receipt(amount: Rupiah, due: Rupiah, terms: Terms) -> tuple[Posting, ...]:
    """Money a driver paid for a charge: shared up to what was asked, the rest in suspense.

    What is less than was asked is shared by nobody until a case has decided it (M7).
    """
    if amount < due:
        return unattributed(amount)
    surplus = amount - due
    return _sides(
        (Account.DUE_FROM_GATEWAY, amount, None),
        *_credited(shared_between(due, terms.city_bps), terms),
        (Account.SUSPENSE, -surplus, None),
    )


def unattributed(amount: Rupiah) -> tuple[Posting, ...]:
    """Money of no charge of ours, or paid twice, or too little: real, and nobody's yet."""
    return _sides((Account.DUE_FROM_GATEWAY, amount, None), (Account.SUSPENSE, -amount, None))


def taken_back(
    booked: tuple[Posting, ...],
    before: Rupiah,
    after: Rupiah,
    out_of: Account = Account.DUE_FROM_GATEWAY,
) -> tuple[Posting, ...]:
    """What undoes a receipt, of which `before` was given back already and now `after` in all.

    A surplus, which is nobody's, goes back first; then the shares, each in proportion.
    The parts of several refunds add up to the receipt exactly: each takes from
    every share what its running total says, less what the ones before it took.
    What goes back beyond the receipt, by hand and by the gateway (D36), is in suspense
    until it is recovered: it is not the attendant's to bear.
    """
    total = sum(p.amount for p in booked if p.account is Account.DUE_FROM_GATEWAY)
    surplus = -sum(p.amount for p in booked if p.account is Account.SUSPENSE)
    shares = [p for p in booked if p.account not in (Account.DUE_FROM_GATEWAY, Account.SUSPENSE)]
    shared = [max(0, min(each, total) - surplus) for each in (before, after)]
    back, rest = [], shared[1] - shared[0]
    suspended = after - before - rest
    for side in shares[:-1]:
        parts = [_part(-side.amount, each, total - surplus) for each in shared]
        back.append((side.account, parts[1] - parts[0], side.holder))
        rest -= parts[1] - parts[0]
    back += [(side.account, rest, side.holder) for side in shares[-1:]]
    return _sides(*back, (Account.SUSPENSE, suspended, None), (out_of, before - after, None))


def settlement(gross: int, fee: int) -> tuple[Posting, ...]:
    """What the gateway paid out: our money less its fee. Negative for money taken back."""
    return _sides(
        (Account.SETTLED, gross - fee, None),
        (Account.GATEWAY_FEE, fee, None),
        (Account.DUE_FROM_GATEWAY, -gross, None),
    )


def cash(amount: Rupiah, terms: Terms) -> tuple[Posting, ...]:
    """A driver paid coins and notes: the attendant holds them."""
    return _sides(
        (Account.CASH_WITH_ATTENDANT, amount, terms.attendant_id),
        *_credited(shared_between(amount, terms.city_bps), terms),
    )


Place = tuple[Account, int | None]  # an account, and its holder where one holds it


def moved(amount: Rupiah, booked: int, giver: Place, receiver: Place) -> tuple[Posting, ...]:
    """Cash that went on, as much as was counted; `booked` is what the giver has by the book.

    What is counted beyond that was never written down when it was taken: it is real, and
    nobody's until a case has decided it. So no holder has less than nothing (M17).
    """
    known = min(amount, max(0, booked))
    return _sides(
        (receiver[0], amount, receiver[1]),
        (giver[0], -known, giver[1]),
        (Account.SUSPENSE, known - amount, None),
    )


def share_paid(amount: Rupiah, attendant_id: int) -> tuple[Posting, ...]:
    """A share that the bank paid to its attendant out of the budget; negative: sent back."""
    return _sides(
        (Account.ATTENDANT_SHARE, amount, attendant_id), (Account.SHARE_PAID_OUT, -amount, None)
    )


def bank_line(amount: Rupiah) -> tuple[Posting, ...]:
    """A line of a bank statement: it moved our account, and what it is comes out by matching."""
    return _sides((Account.TREASURY, amount, None), (Account.BANK_UNMATCHED, -amount, None))


def mirrored(booked: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """What undoes a booking entirely, as for a cash tap taken back."""
    return tuple(Posting(p.account, -p.amount, p.holder) for p in booked)


def _credited(
    shares: tuple[Rupiah, Rupiah], terms: Terms
) -> tuple[tuple[Account, int, int | None], ...]:
    city, attendant = shares
    return (
        (Account.CITY_SHARE, -city, None),
        (Account.ATTENDANT_SHARE, -attendant, terms.attendant_id),
    )


def _sides(*sides: tuple[Account, int, int | None]) -> tuple[Posting, ...]:
    """The sides that are not zero: a share of nothing is no posting."""
    return tuple(Posting(account, amount, holder) for account, amount, holder in sides if amount)


def _part(share: int, given_back: int, total: int) -> int:
    return (share * given_back * 2 + total) // (2 * total)
