"""Close a day: one person finds it ready, another signs what he saw. There is no way back."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day, day_text
from parking.errors import BadInput, Conflict, NotAllowed
from parking.ledger.entry import Entry
from parking.ledger.post import post_all
from parking.reconciliation import match_store
from parking.reconciliation.bank_day import as_frozen, entries_of
from parking.reconciliation.bank_matching import Group
from parking.reconciliation.closing import store
from parking.reconciliation.closing.readiness import DayFacts, Standing, blockers
from parking.reconciliation.treasury_store import matches_to_freeze


def facts_of(session: Session, day: date, now: datetime) -> DayFacts:
    """Raises BadInput for a day that is not over."""
    if day >= business_day(now):
        raise BadInput(f"{day_text(day)} belum selesai")
    return store.facts(session, [day], now)[0]


def prepare(session: Session, day: date, actor: str, now: datetime) -> str:
    """Find a day ready; the hash of what was seen.

    Raises BadInput; Conflict naming the first thing in the way.
    """
    store.lock_day(session, day)
    facts = facts_of(session, day, now)
    _check_ready(facts)
    seen = hash_of(snapshot(session, facts, matches_to_freeze(session, day), now))
    store.propose(session, business_day=day, hash=seen, at=now, actor=actor)
    record(session, now, actor, "day.prepared", f"day:{day}", {"hash": seen})
    return seen


def sign(session: Session, day: date, actor: str, now: datetime, seen: str = "") -> str:
    """Close a day that another person prepared, if it is still what both saw; its hash.

    `seen` is the hash of what the page showed to the one who signs; empty where none was shown.

    What it freezes between bank and us is booked on the day, now. That stands in the book
    before the day is closed: afterwards nothing of this moment comes into it any more.
    Raises BadInput; NotAllowed for the one who prepared it (M14); Conflict when it is
    not ready, not prepared, or has changed since.
    """
    store.lock_day(session, day)
    match_store.lock(session)  # no person matches, and no other day is closed, meanwhile
    facts = facts_of(session, day, now)
    _check_ready(facts)
    prepared = facts.prepared
    if prepared is None:
        raise Conflict(f"{day_text(day)} belum disiapkan oleh petugas pertama")
    if prepared.actor == actor:
        raise NotAllowed("Anda yang menyiapkan hari ini; orang lain yang menandatangani")
    matches = matches_to_freeze(session, day)
    kept = snapshot(session, facts, matches, now)
    if hash_of(kept) != prepared.hash or seen not in ("", prepared.hash):
        raise Conflict(
            f"{day_text(day)} berubah sejak disiapkan atau sejak halaman ini dibuka. Muat ulang,"
            " periksa lagi; bila perlu siapkan sekali lagi."
        )
    post_all(session, _settled(matches, day), now)
    store.close(
        session, business_day=day, run_id=facts.run_id, hash=prepared.hash, snapshot=kept,
        prepared_by=prepared.actor, prepared_at=prepared.at, signed_by=actor, closed_at=now,
    )  # fmt: skip
    record(session, now, actor, "day.closed", f"day:{day}", {"hash": prepared.hash})
    return prepared.hash


def _check_ready(facts: DayFacts) -> None:
    if facts.standing is Standing.CLOSED:
        raise Conflict(f"{day_text(facts.day)} sudah ditutup")
    in_the_way = blockers(facts)
    if in_the_way:
        raise Conflict(f"{day_text(facts.day)} belum dapat ditutup: {in_the_way[0].text}")


def snapshot(
    session: Session, facts: DayFacts, matches: Sequence[Group], until: datetime
) -> dict[str, Any]:
    """What two persons sign: whole numbers and texts only, so that it hashes alike for ever.

    `matches` are those that the day freezes; "settles" is how they are booked, by bank line.
    """
    assert facts.run_id is not None  # noqa: S101 - a day without a run is not ready
    run = store.run(session, facts.run_id)
    return {
        "day": facts.day.isoformat(),
        "run": {"id": run.id, "input": run.input_hash, "result": run.result_hash},
        "totals": run.summary["totals"],
        "equations": list(facts.equations),
        "files": [[file.source, file.sha256 or f"absent: {file.reason}"] for file in facts.files],
        "ledger": store.booked(session, facts.day, until),
        "cases": store.followed(session, run.id),
        "matches": [as_frozen(match) for match in matches],
        "settles": [
            [entry.source.statement_line_id, [[str(p.account), p.amount] for p in entry.postings]]
            for entry in _settled(matches, facts.day)
        ],
    }


def _settled(matches: Sequence[Group], day: date) -> list[Entry]:
    """The entries of what a day freezes, by bank line."""
    entries = [entry for match in matches for entry in entries_of(match, day)]
    return sorted(entries, key=lambda entry: entry.source.statement_line_id or 0)


def hash_of(snapshot: dict[str, Any]) -> str:
    """
    >>> hash_of({"day": "2026-11-24"})[:8]
    '1eb9f4f6'
    """
    text = json.dumps(snapshot, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
