"""/finance/statements/lines and /unmatched: what became of each bank line, and what waits."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, flash, g, render_template, request
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from parking.access.policy import Role, needs
from parking.errors import BadInput, Conflict
from parking.money import Rupiah, rupiah_text
from parking.pages.answers import done
from parking.pages.listing import Choice, Column, DayChoice, Filter, arranged, read_ask
from parking.parts import Parts
from parking.reconciliation import by_hand, match_store, treasury_store
from parking.reconciliation.bank_lines import (
    STATE_TEXT,
    STATE_TONE,
    BankLine,
    bank_lines,
    open_things,
    paying,
    thing_text,
)
from parking.reconciliation.bank_matching import Thing
from parking.reconciliation.cases.store import CaseRow
from parking.reconciliation.store import DiscrepancyRow
from parking.reconciliation.suggesting import Suggestion, suggest
from parking.registry.forms import accepted
from parking.statements import bank_store

MAY_MATCH = (Role.FINANCE, Role.TREASURER)
READERS = (*MAY_MATCH, Role.AUDITOR, Role.ADMIN)
MOST_CHOICES = 30

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
UNFOUNDED = "unfounded"
STATES = Choice(
    "state", "Keadaan · State",
    [("", "Semua"), *((str(k), v) for k, v in STATE_TEXT.items()),
     (UNFOUNDED, "Kredit tanpa dasar")],
)  # fmt: skip
PAYS = Choice("pays", "Membayar · Pays", [("", "Semua"), ("batch", "Batch QRIS"), ("sts", "STS")])
OF_DAY = DayChoice("of_day", "Hari batch, STS · Of day")


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
            filters = _filters(session, STATES, OF_DAY, PAYS)
            facts = treasury_store.facts(session)
        found = bank_lines(facts)
        ask = read_ask(request, COLUMNS, filters, "-booked_on")
        asked, of_day, pays = found, ask.day("of_day"), ask.chosen["pays"]
        if of_day or pays:
            asked = paying(facts, found, of_day, pays)
        state = ask.chosen["state"]
        rows = [each for each in _asked(asked, ask.chosen["account"], ask.day("day"))
                if state in ("", each.state) or (state == UNFOUNDED and each.is_unfounded)
        ]  # fmt: skip
        of = arranged(rows, ask, COLUMNS, filters, "Belum ada baris rekening koran.")
        if ask.wants_csv:
            return of.csv("baris-rekening-koran")
        waiting = sum(not each.is_settled for each in found)
        return render_template("audit/bank_lines.html", of=of, waiting=waiting)


def _filters(session: Session, *more: Filter) -> tuple[Filter, ...]:
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


class MatchForm(FlaskForm):
    what = SelectField("Membayar · Pays", validate_choice=False)
    reason = StringField("Sebab · Reason", [InputRequired("Wajib diisi")])


class UndoForm(FlaskForm):
    reason = StringField("Sebab · Reason", [InputRequired("Wajib diisi")])


def _one(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/lines/<int:number>")
    @needs(*READERS)
    def line(number: int) -> Response:
        """One line: what it says, what it pays or might pay, and who works on it."""
        return _page(parts, number, MatchForm(), UndoForm())

    @routes.post("/lines/<int:number>/match")
    @needs(*MAY_MATCH)
    def match(number: int) -> Response:
        form = MatchForm()

        def act() -> None:
            wish = by_hand.read_wish(form.what.data or "")
            with _beside("what"), parts.sessions.begin() as session:
                by_hand.match(
                    session, number, wish, form.reason.data, g.actor.label, parts.clock.now()
                )

        if accepted(form, act):
            return done("Dicocokkan. Kasusnya selesai pada rekonsiliasi berikutnya.", _href(number))
        return _page(parts, number, form, UndoForm())

    @routes.post("/lines/<int:number>/unmatch")
    @needs(*MAY_MATCH)
    def unmatch(number: int) -> Response:
        form = UndoForm()

        def act() -> None:
            with _beside("reason"), parts.sessions.begin() as session:
                by_hand.undo(session, number, form.reason.data, g.actor.label, parts.clock.now())

        if accepted(form, act):
            return done("Pencocokan dibatalkan; baris ini terbuka lagi.", _href(number))
        return _page(parts, number, MatchForm(), form)


@contextmanager
def _beside(field: str) -> Iterator[None]:
    """What stands in the way is told on the page as it is now, and nothing typed is lost. Above
    too: somebody else may have matched the line, and then it has no form any more.
    """
    try:
        yield
    except Conflict as error:
        flash(str(error), "danger")
        raise BadInput(str(error), {field: str(error)}) from error


def _href(number: int) -> str:
    return f"/finance/statements/lines/{number}"


def _page(parts: Parts, number: int, form: MatchForm, undo: UndoForm) -> Response:
    with parts.sessions() as session:
        row = bank_store.line(session, number)
        facts = treasury_store.facts(session)
        found = bank_lines(facts)
        mine = next(each for each in found if each.id == number)
        named_by = _named_by(session, [mine]).get(number)
        made = match_store.match(session, mine.match_id) if mine.match_id is not None else None
    others, things = [each.line for each in found if not each.is_settled], open_things(facts, found)
    suggestions = () if mine.is_settled else suggest(mine.line, things, others)
    form.what.choices = _choices(mine, suggestions, things)
    page = render_template(
        "audit/bank_line.html", mine=mine, row=row, suggestions=suggestions, form=form, undo=undo,
        made=made, named_by=named_by, thing_text=thing_text, tones=STATE_TONE,
        may_match=g.actor.role in MAY_MATCH,
    )  # fmt: skip
    return Response(page, 422 if form.errors or undo.errors else 200, mimetype="text/html")


def _choices(
    mine: BankLine, suggestions: Sequence[Suggestion], things: Sequence[Thing]
) -> list[tuple[str, str]]:
    """What a line may be joined with: what is suggested, then what is open nearest to its day."""
    proposed = [
        (by_hand.written(each.things, [x.id for x in each.lines]), f"Usulan: {_text(each)}")
        for each in suggestions
    ]
    near = sorted(things, key=lambda t: (abs(t.day - mine.booked_on), t.order))[:MOST_CHOICES]
    open_ones = [(by_hand.written([t], []), f"{thing_text(t)}, {_money(t.amount)}") for t in near]
    known = {key for key, _ in proposed}
    return [
        ("", "Pilih"), *proposed, *(each for each in open_ones if each[0] not in known),
        ("other", "Bukan batch atau STS: sebab di bawah mengatakan apa"),
    ]  # fmt: skip


def _text(suggestion: Suggestion) -> str:
    things = [f"{thing_text(t)}, {_money(t.amount)}" for t in suggestion.things]
    lines = [f"baris {line.id}, {_money(line.amount)}" for line in suggestion.lines]
    return " + ".join([*things, *lines])


def _money(amount: int) -> str:
    return rupiah_text(Rupiah(amount))


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
