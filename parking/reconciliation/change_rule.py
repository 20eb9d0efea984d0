"""Give a matching rule a new version: dated, with its reason, and never over an old one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day, day_text
from parking.errors import BadInput, Conflict
from parking.reconciliation import rule_store
from parking.reconciliation.bank_rule import BadTerms, Rule, Terms, Within, kind_of, terms_of
from parking.reconciliation.rule_trial import Trial, trial
from parking.reconciliation.treasury_store import closed_days, facts, rules
from parking.statements import bank_store

SHORTEST_REASON, LONGEST_REASON = 5, 300
FURTHEST = timedelta(days=366)  # before today or after it
LARGEST_RANK = 1_000


@dataclass(frozen=True, slots=True)
class Wish:
    """A version that somebody would like; its terms as they were typed."""

    name: str
    over: int  # the version that was looked at when it was typed
    rank: int
    terms: Mapping[str, Any]
    is_on: bool
    valid_from: date
    reason: str


def tried(session: Session, wish: Wish, since: date, now: datetime) -> Trial:
    """What a version would change among the lines booked since a day. Raises as `change` does."""
    version = _version(session, wish, now)
    return trial(facts(session), rules(session), version, since)


def change(session: Session, wish: Wish, actor: str, now: datetime) -> Rule:
    """The version, stored; what it matches is seen at the next run.

    Raises NotFound; BadInput naming every field that is wrong; Conflict if it is what
    holds already.
    """
    rule_store.lock(session)
    version = _version(session, wish, now)
    rule_store.add(
        session, name=version.name, version=version.version, kind=kind_of(version.terms),
        rank=version.rank, terms=version.terms.model_dump(mode="json"), is_on=version.is_on,
        valid_from=version.valid_from, reason=wish.reason.strip(), entered_at=now,
        entered_by=actor,
    )  # fmt: skip
    detail = {"version": version.version, "from": version.valid_from.isoformat()}
    what = f"match-rule:{version.name}"
    record(session, now, actor, "match_rule.change", what, detail, wish.reason.strip())
    return version


def _version(session: Session, wish: Wish, now: datetime) -> Rule:
    newest = rule_store.newest(session, wish.name)
    if newest.version != wish.over:
        who = newest.entered_by.removeprefix("user:")
        raise Conflict(f"{who} sudah menyimpan versi {newest.version}: muat ulang, lalu ubah itu")
    problems = _problems(wish, business_day(now), max(closed_days(session), default=None))
    try:
        terms = terms_of(newest.kind, wish.terms)
        problems |= _unknown_account(session, terms)
    except BadTerms as error:
        problems |= error.problems
    if problems:
        raise BadInput("Aturan belum benar: periksa isian yang ditandai", problems)
    version = Rule(wish.name, newest.version + 1, wish.rank, terms, wish.is_on, wish.valid_from)
    before = terms_of(newest.kind, newest.terms)
    same = (terms, wish.rank, wish.is_on, wish.valid_from)
    if (before, newest.rank, newest.is_on, newest.valid_from) == same:
        raise Conflict(f"Aturan {wish.name} sudah seperti itu (versi {newest.version})")
    return version


def _unknown_account(session: Session, terms: Terms) -> dict[str, str]:
    code = terms.account if isinstance(terms, Within) else ""
    if not code or any(each.code == code for each in bank_store.accounts(session)):
        return {}
    return {"account": "tidak ada rekening dengan kode ini"}


def _problems(wish: Wish, today: date, closed: date | None) -> dict[str, str]:
    """`closed` is the last day that is: what was signed is not judged by other rules later."""
    found = {}
    if not 1 <= wish.rank <= LARGEST_RANK:
        found["rank"] = f"antara 1 dan {LARGEST_RANK}"
    if not today - FURTHEST <= wish.valid_from <= today + FURTHEST:
        found["valid_from"] = "paling jauh setahun dari hari ini"
    if closed is not None and wish.valid_from <= closed:
        found["valid_from"] = f"sesudah {day_text(closed)}, hari terakhir yang ditutup"
    if not SHORTEST_REASON <= len(wish.reason.strip()) <= LONGEST_REASON:
        found["reason"] = f"{SHORTEST_REASON} sampai {LONGEST_REASON} huruf"
    return found
