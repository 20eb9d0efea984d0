"""A handover: one holder of cash says what he gives, the next says what he received.

Pure. Neither amount is ever changed. What was given and not received stays with the giver
in the book, who says whether he agrees; a later handover of nothing else settles it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from parking.errors import BadInput, Conflict
from parking.ledger.entry import Account
from parking.money import Rupiah, rupiah_text

LONGEST_NOTE = 500
LARGEST = 1_000_000_000  # rupiah; more than any city's cash of a year


class Party(StrEnum):
    ATTENDANT = "attendant"
    COLLECTOR = "collector"
    TREASURER = "treasurer"


ACCOUNT = {
    Party.ATTENDANT: Account.CASH_WITH_ATTENDANT,
    Party.COLLECTOR: Account.CASH_WITH_COLLECTOR,
    Party.TREASURER: Account.CASH_WITH_TREASURER,
}


class Standing(StrEnum):
    OFFERED = "offered"
    RECEIVED = "received"  # the same amount
    DIFFERS = "differs"  # another amount, and the giver has not said yet what he thinks
    ACKNOWLEDGED = "acknowledged"  # the giver agrees with the other amount
    DISPUTED = "disputed"  # he does not; both amounts stand, and reconciliation names it
    WITHDRAWN = "withdrawn"  # before anybody counted


MOVES: dict[Standing, frozenset[Standing]] = {
    Standing.OFFERED: frozenset({Standing.RECEIVED, Standing.DIFFERS, Standing.WITHDRAWN}),
    Standing.DIFFERS: frozenset({Standing.ACKNOWLEDGED, Standing.DISPUTED}),
    Standing.DISPUTED: frozenset({Standing.ACKNOWLEDGED}),
    Standing.RECEIVED: frozenset(),
    Standing.ACKNOWLEDGED: frozenset(),
    Standing.WITHDRAWN: frozenset(),
}
COUNTED = frozenset({Standing.RECEIVED, Standing.DIFFERS, Standing.ACKNOWLEDGED, Standing.DISPUTED})


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has cash: an attendant, a user who collects, or the treasurer's office (no id)."""

    party: Party
    id: int | None

    @property
    def place(self) -> tuple[Account, int | None]:
        """Where his cash stands in the book: the office holds it, not one of its people."""
        return ACCOUNT[self.party], None if self.party is Party.TREASURER else self.id


OFFICE = Holder(Party.TREASURER, None)


@dataclass(frozen=True, slots=True)
class Item:
    """What a handover is of: a closed shift, or a handover that a collector received."""

    shift_id: int | None
    part_id: int | None
    amount: Rupiah  # of it, by the book


@dataclass(frozen=True, slots=True)
class Handover:
    id: int
    client_key: str
    giver: Holder
    receiver: Holder  # of the treasurer's office: who counted, as soon as somebody did
    given: Rupiah  # as the giver says
    given_at: datetime
    business_day: date
    assignment_id: int | None  # the letter he had; none: D25
    standing: Standing
    received: Rupiah | None
    received_at: datetime | None
    receiver_note: str
    acknowledged_at: datetime | None
    giver_note: str

    @property
    def difference(self) -> int:
        """Received less given; nothing before it was counted."""
        return 0 if self.received is None else self.received - self.given


@dataclass(frozen=True, slots=True)
class Wish:
    """What a giver says: to whom, how much, and of which shifts or handovers.

    Of none of them: it settles what was short before.
    """

    giver: Holder
    receiver: Holder
    client_key: str
    given: int
    shifts: tuple[int, ...] = ()
    parts: tuple[int, ...] = ()


def check_amount(amount: int, field: str) -> Rupiah:
    """Raises BadInput if it is no amount of cash."""
    if not 0 <= amount <= LARGEST:
        raise BadInput("Jumlah belum benar", {field: f"antara Rp0 dan {rupiah_text(LARGEST)}"})
    return Rupiah(amount)


def check_wish(wish: Wish, items: Sequence[Item], short: int) -> None:
    """Raises BadInput if there is nothing to give; `short` is what earlier ones left owed."""
    check_amount(wish.given, "given")
    if items or (wish.given > 0 and short > 0):
        return
    if short <= 0:
        raise Conflict("Tidak ada tunai yang belum disetor")
    raise BadInput("Isi jumlah yang disetor", {"given": f"sisa lama {rupiah_text(short)}"})


def check_move(of: Handover, to: Standing) -> None:
    """Raises Conflict if a handover cannot come there from where it stands."""
    if to not in MOVES[of.standing]:
        raise Conflict(f"Serah terima {of.id} {REFUSAL[of.standing]}")


REFUSAL = {
    Standing.OFFERED: "belum dihitung penerimanya",
    Standing.RECEIVED: "sudah diterima",
    Standing.DIFFERS: "sudah dihitung penerimanya",
    Standing.ACKNOWLEDGED: "sudah disetujui",
    Standing.DISPUTED: "sudah dijawab",
    Standing.WITHDRAWN: "sudah dibatalkan pemberinya",
}


def standing_after(given: Rupiah, counted: Rupiah) -> Standing:
    return Standing.RECEIVED if given == counted else Standing.DIFFERS


def same(before: Handover, wish: Wish, items: Sequence[Item]) -> bool:
    """Whether a wish that carries the key of a handover is that handover, sent again."""
    asked = (wish.giver, wish.receiver.party, wish.given)
    receiver_fits = wish.receiver.id in (None, before.receiver.id)
    of = ({i.shift_id for i in items} - {None}, {i.part_id for i in items} - {None})
    wanted = (set(wish.shifts), set(wish.parts))
    return (
        asked == (before.giver, before.receiver.party, before.given)
        and receiver_fits
        and of == wanted
    )
