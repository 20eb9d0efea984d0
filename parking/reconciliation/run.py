"""Reconcile a business day: read what it holds, match, and keep the result."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from parking.reconciliation import bank_naming, cash_day, day_store, naming, store
from parking.reconciliation.bank_naming import of_bank
from parking.reconciliation.cases.follow import follow
from parking.reconciliation.cash_naming import of_cash
from parking.reconciliation.discrepancy import Discrepancy
from parking.reconciliation.field_work import judged_charges, judged_shifts
from parking.reconciliation.inputs import Inputs
from parking.reconciliation.matching import match
from parking.reconciliation.people_naming import of_people, taken_by
from parking.reconciliation.result import Run
from parking.reconciliation.summary import summary

ONE_DAY = timedelta(days=1)


def reconcile_day(
    sessions: sessionmaker[Session], day: date, now: datetime, *, beside: bool = True
) -> Run:
    """The run of a day over the facts as they are now, stored with its discrepancies.

    Over the same facts it is the run that is stored already, and nothing is added
    (M8). `beside` reads by two connections. Raises BadInput for a day that is not over.
    """
    with sessions() as session:
        inputs = day_store.read_day(session, day, now, beside=beside)
        input_hash = inputs.hash()
        kept = store.run_of_inputs(session, day, input_hash)
    if kept is not None:
        return kept
    figures, found = judge(inputs)
    with sessions.begin() as session:
        run = store.add_run(
            session,
            Run(
                id=0, business_day=day, as_of=now, input_hash=input_hash,
                result_hash=result_hash(figures, found), finished_at=now,
                summary=figures | {"seen": dict(inputs.seen), "time": inputs.terms.time},
                bank_digest=inputs.bank.digest, look_again=look_again(inputs),
            ),
            found,
        )  # fmt: skip
        follow(session, day, now)
    return run


def look_again(inputs: Inputs) -> date | None:
    """The first day on which time alone may make a discrepancy of what is expected now."""
    expected = [*bank_naming.expected(inputs.bank), *cash_day.expected(inputs.cash)]
    expected += [inputs.people.due] if inputs.people.waits else []
    return min((due.on + ONE_DAY for due in expected), default=None)


def judge(inputs: Inputs) -> tuple[dict[str, Any], Sequence[Discrepancy]]:
    """What a day came to, and its discrepancies in the order of code and subject. Pure."""
    matched = match(inputs)
    charges = judged_charges(matched.charges, inputs)
    shifts = judged_shifts(inputs)
    found = sorted(_all(inputs, matched.chains, charges, shifts), key=lambda d: (d.code, d.subject))
    return summary(inputs, matched, shifts, found), found


def _all(inputs: Inputs, chains: Any, charges: Any, shifts: Any) -> Iterator[Discrepancy]:
    yield from naming.of_chains(chains, inputs.terms)
    yield from naming.over_the_year(chains, inputs.terms)
    yield from naming.of_charges(charges, inputs.terms)
    yield from naming.of_refunds(inputs)
    yield from naming.of_callbacks(inputs)
    yield from naming.of_shifts(shifts, inputs.terms)
    yield from naming.of_attendants(inputs)
    yield from naming.of_files(inputs)
    yield from of_bank(inputs.bank, inputs.terms)
    yield from of_cash(inputs.cash, inputs.terms)
    yield from of_people(inputs.people, taken_by(chains, inputs), inputs.terms)


def result_hash(figures: dict[str, Any], found: Sequence[Discrepancy]) -> str:
    """Equal for equal results."""
    told = [figures, [discrepancy.values() for discrepancy in found]]
    text = json.dumps(told, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
