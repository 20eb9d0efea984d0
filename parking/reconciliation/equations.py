"""The five control equations of a day (domain.md section 7), each term with what it is of. Pure.

Every equation is a sum that should be nothing. What is left is taken apart by what it is
about: it may still come (waiting), or a discrepancy names it (covered), or a rule of ours lets
it pass (allowed). Whatever none of these says is a hole in the reconciliation itself: such an
equation is broken, and the day is not proved.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import pandas as pd

from parking.reconciliation.bank_day import BankDay, Batch, Slip
from parking.reconciliation.bank_matching import Group, Outcome
from parking.reconciliation.cash_day import CashDay, trace
from parking.reconciliation.discrepancy import Discrepancy
from parking.reconciliation.inputs import Inputs
from parking.reconciliation.matching import Matched

MOST_NAMED = 20  # subjects of what nobody names


class Standing(StrEnum):
    HOLDS = "holds"
    WAITS = "waits"  # all that is left may still come
    COVERED = "covered"  # a discrepancy names every rupiah that is left
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Term:
    """One figure of an equation, in rupiah: added where positive, taken away where negative."""

    name: str
    amount: int
    href: str = ""  # where rows are that come to it; empty where no list shows just these


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of a difference the discrepancies of one code name."""

    code: str
    count: int
    amount: int
    href: str


@dataclass(frozen=True, slots=True)
class Equation:
    number: str  # "1a"
    name: str
    name_en: str
    terms: Sequence[Term]
    waiting: int  # of the difference, what may still come
    allowed: int  # what a rule lets pass
    covered: Sequence[Covered]
    unnamed: Sequence[str]  # subjects of what nobody names, the first of them
    standing: Standing

    @property
    def difference(self) -> int:
        return sum(term.amount for term in self.terms)


@dataclass(slots=True)
class Rest:
    """What is left of an equation, by what it is about."""

    by_subject: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    waiting: int = 0
    waits: bool = False
    allowed: int = 0
    sums: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, subject: str, amount: int, *, waits: bool = False) -> None:
        if waits:
            self.wait(amount)
        elif amount:
            self.by_subject[subject] += amount

    def wait(self, amount: int) -> None:
        self.waiting += amount
        self.waits = self.waits or bool(amount)

    def name(self, code: str, amount: int, count: int = 1) -> None:
        self.sums[code][0] += count
        self.sums[code][1] += amount


def equations(
    inputs: Inputs, matched: Matched, shifts: pd.DataFrame, found: Iterable[Discrepancy]
) -> list[dict[str, Any]]:
    """As a run keeps them: plain whole numbers and texts, in order."""
    return [
        asdict(equation) | {"difference": equation.difference, "standing": str(equation.standing)}
        for equation in _all(inputs, matched, shifts, _Found(inputs.terms.day, found))
    ]


class _Found:
    """The discrepancies of a day by what they are about."""

    def __init__(self, day: date, found: Iterable[Discrepancy]) -> None:
        self.day = day
        self._codes: dict[str, list[str]] = defaultdict(list)
        for each in found:
            self._codes[each.subject].append(each.code)

    def code_of(self, subject: str, codes: Collection[str]) -> str:
        return next((code for code in self._codes.get(subject, ()) if code in codes), "")

    def equation(
        self, number: str, name: str, name_en: str, terms: Sequence[Term], rest: Rest,
        codes: Collection[str],
    ) -> Equation:  # fmt: skip
        """`codes` are those that may name what is left of this equation."""
        unnamed = []
        for subject, amount in sorted(rest.by_subject.items()):
            code = self.code_of(subject, codes) if amount else ""
            if code:
                rest.name(code, amount)
            elif amount:
                unnamed.append(subject)
        covered = [
            Covered(code, count, amount, f"/audit/discrepancies?day={self.day}&code={code}")
            for code, (count, amount) in sorted(rest.sums.items())
        ]
        left = sum(t.amount for t in terms) - rest.waiting - rest.allowed
        left -= sum(each.amount for each in covered)
        is_broken = bool(unnamed) or left != 0
        standing = _standing(is_broken, bool(covered), rest.waits)
        return Equation(
            number, name, name_en, terms, rest.waiting, rest.allowed, covered,
            unnamed[:MOST_NAMED], standing,
        )  # fmt: skip


