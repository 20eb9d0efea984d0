"""/finance/rules: by which rules bank lines are matched, in words; try a change, then make it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, g, render_template, request
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, DateField, Field, HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.errors import BadInput, Conflict
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, arranged, read_ask
from parking.parts import Parts
from parking.reconciliation import rule_store
from parking.reconciliation.bank_rule import KINDS, in_order, terms_of
from parking.reconciliation.change_rule import Wish, change, tried
from parking.reconciliation.rule_store import RuleRow
from parking.reconciliation.treasury_store import rules

READERS = (Role.FINANCE, Role.AUDITOR, Role.TREASURER, Role.ADMIN)
MAY_CHANGE = (Role.FINANCE, Role.ADMIN)
LOOKED_AT = timedelta(days=60)  # of lines, by a trial
MOST_SHOWN = 200
COLUMNS = (
    Column("rank", "Urutan", "Rank", "count"),
    Column("name", "Aturan", "Rule", "code", href=lambda row: f"/finance/rules/{row['name']}"),
    Column("words", "Dalam kata-kata", "In words", "long", sorts=False),
    Column("standing", "Keadaan", "State", tone=lambda row: row["tone"]),
    Column("version", "Versi", "Version", "count"),
    Column("valid_from", "Berlaku dari", "Valid from", "day"),
    Column("reason", "Alasan", "Reason", sorts=False),
    Column("entered_by", "Oleh", "By"),
)  # fmt: skip
LABELS = {
    "of": "Untuk (batch atau sts) · Of",
    "account": "Hanya rekening · Account",
    "less": "Boleh kurang (rupiah) · Less",
    "more": "Boleh lebih (rupiah) · More",
    "days_early": "Hari lebih awal · Days early",
    "days_late": "Hari lebih lambat · Days late",
    "words": "Kata dalam teks, dipisah koma · Words",
    "amounts": "Jumlah rupiah, dipisah koma · Amounts",
    "most": "Paling banyak · At most",
}
LISTS, TEXTS = ("words", "amounts"), ("of", "account")


class VersionForm(FlaskForm):
    rank = IntegerField("Urutan · Rank", [InputRequired("Wajib diisi")],
                        description="1 dicoba paling dulu")  # fmt: skip
    is_on = BooleanField("Dipakai · In use")
    valid_from = DateField("Berlaku dari · Valid from", [InputRequired("Wajib diisi")],
                           description="Untuk mutasi bank sejak tanggal ini")  # fmt: skip
    reason = StringField("Alasan · Reason", [InputRequired("Wajib diisi")])
    over = HiddenField(filters=[lambda told: int(told) if str(told).isdecimal() else 0])


def rule_desk(parts: Parts) -> Blueprint:
    routes = Blueprint(
        "rules", "parking.reconciliation", url_prefix="/finance/rules",
        template_folder="templates",
    )  # fmt: skip
    _list(routes, parts)
    _one(routes, parts)
    return routes


def _list(routes: Blueprint, parts: Parts) -> None:
    @routes.get("")
    @needs(*READERS)
    def listed() -> str | Response:
        ask = read_ask(request, COLUMNS, sort="rank")
        with parts.sessions() as session:
            rows = _rows(session, parts.clock.now())
        found = arranged(rows, ask, COLUMNS, (), "Belum ada aturan.")
        if ask.wants_csv:
            return found.csv("aturan-pencocokan")
        return render_template("finance/rules.html", found=found)


def _rows(session: Session, now: datetime, name: str = "") -> list[dict[str, Any]]:
    """Every version of one rule; or of every rule those that hold now or will."""
    today, every = business_day(now), in_order(rules(session))
    until = {(rule.name, rule.version): rule.until for rule in every}
    rows = [_row(row, until, now) for row in rule_store.versions(session, name)]
    return [row for row in rows if name or (row["until"] is None or row["until"] > today)]


def _row(row: RuleRow, until: Mapping[tuple[str, int], Any], now: datetime) -> dict[str, Any]:
    today, end = business_day(now), until.get((row.name, row.version), row.valid_from)
    standing, tone = "berlaku", "success"
    if end is not None and end <= today:
        standing, tone = "lewat", "secondary"
    elif row.valid_from > today:
        standing, tone = "akan berlaku", "info"
    elif not row.is_on:
        standing, tone = "dimatikan", "warning"
    terms = terms_of(row.kind, row.terms)
    return {
        "rank": row.rank, "name": row.name, "words": terms.in_words(), "title": terms.title,
        "standing": standing, "tone": tone, "version": row.version, "valid_from": row.valid_from,
        "until": end, "reason": row.reason, "entered_by": row.entered_by.removeprefix("user:"),
    }  # fmt: skip


def _one(routes: Blueprint, parts: Parts) -> None:
    @routes.route("/<name>", methods=["GET", "POST"])
    @needs(*READERS)
    def one(name: str) -> Response:
        now = parts.clock.now()
        with parts.sessions() as session:
            newest = rule_store.newest(session, name)
            past = _rows(session, now, name)
        form, seen, since = _form(newest, now), None, business_day(now) - LOOKED_AT
        if g.actor.role in MAY_CHANGE and form.validate_on_submit():
            try:
                wish = _wish(form, newest)
                if request.form.get("confirmed") == "yes":
                    with parts.sessions.begin() as session:
                        version = change(session, wish, g.actor.label, now)
                    return done(f"{version.label} tersimpan.", f"/finance/rules/{name}")
                with parts.sessions() as session:
                    since = min(since, wish.valid_from)
                    seen = tried(session, wish, since, now)
            except (BadInput, Conflict) as error:
                _tell(form, error)
        return form_page(
            "finance/rule.html", form, of=newest, past=past, seen=seen, most=MOST_SHOWN,
            since=since, may=g.actor.role in MAY_CHANGE,
        )  # fmt: skip


def _form(newest: RuleRow, now: datetime) -> Any:
    """A form of the fields that a rule of this kind has, filled with its newest version."""
    fields = {name: _field(newest.kind, name) for name in KINDS[newest.kind].model_fields}
    kind = type("RuleForm", (VersionForm,), fields)
    terms = terms_of(newest.kind, newest.terms).model_dump()
    told = {name: ", ".join(map(str, v)) if name in LISTS else v for name, v in terms.items()}
    return kind(
        data={
            "rank": newest.rank,
            "is_on": newest.is_on,
            "valid_from": business_day(now),
            "over": newest.version,
            **told,
        }
    )


def _field(kind: str, name: str) -> Field:
    is_whole = name not in LISTS and name not in TEXTS
    is_sum = name == "most" and kind in ("charge", "test")
    label = "Paling banyak (rupiah) · At most" if is_sum else LABELS[name]
    if is_whole:
        return IntegerField(label, [InputRequired("Angka bulat")])
    return StringField(label)


def _wish(form: Any, newest: RuleRow) -> Wish:
    terms = {name: _read(name, form[name].data) for name in KINDS[newest.kind].model_fields}
    return Wish(
        newest.name, form.over.data, form.rank.data, terms, form.is_on.data, form.valid_from.data,
        form.reason.data or "",
    )  # fmt: skip


def _read(name: str, data: Any) -> Any:
    if name not in LISTS:
        return data
    return [part.strip() for part in (data or "").split(",") if part.strip()]


def _tell(form: Any, error: BadInput | Conflict) -> None:
    problems = error.problems if isinstance(error, BadInput) else {}
    for name, why in (problems or {"reason": str(error)}).items():
        field = form[name if name in form else "reason"]
        field.errors = [*field.errors, why]
