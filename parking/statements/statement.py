"""A bank statement in our words: its lines, its balances, and whether they agree."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from parking.gateways.mapped_report import Wrong
from parking.gateways.table import Row
from parking.money import Rupiah, rupiah_text

MOST_LINES = 100_000
MOST_DAYS = 400  # in one file


@dataclass(frozen=True, slots=True)
class Line:
    """One movement on an account."""

    number: int  # in its file, where it begins
    booked_on: date
    value_on: date
    amount: Rupiah  # credit positive, debit negative; never zero
    text: str
    reference: str = ""  # the bank's own of this line
    balance: Rupiah | None = None  # after it

    @property
    def says(self) -> tuple[object, ...]:
        """What makes it the same line in another file. Not its balance: where the order
        within a day differs, so do the balances on the way.
        """
        return self.booked_on, self.value_on, self.amount, self.text, self.reference


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file tells of an account from one day to another."""

    number: str  # of the account; empty when the file does not name it
    from_day: date
    to_day: date
    opening: Rupiah | None  # None: the file tells no balance at all
    closing: Rupiah | None
    lines: Sequence[Line]  # the oldest first
    begins_day: bool = False  # the file says that its opening balance is that of a day's start

    @property
    def total(self) -> Rupiah:
        return Rupiah(sum(line.amount for line in self.lines))


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was understood."""

    statement: Statement | None  # None when anything is wrong
    lines: Sequence[Line]  # those that could be read, the oldest first
    problems: Sequence[Wrong] = ()
    titles: Sequence[str] = ()
    rows: Sequence[Row] = ()  # the first ones and wrong ones of a CSV or XLSX, as they stand
    skipped: Mapping[int, str] = field(default_factory=dict)  # line number → why it is no line


def account_key(number: str) -> str:
    """An account number as it is compared: without what banks put between its signs.

    >>> account_key("300-1234 567"), account_key("BNJBIDJA/3001234567IDR")
    ('3001234567', '3001234567')
    """
    last = number.upper().rpartition("/")[2]
    return "".join(c for c in last.removesuffix("IDR") if c.isalnum())


def joined(statements: Sequence[Statement]) -> Statement:
    """The statements or pages of one file and account as one; each goes on where another ended.

    Raises ValueError naming the two that do not.
    """
    if not statements:
        raise ValueError("tidak ada rekening koran di dalamnya")
    first_with: dict[object, Statement] = {}
    for part in statements:
        one = first_with.setdefault(_says(part), part)
        if one is not part and part.lines:
            raise ValueError(
                f"bagian {part.from_day} sampai {part.to_day} ada dua kali, dari baris"
                f" {one.lines[0].number} dan dari baris {part.lines[0].number}: hapus salah satunya"
            )
    ordered = sorted(statements, key=lambda each: (each.to_day, each.from_day))
    for one, other in pairwise(ordered):
        if one.closing != other.opening:
            raise ValueError(
                f"bagian {one.from_day} sampai {one.to_day} berakhir dengan"
                f" {_shown(one.closing)}, bagian berikutnya ({other.from_day} sampai"
                f" {other.to_day}) mulai dengan {_shown(other.opening)}: ada halaman yang hilang"
            )
    first, last = ordered[0], ordered[-1]
    lines = [line for each in ordered for line in each.lines]
    from_day = min(each.from_day for each in ordered)
    return Statement(
        first.number, from_day, last.to_day, first.opening, last.closing, lines, first.begins_day
    )


def _says(part: Statement) -> tuple[object, ...]:
    return part.from_day, part.to_day, part.opening, tuple(line.says for line in part.lines)


def problems_of(statement: Statement) -> list[Wrong]:
    """Whether a statement agrees with itself: its sum, its balances, its days."""
    return [*_whole(statement), *_days(statement), *_balances(statement)]


def _whole(statement: Statement) -> Iterator[Wrong]:
    if statement.from_day > statement.to_day:
        yield _of_file(f"periode {statement.from_day} sampai {statement.to_day} terbalik")
    elif (statement.to_day - statement.from_day).days >= MOST_DAYS:
        yield _of_file(f"lebih dari {MOST_DAYS} hari dalam satu berkas")
    if len(statement.lines) > MOST_LINES:
        yield _of_file(f"{len(statement.lines)} baris, paling banyak {MOST_LINES}")
    if statement.opening is None or statement.closing is None:
        return
    reached = statement.opening + statement.total
    if reached != statement.closing:
        yield _of_file(
            f"saldo awal {rupiah_text(statement.opening)} ditambah {len(statement.lines)} baris"
            f" menjadi {rupiah_text(reached)}, tetapi saldo akhir tertulis"
            f" {rupiah_text(statement.closing)} (selisih"
            f" {rupiah_text(statement.closing - reached)}): berkas terpotong atau barisnya diubah"
        )


def _days(statement: Statement) -> Iterator[Wrong]:
    for line in statement.lines:
        if not statement.from_day <= line.booked_on <= statement.to_day:
            yield _of_line(
                line, f"tanggal {line.booked_on} di luar periode {statement.from_day} sampai"
                f" {statement.to_day}",
            )  # fmt: skip


def _balances(statement: Statement) -> Iterator[Wrong]:
    """The balance after each line, up to the first that is wrong: the others follow from it."""
    reached = statement.opening
    for line in statement.lines:
        if reached is None:
            return
        reached = Rupiah(reached + line.amount)
        if line.balance is not None and line.balance != reached:
            yield _of_line(
                line, f"saldo sesudahnya tertulis {rupiah_text(line.balance)}, seharusnya"
                f" {rupiah_text(reached)}: ada baris yang hilang, berlebih atau berubah di atasnya",
            )  # fmt: skip
            return


def _of_file(why: str) -> Wrong:
    return Wrong(None, "", "", why)


def _of_line(line: Line, why: str) -> Wrong:
    return Wrong(line.number, "", "", why)


def _shown(balance: Rupiah | None) -> str:
    return "saldo yang tidak tertulis" if balance is None else rupiah_text(balance)


def keyed(lines: Sequence[Line], held: Collection[Line]) -> list[tuple[str, Line]]:
    """Lines with their keys: a hash of what each says, and its place among those that say the
    same. True twins of a day so have two keys, and a line that comes again has the old one.

    `held` are the lines of those days that are in already.
    """
    times = Counter(line.says for line in held)
    found = []
    for line in lines:
        times[line.says] += 1
        digest = hashlib.sha256(repr(line.says).encode()).hexdigest()
        found.append((f"{digest}.{times[line.says]}", line))
    return found
