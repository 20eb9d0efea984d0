"""What a day promised and paid to attendants, and which QR codes drivers were shown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from parking.reconciliation.bank_day import Due

PAYS_IN = 2  # working days from the day on which a share was earned (domain.md 1.2: the next day)


@dataclass(frozen=True, slots=True)
class Share:
    """An attendant's share of a day by the book, and what the bank paid of it."""

    attendant_id: int
    badge: str
    computed: int
    paid: int
    returned: int
    references: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Commitment:
    """What an attendant who worked on the day had promised to pay in, a day."""

    id: int
    attendant_id: int
    badge: str
    daily: int


@dataclass(frozen=True, slots=True)
class ShownQr:
    """A QR that somebody was shown at a point, as it was read."""

    id: int
    point_id: int
    payload: str
    badge: str = ""  # of who had a shift open there at that moment
    attendant_id: int | None = None


@dataclass(frozen=True, slots=True)
class PeopleDay:
    shares: Sequence[Share] = ()  # none before the city has paid any
    due: Due = Due(date.max, False)  # by when shares should be paid
    commitments: Sequence[Commitment] = ()
    city_bps: int = 0
    shown: Sequence[ShownQr] = ()
    nmids: Sequence[str] = ()  # ours

    @property
    def waits(self) -> bool:
        """Whether a share may still be paid."""
        return not self.due.is_over and any(
            share.computed > 0 and not share.paid for share in self.shares
        )
