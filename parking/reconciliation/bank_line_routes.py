"""/finance/statements/lines and /unmatched: what became of each bank line, and what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from flask import Blueprint, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.pages.listing import Choice, Column, DayChoice, Filter, arranged, read_ask
from parking.parts import Parts
from parking.reconciliation import treasury_store
from parking.reconciliation.bank_lines import (
    STATE_TEXT,
    STATE_TONE,
    BankLine,
    bank_lines,
    open_things,
    thing_text,
)
from parking.reconciliation.store import DiscrepancyRow
from parking.reconciliation.suggesting import suggest
from parking.statements import bank_store

READERS = (Role.FINANCE, Role.TREASURER, Role.AUDITOR, Role.ADMIN)

COLUMNS = (
    Column("booked_on", "Tanggal", "Booked", "day"),
    Column("account", "Rekening", "Account",
           href=lambda b: f"/finance/statements/accounts/{b.account}"),
    Column("text", "Keterangan", "Text"),
    Column("reference", "Rujukan bank", "Reference"),
    Column("amount", "Jumlah", "Amount", "rupiah"),
    Column("state_text", "Keadaan", "State", tone=lambda b: STATE_TONE[b.state]),
    Column("pays", "Membayar", "Pays", sorts=False),
    Column("by", "Dicocokkan", "Matched by", sorts=False),
)  # fmt: skip
STATES = Choice(
    "state", "Keadaan · State", [("", "Semua"), *((str(k), v) for k, v in STATE_TEXT.items())]
)


def bank_line_desk(parts: Parts) -> Blueprint:
    routes = Blueprint(
        "bank_lines", "parking.reconciliation", url_prefix="/finance/statements",
        template_folder="templates",
    )  # fmt: skip
    _lines(routes, parts)
    _unmatched(routes, parts)
    return routes


def _lines(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/lines")
    @needs(*READERS)
    def lines() -> str | Response:
        with parts.sessions() as session:
            filters = _filters(session, STATES)
            found = bank_lines(treasury_store.facts(session))
        ask = read_ask(request, COLUMNS, filters, "-booked_on")
        state = ask.chosen["state"]
        rows = [each for each in _asked(found, ask.chosen["account"], ask.day("day"))
                if state in ("", each.state)]  # fmt: skip
        of = arranged(rows, ask, COLUMNS, filters, "Belum ada baris rekening koran.")
        if ask.wants_csv:
            return of.csv("baris-rekening-koran")
        waiting = sum(not each.is_settled for each in found)
        return render_template("audit/bank_lines.html", of=of, waiting=waiting)


def _filters(session: Session, *more: Choice) -> tuple[Filter, ...]:
    codes = [("", "Semua"), *((a.code, a.code) for a in bank_store.accounts(session))]
    return (
        DayChoice("day", "Tanggal · Booked"),
        Choice("account", "Rekening · Account", codes),
        *more,
    )


def _asked(lines: Sequence[BankLine], account: str, day: date | None) -> list[BankLine]:
    return [
        each for each in lines
        if account in ("", each.account) and (day is None or day == each.booked_on)
    ]  # fmt: skip


def _unmatched(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/unmatched")
    @needs(*READERS)
    def unmatched() -> str | Response:
        """The queue: what no rule could match, the largest first, with what it might be."""
        with parts.sessions() as session:
            filters = _filters(session)
            facts = treasury_store.facts(session)
            found = bank_lines(facts)
            waiting = [each for each in found if not each.is_settled]
            ask = read_ask(request, COLUMNS, filters, "-amount")
            rows = _asked(waiting, ask.chosen["account"], ask.day("day"))
            of = arranged(rows, ask, COLUMNS, filters, "Semua baris rekening koran sudah cocok.")
            named_by = _discrepancies(session, of.rows)
        if ask.wants_csv:
            return of.csv("belum-cocok")
        things = open_things(facts, found)
        others = [each.line for each in waiting]
        shown = [
            (each, suggest(each.line, things, [o for o in others if o.id != each.id]),
             named_by.get(each.id))
            for each in of.rows
        ]  # fmt: skip
        total = sum(abs(each.amount) for each in rows)
        return render_template(
            "audit/bank_unmatched.html", of=replace(of, rows=shown), total=total,
            thing_text=thing_text, tones=STATE_TONE,
        )  # fmt: skip


def _discrepancies(session: Session, lines: Sequence[BankLine]) -> Mapping[int, int]:
    """The newest discrepancy that names a line, by the line."""
    row = DiscrepancyRow
    subjects = {f"line:{each.id}": each.id for each in lines}
    found = session.execute(
        select(row.subject, func.max(row.id))
        .where(row.business_day.in_({e.booked_on for e in lines}), row.subject.in_(subjects))
        .group_by(row.subject)
    )
    return {subjects[subject]: number for subject, number in found}
