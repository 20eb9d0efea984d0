"""A discrepancy: one break in a chain, with its owner, its deadline and its sentence. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from parking.business_day import add_working_days, day_text
from parking.money import Rupiah, rupiah_text
from parking.reconciliation import catalogue
from parking.reconciliation.catalogue import DAYS_TO_ACT, FROZEN_BY_OUTAGE, Severity, Status
from parking.reconciliation.inputs import Terms


@dataclass(frozen=True, slots=True)
class About:
    """What a discrepancy is about, as far as it is known."""

    subject: str  # stable over runs: "payment:midtrans/jambi/…", "charge:…", "shift:12", "import:3"
    amount: int  # rupiah in question
    ours: str = ""
    attendant_id: int | None = None
    point_id: int | None = None
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    code: str
    subject: str
    status: Status
    severity: Severity
    owner: str
    due_on: date
    amount: Rupiah
    ours: str
    attendant_id: int | None
    point_id: int | None
    gateway: str
    explanation: str  # one sentence in Indonesian, with the figures
    evidence: Mapping[str, Any]  # what it rests on, by name

    def values(self) -> dict[str, Any]:
        """By field; `asdict` would copy what it rests on as well."""
        return {name: getattr(self, name) for name in self.__slots__}


def named(
    code: str,
    variant: str,
    about: About,
    terms: Terms,
    evidence: Mapping[str, Any],
    waits_for: str = "",
    **figures: object,
) -> Discrepancy:
    """A discrepancy of the catalogue. Figures that are int are rupiah in its sentence.

    `waits_for` names the merchant account on which it waits: days that were lost to its
    outages do not count.
    """
    kind = catalogue.kind(code)
    severity = catalogue.severity(code, variant)
    sentence = catalogue.variant(code, variant).sentence
    off = terms.days_off(waits_for) if code in FROZEN_BY_OUTAGE else terms.leave
    words = {"ours": about.ours or "(tanpa nama)", "amount": about.amount, **figures}
    return Discrepancy(
        code=code,
        subject=about.subject,
        status=catalogue.variant(code, variant).status,
        severity=severity,
        owner=kind.owner,
        due_on=add_working_days(terms.day, kind.grace + DAYS_TO_ACT[severity], off),
        amount=Rupiah(about.amount),
        ours=about.ours,
        attendant_id=about.attendant_id,
        point_id=about.point_id,
        gateway=about.gateway,
        explanation=sentence.format_map({name: _word(word) for name, word in words.items()}),
        evidence=evidence,
    )


def count(number: int) -> str:
    """A number that is not money."""
    return f"{number:,}".replace(",", ".")


def _word(word: object) -> str:
    if isinstance(word, date):
        return day_text(word)
    return rupiah_text(word) if isinstance(word, int) else str(word)
