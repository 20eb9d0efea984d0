"""Where each figure of a case comes from: one click from a number to its rows. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from parking.money import rupiah_text
from parking.reconciliation import words
from parking.reconciliation.cases.case import Case


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    text: str
    href: str | None


def links_of(case: Case, rests: Mapping[str, Any], badge: str | None) -> list[Link]:
    """What is in question first, then what the discrepancy rests on, each where it can be seen."""
    amount = Link("Nominal yang dipersoalkan", rupiah_text(case.amount), _where(case, badge))
    return [amount, *_rests(case, rests, badge)]


def _rests(case: Case, rests: Mapping[str, Any], badge: str | None) -> Iterator[Link]:
    if case.discrepancy_id is not None:
        yield Link(
            "Selisih terbaru",
            f"nomor {case.discrepancy_id}",
            f"/audit/discrepancies/{case.discrepancy_id}",
        )
    where = _where(case, badge)
    for name, value in rests.items():
        href = _page(name, value, rests) or (where if _is_number(name, value) else None)
        href = _shifts(case, badge) if name == "shift" else href
        yield Link(words.EVIDENCE_TEXT.get(name, name), _text(name, value), href)


def _text(name: str, value: Any) -> str:
    if name == "source":
        return words.SOURCE_TEXT.get(value, str(value))
    if name == "chain":
        return words.chain_text(str(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _page(name: str, value: Any, rests: Mapping[str, Any]) -> str | None:
    """The page of what is named; of a line in a file, its file."""
    if name == "number" and rests.get("import_id"):
        name, value = "import_id", rests["import_id"]
    known = words.EVIDENCE_HREF.get(name)
    return f"{known}{quote(str(value), safe='')}" if known and value else None


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