def _standing(is_broken: bool, is_covered: bool, waits: bool) -> Standing:
    if is_broken:
        return Standing.BROKEN
    if is_covered:
        return Standing.COVERED
    return Standing.WAITS if waits else Standing.HOLDS


def _all(
    inputs: Inputs, matched: Matched, shifts: pd.DataFrame, found: _Found
) -> Iterable[Equation]:
    day, bank, cash = inputs.terms.day, inputs.bank, inputs.cash
    yield _booked_and_told(matched.chains, found)
    yield _booked_and_settled(matched.chains, found)
    yield _settled_and_credited(bank, found)
    yield _taken_and_declared(shifts, found)
    yield _taken_and_received(cash, day, found)
    yield _received_and_deposited(cash, found)
    yield _deposited_and_credited(bank, found)
    yield _tickets_and_cash(cash, found)
    yield _undeposited(cash, found)


def _booked_and_told(chains: pd.DataFrame, found: _Found) -> Equation:
    paid, rest = chains[chains.paid.notna()], Rest()
    unheard = paid[~paid.heard.astype(bool)]
    told = _sum(paid.paid) - _sum(unheard.paid)
    _by_code(rest, unheard, unheard.paid, ("D33", "D03", "D07", "D01", "D02"))
    return found.equation(
        "1a", "Pembayaran di buku = pemberitahuan gateway", "Payments booked = callbacks",
        (
            Term("Pembayaran di buku", _sum(paid.paid), f"/audit/payments?day={found.day}"),
            Term("Diberitahukan gateway", -told, f"/audit/payments?day={found.day}&state=told"),
        ),
        rest, ("D10", "D09"),
    )  # fmt: skip


def _booked_and_settled(chains: pd.DataFrame, found: _Found) -> Equation:
    apart = chains.paid.fillna(0) - chains.gross.fillna(0)
    odd, rest = chains[apart != 0], Rest()
    _by_code(rest, odd, apart[apart != 0], ("D33", "D03", "D07", "D06", "D35", "D08", "D10"))
    return found.equation(
        "1b", "Pembayaran di buku = bruto settlement", "Payments booked = settled gross",
        (
            Term("Pembayaran di buku", _sum(chains.paid), f"/audit/payments?day={found.day}"),
            Term("Bruto settlement", -_sum(chains.gross),
                 f"/audit/settlement?day={found.day}&by=booked&state=payment"),
        ),
        rest, ("D09", "D36", "D02", "D05"),
    )  # fmt: skip


def _by_code(rest: Rest, rows: pd.DataFrame, amounts: pd.Series, codes: Sequence[str]) -> None:
    """A row counts for the first of the codes that it has; what has none is left by its name."""
    left = pd.Series(True, index=rows.index)
    rest.wait(_sum(amounts[rows.waits.astype(bool)]))
    left &= ~rows.waits.astype(bool)
    for code in codes:
        mine = left & rows[code].astype(bool)
        if mine.any():
            rest.name(code, _sum(amounts[mine]), int(mine.sum()))
        left &= ~mine
    for chain, amount in zip(rows.chain[left].tolist(), amounts[left].tolist(), strict=True):
        rest.add(f"payment:{chain}", int(amount))


def _settled_and_credited(bank: BankDay, found: _Found) -> Equation:
    rest, credited = Rest(), 0
    for batch in bank.batches:
        credited += _credit_of_batch(batch, bank, rest)
    lines, batches = _settled_on(found.day), {("batch", batch.ref) for batch in bank.batches}
    return found.equation(
        "2", "Bruto − biaya − pengembalian = kredit bank", "Settled net = credited",
        (
            Term("Bruto batch", sum(b.gross for b in bank.batches), f"{lines}&state=payment"),
            Term("Biaya", -sum(b.fee for b in bank.batches), lines),
            Term("Pengembalian", -sum(b.gross - b.fee - b.net for b in bank.batches),
                 f"{lines}&state=refund"),
            Term("Kredit di rekening", -credited,
                 _credits_href(bank, batches, credited, f"{found.day}&pays=batch")),
        ),
        rest, ("D11", "D12"),
    )  # fmt: skip


def _settled_on(day: date) -> str:
    """The lines of the batches that were paid out on a day."""
    return f"/audit/settlement?day={day}&by=settled"


