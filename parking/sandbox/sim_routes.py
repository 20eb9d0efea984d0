"""The sandbox's own controls: who pays, what goes wrong, what was notified, what is reported.

JSON in, JSON out; a wrong request is 400 with `problems`. No real gateway has these.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from parking.business_day import business_day
from parking.errors import BadInput, NotFound
from parking.money import Rupiah
from parking.sandbox import change
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.courier import Courier
from parking.sandbox.faults import CATALOGUE, OUTAGE, Fault, FaultWish
from parking.sandbox.parts import SandboxParts
from parking.sandbox.settle import settlement_report
from parking.sandbox.transactions import Transaction

MOST_LISTED = 10_000
MOST_TIMES = 10


def sim(parts: SandboxParts, courier: Courier) -> Blueprint:
    routes = Blueprint("sim", __name__, url_prefix="/_sim")
    _about_money(routes, parts)
    _about_faults(routes, parts)
    _about_reset(routes, parts, courier)
    _about_notifications(routes, parts, courier)
    return routes


def _about_money(routes: Blueprint, parts: SandboxParts) -> None:
    @routes.post("/pay")
    def pay() -> Response:
        """{order_id, wallet?, amount?, at?, late?, again?, times?}: a driver pays the code of an
        order; `again`: although it has been paid.
        """
        fields = _fields("order_id", "wallet", "amount", "at", "late", "again", "times")
        payment = _payment(fields)
        found = _transaction(parts, fields, payment.at or parts.now())
        paid = [change.pay(parts, found, payment, parts.now())]
        again = change.Payment(payment.issuer, payment.amount, payment.at, again=True)
        for _ in range(_number(fields, "times", 1, MOST_TIMES) - 1):
            paid.append(change.pay(parts, found, again, parts.now()))
        return jsonify(transactions=[_shown(one) for one in paid])

    @routes.post("/expire")
    def expire() -> Response:
        """{order_id}: the time of a code runs out now."""
        found = _transaction(parts, _fields("order_id"), parts.now())
        return jsonify(transactions=[_shown(change.expire(parts, found, parts.now()))])

    @routes.post("/reverse")
    def reverse() -> Response:
        """{order_id}: the provider takes a paid transaction back, and nobody asked for it."""
        found = _transaction(parts, _fields("order_id"), parts.now())
        return jsonify(transactions=[_shown(change.reverse(parts, found, parts.now()))])

    @routes.get("/providers")
    def providers() -> Response:
        """Who is here, whether it is up, and with which merchants."""
        return jsonify(providers=[_provider(parts, name) for name in parts.providers])

    @routes.get("/transactions")
    def transactions() -> Response:
        order = request.args.get("order_id")
        found = parts.state.of_order(order) if order else parts.state.latest(MOST_LISTED)
        return jsonify(transactions=[_shown(one) for one in found])

    @routes.get("/report")
    def report() -> Response:
        """?day=YYYY-MM-DD&version=1&gateway=midtrans&account=jambi&kind=: the settlement report
        of a business day.
        """
        merchant = _merchant(parts)
        kind = request.args.get("kind", "")
        day = _day(request.args.get("day")) or business_day(parts.now())
        version = request.args.get("version", 1, type=int)
        content = settlement_report(parts, merchant, day, version, kind)
        name = f"settlement-{merchant.gateway}-{merchant.account}-{day}-v{version}.csv"
        return Response(
            content,
            mimetype="text/csv",
            headers={"Content-Disposition": f"attachment; filename={name}"},
        )


def _about_faults(routes: Blueprint, parts: SandboxParts) -> None:
    @routes.get("/faults")
    def faults() -> Response:
        """What can go wrong, and what has been switched on."""
        on = [_fault_shown(fault) for fault in parts.faults.listing()]
        return jsonify(catalogue=CATALOGUE, faults=on)

    @routes.post("/faults")
    def add_fault() -> Response:
        """{name, gateway?, order_id?, times?, minutes?, value?}: without gateway it strikes any
        provider, without order_id whichever order comes first, without times and minutes always.
        """
        wish = _wish(parts, _fields("name", "gateway", "order_id", "times", "minutes", "value"))
        return jsonify(_fault_shown(parts.faults.add(wish)))

    @routes.delete("/faults")
    def remove_faults() -> Response:
        """?id=: that one; without, all of them."""
        return jsonify(removed=parts.faults.remove(request.args.get("id", type=int)))

    @routes.post("/outage")
    def outage() -> Response:
        """{gateway, minutes?, how?, off?}: no call to a provider is answered (`how`: reset, hang
        or 503) and nothing is notified, until the minutes are over or it is switched off.
        """
        fields = _fields("gateway", "minutes", "how", "off")
        gateway = fields.get("gateway")
        if gateway not in parts.providers:
            raise BadInput("no such provider", {"gateway": f"one of {', '.join(parts.providers)}"})
        told = {"name": OUTAGE, "gateway": gateway, "value": fields.get("how")}
        wish = _wish(parts, told | {"minutes": fields.get("minutes")})
        change.switch(parts, wish.gateway or "", None if fields.get("off") else wish)
        return jsonify(_provider(parts, wish.gateway or ""))


def _about_reset(routes: Blueprint, parts: SandboxParts, courier: Courier) -> None:
    @routes.post("/reset")
    def reset() -> Response:
        """Forget everything: transactions, notifications, faults, where notifications go."""
        courier.when_idle(parts.state.reset)
        parts.faults.reload()
        return jsonify(ok=True)


def _about_notifications(routes: Blueprint, parts: SandboxParts, courier: Courier) -> None:
    @routes.get("/deliveries")
    def deliveries() -> Response:
        """?order_id=: the latest notifications with every attempt, the oldest first."""
        order = request.args.get("order_id")
        return jsonify(
            deliveries=parts.outbox.listing(order, MOST_LISTED), counts=parts.outbox.counts()
        )

    @routes.post("/deliver-now")
    def deliver_now() -> Response:
        """{order_id?, hasten?}: deliver what is due, with `hasten` also what is not; answers when
        all of it has been answered.
        """
        fields = _fields("order_id", "hasten")
        if fields.get("hasten"):
            parts.outbox.hasten(fields.get("order_id"), parts.now())
        return jsonify(delivered=courier.deliver_now())

    @routes.post("/forge")
    def forge() -> Response:
        """{order_id}: somebody who saw the pending notification sends it on as a settlement."""
        found = _transaction(parts, _fields("order_id"), parts.now())
        change.forge(parts, found, parts.now())
        return jsonify(ok=True)

    @routes.post("/notify-url")
    def notify_url() -> Response:
        """{url}: where notifications of the charges from now on go, with {gateway} and
        {account} replaced.
        """
        url = _fields("url").get("url")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise BadInput("not an address", {"url": "http:// or https://"})
        parts.state.set("callback_url", url)
        return jsonify(url=url)


def _fields(*known: str) -> Mapping[str, Any]:
    """The JSON object that was sent; a request without a body is an empty one."""
    body = request.get_json() if request.data else {}
    if not isinstance(body, dict):
        raise BadInput("a JSON object is expected", {})
    if odd := set(body) - set(known):
        raise BadInput("unknown fields", dict.fromkeys(sorted(odd), "unknown"))
    return body


def _wish(parts: SandboxParts, fields: Mapping[str, Any]) -> FaultWish:
    """Raises BadInput."""
    name, gateway, order = (fields.get(key) for key in ("name", "gateway", "order_id"))
    if not isinstance(name, str) or name not in CATALOGUE:
        raise BadInput("no such fault", {"name": f"one of {', '.join(CATALOGUE)}"})
    if gateway is not None and gateway not in parts.providers:
        raise BadInput("no such provider", {"gateway": f"one of {', '.join(parts.providers)}"})
    if order is not None and (not isinstance(order, str) or name == OUTAGE):
        raise BadInput("not a fault", {"order_id": f"text, and none for {OUTAGE}"})
    times = minutes = None
    if fields.get("times") is not None:
        times = _number(fields, "times", 1, 1_000_000)
    if fields.get("minutes") is not None:
        minutes = timedelta(minutes=_number(fields, "minutes", 1, 1_000_000))
    return FaultWish(name, gateway, order, times, fields.get("value"), minutes)


def _payment(fields: Mapping[str, Any]) -> change.Payment:
    wallet, late = fields.get("wallet", change.DEFAULT_ISSUER), fields.get("late", False)
    again = fields.get("again", False)
    amount = None
    if fields.get("amount") is not None:
        amount = Rupiah(_number(fields, "amount", 1, 10**12))
    flags = isinstance(late, bool) and isinstance(again, bool)
    if not isinstance(wallet, str) or not 1 <= len(wallet) <= 40 or not flags:
        told = {"wallet": "a name", "late": "true or false", "again": "true or false"}
        raise BadInput("not a payment", told)
    return change.Payment(wallet, amount, _moment(fields.get("at")), late, again)


def _number(fields: Mapping[str, Any], name: str, otherwise: int, most: int) -> int:
    value = fields.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise BadInput("not a number that can be used", {name: f"a whole number, 1 to {most}"})
    return value


def _moment(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise BadInput("not a time", {"at": "ISO 8601 with its zone"}) from error
    if moment.tzinfo is None:
        raise BadInput("not a time", {"at": "ISO 8601 with its zone"})
    return moment


def _merchant(parts: SandboxParts) -> SandboxMerchant:
    """The merchant that is asked about; without a name the first. Raises NotFound."""
    first = parts.config.merchants[0]
    gateway = request.args.get("gateway", first.gateway)
    account = request.args.get("account", first.account)
    try:
        merchant = parts.merchant(gateway, account)
    except KeyError as error:
        raise NotFound(f"no merchant {gateway}/{account}") from error
    kinds = parts.providers[gateway].reports
    if request.args.get("kind", kinds[0]) not in kinds:
        raise BadInput("no such report", {"kind": f"one of {', '.join(kinds)}"})
    return merchant


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput("not a day", {"day": "YYYY-MM-DD"}) from error


def _transaction(parts: SandboxParts, fields: Mapping[str, Any], now: datetime) -> Transaction:
    """By order or transaction id, as it stands at a moment. Raises NotFound."""
    name = fields.get("order_id")
    found = change.find(parts, name, now) if isinstance(name, str) else None
    if found is None:
        raise NotFound(f"no transaction {name!r}")
    return found


def _provider(parts: SandboxParts, name: str) -> dict[str, Any]:
    outage = parts.faults.of(name).is_on(OUTAGE)
    return {
        "name": name,
        "up": outage is None,
        "outage": outage and _fault_shown(outage),
        "accounts": [merchant.account for merchant in parts.merchants(name)],
        "reports": list(parts.providers[name].reports),
    }


def _shown(one: Transaction) -> dict[str, Any]:
    return asdict(one) | {
        "created_at": one.created_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "paid_at": one.paid_at.isoformat() if one.paid_at else None,
        "reversed_at": one.reversed_at.isoformat() if one.reversed_at else None,
        "refunds": [
            {
                "key": refund.key,
                "amount": refund.amount,
                "confirmed": bool(refund.confirmed_at),
                "failed": bool(refund.failed_at),
            }
            for refund in one.refunds
        ],
    }


def _fault_shown(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.id,
        "name": fault.name,
        "gateway": fault.gateway,
        "order_id": fault.order,
        "times": fault.times,
        "value": fault.value,
        "until": fault.until.isoformat() if fault.until else None,
        "used": list(fault.used),
    }
