"""Join bank lines with what they pay by hand, and take that back. Both with a reason, on record.

A match that a person made is a fact: the rules take it as given and match what is left. It
joins whole things: the lines must come to what they pay, to the rupiah. A difference is no
match but a case, and what no line pays stays open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.errors import BadInput, Conflict, NotFound
from parking.money import Rupiah, rupiah_text
from parking.reconciliation import match_store, treasury_store
from parking.reconciliation.bank_lines import BankLine, bank_lines, open_things, thing_text
from parking.reconciliation.bank_matching import Outcome, Thing
from parking.reconciliation.cases import work as case_work

SHORTEST_REASON = 5
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person says that a line belongs to."""

    things: frozenset[tuple[str, str]] = frozenset()  # ("batch", "midtrans/jambi/2026-11-24")
    lines: frozenset[int] = frozenset()  # others that belong to it
    is_other: bool = False  # it pays neither batch nor slip: the reason says what it is


def read_wish(told: str) -> Wish:
    """
    >>> read_wish("sts:5,line:12")
    Wish(things=frozenset({('sts', '5')}), lines=frozenset({12}), is_other=False)
    """
    if told == "other":
        return Wish(is_other=True)
    sides = [side.partition(":") for side in told.split(",")]
    lines = {ref for kind, _, ref in sides if kind == "line"}
    things = {(kind, ref) for kind, _, ref in sides if kind in ("batch", "sts")}
    is_odd = any(kind not in ("line", "batch", "sts") or not ref for kind, _, ref in sides)
    if is_odd or not all(ref.isascii() and ref.isdecimal() and len(ref) < 19 for ref in lines):
        raise BadInput("Pilih apa yang dibayarnya", {"what": "pilih salah satu"})
    return Wish(frozenset(things), frozenset(int(ref) for ref in lines))


def written(things: Sequence[Thing], lines: Sequence[int]) -> str:
    """A wish as `read_wish` reads it."""
    return ",".join([*(f"{t.kind}:{t.ref}" for t in things), *(f"line:{n}" for n in lines)])


def match(
    session: Session, line_id: int, wish: Wish, reason: str, actor: str, now: datetime
) -> int:
    """The number of the match. Raises NotFound, Conflict and BadInput, and then nothing is done."""
    reason = _reason(reason)
    match_store.lock(session)
    facts = treasury_store.facts(session)
    known = bank_lines(facts)
    lines = _lines(known, {line_id, *wish.lines})
    _must_be_open(lines, treasury_store.closed_days(session))
    things = _things(open_things(facts, known), wish)
    if not wish.is_other:
        _must_agree(lines, things)
    sides = [("line", str(each.id), each.amount) for each in lines]
    sides += [(thing.kind, thing.ref, thing.amount) for thing in things]
    if wish.is_other:
        sides.append(("other", reason, sum(each.amount for each in lines)))
    number = match_store.add(session, sides, reason, actor, now)
    told = {"sides": [f"{kind}:{ref}" for kind, ref, _ in sides if kind != "other"]}
    record(session, now, actor, "bank.match", f"manual_match:{number}", told, reason)
    _tell_cases(session, told["sides"], f"Dicocokkan dengan bank: {reason}", line_id, actor, now)
    return number


def undo(session: Session, line_id: int, reason: str, actor: str, now: datetime) -> int:
    """Take the match of a line back; its number. What a closed day has frozen stays."""
    reason = _reason(reason)
    match_store.lock(session)
    known = bank_lines(treasury_store.facts(session))
    (mine,) = _known(known, {line_id})
    if mine.group is not None and mine.group.is_frozen:
        raise Conflict("Sudah dibekukan oleh penutupan hari: betulkan lewat koreksi pada kasusnya")
    if mine.match_id is None:
        raise Conflict("Baris ini tidak dicocokkan oleh petugas; aturan dibetulkan, bukan barisnya")
    match_store.undo(session, mine.match_id, reason, actor, now)
    record(session, now, actor, "bank.unmatch", f"manual_match:{mine.match_id}", reason=reason)
    sides = [f"line:{line_id}"]
    if mine.group is not None:
        sides = [f"line:{each.id}" for each in mine.group.lines]
        sides += [f"{thing.kind}:{thing.ref}" for thing in mine.group.things]
    _tell_cases(session, sides, f"Pencocokan dilepas: {reason}", line_id, actor, now)
    return mine.match_id


def _tell_cases(
    session: Session, sides: Sequence[str], text: str, line_id: int, actor: str, now: datetime
) -> None:
    """What is open about either side can be followed from its own page."""
    case_work.link_open(session, sides, text, f"/finance/statements/lines/{line_id}", actor, now)


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON or not reason.isprintable():
        why = f"Tulis sebabnya, {SHORTEST_REASON} sampai {LONGEST_REASON} huruf"
        raise BadInput(why, {"reason": why})
    return reason


def _known(lines: Sequence[BankLine], wanted: set[int]) -> list[BankLine]:
    found = [each for each in lines if each.id in wanted]
    if len(found) != len(wanted):
        raise NotFound("Tidak ada baris rekening koran dengan nomor ini")
    return found


def _lines(lines: Sequence[BankLine], wanted: set[int]) -> list[BankLine]:
    found = _known(lines, wanted)
    if taken := [each for each in found if each.is_settled]:
        raise Conflict(f"Baris {taken[0].id} sudah {taken[0].state_text.lower()}; muat ulang dulu")
    return sorted(found, key=lambda each: each.id)


def _must_be_open(lines: Sequence[BankLine], closed: frozenset[date]) -> None:
    """What was signed as another amount is not matched away without something new."""
    is_signed = all(each.booked_on in closed for each in lines)
    if is_signed and any(each.state == Outcome.DIFFERS for each in lines):
        raise Conflict("Hari baris ini ditutup dengan selisih ini: kerjakan lewat kasusnya")


def _things(still_open: Sequence[Thing], wish: Wish) -> list[Thing]:
    found = [thing for thing in still_open if thing.name in wish.things]
    if len(found) != len(wish.things):
        raise Conflict("Batch atau STS itu sudah dibayar baris lain; muat ulang dulu")
    return found


def _must_agree(lines: Sequence[BankLine], things: Sequence[Thing]) -> None:
    if not things and len(lines) < 2:
        raise BadInput("Pilih apa yang dibayarnya", {"what": "pilih salah satu"})
    credited = Rupiah(sum(each.amount for each in lines))
    expected = Rupiah(sum(thing.amount for thing in things))
    if credited != expected:
        what = " dan ".join(thing_text(thing) for thing in things) or "Baris-baris ini"
        why = (
            f"{what} {rupiah_text(expected)}, bank mencatat {rupiah_text(credited)}: selisih"
            f" {rupiah_text(Rupiah(credited - expected))} tidak dapat dicocokkan, kerjakan kasusnya"
        )
        raise BadInput(why, {"what": why})
