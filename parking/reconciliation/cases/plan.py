"""What a run means for the cases: which are opened, found otherwise, found again, cleared. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from parking.money import Rupiah
from parking.reconciliation.cases import case as cases
from parking.reconciliation.cases.case import ACTS_FOR_SYSTEM, SYSTEM, Case, CaseState, Event, Step
from parking.reconciliation.catalogue import Status

Line = tuple[int, int]  # import and number in its file
Name = tuple[str, str]  # code and subject: what a case is known by over all runs
Elsewhere = Mapping[Name, Mapping[date, Rupiah]]  # what other days' newest runs find

CLEARED_BY_RUN, ONLY_LATE = "not_found", "timing"  # reasons that no person gives


@dataclass(frozen=True, slots=True)
class Found:
    """A discrepancy of the newest run of a day."""

    id: int
    code: str
    subject: str
    status: str
    severity: str
    owner: str
    due_on: date
    amount: Rupiah
    ours: str
    gateway: str
    attendant_id: int | None
    point_id: int | None
    explanation: str

    @property
    def name(self) -> Name:
        return self.code, self.subject


@dataclass(frozen=True, slots=True)
class Plan:
    """New cases, and steps of known ones, each with the events that tell of them."""

    new: list[tuple[Case, list[Event]]] = field(default_factory=list)
    changed: list[tuple[Case, list[Event]]] = field(default_factory=list)


def plan(
    day: date,
    run_id: int,
    found: Collection[Found],
    known: Sequence[Case],
    elsewhere: Elsewhere,
    lines: Mapping[str, Line],
    now: datetime,
) -> Plan:
    """What is to be done after the newest run of a day.

    `known` are the cases of what it found, and those that cover the day; `elsewhere` are
    the amounts of them that the newest runs of other days find, `lines` the settlement line
    of a subject that has one by now. A case of several days is about what they come to
    together. A second time it changes nothing.
    """
    todo = Plan()
    by_name: defaultdict[Name, list[Case]] = defaultdict(list)
    for each in known:
        by_name[each.code, each.subject].append(each)
    open_now = [f for f in found if f.status in (Status.DIFFERENCE, Status.TIMING)]
    for one in open_now:
        others = elsewhere.get(one.name, {})
        mine = _case_of(day, one, by_name[one.name], others)
        if mine is None:
            todo.new.append(_opened(day, one, now))
        else:
            after, events = _found(day, one, mine, others, now)
            if events or after != mine:
                todo.changed.append((after, events))
    here = {f.name for f in open_now}
    said = _by_subject(found)
    for each in known:
        name = each.code, each.subject
        if not each.is_open or not each.covers(day) or name in here:
            continue
        if left := _within(each, elsewhere.get(name, {})):
            after, event = cases.step(
                each, Step.FOUND, SYSTEM, now, each.explanation, {"amount": Rupiah(sum(left))}
            )
            if event.detail["set"]:
                todo.changed.append((after, [event]))
        else:
            why = {"run": run_id, "day": day.isoformat(), "line": lines.get(each.subject)}
            todo.changed.append(_cleared(each, said.get(each.subject, ()), why, now))
    return todo


def _case_of(
    day: date, found: Found, known: Sequence[Case], others: Mapping[date, Rupiah]
) -> Case | None:
    """The one that covers the day, unless it has ended and this is news while another is open;
    else the open one, which grows.
    """
    covering = [c for c in known if c.covers(day)]
    ranked = [
        *(c for c in covering if c.is_open),
        *(c for c in covering if not c.is_open and not _is_news(day, found, c, others)),
        *(c for c in known if c.is_open),
        *covering[::-1],
    ]
    return ranked[0] if ranked else None


def _opened(day: date, found: Found, now: datetime) -> tuple[Case, list[Event]]:
    made = Case(
        0, found.code, found.subject, day, day, CaseState.TRACING,
        ACTS_FOR_SYSTEM if found.owner == "system" else found.owner, None, found.severity,
        found.amount, found.ours, found.gateway, found.attendant_id, found.point_id,
        found.explanation, found.id, now, found.due_on, 0, None, **cases.NOT_ENDED,
    )  # fmt: skip
    events = [cases.opened(made, now)]
    if found.status == Status.TIMING:  # it has come: late, and right
        made, over = cases.step(
            made, Step.CLEARED, SYSTEM, now, found.explanation,
            cases.ended(SYSTEM, now, ONLY_LATE, "", found.explanation),
        )  # fmt: skip
        events.append(over)
    return made, events


def _found(
    day: date, found: Found, case: Case, others: Mapping[date, Rupiah], now: datetime
) -> tuple[Case, list[Event]]:
    """A known case as a run finds it. What a person has ended stays, unless the amount differs."""
    if not case.is_open:
        if found.status == Status.TIMING or not _is_news(day, found, case, others):
            return case, []
        changes = {**_figures(day, found, case, others), **_days(day, case), **cases.NOT_ENDED}
        after, event = cases.step(
            case, Step.FOUND_AGAIN, SYSTEM, now, found.explanation, changes, discrepancy=found.id
        )
        return _pointing(after, found), [event]
    if found.status == Status.TIMING:
        over = cases.ended(SYSTEM, now, ONLY_LATE, "", found.explanation)
        after, event = cases.step(
            case, Step.CLEARED, SYSTEM, now, found.explanation, over, discrepancy=found.id
        )
        return _pointing(after, found), [event]
    figures = _figures(day, found, case, others)
    if day < case.last_day:  # its words are those of the last day
        figures = {"amount": figures["amount"]}
    after, event = cases.step(
        case, Step.FOUND, SYSTEM, now, found.explanation, _days(day, case) | figures,
        discrepancy=found.id,
    )  # fmt: skip
    events = [event] if event.detail["set"] else []
    return (_pointing(after, found) if day >= case.last_day else after), events


def _is_news(day: date, found: Found, case: Case, others: Mapping[date, Rupiah]) -> bool:
    return case.ended_by == SYSTEM or _together(day, found, case, others) != case.amount


def _together(day: date, found: Found, case: Case, others: Mapping[date, Rupiah]) -> Rupiah:
    """What all days that a case covers, this one too, come to."""
    return Rupiah(found.amount + sum(_within(replace(case, **_days(day, case)), others)))


def _within(case: Case, others: Mapping[date, Rupiah]) -> list[Rupiah]:
    return [amount for day, amount in others.items() if case.covers(day)]


def _figures(day: date, found: Found, case: Case, others: Mapping[date, Rupiah]) -> dict[str, Any]:
    return {
        "severity": found.severity, "amount": _together(day, found, case, others),
        "explanation": found.explanation, "attendant_id": found.attendant_id,
        "point_id": found.point_id,
    }  # fmt: skip


def _days(day: date, case: Case) -> dict[str, Any]:
    return {"first_day": min(day, case.first_day), "last_day": max(day, case.last_day)}


def _pointing(case: Case, found: Found) -> Case:
    return replace(case, discrepancy_id=found.id)


def _cleared(
    case: Case, said: Sequence[Found], why: dict[str, Any], now: datetime
) -> tuple[Case, list[Event]]:
    """Ended by the system, with what the run says of the same thing instead."""
    others = [f for f in said if f.code != case.code or f.status == Status.CLEARED]
    note = " ".join(f.explanation for f in others) or "Tidak ditemukan lagi: sekarang cocok."
    if why["line"]:
        import_id, number = why["line"]
        note += f" Dasar: baris {number} dalam berkas impor nomor {import_id}."
    after, event = cases.step(
        case, Step.CLEARED, SYSTEM, now, note, cases.ended(SYSTEM, now, CLEARED_BY_RUN, "", note),
        **why, discrepancies=[f.id for f in others],
    )  # fmt: skip
    return after, [event]


def _by_subject(found: Collection[Found]) -> Mapping[str, Sequence[Found]]:
    by: defaultdict[str, list[Found]] = defaultdict(list)
    for one in found:
        by[one.subject].append(one)
    return by
