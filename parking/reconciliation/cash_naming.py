"""What is wrong with cash on its way to the treasury: D18, D20, D21, D24, D25, D30, D37. Pure.

What may still go on is expected and no discrepancy; what did not go on in time is late or
held back; what came and is another amount is wrong.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from parking.deposits.deadlines import days_late
from parking.reconciliation.cash_day import CashDay, Handover, Receipt, ShiftCash, Tickets
from parking.reconciliation.discrepancy import About, Discrepancy, count, named
from parking.reconciliation.inputs import Terms

DIFFERENCE = {"acknowledged": "agreed", "disputed": "disputed"}


def of_cash(cash: CashDay, terms: Terms) -> Iterator[Discrepancy]:
    by_id = cash.by_id
    for shift in cash.shifts:
        if shift.subject in cash.due:
            yield from _held(shift, by_id, cash, terms)
        yield from _over_the_year(shift, by_id, terms)
        if cash.uses_tickets and shift.says_tickets:
            yield from _tickets(shift, terms)
    for handover in cash.handovers:
        if _is_of(handover, terms):
            yield from _differs(handover, terms)
            yield from _kept(handover, cash, terms)
        if handover.given_on == terms.day:
            yield from _without_letter(handover, terms)
    for receipt in cash.receipts:
        yield from _deposited(receipt, cash, terms)
        yield from _coded(receipt, terms)
        on = receipt.paid_in_on
        if on is not None and on.year > terms.day.year:
            about, rests = About(receipt.subject, receipt.amount), {"tbp": receipt.id}
            yield named("D37", "receipt", about, terms, rests, number=receipt.number, on=on)


def _is_of(handover: Handover, terms: Terms) -> bool:
    """Whether a handover is judged on this day: that of the first cash in it, so once."""
    return (handover.first_day or handover.given_on) == terms.day


def _held(
    shift: ShiftCash, by_id: Mapping[int, Handover], cash: CashDay, terms: Terms
) -> Iterator[Discrepancy]:
    """Cash that an attendant did not hand on by the end of his day, or not all of it (D24)."""
    due, handover = cash.due[shift.subject], by_id.get(shift.handover_id or 0)
    told: dict[str, Any] = {"shift": str(shift.shift_id), "due": due.on}
    rests = {"shift": shift.shift_id} | ({"handover": handover.id} if handover else {})
    if handover is None or handover.received is None:
        if due.is_over and shift.taken:
            variant = "held" if handover is None else "uncounted"
            yield named("D24", variant, _of_shift(shift, shift.taken), terms, rests, **told)
    elif shift.taken > shift.part:
        yield named("D24", "rest", _of_shift(shift, shift.taken - shift.part), terms, rests, **told)
    elif handover.received_on is not None and handover.received_on > due.on:
        yield named(
            "D24", "late", _of_shift(shift, shift.part), terms, rests, **told,
            on=handover.received_on,
            days=count(days_late(due.on, handover.received_on, terms.leave)),
        )  # fmt: skip


def _over_the_year(
    shift: ShiftCash, by_id: Mapping[int, Handover], terms: Terms
) -> Iterator[Discrepancy]:
    handover = by_id.get(shift.handover_id or 0)
    on = handover.received_on if handover else None
    if on is not None and on.year > terms.day.year and shift.part:
        rests = {"shift": shift.shift_id, "handover": shift.handover_id}
        about = _of_shift(shift, shift.part)
        yield named("D37", "shift", about, terms, rests, shift=str(shift.shift_id), on=on)


def _kept(handover: Handover, cash: CashDay, terms: Terms) -> Iterator[Discrepancy]:
    """What a collector did not hand on by the end of the day on which he counted it (D24)."""
    if handover.receiver_kind != "collector" or not handover.received:
        return
    due = cash.due[handover.subject]
    about = _of_handover(handover, handover.received)
    told: dict[str, Any] = {"number": str(handover.id)}
    rests = {"handover": handover.id} | ({"next": handover.next_id} if handover.next_id else {})
    if handover.next_on is None:
        if due.is_over:
            yield named("D24", "kept", about, terms, rests, **told, due=due.on)
    elif handover.next_on > due.on:
        yield named(
            "D24", "passed_late", about, terms, rests, **told, due=due.on, on=handover.next_on,
            days=count(days_late(due.on, handover.next_on, terms.leave)),
        )  # fmt: skip


def _differs(handover: Handover, terms: Terms) -> Iterator[Discrepancy]:
    """Where what was counted is not what was given, or not what the giver had of it (D20)."""
    if handover.received is None:
        return
    rests = {"handover": handover.id, "standing": handover.standing}
    told: dict[str, Any] = {
        "number": str(handover.id), "given": handover.given, "received": handover.received,
    }  # fmt: skip
    if handover.received != handover.given:
        variant = DIFFERENCE.get(handover.standing, "counted")
        about = _of_handover(handover, abs(handover.given - handover.received))
        yield named("D20", variant, about, terms, rests, **told)
    elif handover.apart:
        variant = "short" if handover.apart < 0 else "beyond"
        about = _of_handover(handover, abs(handover.apart))
        yield named("D20", variant, about, terms, rests, **told, holds=handover.holds)


def _without_letter(handover: Handover, terms: Terms) -> Iterator[Discrepancy]:
    if handover.giver_kind == "attendant" and not handover.has_letter:
        amount = handover.given if handover.received is None else handover.received
        about = _of_handover(handover, amount)
        rests = {"handover": handover.id}
        yield named("D25", "handover", about, terms, rests, number=str(handover.id))


def _deposited(receipt: Receipt, cash: CashDay, terms: Terms) -> Iterator[Discrepancy]:
    """A receipt that no slip pays in, or only a part of, or more; or too late (D21, D24)."""
    due, left = cash.due[receipt.subject], receipt.amount - receipt.in_slips
    rests = {"tbp": receipt.id, "sts": list(receipt.slips)}
    told: dict[str, Any] = {
        "number": receipt.number, "received": receipt.amount, "deposited": receipt.in_slips,
    }  # fmt: skip
    about = About(receipt.subject, abs(left))
    if left < 0:
        yield named("D21", "over", about, terms, rests, **told)
    elif left and due.is_over:
        if receipt.in_slips:
            yield named("D21", "receipt", about, terms, rests, **told)
        else:
            yield named(
                "D24", "undeposited", about, terms, rests, number=receipt.number, due=due.on
            )
    elif not left and (on := receipt.paid_in_on) is not None and on > due.on:
        about = About(receipt.subject, receipt.amount)
        yield named(
            "D24", "deposited_late", about, terms, rests, number=receipt.number, due=due.on,
            on=on, days=count(days_late(due.on, on, terms.leave)),
        )  # fmt: skip


def _coded(receipt: Receipt, terms: Terms) -> Iterator[Discrepancy]:
    """A receipt under another account of the budget than its points are of (D30)."""
    about, rests = About(receipt.subject, receipt.amount), {"tbp": receipt.id}
    codes = " dan ".join(receipt.codes)
    if receipt.code and receipt.codes and list(receipt.codes) != [receipt.code]:
        yield named(
            "D30", "other", about, terms, rests, number=receipt.number, booked=receipt.code,
            codes=codes,
        )  # fmt: skip
    elif not receipt.code and len(receipt.codes) > 1:
        yield named("D30", "mixed", about, terms, rests, number=receipt.number, codes=codes)


def _tickets(shift: ShiftCash, terms: Terms) -> Iterator[Discrepancy]:
    """Tickets that cannot be, or that do not come to what was declared (D18)."""
    worth = sum(tickets.worth for tickets in shift.tickets)
    apart = shift.declared - worth
    rests = {"shift": shift.shift_id, "tickets": [t.text for t in shift.tickets]}
    told: dict[str, Any] = {
        "shift": str(shift.shift_id), "declared": shift.declared, "worth": worth,
    }  # fmt: skip
    for tickets in shift.tickets:
        variant = _odd(tickets, terms.day.year)
        if variant:
            about = _of_shift(shift, tickets.worth or abs(apart))
            yield named("D18", variant, about, terms, rests, **told, tickets=tickets.text)
            return
    if apart:
        variant = "short" if apart < 0 else "over"
        used = count(sum(tickets.used for tickets in shift.tickets))
        yield named("D18", variant, _of_shift(shift, abs(apart)), terms, rests, **told, used=used)


def _odd(tickets: Tickets, year: int) -> str:
    if tickets.amount is None:
        return "unknown"
    if tickets.used_before:
        return "reused"
    if not tickets.is_issued:
        return "unissued"
    return "old" if tickets.year < year else ""


def _of_shift(shift: ShiftCash, amount: int) -> About:
    return About(shift.subject, amount, attendant_id=shift.attendant_id, point_id=shift.point_id)


def _of_handover(handover: Handover, amount: int) -> About:
    attendant = handover.giver_id if handover.giver_kind == "attendant" else None
    return About(handover.subject, amount, attendant_id=attendant, point_id=handover.first_point)
