"""How a statement goes on from those that are in: what it adds, or why it does not fit (F72).

An account's statements are one chain: each begins with the balance with which the lines before
it end. A file may overlap what is in, and may begin or end in the middle of a day. Where balances
tell at which line it begins, that is followed; where they do not, whole days are compared, and what
stays unclear is refused and not guessed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from parking.gateways.mapped_report import Wrong
from parking.money import Rupiah, rupiah_text
from parking.statements.statement import Line, Statement


@dataclass(frozen=True, slots=True)
class Held:
    """A line that is in."""

    statement_id: int
    line: Line


@dataclass(frozen=True, slots=True)
class Chain:
    """What is in of an account."""

    first_day: date
    last_day: date
    last_id: int  # of the statement that reaches farthest
    opening: Rupiah | None  # before its first line; None: no balance was ever told
    closing: Rupiah | None  # after its last
    lines: Sequence[Held]  # from the first day of the new statement on, in their order


@dataclass(frozen=True, slots=True)
class Joined:
    """What a statement adds; nothing when there are problems."""

    added: Sequence[Line] = ()
    problems: Sequence[Wrong] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the statement stands to what is in if it begins after the first `skipped` lines."""

    added: Sequence[Line]
    clashes: Sequence[Wrong]
    is_whole: bool  # it holds all that is in of its first day, or the beginning of it


def join(chain: Chain | None, new: Statement, is_working_day: Callable[[date], bool]) -> Joined:
    """The lines of a statement that are not in yet, if it fits."""
    if chain is None:
        return Joined(new.lines)
    if new.from_day < chain.first_day:
        return _before(chain, new, is_working_day)
    if new.from_day > chain.last_day:
        return _after(chain, new, is_working_day)
    return _overlapping(chain, new)


def _before(chain: Chain, new: Statement, is_working_day: Callable[[date], bool]) -> Joined:
    """A statement that begins before all that is in, and must lead up to it."""
    early = [line for line in new.lines if line.booked_on < chain.first_day]
    reached = None if new.opening is None else Rupiah(new.opening + _sum(early))
    if reached is None or chain.opening is None:
        if _working_days(new.to_day, chain.first_day, is_working_day):
            return _refused(_days_between(new.to_day, chain.first_day))
    elif reached != chain.opening:
        return _refused(
            f"saldo sebelum {chain.first_day} menurut berkas ini {rupiah_text(reached)}, tetapi"
            f" rekening koran pertama yang sudah diterima mulai dengan"
            f" {rupiah_text(chain.opening)}: unggah dulu yang ada di antaranya"
        )
    if new.to_day < chain.first_day:
        return Joined(early)
    late = [line for line in new.lines if line.booked_on >= chain.first_day]
    rest = _overlapping(chain, replace(new, from_day=chain.first_day, opening=reached, lines=late))
    return rest if rest.problems else Joined([*early, *rest.added])


def _after(chain: Chain, new: Statement, is_working_day: Callable[[date], bool]) -> Joined:
    if chain.closing is None or new.opening is None:
        if _working_days(chain.last_day, new.from_day, is_working_day):
            return _refused(_days_between(chain.last_day, new.from_day))
        return Joined(new.lines)
    if chain.closing != new.opening:
        return _gap(
            chain, new,
            "ada rekening koran di antaranya yang belum diterima; unggah itu dulu, lalu berkas ini"
            " lagi",
        )  # fmt: skip
    return Joined(new.lines)


def _overlapping(chain: Chain, new: Statement) -> Joined:
    """A statement that begins on a day which is in."""
    starts = _starts(chain, new)
    if not starts:
        return _no_start(chain, new)
    readings: Sequence[_Reading] = [_reading(chain, new, skipped) for skipped in starts]
    has_balances = new.opening is not None and chain.closing is not None
    if not has_balances or (new.begins_day and starts[0] == 0):
        readings = _likely(chain, readings)
    fitting = [reading for reading in readings if not reading.clashes]
    if not fitting:
        return Joined(problems=readings[0].clashes)
    if len({_content(reading.added) for reading in fitting}) > 1:
        return _unclear(new, fitting)
    return Joined(fitting[0].added)


