"""A settlement line as evidence of a payment, and how its pay-out is booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from parking.gateways.protocol import Evidence, Merchant, ReportLine, State, Trust
from parking.ledger.entry import Entry, Source, mirrored, settlement
from parking.money import Rupiah
from parking.payments.payment import Brought, Origin

Line = tuple[int, ReportLine]  # with the id it is stored under


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the payments in a report before it, by their reference."""

    received: Mapping[str, Rupiah] = field(default_factory=dict)
    refunded: Mapping[str, Rupiah] = field(default_factory=dict)  # by the lines of other reports


def content(line: ReportLine) -> tuple[object, ...]:
    """What makes two lines of two versions of a report the same."""
    return line.line_key, line.kind, line.gross, line.fee, line.net, line.settled_on


def lines_as_evidence(merchant: Merchant, lines: Sequence[Line], told: Told) -> list[Brought]:
    """Each line as proof: a payment, or how much of one has been given back by now."""
    received, refunded = dict(told.received), dict(told.refunded)
    brought = []
    for line_id, line in sorted(lines, key=lambda each: each[1].kind != "payment"):
        state, total = State.PAID, Rupiah(0)
        if line.kind == "payment":
            received.setdefault(line.payment_ref, line.gross)
        else:
            total = Rupiah(refunded.get(line.payment_ref, 0) + line.gross)
            refunded[line.payment_ref] = total
            is_all = total >= received.get(line.payment_ref, total)
            state = State.REFUNDED if is_all else State.PARTLY_REFUNDED
        amount = received.get(line.payment_ref, total) if total else line.gross
        evidence = Evidence(
            merchant.gateway, merchant.account, line.ours, line.payment_ref, state, amount,
            line.paid_at, Trust.PROOF, refunded=total, merchant_id=merchant.merchant_id,
        )  # fmt: skip
        brought.append(Brought(evidence, Origin.SETTLEMENT, line_id=line_id))
    return brought


def settlement_entry(
    line_id: int, line: ReportLine, evidence_id: int, *, back: bool = False
) -> Entry:
    """What one line paid out, or with `back` that it was superseded and did not."""
    sign = 1 if line.kind == "payment" else -1
    postings = settlement(sign * line.gross, sign * line.fee)
    return Entry(
        kind="settlement_correction" if back else "settlement",
        reference=str(line_id),
        effective_on=line.settled_on,
        postings=mirrored(postings) if back else postings,
        source=Source(evidence_id=evidence_id),
    )
