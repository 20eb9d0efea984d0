"""The world in which random days happen: the service over PostgreSQL, the sandbox's gateways in
the same process, and a network between them that a seed decides.

Only the sockets are left out: adapters send whole HTTP requests to the sandbox's application,
and its notifications are posted to the service's own door.
"""

import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from unittest import mock
from urllib.parse import urlsplit

from flask import Flask
from parking.business_day import business_day
from parking.charges import expire
from parking.charges import store as charge_store
from parking.charges.cancel import cancel
from parking.charges.charge import ChargeState, Step
from parking.charges.store import ChargeRow
from parking.database.bulk import among
from parking.errors import Conflict, GatewayError
from parking.gateways.protocol import Gateway, QrRequest
from parking.http_errors import answer_errors
from parking.invariants.check import check_all
from parking.money import Rupiah
from parking.parts import Parts
from parking.payments import inquire, work
from parking.payments.routes import callbacks
from parking.payments.store import PaymentRow
from parking.registry.store import MerchantAccountRow
from parking.sandbox import change
from parking.sandbox.config import SandboxConfig, default_merchants
from parking.sandbox.courier import Courier
from parking.sandbox.outbox import Attempt
from parking.sandbox.parts import SandboxParts
from parking.sandbox.parts import assemble as assemble_sandbox
from parking.sandbox.provider import Delivery, Message
from parking.sandbox.providers import PROVIDERS
from parking.sandbox.settle import settlement_report
from parking.sandbox.transactions import Refusal
from parking.statements.take_in import Attempt as File
from parking.statements.take_in import take_in
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from sqlalchemy import insert, select
from urllib3 import HTTPResponse

from tests.builders import LONG_AGO, City
from tests.gateways.contract.adapters import ADAPTERS, merchant_of
from tests.payments.scenes import VALIDITY, a_shift
from tests.random_days.plan import AMOUNTS, STEPS, Act, Day, Fate, Trip, fate_of
from tests.sandbox_process import KEYS

VEHICLES = dict(zip(AMOUNTS, ("motorcycle", "car", "truck_bus"), strict=True))
AT_ONCE = 8  # callbacks at the door
SANDBOX = "http://sandbox.test"
DOOR = "http://door.test/callbacks/{gateway}/{account}"


