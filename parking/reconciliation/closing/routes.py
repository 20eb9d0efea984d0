"""/finance/days: which days are closed, what holds the others up, and the two signatures."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, g, render_template, request
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from parking.access.policy import Role, needs
from parking.business_day import business_day, day_text
from parking.errors import NotFound
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, DayChoice, arranged, read_ask, read_day
from parking.parts import Parts
from parking.reconciliation import words
from parking.reconciliation.bank_lines import by_text
from parking.reconciliation.closing import close, explain, store
from parking.reconciliation.closing.readiness import (
    STANDING_TEXT,
    STANDING_TONE,
    DayFacts,
    Standing,
    blockers,
)
from parking.reconciliation.treasury_store import matches_to_freeze

READERS = (Role.AUDITOR, Role.FINANCE, Role.TREASURER)
MAY_PREPARE = (Role.TREASURER, Role.FINANCE)
MAY_SIGN = (Role.AUDITOR, Role.FINANCE, Role.TREASURER)
MONTH = timedelta(days=30)
LONGEST = timedelta(days=366)

COLUMNS = (
    Column("day", "Hari", "Day", "day", href=lambda row: f"/finance/days/{row['day']}"),
    Column("standing_text", "Keadaan", "State", tone=lambda row: row["tone"]),
    Column("held_by", "Terhalang oleh", "Held up by", "long", sorts=False),
    Column("open_cases", "Kasus berjalan", "Open cases", "count",
           href=lambda row: f"/audit/cases?day={row['day']}"),
    Column("signed", "Ditandatangani", "Signed by", sorts=False),
    Column("later", "Koreksi sesudahnya", "Corrections after", "count"),
    Column("since", "Sejak ditutup", "Since closing", tone=lambda row: row["since_tone"]),
)  # fmt: skip
STATE = Choice(
    "state", "Keadaan · State",
    [("", "Semua"), *((standing.value, text) for standing, text in STANDING_TEXT.items())],
)  # fmt: skip
FILTERS = (STATE, DayChoice("from", "Dari hari · From"), DayChoice("to", "Sampai hari · To"))


class ReasonForm(FlaskForm):
    reason = StringField(
        "Sebab berkas tidak ada · Reason",
        [InputRequired("Wajib diisi"), Length(max=300, message="Paling banyak 300 huruf")],
        description="Seperti: bank tutup, surat nomor 12/2026. Berkas yang kelak datang tetap"
        " diterima.",
    )


def closing_desk(parts: Parts) -> Blueprint:
    routes = Blueprint(
        "closing", "parking.reconciliation.closing", url_prefix="/finance/days",
        template_folder="templates",
    )  # fmt: skip
    _list(routes, parts)
    _one(routes, parts)
    _signatures(routes, parts)
    _explanation(routes, parts)
    return routes


def _list(routes: Blueprint, parts: Parts) -> None:
    @routes.get("")
    @needs(*READERS)
    def days() -> str | Response:
        now, ask = parts.clock.now(), read_ask(request, COLUMNS, FILTERS, "-day")
        with parts.sessions() as session:
            facts = store.facts(session, _days(session, ask.day("from"), ask.day("to"), now), now)
        rows = [_row(each) for each in facts if ask.chosen["state"] in ("", each.standing)]
        empty = "Belum ada hari yang direkonsiliasi."
        found = arranged(rows, ask, COLUMNS, FILTERS, empty)
        if ask.wants_csv:
            return found.csv("tutup-hari")
        return render_template("closing/days.html", found=found, changed=_changed(facts))


def _days(session: Session, first: date | None, last: date | None, now: datetime) -> list[date]:
    """The days asked for that are over, from the first reconciled one on; a year at most."""
    began, yesterday = store.first_day(session), business_day(now) - timedelta(days=1)
    if began is None:
        return []
    to_day = min(last or yesterday, yesterday)
    from_day = max(first or to_day - MONTH, to_day - LONGEST, began)
    return [from_day + timedelta(days=n) for n in range((to_day - from_day).days + 1)]


def _row(facts: DayFacts) -> dict[str, Any]:
    in_the_way = blockers(facts) if facts.closed is None else []
    closed = facts.closed
    return {
        "day": facts.day,
        "standing_text": STANDING_TEXT[facts.standing],
        "tone": STANDING_TONE[facts.standing],
        "held_by": "; ".join(blocker.text for blocker in in_the_way),
        "open_cases": facts.open_cases,
        "signed": _names(closed.prepared_by, closed.signed_by) if closed else "",
        "later": closed.later if closed else None,
        "since": _since(facts),
        "since_tone": "danger" if closed and closed.fault else None,
    }


def _names(*actors: str) -> str:
    return ", ".join(actor.removeprefix("user:") for actor in actors)


def _since(facts: DayFacts) -> str:
    if facts.closed is None:
        return ""
    if facts.closed.fault:
        return "BERUBAH"
    return "tidak berubah" if facts.closed.checked_at else "belum diperiksa"


def _changed(facts: Sequence[DayFacts]) -> list[DayFacts]:
    return [each for each in facts if each.closed is not None and each.closed.fault]


def _one(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/<day>")
    @needs(*READERS)
    def day(day: str) -> str:
        asked, now = _day_in_path(day), parts.clock.now()
        with parts.sessions() as session:
            facts = close.facts_of(session, asked, now)
            kept = store.closed_row(session, asked)
            shown = kept.snapshot if kept else _seen(session, facts, now)
            slips = store.slip_numbers(session, shown.get("matches", ())) if shown else {}
        role, label = g.actor.role, g.actor.label
        return render_template(
            "closing/day.html", facts=facts, shown=shown, seen=close.hash_of(shown or {}),
            blockers=blockers(facts),
            text=STANDING_TEXT, tone=STANDING_TONE, Standing=Standing, words=words,
            by_text=by_text, slips=slips,
            before=asked - timedelta(days=1), after=asked + timedelta(days=1),
            last=business_day(now) - timedelta(days=1),
            may_prepare=role in MAY_PREPARE, may_sign=role in MAY_SIGN,
            is_own=facts.prepared is not None and facts.prepared.actor == label,
            may_explain=role in MAY_PREPARE,
        )  # fmt: skip

    @routes.get("/<day>/kept.json")
    @needs(*READERS)
    def kept(day: str) -> dict[str, Any]:
        """What was signed, as it is hashed: for whoever wants to compute the hash himself."""
        with parts.sessions() as session:
            row = store.closed_row(session, _day_in_path(day))
        if row is None:
            raise NotFound(f"{day} belum ditutup")
        return {"hash": row.hash, "snapshot": row.snapshot}


def _seen(session: Session, facts: DayFacts, now: datetime) -> dict[str, Any] | None:
    """What would be signed now; None while there is no run."""
    if facts.run_id is None:
        return None
    return close.snapshot(session, facts, matches_to_freeze(session, facts.day), now)


def _day_in_path(text: str) -> date:
    day = read_day(text)
    if day is None:
        raise NotFound(f"Tidak ada halaman untuk {text[:20]}")
    return day


def _signatures(routes: Blueprint, parts: Parts) -> None:
    @routes.post("/<day>/prepare")
    @needs(*MAY_PREPARE)
    def prepare(day: str) -> Response:
        asked = _day_in_path(day)
        with parts.sessions.begin() as session:
            close.prepare(session, asked, g.actor.label, parts.clock.now())
        return done(
            f"{day_text(asked)} siap. Orang kedua memeriksa dan menandatangani.",
            f"/finance/days/{day}",
        )

    @routes.post("/<day>/sign")
    @needs(*MAY_SIGN)
    def sign(day: str) -> Response:
        asked = _day_in_path(day)
        with parts.sessions.begin() as session:
            seen = request.form.get("seen") or "nothing"  # an old page shows another hash
            close.sign(session, asked, g.actor.label, parts.clock.now(), seen)
        return done(f"{day_text(asked)} ditutup.", f"/finance/days/{day}")


def _explanation(routes: Blueprint, parts: Parts) -> None:
    @routes.route("/<day>/files/<path:source>", methods=["GET", "POST"])
    @needs(*MAY_PREPARE)
    def absence(day: str, source: str) -> Response:
        asked, now, form = _day_in_path(day), parts.clock.now(), ReasonForm()
        with parts.sessions() as session:
            file = explain.missing_file(session, asked, source)
        if form.validate_on_submit():
            with parts.sessions.begin() as session:
                explain.explain(session, file, form.reason.data or "", g.actor.label, now)
            return done(f"Dicatat mengapa {file.name} tidak ada.", f"/finance/days/{day}")
        return form_page(
            "closing/absence.html", form, file=asdict(file) | {"name": file.name}, day=asked
        )
