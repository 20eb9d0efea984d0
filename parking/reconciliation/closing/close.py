"""Close a day: one person finds it ready, another signs what he saw. There is no way back."""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day, day_text
from parking.errors import BadInput, Conflict, NotAllowed
from parking.reconciliation.closing import store
from parking.reconciliation.closing.readiness import DayFacts, Standing, blockers


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
    seen = hash_of(snapshot(session, facts, now))
    store.propose(session, business_day=day, hash=seen, at=now, actor=actor)
    record(session, now, actor, "day.prepared", f"day:{day}", {"hash": seen})
    return seen


def sign(session: Session, day: date, actor: str, now: datetime) -> str:
    """Close a day that another person prepared, if it is still what he saw; its hash.

    Raises BadInput; NotAllowed for the one who prepared it (M14); Conflict when it is
    not ready, not prepared, or has changed since.
    """
    store.lock_day(session, day)
    facts = facts_of(session, day, now)
    _check_ready(facts)
    prepared = facts.prepared
    if prepared is None:
        raise Conflict(f"{day_text(day)} belum disiapkan oleh petugas pertama")
    if prepared.actor == actor:
        raise NotAllowed("Anda yang menyiapkan hari ini; orang lain yang menandatangani")
    kept = snapshot(session, facts, now)
    if hash_of(kept) != prepared.hash:
        raise Conflict(
            f"{day_text(day)} berubah sejak disiapkan. Periksa lagi, lalu siapkan sekali lagi."
        )
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


def snapshot(session: Session, facts: DayFacts, until: datetime) -> dict[str, Any]:
    """What two persons sign: whole numbers and texts only, so that it hashes alike for ever."""
    assert facts.run_id is not None  # noqa: S101 - a day without a run is not ready
    run = store.run(session, facts.run_id)
    return {
        "day": facts.day.isoformat(),
        "run": {"id": run.id, "input": run.input_hash, "result": run.result_hash},
        "totals": run.summary["totals"],
        "files": [[file.source, file.sha256 or f"absent: {file.reason}"] for file in facts.files],
        "ledger": store.booked(session, facts.day, until),
        "cases": store.followed(session, run.id),
    }


def hash_of(snapshot: dict[str, Any]) -> str:
    """
    >>> hash_of({"day": "2026-11-24"})[:8]
    '1eb9f4f6'
    """
    text = json.dumps(snapshot, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