class InProcess(HTTPAdapter):
    """Sends a request to an application of this process."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app = app

    def send(self, request: PreparedRequest, **_: object) -> Response:  # type: ignore[override]
        answer = self._app.test_client().open(
            request.path_url, method=request.method, data=request.body,
            headers=list(request.headers.items()),
        )  # fmt: skip
        raw = HTTPResponse(
            io.BytesIO(answer.data), answer.headers, answer.status_code, preload_content=False
        )
        return self.build_response(request, raw)


@dataclass
class Asked:
    """A charge of ours on its way through a day."""

    seed: int
    number: int
    trip: Trip
    random: Random
    ours: str
    theirs: str = ""
    later: dict[int, list[Delivery]] = field(default_factory=dict)


@dataclass
class World:
    """Everything that a batch of days needs."""

    parts: Parts
    sandbox: SandboxParts
    door: Flask
    gateways: Mapping[tuple[str, str], Gateway]
    city: City
    shift: int
    now: datetime

    def find(self, gateway: str, account: str) -> Gateway | None:
        return self.gateways.get((gateway, account))

    def in_use(self, day: object) -> list[Gateway]:
        return list(self.gateways.values())


@contextmanager
def a_world(parts: Parts, city: City, folder: Path, start: datetime) -> Iterator[World]:
    names = sorted(set(ADAPTERS) & set(PROVIDERS))
    merchants = default_merchants(PROVIDERS, KEYS)
    config = SandboxConfig(folder / "sandbox.sqlite", merchants, DOOR, parts.clock)
    sandbox = assemble_sandbox(config, PROVIDERS)
    app, courier = Flask("sandbox"), Courier(sandbox)  # which is not started: the network is ours
    for name in names:
        app.register_blueprint(PROVIDERS[name].api(sandbox, courier))
    with mock.patch("parking.gateways.http.HTTPAdapter", return_value=InProcess(app)):
        gateways = {
            (name, "jambi"): ADAPTERS[name].gateway(
                name, SANDBOX, callback_url=DOOR.format(gateway=name, account="jambi")
            )
            for name in names
        }
    with parts.sessions.begin() as session:
        for name in names:
            if name != "midtrans":  # which the city has already
                session.execute(insert(MerchantAccountRow).values(_account_row(name)))
        shift = a_shift(session, city, start)
    world = World(parts, sandbox, Flask("door"), gateways, city, shift, start)
    answer_errors(world.door)
    world.parts = replace(parts, gateways=world)  # type: ignore[arg-type] - finds them all the same
    world.door.register_blueprint(callbacks(world.parts))
    yield world


def _account_row(name: str) -> dict[str, object]:
    it = merchant_of(name)
    return {
        "gateway": name, "account": "jambi", "merchant_id": it.merchant_id, "nmid": it.nmid,
        "pan": it.pan, "name": it.name, "city": it.city, "environment": "sandbox",
        "key_name": f"{name.upper()}_JAMBI", "valid_from": LONG_AGO,
    }  # fmt: skip


def live(world: World, days: Sequence[Day]) -> list[str]:
    """Let days happen side by side; what is not as it should be then, each naming its seed."""
    start = world.now
    asked = _issue(world, days)
    for step, after in enumerate(STEPS):
        _go_to(world, start + after)
        for each in asked:
            _act(world, each, step)
        change.sweep(world.sandbox, world.now)
        _deliver(world, asked, step)
        _work(world)
    for name, account in world.gateways:
        _settle(world, name, account, start)
    _go_to(world, start + timedelta(hours=26))
    _work(world)
    return _compare(world, asked)


def _go_to(world: World, moment: datetime) -> None:
    world.now = moment
    world.parts.clock.moment = moment  # type: ignore[attr-defined] - the tests' told clock


def _work(world: World) -> None:
    """What the jobs process does in between."""
    sessions = world.parts.sessions
    work.work_through(sessions, world.find, world.now)
    expire.expire_due(sessions, world.find, world.now)
    inquire.sweep(sessions, world.find, world.now)
    work.work_through(sessions, world.find, world.now)


def _issue(world: World, days: Sequence[Day]) -> list[Asked]:
    """The charges of all days, each with its code from its gateway."""
    asked = [
        Asked(
            day.seed, number, trip, Random(f"{day.seed}/{number}"),
            f"PKR20261123{day.seed:06X}{number}K",
        )
        for day in days
        for number, trip in enumerate(day.trips)
    ]  # fmt: skip
    now, ends = world.now, world.now + VALIDITY
    for each in asked:
        wish = QrRequest(each.ours, Rupiah(each.trip.asked), now, ends, "Parkir motor", "PSR-01")
        each.theirs = world.gateways[each.trip.gateway, "jambi"].issue_qr(wish).theirs
    city = world.city
    rows = [
        {
            "ours": each.ours, "gateway": each.trip.gateway, "account": "jambi",
            "shift_id": world.shift, "attendant_id": city.budi, "point_id": city.market,
            "device_id": city.budis_phone, "client_key": each.ours, "vehicle": vehicle,
            "tariff_id": city.tariffs[vehicle], "amount": each.trip.asked, "city_bps": 4_000,
            "created_at": now, "business_day": business_day(now), "state": ChargeState.PENDING,
            "late": False, "theirs": each.theirs, "expires_at": ends, "inquiries": 0,
            "inquire_at": now + timedelta(minutes=1),
        }
        for each in asked
        for vehicle in [VEHICLES[each.trip.asked]]
    ]  # fmt: skip
    with world.parts.sessions.begin() as session:
        ids = session.scalars(insert(ChargeRow).returning(ChargeRow.id), rows).all()
        who, path = f"attendant:{city.budi}", (None, ChargeState.CREATING, ChargeState.PENDING)
        steps = [
            Step(charge_id, before, after, now, "asked", who)
            for charge_id in ids
            for before, after in zip(path, path[1:], strict=False)
        ]
        charge_store.add_steps(session, steps)
    return asked


def _act(world: World, each: Asked, step: int) -> None:
    act = each.trip.acts.get(step)
    if act is None:
        return
    (first, *_) = world.sandbox.state.of_order(each.ours)
    # A gateway may not allow it by now, and a code that was paid is not cancelled.
    ordinary = (Refusal, Conflict, GatewayError) if act is Act.CANCEL else Refusal
    with suppress(ordinary):
        _do(world, each, act, first.transaction_id)


def _do(world: World, each: Asked, act: Act, name: str) -> None:
    sandbox, now = world.sandbox, world.now
    found = change.find(sandbox, name, now)
    assert found is not None
    match act:
        case Act.PAY:
            change.pay(sandbox, found, change.Payment("dana"), now)
        case Act.PAY_OTHER:
            change.pay(sandbox, found, change.Payment("ovo", Rupiah(each.trip.other)), now)
        case Act.PAY_LATE:
            change.pay(sandbox, found, change.Payment("gopay", late=True), now)
        case Act.PAY_AGAIN:
            change.pay(sandbox, found, change.Payment("dana", again=True), now)
        case Act.GIVE_BACK | Act.GIVE_BACK_PART:
            part = Rupiah(max(1, found.amount // 3)) if act is Act.GIVE_BACK_PART else None
            change.refund(sandbox, found, f"BANK{each.number}", part, "oleh bank", now)
        case Act.FORGE:
            change.forge(sandbox, found, now)
        case Act.CANCEL:
            gateway = world.gateways[each.trip.gateway, "jambi"]
            with world.parts.sessions() as session:
                charge = charge_store.by_ours(session, each.ours)
            cancel(world.parts.sessions, gateway, charge, "attendant:1", now)


def _deliver(world: World, asked: Sequence[Asked], step: int) -> None:
    """The messages that are due, as far as the network lets them through, in a random order."""
    waiting: dict[str, list[Delivery]] = {}
    for row in world.sandbox.state.rows(
        "SELECT id, gateway, account, transaction_id, url, body, headers, fault, attempts, order_id"
        " FROM deliveries WHERE state = 'waiting' AND due_at <= ? ORDER BY id",
        (world.sandbox.state.micros(world.now),),
    ):
        told = dict(row) | {"headers": json.loads(row["headers"])}
        waiting.setdefault(told.pop("order_id"), []).append(Delivery(**told))

    def deliver(each: Asked) -> None:
        now = [*each.later.pop(step, ()), *waiting.get(each.ours, ())]
        each.random.shuffle(now)
        for delivery in now:
            _pass_on(world, each, delivery, step)

    with ThreadPoolExecutor(AT_ONCE) as pool:  # the door serves several, and commits together
        list(pool.map(deliver, asked))


def _pass_on(world: World, each: Asked, delivery: Delivery, step: int) -> None:
    fate = Fate.ARRIVES if step in each.later else fate_of(each.random, each.trip.network)
    after = range(step + 1, len(STEPS))
    later = each.random.choice(after) if len(after) > 0 else None
    match fate:
        case Fate.TWICE:
            _post(world, delivery)
            _post(world, delivery)
        case Fate.MUCH_LATER if later is not None and delivery.attempts == 0:
            each.later.setdefault(later, []).append(replace(delivery, attempts=1))
        case Fate.LOST:
            pass
        case Fate.ALTERED:
            _post(world, delivery, alter=each.random)
            _post(world, delivery)
        case Fate.FORGED:
            _post(world, _of_a_stranger(world, delivery))
            _post(world, delivery)
        case _:
            _post(world, delivery)
    attempt = Attempt(world.now, 200, "", 1)
    world.sandbox.outbox.record(delivery, attempt, None)


def _post(world: World, delivery: Delivery, alter: Random | None = None) -> None:
    merchant = world.sandbox.merchant(delivery.gateway, delivery.account)
    provider = world.sandbox.providers[delivery.gateway]
    signed = provider.sign(delivery, merchant, world.now)
    body = delivery.body.encode()
    if alter is not None:
        body = _altered(body, alter)
    answer = world.door.test_client().post(
        urlsplit(delivery.url).path, data=body, content_type="application/json",
        headers=dict(delivery.headers) | dict(signed),
    )  # fmt: skip
    assert answer.status_code < 500, (answer.status_code, answer.data)


def _of_a_stranger(world: World, delivery: Delivery) -> Delivery:
    """The same message, signed with another key: in its body or in its headers."""
    fault = "callback_bad_signature"
    merchant = world.sandbox.merchant(delivery.gateway, delivery.account)
    provider = world.sandbox.providers[delivery.gateway]
    message = provider.spoiled(Message("", delivery.body, delivery.headers), fault, merchant)
    return replace(delivery, body=message.body, headers=message.headers, fault=fault)


def _altered(body: bytes, random: Random) -> bytes:
    """Somebody on the way changes a digit."""
    digits = [i for i, byte in enumerate(body) if chr(byte).isdigit()]
    where = random.choice(digits)
    other = (body[where] - 48 + random.randrange(1, 10)) % 10
    return body[:where] + str(other).encode() + body[where + 1 :]


def _settle(world: World, name: str, account: str, start: datetime) -> None:
    """The settlement report of the day, taken in as finance would."""
    merchant = world.sandbox.merchant(name, account)
    content = settlement_report(world.sandbox, merchant, business_day(start))
    file = File(name, account, f"{name}.csv", content, "job:import", world.now)
    taken = take_in(world.parts.sessions, world.gateways[name, account], file)
    assert {each.outcome for each in taken} == {"accepted"}, [each.problems for each in taken]


def _compare(world: World, asked: Sequence[Asked]) -> list[str]:
    """What the book says against what happened at the gateways, and the invariants."""
    with world.parts.sessions() as session:
        rows = session.scalars(
            select(PaymentRow).where(among(PaymentRow.ours, [each.ours for each in asked]))
        ).all()
        charges = charge_store.locked_all(session, [each.ours for each in asked])
    wrong = []
    for each in asked:
        mine = [row for row in rows if row.ours == each.ours]
        wrong += [f"seed {each.seed}: {each.ours} {what}" for what in _faults(world, each, mine)]
        state = charges[each.ours].state
        is_paid = any(row.effect == "receipt" and row.amount >= each.trip.asked for row in mine)
        if is_paid != (state in PAID):
            wrong.append(f"seed {each.seed}: {each.ours} is {state}, receipts {is_paid}")
    with world.parts.sessions() as session:
        verdicts = check_all(session, world.now)
    return wrong + [f"{v.code}: {v.at_fault}" for v in verdicts if v.outcome == "broken"]


PAID = {
    ChargeState.PAID, ChargeState.PARTLY_REFUNDED, ChargeState.REFUNDED, ChargeState.REVERSED,
}  # fmt: skip


def _faults(world: World, each: Asked, mine: Sequence[PaymentRow]) -> list[str]:
    true = world.sandbox.state.of_order(each.ours)
    received = Counter(one.amount for one in true if one.paid_at is not None)
    booked = Counter(row.amount for row in mine if row.effect == "receipt")
    back = sum(one.refunded for one in true)
    booked_back = sum(row.amount for row in mine if row.effect != "receipt")
    found = []
    if received != booked:
        found.append(f"received {dict(received)}, booked {dict(booked)}")
    if back != booked_back:
        found.append(f"gave back {back}, booked {booked_back}")
    return found
