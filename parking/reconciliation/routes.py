"""/audit: what happened on a day, what is wrong with it, and the evidence behind every number."""

import json
from datetime import date, datetime, timedelta

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.errors import NotFound
from parking.gateways import store as outages
from parking.pages.listing import read_day
from parking.parts import Parts
from parking.reconciliation import chain, chain_store, chart, desk_store, outage_store, words
from parking.reconciliation.cases.words import STATE_TEXT, STATE_TONE
from parking.reconciliation.fake_qr_routes import add_fake_qrs
from parking.reconciliation.grounds import grounds_of
from parking.reconciliation.lists_routes import DESK, add_lists
from parking.reconciliation.outage_routes import add_outages
from parking.reconciliation.timeline import timeline

OVERVIEW = (
    Role.AUDITOR, Role.LEADERSHIP, Role.SUPERVISOR, Role.FINANCE, Role.TREASURER, Role.ADMIN,
)  # fmt: skip
MAY_REFUND = (Role.AUDITOR, Role.FINANCE)  # may ask for one
SIGNED = (
    Role.AUDITOR,
    Role.FINANCE,
    Role.TREASURER,
)  # may look at what was signed, and at deposits
RAW = (Role.AUDITOR, Role.ADMIN)  # a body as it came may hold more than we show


def audit(parts: Parts) -> Blueprint:
    """The auditor's desk."""
    routes = Blueprint(
        "audit", "parking.reconciliation", url_prefix="/audit", template_folder="templates"
    )
    _overview(routes, parts)
    add_lists(routes, parts)
    add_outages(routes, parts)
    add_fake_qrs(routes, parts)
    _details(routes, parts)
    return routes


def _overview(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/")
    @needs(*OVERVIEW)
    def newest() -> str | AnyResponse:
        with parts.sessions() as session:
            today = business_day(parts.clock.now())
            day = desk_store.latest_day(session) or today
            return _to_asked_day() or _day(session, day, parts.clock.now())

    @routes.get("/<day>")
    @needs(*OVERVIEW)
    def day(day: str) -> str | AnyResponse:
        with parts.sessions() as session:
            return _to_asked_day() or _day(session, _day_in_path(day), parts.clock.now())

    @routes.get("/<day>/chart.svg")
    @needs(*OVERVIEW)
    def picture(day: str) -> Response:
        with parts.sessions() as session:
            hours = desk_store.hours(session, _day_in_path(day))
        drawn = chart.svg(hours, narrow=request.args.get("narrow") == "1")
        return Response(drawn, mimetype="image/svg+xml")


def _to_asked_day() -> AnyResponse | None:
    """To the page of the day that was chosen, if one was."""
    asked = read_day(request.args.get("date", ""))
    return redirect(url_for("audit.day", day=asked.isoformat())) if asked else None


def _day(session: Session, day: date, now: datetime) -> str:
    hours, codes = desk_store.hours(session, day), desk_store.codes_of(session, day)
    return render_template(
        "audit/day.html",
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        today=business_day(now),
        out_now=outages.in_force(session, now),
        out_then=outage_store.lines(session, day, day),
        figures=desk_store.day_figures(session, day),
        wrong=[code for code in codes if code.status == "selisih"],
        waiting=[code for code in codes if code.status == "beda_waktu"],
        by_itself=[code for code in codes if code.status == "selesai"],
        run=desk_store.run_of(session, day),
        last_import=desk_store.last_import(session),
        hours=hours,
        spoken=chart.spoken(hours),
        may_list=g.actor.role in DESK,
        may_look=g.actor.role in SIGNED,
        words=words,
    )


def _day_in_path(text: str) -> date:
    day = read_day(text)
    if day is None:
        raise NotFound(f"Tidak ada halaman untuk {text[:20]}")
    return day


def _details(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/charges/<ours>")
    @needs(*DESK)
    def charge(ours: str) -> str:
        with parts.sessions() as session:
            facts = chain_store.facts_of(session, ours)
        return render_template(
            "audit/charge.html",
            facts=facts,
            links=chain.links(facts),
            timeline=timeline(facts),
            may_see_raw=g.actor.role in RAW,
            may_refund=g.actor.role in MAY_REFUND,
            words=words,
        )

    @routes.get("/discrepancies/<int:number>")
    @needs(*DESK)
    def discrepancy(number: int) -> str:
        with parts.sessions() as session:
            found = chain_store.discrepancy(session, number)
        return render_template(
            "audit/discrepancy.html", found=found, grounds=grounds_of(found.evidence), words=words,
            case_text=STATE_TEXT, case_tone=STATE_TONE,
            may_refund=g.actor.role in MAY_REFUND,
        )  # fmt: skip

    @routes.get("/callbacks/<int:number>")
    @needs(*RAW)
    def callback(number: int) -> str:
        with parts.sessions() as session:
            found, evidence = chain_store.callback(session, number)
        return render_template(
            "audit/callback.html",
            found=found,
            day=business_day(found.received_at),
            evidence=evidence,
            headers=json.loads(found.headers or "{}"),
            body=found.body.decode("utf-8", "backslashreplace"),
            words=words,
        )

    @routes.get("/imports")
    @needs(*DESK)
    def imports() -> AnyResponse:
        return redirect("/finance/imports")