def _likely(chain: Chain, readings: Sequence[_Reading]) -> Sequence[_Reading]:
    """As a file that holds its first day whole, if it does; else not with a line again that
    the bank gave a reference.
    """
    first = readings[0]
    if first.is_whole and not first.clashes:
        return [first]
    return [reading for reading in readings if not _repeats(chain, reading)] or [first]


def _starts(chain: Chain, new: Statement) -> list[int]:
    """After how many of the lines that are in of its first day the statement may begin."""
    of_day = [held for held in chain.lines if held.line.booked_on == new.from_day]
    places = range(len(of_day) + 1)
    if new.opening is None or chain.closing is None:
        return list(places)
    before = chain.closing - _sum(held.line for held in chain.lines)
    return [n for n in places if before + _sum(h.line for h in of_day[:n]) == new.opening]


def _no_start(chain: Chain, new: Statement) -> Joined:
    """No balance of its first day is the one with which it begins: the likeliest cause, alone."""
    clashes = _reading(chain, new, 0).clashes
    known = Counter(held.line.says for held in chain.lines)
    is_shared = any(known[line.says] for line in new.lines)
    if is_shared and clashes:
        return Joined(problems=clashes)  # a line that the bank changed; the balance follows
    before = Rupiah((chain.closing or 0) - _sum(held.line for held in chain.lines))
    if is_shared:
        return _refused(
            f"{_differs(new, before)}, dan barisnya sama: bank mengubah saldo; minta rekening koran"
            " resmi dari bank"
        )
    if new.from_day == chain.last_day:
        return _gap(
            chain, new,
            "ada baris di antaranya yang belum diterima; ekspor hari itu seutuhnya, lalu unggah"
            " lagi",
        )  # fmt: skip
    if not new.number:
        return _refused(
            f"{_differs(new, before)}, dan tidak satu baris pun sama: berkas tidak menyebut nomor"
            " rekening dan tampaknya milik rekening lain; periksa rekening yang dipilih"
        )
    return _refused(
        f"{_differs(new, before)}, dan tidak satu baris pun sama: bank mengubah hari yang sudah"
        " diterima; minta rekening koran resmi dari bank"
    )


def _differs(new: Statement, before: Rupiah) -> str:
    opening = new.opening or 0
    return (
        f"saldo awal {rupiah_text(opening)} pada {new.from_day}, padahal menurut rekening koran"
        f" yang sudah diterima {rupiah_text(before)} (selisih {rupiah_text(opening - before)})"
    )


def _gap(chain: Chain, new: Statement, lacks: str) -> Joined:
    """A statement that begins with more or less than that with which what is in ends."""
    opening, closing = new.opening or 0, chain.closing or 0
    return _refused(
        f"saldo awal {rupiah_text(opening)} pada {new.from_day}, padahal rekening koran"
        f" {chain.last_id} berakhir {chain.last_day} dengan {rupiah_text(closing)} (selisih"
        f" {rupiah_text(opening - closing)}): {lacks}"
    )


def _reading(chain: Chain, new: Statement, skipped: int) -> _Reading:
    """Day by day: what is in and what the file says, as bags of equal lines.

    The last day of what is in may go on in the file; the last day of the file may go on in
    what is in. Any other day is whole on both sides and must be the same.
    """
    in_already = chain.lines[skipped:]
    added: list[Line] = []
    clashes: list[Wrong] = []
    for day in sorted({h.line.booked_on for h in in_already} | {n.booked_on for n in new.lines}):
        if day > new.to_day:
            break
        held = [h for h in in_already if h.line.booked_on == day]
        lines = [line for line in new.lines if line.booked_on == day]
        more, gone = _more_and_gone(held, lines)
        may_grow, may_stop = day >= chain.last_day, day >= new.to_day
        if (more and gone) or (more and not may_grow) or (gone and not may_stop):
            clashes += _clashes(more, gone)
        else:
            added += more
    known = [h.line.says for h in in_already if h.line.booked_on == new.from_day]
    told = [line.says for line in new.lines if line.booked_on == new.from_day]
    is_whole = not Counter(known) - Counter(told) or known[: len(told)] == told
    return _Reading(added, clashes, is_whole)


