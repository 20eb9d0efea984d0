"""A random day, decided by its seed alone: what drivers, banks and the network do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

# Moments after the codes were made at which something happens; a code lives for five minutes.
STEPS = tuple(timedelta(seconds=s) for s in (5, 40, 90, 200, 310, 420, 900, 2_400, 7_200, 14_400))
ON_TIME = 4  # steps before the codes end
AMOUNTS = (2_000, 3_000, 5_000)


class Act(StrEnum):
    PAY = "pay"
    PAY_OTHER = "pay_other"  # another amount than was asked
    PAY_LATE = "pay_late"  # though the code has ended
    PAY_AGAIN = "pay_again"
    GIVE_BACK = "give_back"  # all of it, and nobody of ours asked
    GIVE_BACK_PART = "give_back_part"
    FORGE = "forge"
    CANCEL = "cancel"  # by the attendant


@dataclass(frozen=True)
class Trip:
    """One code, and what happens to it: acts by step."""

    gateway: str
    asked: int
    acts: dict[int, Act]
    other: int  # the amount where another one is paid
    network: float  # how bad the network is: the share of messages with which something is done


@dataclass(frozen=True)
class Day:
    seed: int
    trips: Sequence[Trip]


def day_of(seed: int, gateways: Sequence[str]) -> Day:
    random = Random(seed)
    trips = [_trip(random, gateways) for _ in range(random.choice((1, 1, 2, 3)))]
    return Day(seed, trips)


def _trip(random: Random, gateways: Sequence[str]) -> Trip:
    asked, acts = random.choice(AMOUNTS), dict[int, Act]()
    paid_at = random.randrange(1, ON_TIME)
    kind = random.random()
    if kind < 0.62:
        acts[paid_at] = Act.PAY
    elif kind < 0.70:
        acts[paid_at] = Act.PAY_OTHER
    elif kind < 0.80:
        acts[0] = random.choice((Act.CANCEL, Act.FORGE))
        paid_at = random.randrange(ON_TIME + 1, len(STEPS) - 3)
        acts[paid_at] = Act.PAY_LATE
    else:
        acts[random.randrange(ON_TIME)] = random.choice((Act.CANCEL, Act.FORGE))
        paid_at = len(STEPS)
    after = range(paid_at + 1, len(STEPS) - 1)
    if len(after) > 0 and random.random() < 0.12:
        acts[random.choice(after)] = Act.PAY_AGAIN
    free = [step for step in after if step not in acts]
    if free and random.random() < 0.15:
        acts[random.choice(free)] = random.choice((Act.GIVE_BACK, Act.GIVE_BACK_PART))
    other = asked + random.choice((-1_000, -1, 1, 500, 10_000))
    return Trip(random.choice(gateways), asked, acts, other, random.choice((0.1, 0.5, 0.9)))


class Fate(StrEnum):
    """What the network makes of one message."""

    ARRIVES = "arrives"
    TWICE = "twice"
    MUCH_LATER = "much_later"
    LOST = "lost"
    ALTERED = "altered"  # on the way; then it comes whole as well
    FORGED = "forged"  # sent by somebody who has no key, beside the true one


def fate_of(random: Random, badness: float) -> Fate:
    return random.choice(list(Fate)) if random.random() < badness else Fate.ARRIVES
