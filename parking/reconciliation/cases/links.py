"""Where each figure of a case comes from: one click from a number to its rows. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from parking.money import rupiah_text
from parking.reconciliation.cases.case import Case
from parking.reconciliation.grounds import Ground, Part, grounds_of


def links_of(case: Case, rests: Mapping[str, Any], badge: str | None) -> list[Ground]:
    """What is in question first, then what the discrepancy rests on, each where it can be seen."""
    amount = Part(rupiah_text(case.amount), _where(case, badge))
    return [
        Ground("amount", "Nominal yang dipersoalkan", (amount,)),
        *_newest(case),
        *(_seen(ground, rests, case, badge) for ground in grounds_of(rests)),
    ]


def _newest(case: Case) -> list[Ground]:
    number = case.discrepancy_id
    if number is None:
        return []
    part = Part(f"nomor {number}", f"/audit/discrepancies/{number}")
    return [Ground("discrepancy", "Selisih terbaru", (part,))]


def _seen(ground: Ground, rests: Mapping[str, Any], case: Case, badge: str | None) -> Ground:
    """A number without a page of its own is seen among the rows of the case."""
    value, where = rests[ground.name], None
    if ground.name == "shift":
        where = _shifts(case, badge)
    elif _is_number(ground.name, value):
        where = _where(case, badge)
    return replace(ground, parts=tuple(replace(p, href=p.href or where) for p in ground.parts))


def _is_number(name: str, value: Any) -> bool:
    """Whether it stands in rows that can be looked at; 0 is the number of nothing."""
    is_counted = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return is_counted or name in ("chain", "number")


def _where(case: Case, badge: str | None) -> str | None:
    """Where the rows behind the amount are."""
    kind, _, name = case.subject.partition(":")
    if case.ours:
        return f"/audit/charges?{urlencode({'q': case.ours})}"
    pages = {
        "shift": _shifts(case, badge), "attendant": _shifts(case, badge),
        "handover": f"/finance/deposits/handovers/{name}", "tbp": f"/finance/deposits/tbp/{name}",
        "sts": f"/finance/deposits/sts/{name}",
        "callback": f"/audit/callbacks/{name}", "import": f"/finance/imports/{name}",
        "line": f"/finance/statements/lines/{name}",
        "payment": f"/audit/payments?{urlencode({'day': case.last_day.isoformat()})}",
    }  # fmt: skip
    found = pages.get(kind)
    if found is None and case.discrepancy_id is not None:
        return f"/audit/discrepancies/{case.discrepancy_id}"
    return found


def _shifts(case: Case, badge: str | None) -> str:
    asked = {"day": case.last_day.isoformat(), "attendant": badge or ""}
    return f"/audit/shifts?{urlencode({k: v for k, v in asked.items() if v})}"