def _credits_href(bank: BankDay, of: Collection[tuple[str, str]], credited: int, asked: str) -> str:
    """The lines that pay these things: not where they pay things of other days as well."""
    shown = sum(
        group.credited for group in bank.groups
        if group.outcome is not Outcome.AMBIGUOUS and any(t.name in of for t in group.things)
    )  # fmt: skip
    return f"/finance/statements/lines?of_day={asked}" if shown == credited else ""


def _credit_of_batch(batch: Batch, bank: BankDay, rest: Rest) -> int:
    """What the bank credited of a batch; what is apart goes to the rest."""
    group, due = bank.group_of(("batch", batch.ref)), bank.due.get(("batch", batch.ref))
    if group is None or group.outcome is Outcome.AMBIGUOUS:
        may_come = not bank.is_read or (group is None and due is not None and not due.is_over)
        rest.add(f"batch:{batch.ref}", batch.net, waits=may_come)
        return 0
    credited = batch.net + _more(group, ("batch", batch.ref))
    _apart(rest, f"batch:{batch.ref}", batch.net - credited, group)
    return credited


def _more(group: Group, thing: tuple[str, str]) -> int:
    """What a group's credits are more than they should be: told of its first thing alone."""
    return group.credited - group.expected if group.things[0].name == thing else 0


def _apart(rest: Rest, subject: str, amount: int, group: Group) -> None:
    if group.outcome is Outcome.MATCHED:
        rest.allowed += amount
    else:
        rest.add(subject, amount)


def _taken_and_declared(shifts: pd.DataFrame, found: _Found) -> Equation:
    rest = Rest()
    closed = shifts[shifts.is_closed.astype(bool)]
    apart = closed.declared_cash.fillna(0) - closed.tapped
    named = closed.D17.astype(bool)
    if named.any():
        rest.name("D17", _sum(apart[named]), int(named.sum()))
    rest.allowed += _sum(apart[~named])
    open_cash = _sum(shifts.tapped) - _sum(closed.tapped)
    rest.wait(-open_cash)
    shifts_of_day = f"/audit/shifts?day={found.day}"
    of_all = shifts_of_day if len(closed) == len(shifts) else ""  # an open one goes on taking
    return found.equation(
        "3a", "QRIS + tunai dinyatakan = hasil giliran", "QRIS + declared cash = takings",
        (
            Term("QRIS menurut server", _sum(shifts.qris), of_all),
            Term("Tunai dinyatakan", _sum(closed.declared_cash), shifts_of_day),
            Term("Hasil giliran tercatat", -_sum(shifts.qris) - _sum(shifts.tapped), of_all),
        ),
        rest, (),
    )  # fmt: skip


def _taken_and_received(cash: CashDay, day: date, found: _Found) -> Equation:
    way, rest = trace(cash, day), Rest()
    for subject, amount in way.stopped.items():
        rest.add(subject, amount, waits=_may_go_on(cash, subject))
    for subject, amount in way.apart.items():
        rest.add(subject, amount)
    rest.wait(cash.open_cash)
    is_of_day = way.received == sum(receipt.amount for receipt in cash.receipts)
    return found.equation(
        "3b", "Tunai giliran = TBP bendahara", "Cash taken = receipts",
        (
            Term("Tunai giliran hari ini", way.taken + cash.open_cash, f"/audit/shifts?day={day}"),
            Term("Sampai di bendahara (TBP)", -way.received, _receipts(day) if is_of_day else ""),
        ),
        rest, ("D24", "D20"),
    )  # fmt: skip


def _receipts(day: date) -> str:
    return f"/finance/deposits/tbp?from={day}&to={day}"


def _may_go_on(cash: CashDay, subject: str) -> bool:
    return subject not in cash.due or not cash.due[subject].is_over


def _received_and_deposited(cash: CashDay, found: _Found) -> Equation:
    rest = Rest()
    for receipt in cash.receipts:
        left = receipt.amount - receipt.in_slips
        rest.add(receipt.subject, left, waits=left > 0 and _may_go_on(cash, receipt.subject))
    return found.equation(
        "3c", "TBP = STS", "Receipts = deposit slips",
        (
            Term("TBP hari ini", sum(r.amount for r in cash.receipts), _receipts(found.day)),
            Term("Dimuat STS", -sum(r.in_slips for r in cash.receipts), _receipts(found.day)),
        ),
        rest, ("D24", "D21"),
    )  # fmt: skip


