"""/finance/deposits: who holds what at any hour, how a day came and went, counts of cash."""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day, day_starts, wib
from parking.deposits import balance_store, count_cash, count_store, lists_store
from parking.deposits.balance_store import Balance
from parking.deposits.count_store import CashCount
from parking.deposits.deadlines import days_late, deposit_due, handover_due
from parking.deposits.forms import CashCountForm
from parking.deposits.handover import OFFICE, Holder, Party
from parking.deposits.words import PARTY_TEXT
from parking.money import rupiah_text
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, arranged, read_ask, read_day
from parking.parts import Parts
from parking.registry import store as registry
from parking.registry.forms import accepted, options

HOME = "/finance/deposits"
READERS = (Role.AUDITOR, Role.FINANCE, Role.TREASURER)
CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5]?[0-9])")
MAY_COUNT = (Role.AUDITOR, Role.FINANCE)  # not the one whose cash is counted

PARTY = Choice(
    "party", "Pemegang · Holder", [("", "Semua"), *((p.value, t) for p, t in PARTY_TEXT.items())]
)
BALANCES = (
    Column("name", "Pemegang", "Holder"),
    Column("party", "Sebagai", "As"),
    Column("amount", "Saldo", "Balance", "rupiah"),
    Column("since", "Sejak", "Since", "day"),
    Column("late", "Terlambat", "Working days late", "count"),
)  # fmt: skip
FLOWS = (
    Column("name", "Pemegang", "Holder"),
    Column("party", "Sebagai", "As"),
    Column("opening", "Saldo awal", "Opening", "rupiah"),
    Column("received", "Masuk", "Received", "rupiah"),
    Column("passed_on", "Keluar", "Passed on", "rupiah"),
    Column("closing", "Saldo akhir", "Closing", "rupiah"),
)  # fmt: skip
COUNTS = (
    Column("at", "Waktu", "At", "moment"),
    Column("name", "Pemegang", "Holder"),
    Column("counted", "Dihitung", "Counted", "rupiah"),
    Column("booked", "Menurut buku", "By the book", "rupiah"),
    Column("difference", "Beda", "Difference", "rupiah"),
    Column("actor", "Oleh", "By"),
    Column("witness", "Saksi", "Witness"),
    Column("document", "Berita acara", "Document"),
    Column("note", "Catatan", "Note", "long", sorts=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    party: str
    amount: int
    since: date
    late: int | None


def add_balances(routes: Blueprint, parts: Parts) -> None:
    _balances(routes, parts)
    _flows(routes, parts)
    _counts(routes, parts)


def _balances(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/balances")
    @needs(*READERS)
    def balances() -> str | Response:
        """At this moment, or at ?date=2026-11-24&time=14:00 by what was booked until then."""
        now = parts.clock.now()
        at = min(_moment(now), now)
        ask = read_ask(request, BALANCES, (PARTY,), "-amount", keep=("date", "time"))
        with parts.sessions() as session:
            leave = registry.collective_leave(session)
            held = balance_store.balances(session, at)
        chosen = ask.chosen["party"]
        rows = [_line(b, business_day(at), leave) for b in held if chosen in ("", b.holder.party)]
        found = arranged(rows, ask, BALANCES, (PARTY,), "Tidak ada tunai di tangan siapa pun.")
        if ask.wants_csv:
            return found.csv("saldo-pemegang")
        return render_template(
            "deposits/balances.html", found=found, at=at, total=sum(row.amount for row in rows),
            local=wib(at), today=business_day(now),
        )  # fmt: skip


def _moment(now: datetime) -> datetime:
    day = read_day(request.args.get("date", ""))
    if day is None:
        return now
    told = CLOCK.fullmatch(request.args.get("time", ""))
    hour, minute = told.groups() if told else ("23", "59")
    return day_starts(day) + timedelta(hours=int(hour), minutes=int(minute), seconds=59)


def _line(of: Balance, today: date, leave: frozenset[date]) -> Line:
    """The treasurer has a working day, everybody else hands on the same day."""
    is_office = of.holder.party is Party.TREASURER
    due = deposit_due(of.since, leave) if is_office else handover_due(of.since)
    late = days_late(due, today, leave)
    return Line(of.name, PARTY_TEXT[of.holder.party], of.amount, of.since, late or None)


def _flows(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/flows")
    @needs(*READERS)
    def flows() -> str | Response:
        """Opening, received, passed on, closing (M17); what is carried over, also at year's end."""
        today = business_day(parts.clock.now())
        day = min(read_day(request.args.get("date", "")) or today, today)
        ask = read_ask(request, FLOWS, (), "name", keep=("date",))
        with parts.sessions() as session:
            rows = [_flow(each) for each in balance_store.flows(session, day)]
            over = balance_store.carried_over(session, day)
            unpaid = lists_store.unpaid_at(session, day)
        found = arranged(rows, ask, FLOWS, (), "Tidak ada tunai pada hari ini.")
        if ask.wants_csv:
            return found.csv(f"arus-kas-{day}")
        return render_template(
            "deposits/flows.html", found=found, day=day, over=over, unpaid=unpaid, last=today,
            before=day - timedelta(days=1), after=day + timedelta(days=1),
            is_year_end=(day.month, day.day) == (12, 31),
        )  # fmt: skip


def _flow(of: balance_store.Flow) -> dict[str, Any]:
    figures = {name: getattr(of, name) for name in ("opening", "received", "passed_on", "closing")}
    return {"name": of.name, "party": PARTY_TEXT[of.holder.party], **figures}


def _counts(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/counts")
    @needs(*READERS)
    def counts() -> str | Response:
        ask = read_ask(request, COUNTS, (), "-at")
        with parts.sessions() as session:
            rows = count_store.everything(session)
        found = arranged(rows, ask, COUNTS, (), "Belum pernah ada opname kas.")
        if ask.wants_csv:
            return found.csv("opname-kas")
        return render_template("deposits/counts.html", found=found, may=g.actor.role in MAY_COUNT)

    @routes.route("/counts/new", methods=["GET", "POST"])
    @needs(*MAY_COUNT)
    def count_anew() -> Response:
        """The book's balance is shown only after the count was entered."""
        now, form = parts.clock.now(), CashCountForm()
        with parts.sessions() as session:
            form.holder.choices = options(_holders(session, now))
        if not form.is_submitted():
            form.key.data = secrets.token_hex(16)
        made: list[CashCount] = []

        def act() -> None:
            party, _, id_ = form.holder.data.partition(":")
            holder = Holder(Party(party), int(id_) if id_ else None)
            with parts.sessions.begin() as session:
                made.append(
                    count_cash.count_cash(
                        session, form.key.data or "", holder, form.counted.number,
                        form.witness.data or "", form.document.data or "", form.note.data or "",
                        g.actor.label, now,
                    )
                )  # fmt: skip

        if accepted(form, act):
            return done(_told(made[0]), f"{HOME}/counts")
        return form_page("deposits/count_new.html", form)


def _told(count: CashCount) -> str:
    said = f"Dihitung {rupiah_text(count.counted)}, menurut buku {rupiah_text(count.booked)}"
    return said + (f": beda {rupiah_text(count.difference)}." if count.difference else ": cocok.")


def _holders(session: Session, now: datetime) -> list[tuple[str, str]]:
    return [
        ("treasurer", name)
        if holder == OFFICE
        else (f"{holder.party}:{holder.id}", f"{PARTY_TEXT[holder.party]}: {name}")
        for holder, name in count_store.holders(session, now)
    ]
