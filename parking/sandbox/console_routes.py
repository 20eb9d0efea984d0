"""The fault console, as a page: providers, their transactions, what goes wrong, what was sent.

Like the payer's page it moves no money and knows no person: its forms carry no CSRF token.
"""

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from parking.errors import NotFound
from parking.sandbox import change
from parking.sandbox.courier import Courier
from parking.sandbox.fault_words import title_of
from parking.sandbox.faults import CATALOGUE, OUTAGE, FaultWish
from parking.sandbox.overview import ACTS, STATUS, look, strikes, takes_value
from parking.sandbox.parts import SandboxParts
from parking.sandbox.transactions import Refusal, Transaction

LONGEST = 200  # of what somebody types

DONE = {
    "pay": "Dibayar. · Paid.",
    "late": "Dibayar walau kode sudah berakhir. · Paid although the code had ended.",
    "again": "Dibayar sekali lagi. · Paid once more.",
    "expire": "Dibuat kedaluwarsa. · Expired.",
    "reverse": "Ditarik kembali. · Taken back.",
    "down": "Gerbang dimatikan. · Taken down.",
    "up": "Gerbang dinyalakan. · Brought up.",
    "on": "Gangguan dipasang. · Fault switched on.",
    "off": "Gangguan dicabut. · Fault switched off.",
    "sent": "Semua yang tertunda dikirim. · What was waiting has been sent.",
    "forgotten": "Semuanya dilupakan. · Everything is forgotten.",
}


class NotDone(Exception):
    """Why the console did nothing, in Indonesian and English."""


def console(parts: SandboxParts, courier: Courier) -> Blueprint:
    routes = Blueprint("console", __name__, url_prefix="/console")
    _about_providers(routes, parts)
    _about_faults(routes, parts)
    _about_deliveries(routes, parts, courier)

    @routes.get("")
    def home() -> Response:
        """?order=: only what is about orders that contain these letters."""
        return _page(parts, DONE.get(request.args.get("done", ""), ""))

    @routes.errorhandler(NotDone)
    def not_done(why: NotDone) -> Response:
        return _page(parts, problem=str(why))

    @routes.errorhandler(Refusal)
    def refused(why: Refusal) -> Response:
        return _page(parts, problem=f"Ditolak ({why.code}). · Refused: {why.message}.")

    return routes


def _about_providers(routes: Blueprint, parts: SandboxParts) -> None:
    @routes.post("/providers/<gateway>")
    def switch(gateway: str) -> AnyResponse:
        """state: up or down."""
        if gateway not in parts.providers:
            raise NotFound(f"no provider {gateway}")
        is_down = request.form.get("state") == "down"
        change.switch(parts, gateway, FaultWish(OUTAGE, gateway) if is_down else None)
        return _back("down" if is_down else "up", gateway)

    @routes.post("/transactions/<theirs>")
    def act(theirs: str) -> AnyResponse:
        """do: one of ACTS."""
        found = change.find(parts, theirs, parts.now())
        if found is None:
            raise NotFound(f"no transaction {theirs}")
        return _back(_act(parts, found, request.form.get("do", "")), found.gateway)


def _act(parts: SandboxParts, found: Transaction, what: str) -> str:
    """Do it, and its name. Raises Refusal."""
    now = parts.now()
    match what:
        case "pay" | "late":
            change.pay(parts, found, change.Payment(late=what == "late"), now)
        case "again":
            change.pay(parts, found, change.Payment(again=True), now)
        case "expire":
            change.expire(parts, found, now)
        case "reverse":
            change.reverse(parts, found, now)
        case _:
            raise NotFound(f"nothing is called {what!r}")
    return what


def _about_faults(routes: Blueprint, parts: SandboxParts) -> None:
    @routes.post("/faults")
    def add() -> AnyResponse:
        """strike: "<name> next", "<name> order" or "<name> always"."""
        name, _, when = request.form.get("strike", "").partition(" ")
        if not name:  # the key for a new line was pressed in a field
            return _back("", "faults")
        parts.faults.add(_wish(parts, name, when))
        return _back("on", "on")

    @routes.post("/faults/off")
    def remove() -> AnyResponse:
        """id: that one; without, all of them."""
        parts.faults.remove(request.form.get("id", type=int))
        return _back("off", "on")


def _wish(parts: SandboxParts, name: str, when: str) -> FaultWish:
    """What the form asks for. Raises NotFound, NotDone."""
    if name not in CATALOGUE or when not in strikes(name):
        raise NotFound(f"no fault {name!r}")
    gateway, order = request.form.get("gateway", ""), request.form.get("target", "").strip()
    if gateway and gateway not in parts.providers:
        raise NotFound(f"no provider {gateway}")
    if when == "order" and not 0 < len(order) <= LONGEST:
        raise NotDone(
            "Isi nomor order yang akan terkena, lalu pilih lagi."
            " · Name the order that it should strike, then choose again."
        )
    return FaultWish(
        name=name,
        gateway=gateway or None,
        order=order if when == "order" else None,
        times=1 if when == "next" else None,
        value=_value(request.form.get(f"value {name}", "")),
    )


def _value(text: str) -> Any:
    """A number where it is one, otherwise the text; None for nothing."""
    text = text.strip()[:LONGEST]
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def _about_deliveries(routes: Blueprint, parts: SandboxParts, courier: Courier) -> None:
    @routes.post("/deliver")
    def deliver() -> AnyResponse:
        """Send what waits, whatever its time."""
        parts.outbox.hasten(None, parts.now())
        courier.deliver_now()
        return _back("sent", "deliveries")

    @routes.get("/forget")
    def ask() -> str:
        return render_template("console/forget.html")

    @routes.post("/forget")
    def forget() -> AnyResponse:
        courier.when_idle(parts.state.reset)
        parts.faults.reload()
        return redirect(url_for("console.home", done="forgotten"), 303)


def _page(parts: SandboxParts, done: str = "", problem: str = "") -> Response:
    order = request.values.get("order", "").strip()[:LONGEST]
    page = render_template(
        "console/home.html",
        view=look(parts, order),
        done=done,
        problem=problem,
        statuses=STATUS,
        acts=ACTS,
        catalogue=CATALOGUE,
        title_of=title_of,
        takes_value=takes_value,
        moment_of=datetime.fromisoformat,
        strikes=strikes,
        form=request.form,
    )
    return make_response(page, 409 if problem else 200)


def _back(done: str, where: str) -> AnyResponse:
    """To the page as it was searched."""
    order = request.form.get("order", "").strip()[:LONGEST]
    told = url_for("console.home", order=order or None, done=done or None, _anchor=where)
    return redirect(told, 303)
