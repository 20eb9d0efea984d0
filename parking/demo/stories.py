"""What happens with one vehicle, step by step, on the phone and at the gateway."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock
from time import sleep

from parking.business_day import business_day
from parking.demo.demand import How, Sale
from parking.demo.gateway import SandboxGateway
from parking.demo.outcome import Planted
from parking.demo.phones import Phone, Shown
from parking.demo.plants import Plant, late_report_day
from parking.demo.stage import EXPIRED, LOOKS, NEXT, PAYS, Story
from parking.registry.facts import Vehicle

TIP = 1_000  # what a driver pays more where the amount differs
WRONG_FEE = 14  # 0.7 % of Rp2.000, though the contract says nothing is kept
PAYS_LATER_S = 120  # the callback comes when the attendant has already given up
LOOK_AGAIN_S = 0.05
NEVER_S = 30 * 86_400  # an inquiry that tells nothing in the time of the demo


class Book:
    """What the stories remember: which charge was asked for what, and what was planted in it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.planted: list[Planted] = []
        self.asked: list[tuple[Sale, Vehicle, Shown]] = []

    def plant(self, plant: Plant, *keys: str) -> None:
        with self._lock:
            self.planted.append(Planted(plant, frozenset(keys)))

    def keys_of(self, plant: Plant) -> list[str]:
        """Of all faults of a kind that were planted."""
        with self._lock:
            return sorted(key for one in self.planted if one.plant is plant for key in one.keys)

    def note(self, sale: Sale, vehicle: Vehicle, shown: Shown) -> None:
        with self._lock:
            self.asked.append((sale, vehicle, shown))


@dataclass(frozen=True, slots=True)
class Scene:
    phone: Phone
    gateway: SandboxGateway
    book: Book

    def charge(self, sale: Sale, vehicle: Vehicle, replaces: str | None = None) -> Shown:
        shown = self.phone.charge(vehicle, replaces)
        self.book.note(sale, vehicle, shown)
        return shown


def story_of(sale: Sale, plant: Plant | None, scene: Scene) -> Story:
    """The story of one vehicle."""
    if plant is not None:
        return STORY_OF_PLANT[plant](sale, plant, scene)
    return STORY_OF[sale.how](sale, scene)


def _cash(sale: Sale, scene: Scene) -> Story:
    scene.phone.cash(sale.vehicle)
    return
    yield


def _paid(sale: Sale, scene: Scene) -> Story:
    shown = scene.charge(sale, sale.vehicle)
    yield PAYS
    if sale.callback_after_s:
        scene.gateway.fault("callback_delay", shown.ours, sale.callback_after_s)
    scene.gateway.pay(shown.ours)
    yield LOOKS
    scene.phone.look(shown.ours)


def _left(sale: Sale, scene: Scene) -> Story:
    shown = scene.charge(sale, sale.vehicle)
    yield LOOKS
    scene.phone.look(shown.ours)


def _remade(sale: Sale, scene: Scene) -> Story:
    """The attendant tapped the wrong vehicle type."""
    is_car = sale.vehicle is Vehicle.CAR
    wrong = scene.charge(sale, Vehicle.MOTORCYCLE if is_car else Vehicle.CAR)
    yield PAYS
    scene.phone.cancel(wrong.ours)
    right = scene.charge(sale, sale.vehicle, replaces=wrong.ours)
    yield LOOKS
    scene.gateway.pay(right.ours)
    yield NEXT
    scene.phone.look(right.ours)


def _to_cash(sale: Sale, scene: Scene) -> Story:
    shown = scene.charge(sale, sale.vehicle)
    yield PAYS
    scene.phone.cash(sale.vehicle, instead_of=shown.ours)


def _with_fault(sale: Sale, plant: Plant, scene: Scene, *, faults: dict[str, int | None]) -> Story:
    """Paid, and the gateway does something else than it should."""
    shown = scene.charge(sale, sale.vehicle)
    scene.book.plant(plant, shown.ours)
    for name, value in faults.items():
        scene.gateway.fault(name, shown.ours, value)
    yield PAYS
    scene.gateway.pay(shown.ours)
    yield LOOKS
    scene.phone.look(shown.ours)


