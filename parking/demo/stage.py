"""Plays stories over the moments of a day: every process of the demo reads the same clock."""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.clock import DrivenClock
from parking.demo.gateway import SandboxGateway

# Seconds after a tick: the attendant taps, the driver pays, the attendant looks.
PHASES = (0, 40, 55)


@dataclass(frozen=True, slots=True)
class Wait:
    """What a story waits for: a phase of this tick or of a later one."""

    phase: int
    ticks: int = 0


PAYS, LOOKS = Wait(1), Wait(2)
NEXT = Wait(0, ticks=1)
EXPIRED = Wait(1, ticks=2)  # more than ten minutes later

Story = Generator[Wait, None, None]


class Stage:
    """Moves the clock and lets the stories of a moment run side by side."""

    def __init__(self, clock: DrivenClock, gateway: SandboxGateway, pool: Executor) -> None:
        self._clock = clock
        self._gateway = gateway
        self._pool = pool

    def play(
        self,
        ticks: Sequence[datetime],
        stories: Iterable[tuple[int, Story]],
        told: Callable[[int], None],
    ) -> None:
        """Play stories, each beginning at the tick it comes with. `told` hears how many ticks
        have passed. Raises what a story raises.
        """
        due: dict[tuple[int, int], list[Story]] = defaultdict(list)
        for tick, story in stories:
            due[tick, 0].append(story)
        for tick, moment in enumerate(ticks):
            for phase, seconds in enumerate(PHASES):
                self._clock.drive(moment + timedelta(seconds=seconds))
                self._play_phase(due, tick, phase)
            told(tick + 1)
        if due:
            raise ValueError(f"stories left over after the last tick: {sorted(due)}")

    def _play_phase(self, due: dict[tuple[int, int], list[Story]], tick: int, phase: int) -> None:
        now = due.pop((tick, phase), [])
        for story, wait in zip(now, self._pool.map(_go_on, now), strict=True):
            if wait is not None:
                due[tick + wait.ticks, wait.phase].append(story)
        if phase < LOOKS.phase:
            self._gateway.deliver_now()


def _go_on(story: Story) -> Wait | None:
    return next(story, None)
