"""/audit/outages: when a merchant account could not be used, and what that cost."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, g, render_template, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from parking.access.policy import Role, needs
from parking.business_day import WIB, business_day, wib
from parking.errors import BadInput
from parking.gateways.note_outage import end_outage, note_outage
from parking.gateways.outage import Noticed
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, DayChoice, arranged, read_ask
from parking.parts import Parts
from parking.reconciliation import outage_store
from parking.reconciliation.outage_store import OutageLine
from parking.registry import store as registry

READERS = (Role.AUDITOR, Role.FINANCE, Role.TREASURER, Role.ADMIN)
WRITERS = (Role.AUDITOR, Role.ADMIN)
COLUMNS = (
    Column("account", "Akun", "Account", "code"),
    Column("began_at", "Mulai", "From", "moment"),
    Column("ended_at", "Selesai", "To", "moment"),
    Column("lasted", "Lamanya", "Duration"),
    Column("failed", "Gagal", "Failed taps", "count"),
    Column("cash_count", "Tunai", "Cash instead", "count"),
    Column("cash_sum", "Nominal", "Cash", "rupiah"),
    Column("reason", "Sebab", "Reason"),
    Column("state", "Keadaan", "State", tone=lambda row: row["tone"]),
)
FILTERS = (DayChoice("from", "Dari hari · From"), DayChoice("to", "Sampai hari · To"))


class OutageForm(FlaskForm):
    account = SelectField("Akun merchant · Account")
    began_at = DateTimeLocalField(
        "Mulai (WIB) · From", [InputRequired("Wajib diisi")], format="%Y-%m-%dT%H:%M"
    )
    ended_at = DateTimeLocalField(
        "Selesai (WIB) · To", [Optional()], format="%Y-%m-%dT%H:%M",
        description="Kosong: masih berlangsung; selama itu tidak ada QR lewat akun ini",
    )  # fmt: skip
    reason = StringField(
        "Sebab · Reason", [InputRequired("Wajib diisi")],
        description="Seperti: bank tutup, pengumuman nomor 12/2026",
    )  # fmt: skip


def add_outages(routes: Blueprint, parts: Parts) -> None:
    _list(routes, parts)
    _new(routes, parts)
    _end(routes, parts)


def _list(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/outages")
    @needs(*READERS)
    def outages() -> str | Response:
        ask = read_ask(request, COLUMNS, FILTERS, "-began_at")
        with parts.sessions() as session:
            lines = outage_store.lines(session, ask.day("from"), ask.day("to"))
        rows = [_row(line, parts.clock.now()) for line in lines]
        found = arranged(rows, ask, COLUMNS, FILTERS, "Tidak ada gangguan yang tercatat.")
        if ask.wants_csv:
            return found.csv("gangguan")
        return render_template("audit/outages.html", found=found, may=g.actor.role in WRITERS)


def _row(line: OutageLine, now: datetime) -> dict[str, Any]:
    lasts = line.lasts(now)
    state = "berlangsung" if lasts else "akan datang" if line.began_at > now else "selesai"
    return asdict(line) | {
        "lasted": duration_text(line.duration(now)),
        "state": state,
        "tone": "danger" if lasts else "secondary",
        "can_end": lasts and line.noticed is Noticed.HAND,
    }


def duration_text(lasted: timedelta) -> str:
    """
    >>> duration_text(timedelta(hours=9, minutes=5, seconds=59))
    '9 jam 5 menit'
    """
    minutes, seconds = divmod(int(lasted.total_seconds()), 60)
    if not minutes:
        return f"{seconds} detik"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} jam {minutes} menit" if hours else f"{minutes} menit"


def _new(routes: Blueprint, parts: Parts) -> None:
    @routes.route("/outages/new", methods=["GET", "POST"])
    @needs(*WRITERS)
    def new_outage() -> Response:
        now, form = parts.clock.now(), OutageForm()
        with parts.sessions() as session:
            accounts = registry.merchant_accounts(session, business_day(now))
        names = [f"{a.merchant.gateway}/{a.merchant.account}" for a in accounts]
        form.account.choices = [SelectChoice(name, name) for name in names]
        if not form.is_submitted():
            form.began_at.data = wib(now).replace(tzinfo=None)
        if form.validate_on_submit() and _noted(form, parts, now):
            return done(f"Gangguan {form.account.data} tercatat.", "/audit/outages")
        return form_page(
            "audit/outage_form.html", form, title="Catat gangguan", english="Note an outage",
            back=("/audit/outages", "Gangguan"),
        )  # fmt: skip


def _noted(form: OutageForm, parts: Parts, now: datetime) -> bool:
    gateway, _, account = form.account.data.partition("/")
    began_at, ended_at = _in_wib(form.began_at.data), _in_wib(form.ended_at.data)
    assert began_at is not None  # noqa: S101 - the form needs it
    try:
        with parts.sessions.begin() as session:
            note_outage(
                session, gateway, account, began_at, ended_at, form.reason.data, g.actor.label, now
            )
    except BadInput as error:
        for name, why in error.problems.items():
            form[name].errors = [*form[name].errors, why]
        return False
    return True


def _in_wib(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=WIB) if moment else None


def _end(routes: Blueprint, parts: Parts) -> None:
    @routes.post("/outages/<int:number>/end")
    @needs(*WRITERS)
    def end(number: int) -> Response:
        with parts.sessions.begin() as session:
            end_outage(session, number, g.actor.label, parts.clock.now())
        return done("Gangguan diakhiri.", "/audit/outages")