def _paid_late(sale: Sale, plant: Plant, scene: Scene) -> Story:
    """The driver's bank lets a payment through although the code had ended."""
    shown = scene.charge(sale, sale.vehicle)
    scene.book.plant(plant, shown.ours)
    yield EXPIRED
    while scene.phone.look(shown.ours).state == "pending":
        sleep(LOOK_AGAIN_S)  # until the jobs process, too, has seen that its time is over
    scene.gateway.pay(shown.ours, late=True)


def _other_amount(sale: Sale, plant: Plant, scene: Scene) -> Story:
    shown = scene.charge(sale, sale.vehicle)
    scene.book.plant(plant, shown.ours)
    scene.gateway.fault("amount_mismatch", shown.ours, shown.amount + TIP)
    yield PAYS
    scene.gateway.pay(shown.ours)


def _settled_late(sale: Sale, plant: Plant, scene: Scene) -> Story:
    day = business_day(sale.at)
    faults: dict[str, int | None] = {"report_late": (late_report_day(day) - day).days}
    return _with_fault(sale, plant, scene, faults=faults)


def _paid_twice(sale: Sale, plant: Plant, scene: Scene) -> Story:
    """The first code will not scan, the attendant makes a second one, and the driver's bank
    lets both payments through.
    """
    first = scene.charge(sale, sale.vehicle)
    yield PAYS
    second = scene.charge(sale, sale.vehicle, replaces=first.ours)
    scene.book.plant(plant, first.ours, second.ours)
    yield LOOKS
    scene.gateway.pay(second.ours)
    yield NEXT
    scene.gateway.pay(first.ours, late=True)


def _wrong_vehicle(sale: Sale, plant: Plant, scene: Scene) -> Story:
    """A first code of another kind of vehicle, which the driver's bank lets through as well."""
    is_car = sale.vehicle is Vehicle.CAR
    first = scene.charge(sale, Vehicle.MOTORCYCLE if is_car else Vehicle.CAR)
    yield PAYS
    second = scene.charge(sale, sale.vehicle, replaces=first.ours)
    scene.book.plant(plant, first.ours)
    yield LOOKS
    scene.gateway.pay(second.ours)
    yield NEXT
    scene.gateway.pay(first.ours, late=True)


def _cash_and_paid(sale: Sale, plant: Plant, scene: Scene) -> Story:
    """ "Not received", says the attendant, and takes cash; a minute later the callback comes."""
    shown = scene.charge(sale, sale.vehicle)
    scene.book.plant(plant, shown.ours)
    scene.gateway.fault("callback_delay", shown.ours, PAYS_LATER_S)
    yield PAYS
    scene.gateway.pay(shown.ours)
    yield LOOKS
    scene.phone.cash(sale.vehicle, instead_of=shown.ours)


STORY_OF = {
    How.CASH: _cash,
    How.PAID: _paid,
    How.LEFT: _left,
    How.REMADE: _remade,
    How.TO_CASH: _to_cash,
}

STORY_OF_PLANT: dict[Plant, Callable[[Sale, Plant, Scene], Story]] = {
    Plant.LOST_CALLBACK: partial(_with_fault, faults={"callback_drop": None}),
    Plant.REPEATED: partial(_with_fault, faults={"callback_duplicate": 2}),
    Plant.NO_LINE: partial(_with_fault, faults={"report_missing_row": None}),
    Plant.SILENT: partial(_with_fault, faults={"callback_drop": None, "status_lags": NEVER_S}),
    Plant.OTHER_FEE: partial(_with_fault, faults={"report_fee": WRONG_FEE}),
    Plant.REFUND_LINE: partial(_with_fault, faults={"report_reversal": None}),
    Plant.IN_OUTAGE: partial(_with_fault, faults={"report_missing_row": None}),
    Plant.TWICE_BACK: partial(_with_fault, faults={"report_reversal": None}),
    Plant.WRONG_VEHICLE: _wrong_vehicle,
    Plant.PAID_LATE: _paid_late,
    Plant.OTHER_AMOUNT: _other_amount,
    Plant.SETTLED_LATE: _settled_late,
    Plant.PAID_TWICE: _paid_twice,
    Plant.CASH_AND_PAID: _cash_and_paid,
}