def _more_and_gone(held: Sequence[Held], lines: Sequence[Line]) -> tuple[list[Line], list[Held]]:
    """The lines of a day that only the file has, and those that it does not have."""
    known = Counter(each.line.says for each in held)
    more = []
    for line in lines:
        if known[line.says]:
            known[line.says] -= 1
        else:
            more.append(line)
    gone = []
    for each in reversed(held):
        if known[each.line.says]:
            known[each.line.says] -= 1
            gone.append(each)
    return more, gone[::-1]


def _clashes(more: Sequence[Line], gone: Sequence[Held]) -> Iterator[Wrong]:
    """Each line that was changed beside the one that it was."""
    for place in range(max(len(more), len(gone))):
        new = more[place] if place < len(more) else None
        old = gone[place] if place < len(gone) else None
        if new is not None and old is not None:
            why = f"{_told(new)} lain dari {_told_of(old)}"
        elif new is not None:
            why = f"{_told(new)} tidak ada di rekening koran yang sudah diterima untuk hari itu"
        elif old is not None:
            why = f"tidak memuat {_told_of(old)}"
        yield Wrong(
            new.number if new else None, "", "",
            f"{why}: baris yang sudah diterima tidak berubah; bank membetulkan dengan baris baru",
        )  # fmt: skip


def _told(line: Line) -> str:
    reference = f" rujukan {line.reference!r}" if line.reference else ""
    return f"{line.booked_on} {rupiah_text(line.amount)} {line.text[:60]!r}{reference}"


def _told_of(held: Held) -> str:
    return f"{_told(held.line)} (baris {held.line.number} rekening koran {held.statement_id})"


def _repeats(chain: Chain, reading: _Reading) -> bool:
    """Whether it adds a line which is in under the same reference of the bank."""
    known = {held.line.says for held in chain.lines if held.line.reference}
    return any(line.says in known for line in reading.added)


def _content(lines: Sequence[Line]) -> tuple[object, ...]:
    return tuple(sorted(repr(line.says) for line in lines))


def _unclear(new: Statement, readings: Sequence[_Reading]) -> Joined:
    bags = [Counter(line.says for line in reading.added) for reading in readings]
    differ = [says for bag in bags for says in (bag - bags[0] or bags[0] - bag)]
    line = next(each for each in new.lines if each.says in differ)
    return Joined(
        problems=[
            Wrong(
                line.number, "", "",
                f"tidak jelas apakah {_told(line)} baris yang sudah ada atau baris kembar yang"
                f" baru: berkas mulai di tengah {new.from_day}; ekspor hari itu seutuhnya, atau"
                " dengan kolom saldo",
            )
        ]
    )  # fmt: skip


def _refused(why: str) -> Joined:
    return Joined(problems=[Wrong(None, "", "", why)])


def _days_between(last: date, first: date) -> str:
    return (
        f"ada hari kerja di antara {last} dan {first} yang tidak ada di rekening koran mana pun,"
        " dan berkas tidak memuat saldo: unggah dulu hari-hari itu"
    )


def _working_days(last: date, first: date, is_working_day: Callable[[date], bool]) -> bool:
    between = (last + timedelta(days=n) for n in range(1, (first - last).days))
    return any(is_working_day(day) for day in between)


def _sum(lines: Iterator[Line] | Sequence[Line]) -> int:
    return sum(line.amount for line in lines)
