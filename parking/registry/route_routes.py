"""/admin/routes: which merchant account serves which place, and in what order they are asked."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.errors import NotFound
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, arranged, read_ask
from parking.parts import Parts
from parking.registry import add, desk_store, end, store
from parking.registry.facts import MerchantAccount
from parking.registry.forms import EndForm, RouteForm, accepted, options
from parking.registry.lines import PointLine, RouteLine, Standing
from parking.registry.routing import Route, serving
from parking.registry.rules import NewRoute
from parking.registry.words import STANDING_TEXT, STANDING_TONE

CITY = "Seluruh kota"
COLUMNS = (
    Column("place", "Tempat", "Place"),
    Column("rank", "Urutan", "Rank", "count"),
    Column("name", "Akun", "Account", "code"),
    Column("valid_from", "Berlaku dari", "From", "day"),
    Column("ended_on", "Hari terakhir", "Last day", "day"),
    Column("state", "Keadaan", "State", tone=lambda row: row["tone"]),
)
OPEN = (Standing.NOW, Standing.SOON_OVER)
NO_ROUTE = "Belum ada jalur: setiap titik memakai akun yang berlaku, menurut urutan dicatatnya."


def add_routes(pages: Blueprint, parts: Parts) -> None:
    _list(pages, parts)
    _new(pages, parts)
    _end(pages, parts)


def _list(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/routes")
    @needs(Role.ADMIN)
    def routes() -> str | Response:
        now = parts.clock.now()
        today = business_day(now)
        with parts.sessions() as session:
            lines = desk_store.routes(session)
            known, accounts = store.routes(session), store.merchant_accounts(session, today)
            points = [p for p in desk_store.points(session, now) if p.standing(today) in OPEN]
        ask = read_ask(request, COLUMNS)
        found = arranged([_row(line, today) for line in lines], ask, COLUMNS, empty=NO_ROUTE)
        if ask.wants_csv:
            return found.csv("jalur")
        return render_template(
            "admin/routes.html", found=found, points=points,
            today=in_words(known, accounts, points, today),
            asked=_asked(request.args.get("point", ""), known, accounts, points, today),
        )  # fmt: skip


def in_words(
    routes: Sequence[Route], accounts: Sequence[MerchantAccount], points: Sequence[PointLine],
    day: date,
) -> list[str]:  # fmt: skip
    """What holds on a day: the city's way first, then the points that go another."""
    nowhere = 0  # no point has this number, so it goes the city's way
    citys = _names(serving(routes, accounts, nowhere, day))
    told = [f"{CITY}: {_then(citys)}"]
    for point in points:
        own = _names(serving(routes, accounts, point.id, day))
        if own != citys:
            told.append(f"{point.code} {point.name}: {_then(own)}")
    return told


def _asked(
    code: str, routes: Sequence[Route], accounts: Sequence[MerchantAccount],
    points: Sequence[PointLine], day: date,
) -> tuple[str, str] | None:  # fmt: skip
    """The point that somebody asks about, and whom a tap there would ask now."""
    point = next((p for p in points if p.code == code), None)
    if point is None:
        return None
    return point.code, _then(_names(serving(routes, accounts, point.id, day)))


def _names(accounts: Sequence[MerchantAccount]) -> list[str]:
    return [f"{a.merchant.gateway}/{a.merchant.account}" for a in accounts]


def _then(names: Sequence[str]) -> str:
    return ", lalu ".join(names) or "tidak ada akun yang berlaku"


def _row(line: RouteLine, today: date) -> Mapping[str, Any]:
    standing = line.standing(today)
    return {
        "id": line.id, "rank": line.rank, "name": line.name, "valid_from": line.valid_from,
        "ended_on": line.ended_on, "place": line.place or CITY,
        "state": STANDING_TEXT[standing], "tone": STANDING_TONE[standing],
        "can_end": line.ended_on is None,
    }  # fmt: skip


def _new(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/routes/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_route() -> Response:
        now, form = parts.clock.now(), RouteForm()
        today = business_day(now)
        with parts.sessions() as session:
            accounts = [a for a in desk_store.accounts(session, today) if a.ended_on is None]
            points = [p for p in desk_store.points(session, now) if p.ended_on is None]
        form.account.choices = options((a.id, f"{a.gateway}/{a.account}") for a in accounts)
        form.point.choices = options([("", CITY), *((p.id, f"{p.code} {p.name}") for p in points)])
        if not form.is_submitted():
            form.valid_from.data = today

        def act() -> None:
            point = int(form.point.data) if form.point.data else None
            account, rank = int(form.account.data), int(form.rank.data)
            new = NewRoute(account, point, rank, form.valid_from.data)
            with parts.sessions.begin() as session:
                add.route(session, new, g.actor.label, now)

        if accepted(form, act, {"merchant_account_id": "account", "point_id": "point"}):
            return done("Jalur tercatat; ketukan berikutnya mengikutinya.", "/admin/routes")
        return form_page(
            "admin/form.html", form, title="Jalur baru", english="New route",
            intro="Titik yang punya jalur sendiri hanya memakai jalur itu, bukan jalur kota.",
            back=("/admin/routes", "Jalur"), submit="Simpan jalur",
        )  # fmt: skip


def _end(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/routes/<int:route_id>/end", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def end_route(route_id: int) -> Response:
        now, form = parts.clock.now(), EndForm()
        with parts.sessions() as session:
            found = next((x for x in desk_store.routes(session) if x.id == route_id), None)
        if found is None:
            raise NotFound(f"Tidak ada jalur nomor {route_id}")

        def act() -> None:
            with parts.sessions.begin() as session:
                end.route(
                    session, route_id, form.last_day.data, form.reason.data.strip(),
                    g.actor.label, now,
                )  # fmt: skip

        place = found.place or CITY
        if accepted(form, act):
            return done(f"Hari terakhir jalur {found.name} tercatat.", "/admin/routes")
        return form_page(
            "admin/end.html", form, title=f"Akhiri jalur {found.name}", english="End route",
            back=("/admin/routes", "Jalur"), submit="Akhiri jalur",
            effects=[
                f"{place} tidak lagi memakai {found.name} sesudah hari terakhir.",
                "QR yang sudah ditampilkan tetap berlaku dan tetap dibukukan.",
                "Untuk berhenti memakai sebuah akun seketika, catat gangguan.",
            ],
        )  # fmt: skip
