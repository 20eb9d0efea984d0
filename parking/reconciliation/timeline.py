"""The timeline of a charge: all its witnesses in one order, and in words. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from parking.business_day import business_day, day_text, wib
from parking.money import rupiah_text
from parking.reconciliation import words
from parking.reconciliation.chain import Entry, Event, Evidence, Facts, SettlementLine


class Source(StrEnum):
    CHARGE = "charge"
    CALLBACK = "callback"
    INQUIRY = "inquiry"
    SETTLEMENT = "settlement"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, whoever saw it."""

    at: datetime
    source: Source
    what: str
    note: str = ""
    callback_id: int | None = None

    @property
    def day(self) -> date:
        return business_day(self.at)

    @property
    def clock_text(self) -> str:
        """To the second: of several witnesses within a minute the order matters."""
        return f"{wib(self.at):%H.%M.%S} WIB"


def timeline(facts: Facts) -> list[Moment]:
    """Everything that happened to a charge, in the order in which we learned of it."""
    return sorted(
        [
            *_events(facts.events), *_callbacks(facts), *_inquiries(facts.evidence),
            *_lines(facts.lines), *_entries(facts.entries),
        ],
        key=lambda moment: moment.at,
    )  # fmt: skip


def _events(events: Iterable[Event]) -> list[Moment]:
    return [
        Moment(
            e.at, Source.CHARGE, _step(e), " · ".join(part for part in (e.actor, e.note) if part)
        )
        for e in events
    ]  # fmt: skip


def _step(event: Event) -> str:
    """What an event was, and the state it brought the charge into if it moved it."""
    why = words.CAUSE_TEXT.get(event.cause, event.cause)
    if event.before == event.after:
        return why
    state = words.CHARGE_TEXT.get(event.after, event.after)
    return f"{why}: {state[:1].lower()}{state[1:]}"


def _said(evidence: Evidence) -> str:
    """What evidence says of the payment."""
    state = words.SAID_TEXT.get(evidence.state, evidence.state)
    return f"{rupiah_text(evidence.amount)} {state}"


def _callbacks(facts: Facts) -> list[Moment]:
    said = {e.callback_id: e for e in facts.evidence if e.callback_id}
    moments = []
    for callback in facts.callbacks:
        evidence = said.get(callback.id)
        what = _said(evidence) if evidence else callback.reason
        level = words.LEVEL_TEXT.get(callback.level, callback.level)
        note = f"{level} · {words.WORK_TEXT.get(callback.work, callback.work)}"
        moments.append(Moment(callback.received_at, Source.CALLBACK, what, note, callback.id))
        moments += [
            Moment(at, Source.CALLBACK, f"{what} (ulangan)", "sudah tersimpan", callback.id)
            for at in callback.repeated_at
        ]
    return moments


def _inquiries(evidence: Iterable[Evidence]) -> list[Moment]:
    return [
        Moment(
            e.seen_at, Source.INQUIRY, _said(e),
            f"{words.TRUST_TEXT.get(e.trust, e.trust)} · {e.payment_ref}",
        )
        for e in evidence
        if e.source == "inquiry"
    ]  # fmt: skip


def _lines(lines: Iterable[SettlementLine]) -> list[Moment]:
    return [
        Moment(
            line.taken_in_at, Source.SETTLEMENT,
            f"{words.KIND_TEXT.get(line.kind, line.kind)} {rupiah_text(line.gross)}",
            f"{line.file_name} baris {line.number}" + ("" if line.in_force else " · digantikan"),
        )
        for line in lines
    ]  # fmt: skip


def _entries(entries: Iterable[Entry]) -> list[Moment]:
    return [
        Moment(
            e.posted_at, Source.LEDGER, words.ENTRY_TEXT.get(e.kind, e.kind),
            f"{rupiah_text(sum(p.amount for p in e.postings if p.amount > 0))},"
            f" tanggal buku {day_text(e.effective_on)}",
        )
        for e in entries
    ]  # fmt: skip