def _deposited_and_credited(bank: BankDay, found: _Found) -> Equation:
    rest, credited = Rest(), 0
    slips = [slip for slip in bank.slips if slip.is_issued]
    for slip in slips:
        credited += _credit_of_slip(slip, bank, rest)
    for batch in bank.batches:
        credited += _credit_of_batch(batch, bank, rest)
    nobodys = [
        line for line in bank.lines
        if line.amount > 0 and ((group := bank.group_of_line(line)) is None
                                or group.outcome is Outcome.DEPOSIT)
    ]  # fmt: skip
    for line in nobodys:
        rest.add(f"line:{line.id}", -line.amount)
    day, things = found.day, {("batch", batch.ref) for batch in bank.batches}
    things |= {("sts", str(slip.id)) for slip in slips}
    return found.equation(
        "3d", "STS + QRIS langsung = kredit RKUD", "Deposits + QRIS = credited",
        (
            Term("STS hari ini", sum(slip.amount for slip in slips),
                 f"/finance/deposits/sts?from={day}&to={day}&state=in_force"),
            Term("QRIS: batch bersih", sum(batch.net for batch in bank.batches), _settled_on(day)),
            Term("Kredit untuknya", -credited, _credits_href(bank, things, credited, f"{day}")),
            Term("Kredit hari ini tanpa dasar", -sum(line.amount for line in nobodys),
                 f"/finance/statements/lines?day={day}&state=unfounded"),
        ),
        rest, ("D11", "D12", "D13", "D21", "D22", "D23"),
    )  # fmt: skip


def _credit_of_slip(slip: Slip, bank: BankDay, rest: Rest) -> int:
    name = ("sts", str(slip.id))
    group, due = bank.group_of(name), bank.due.get(name)
    if group is None or group.outcome is Outcome.AMBIGUOUS:
        may_come = group is None and (
            (due is not None and not due.is_over) or (slip.paid_in is not None and not bank.is_read)
        )
        rest.add(f"sts:{slip.id}", slip.amount, waits=may_come)
        return 0
    paid = slip.amount if slip.paid_in is None else slip.paid_in
    credited = paid + _more(group, name)
    rest.add(f"sts:{slip.id}", slip.amount - paid)
    _apart(rest, f"sts:{slip.id}", paid - credited, group)
    return credited


def _tickets_and_cash(cash: CashDay, found: _Found) -> Equation:
    rest = Rest()
    shifts = [s for s in cash.shifts if cash.uses_tickets and s.says_tickets]
    for shift in shifts:
        rest.add(shift.subject, sum(t.worth for t in shift.tickets) - shift.declared)
    return found.equation(
        "4", "Karcis terpakai × tarif = tunai dinyatakan", "Tickets used × tariff = cash",
        (
            Term("Karcis terpakai", sum(t.worth for s in shifts for t in s.tickets)),
            Term("Tunai dinyatakan", -sum(s.declared for s in shifts),
                 f"/audit/shifts?day={found.day}&state=tickets" if cash.uses_tickets else ""),
        ),
        rest, ("D18",),
    )  # fmt: skip


def _undeposited(cash: CashDay, found: _Found) -> Equation:
    """What the book says is more at the end of the day is what came less what was paid in."""
    moved, book = cash.moved, f"/audit/book?day={found.day}"
    return found.equation(
        "5", "Tunai awal + diterima − disetor = tunai akhir", "Opening + received − paid in",
        (
            Term("Tunai diterima", moved.taken, f"/audit/cash?day={found.day}"),
            Term("Terhitung lebih", moved.beyond, f"{book}&account=suspense&kind=moved"),
            Term("Koreksi yang disetujui", moved.corrected, f"{book}&account=cash&kind=by_hand"),
            Term("Disetor ke bank", -moved.paid_in,
                 f"/finance/deposits/sts?paid_on={found.day}"),
            Term("Tunai akhir − tunai awal menurut buku", -moved.by_book,
                 f"/finance/deposits/flows?date={found.day}"),
        ),
        Rest(), (),
    )  # fmt: skip


def _sum(amounts: pd.Series) -> int:
    return int(amounts.fillna(0).sum())
