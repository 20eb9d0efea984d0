"""Walk along the audit log and find the first place where it is not what was sealed (F99)."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from parking.audit import store
from parking.audit.chain import Broken, Walk


@dataclass(frozen=True, slots=True)
class Verdict:
    sealed: int  # events whose seals are right, up to the first break
    unsealed: int  # events too new to be sealed
    head: str  # hash of the last right seal: what to write down as an anchor
    broken: Broken | None


def verify(
    session: Session, anchor: str | None = None, tell: Callable[[int], object] = lambda count: None
) -> Verdict:
    """Whether nothing was changed, removed, inserted or moved since it was sealed.

    `anchor` is a head that was written down earlier, where nobody of this machine
    can reach it: with it a log that was cut at its end, or rewritten with all its
    seals, shows as well. `tell` is called with the number of rows walked.
    """
    walk = Walk(anchor)
    broken = None
    for event, seal in store.log_with_seals(session):
        broken = walk.step(event, seal)
        tell(1)
        if broken:
            break
    return Verdict(walk.sealed, walk.unsealed, walk.head, broken or walk.at_the_end())
