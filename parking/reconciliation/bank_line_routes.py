"""/finance/statements/lines and /unmatched: what became of each bank line, and what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from parking.reconciliation.cases.store import CaseRow
from parking.reconciliation.store import DiscrepancyRow
from parking.reconciliation.suggesting import suggest
from parking.statements import bank_store

READERS = (Role.FINANCE, Role.TREASURER, Role.AUDITOR, Role.ADMIN)

COLUMNS = (
    Column("booked_on", "Tanggal", "Booked", "day"),
    Column("account", "Rekening", "Account",
           href=lambda b: f"/finance/statements/accounts/{b.account}"),
    Column("text", "Keterangan", "Text", href=lambda b: f"/finance/statements/lines/{b.id}"),
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
    _one(routes, parts)
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
            named_by = _named_by(session, of.rows)
        if ask.wants_csv:
            return of.csv("belum-cocok")
        things, others = open_things(facts, found), [each.line for each in waiting]
        shown = [
            (each, suggest(each.line, things, others), named_by.get(each.id)) for each in of.rows
        ]
        total = sum(abs(each.amount) for each in rows)
        return render_template(
            "audit/bank_unmatched.html", of=replace(of, rows=shown), total=total,
            thing_text=thing_text, tones=STATE_TONE,
        )  # fmt: skip


def _one(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/lines/<int:number>")
    @needs(*READERS)
    def line(number: int) -> str:
        """One line: what it says, what it pays or might pay, and who works on it."""
        with parts.sessions() as session:
            row = bank_store.line(session, number)
            facts = treasury_store.facts(session)
            found = bank_lines(facts)
            mine = next(each for each in found if each.id == number)
            named_by = _named_by(session, [mine]).get(number)
        others = [each.line for each in found if not each.is_settled]
        suggestions = () if mine.is_settled else suggest(
            mine.line, open_things(facts, found), others
        )  # fmt: skip
        return render_template(
            "audit/bank_line.html", mine=mine, row=row, suggestions=suggestions,
            named_by=named_by, thing_text=thing_text, tones=STATE_TONE,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamedBy:
    """The newest discrepancy that names a line, and the case that somebody has of it."""

    discrepancy: int
    case: int | None


def _named_by(session: Session, lines: Sequence[BankLine]) -> Mapping[int, NamedBy]:
    row, case = DiscrepancyRow, CaseRow
    subjects = {f"line:{each.id}": each.id for each in lines}
    found = session.execute(
        select(row.subject, func.max(row.id), func.max(case.id))
        .outerjoin(case, (case.code == row.code) & (case.subject == row.subject))
        .where(row.business_day.in_({e.booked_on for e in lines}), row.subject.in_(subjects))
        .group_by(row.subject)
    )
    return {subjects[subject]: NamedBy(number, which) for subject, number, which in found}
