"""What is wrong between batches, deposit slips and the bank: D11 to D14, D21 to D23, D33. Pure.

What may still come is expected and no discrepancy; what should be there by now is missing;
what came and is another amount is wrong. What nobody can tell apart is said to be so.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from parking.reconciliation.bank_day import BankDay, Batch, Due, Slip
from parking.reconciliation.bank_matching import Group, Line, Outcome
from parking.reconciliation.discrepancy import About, Discrepancy, count, named
from parking.reconciliation.inputs import Terms

LONGEST = 80  # of a bank's text in a sentence


def of_bank(bank: BankDay, terms: Terms) -> Iterator[Discrepancy]:
    for batch in bank.batches:
        yield from _of_batch(batch, bank, terms)
    for slip in bank.slips:
        yield from _of_slip(slip, bank, terms)
    for line in bank.lines:
        yield from _of_line(line, bank, terms)


def expected(bank: BankDay) -> list[Due]:
    """Until when what may still come is waited for."""
    return [
        due
        for name, due in sorted(bank.due.items())
        if not due.is_over and bank.group_of(name) is None and (bank.is_read or name[0] == "sts")
    ]


def _of_batch(batch: Batch, bank: BankDay, terms: Terms) -> Iterator[Discrepancy]:
    name = ("batch", batch.ref)
    if name not in bank.due or not bank.is_read or not batch.net:
        return
    due, group = bank.due[name], bank.group_of(name)
    about = About(f"batch:{batch.ref}", abs(batch.net), gateway=batch.gateway)
    rests = {"batch": batch.ref} | _of_group(group)
    if group is None:
        if due.is_over:
            yield named(
                "D12", "missing", about, terms, rests, batch.owner, batch=batch.ref, due=due.on
            )
    elif group.outcome is Outcome.AMBIGUOUS:
        yield named("D11", "ambiguous", about, terms, rests, batch=batch.ref, **_counts(group))
    elif group.outcome is Outcome.DIFFERS:
        apart = group.credited - group.expected
        about = About(f"batch:{batch.ref}", abs(apart), gateway=batch.gateway)
        yield named(
            "D11", "over" if apart > 0 else "short", about, terms, rests,
            batch=batch.ref, expected=group.expected, credited=group.credited,
        )  # fmt: skip
    elif group.last_day > due.on:
        yield named(
            "D14", "batch", about, terms, rests,
            batch=batch.ref, posted=group.last_day, due=due.on,
        )  # fmt: skip


def _of_slip(slip: Slip, bank: BankDay, terms: Terms) -> Iterator[Discrepancy]:
    if not slip.is_issued:
        return
    group, due = bank.group_of(("sts", str(slip.id))), bank.due[("sts", str(slip.id))]
    rests = {"sts": slip.id} | _of_group(group)
    yield from _unlike(slip, group, terms, rests)
    paid = slip.amount if slip.paid_in is None else slip.paid_in
    about, told = About(f"sts:{slip.id}", paid), {"number": slip.number}
    if group is None:
        if due.is_over and (slip.paid_in is None or bank.is_read):
            variant = "unpaid" if slip.paid_in is None else "missing"
            yield named("D22", variant, about, terms, rests, due=due.on, **told)
    elif group.outcome is Outcome.AMBIGUOUS:
        yield named("D22", "ambiguous", about, terms, rests, **told, **_counts(group))
    elif group.outcome is Outcome.MATCHED and group.last_day > due.on:
        yield named("D14", "slip", about, terms, rests, **told, posted=group.last_day, due=due.on)


def _unlike(
    slip: Slip, group: Group | None, terms: Terms, rests: Mapping[str, Any]
) -> Iterator[Discrepancy]:
    """Where the money became another amount, at the first hop at which it did (D21)."""
    paid = slip.amount if slip.paid_in is None else slip.paid_in
    credited = group.credited if group and group.outcome is Outcome.DIFFERS else paid
    hops = (("parts", slip.parts, slip.amount), ("paid_in", slip.amount, paid),
            ("credited", paid, credited))  # fmt: skip
    for variant, before, after in hops:
        if before != after:
            yield named(
                "D21", variant, About(f"sts:{slip.id}", abs(before - after)), terms, rests,
                number=slip.number, deposited=slip.amount, received=slip.parts, paid=paid,
                credited=credited,
            )  # fmt: skip
            return


def _of_line(line: Line, bank: BankDay, terms: Terms) -> Iterator[Discrepancy]:
    group = bank.group_of_line(line)
    about = About(f"line:{line.id}", abs(line.amount))
    rests = {"line": line.id} | (_of_group(group) if group and group.things else {})
    told = {"account": line.account, "text": " ".join(line.text.split())[:LONGEST]}
    if group is None:
        variant = "credit" if line.amount > 0 else "debit"
        yield named("D13", variant, about, terms, rests, **told)
    elif group.outcome is Outcome.DEPOSIT:
        void = next((number for number in bank.void if number in line.text), "")
        variant = "void" if void else "unknown" if group.by == "nomor STS" else "deposit"
        yield named("D23", variant, about, terms, rests, **told, number=void)
    elif group.outcome is Outcome.KNOWN and line.amount > 0:
        yield named("D33", "bank", about, terms, rests, **told)


def _of_group(group: Group | None) -> dict[str, Any]:
    """What a match, or what might be one, rests on."""
    if group is None:
        return {}
    is_open = group.outcome is Outcome.AMBIGUOUS
    return {
        "candidates" if is_open else "lines": [line.id for line in group.lines],
        "things": [f"{thing.kind}:{thing.ref}" for thing in group.things],
        "rule": group.by,
    }


def _counts(group: Group) -> dict[str, str]:
    return {"lines": count(len(group.lines)), "things": count(len(group.things))}
