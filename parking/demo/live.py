"""Today, while the demo serves: a vehicle every few seconds, in real time."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

import requests
import structlog

from parking.demo.days import Cast
from parking.demo.demand import HOW_QRIS, MIX, QRIS_SHARE, VEHICLES, How, Sale, Worker
from parking.demo.sign_ins import LENT
from parking.demo.stage import Wait
from parking.demo.stories import Scene, story_of
from parking.errors import ParkingError

log = structlog.get_logger()

AT_WORK = 8  # attendants; the phones that visitors borrow are not among them
EVERY_S = 4.0
WAITS_S = {1: 9.0, 2: 3.0, 0: 12.0}  # until the driver pays, the attendant looks, somebody goes on


class LiveStreet:
    """Attendants who take vehicles until the block is left."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._random = Random()  # noqa: S311 - invented vehicles
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(AT_WORK)
        self._thread = threading.Thread(target=self._run, name="live street")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._pool.shutdown()

    def _run(self) -> None:
        workers = [worker for worker in self._who() if self._opens(worker)]
        while workers and not self._stop.wait(self._random.uniform(0.5, 1.5) * EVERY_S):
            self._pool.submit(self._play, self._random.choice(workers))

    def _who(self) -> Sequence[Worker]:
        alone = [w for w in self._cast.workers.values() if w.takes_over_from is None]
        return alone[LENT : LENT + AT_WORK]

    def _opens(self, worker: Worker) -> bool:
        phone = self._cast.phones[worker.number]
        try:
            phone.sign_in()
            phone.open_shift(self._cast.city.points[worker.place.code])
        except (ParkingError, requests.RequestException) as error:
            log.warning("does not work today", badge=worker.badge, why=str(error)[:200])
            return False
        return True

    def _play(self, worker: Worker) -> None:
        """One vehicle. What a visitor has ended in the meantime ends its story alone."""
        scene = Scene(self._cast.phones[worker.number], self._cast.gateway, self._cast.book)
        try:
            for wait in story_of(self._sale(worker), None, scene):
                if self._stop.wait(_pause(wait)):
                    return
        except (ParkingError, requests.RequestException) as error:
            log.warning("vehicle given up", badge=worker.badge, why=str(error)[:200])

    def _sale(self, worker: Worker) -> Sale:
        (vehicle,) = self._random.choices(VEHICLES, MIX[worker.place.character])
        how = How.CASH
        if worker.uses_qris and self._random.random() < 2 * QRIS_SHARE:
            (how,) = self._random.choices([h for h, _ in HOW_QRIS], [s for _, s in HOW_QRIS])
        return Sale(self._cast.patience.clock.now(), worker.number, vehicle, how, 0)


def _pause(wait: Wait) -> float:
    return WAITS_S[wait.phase]
