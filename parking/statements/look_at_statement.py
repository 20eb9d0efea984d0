"""Look at a bank statement before it is taken in; nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

from parking.errors import FileRefused
from parking.gateways.cells import shown
from parking.gateways.mapped_report import SHOWN_ROWS, Wrong
from parking.gateways.mapping_parts import NamedMapping
from parking.gateways.statement_mapping import StatementMapping
from parking.statements.read_statement import read_statement
from parking.statements.statement import Line, Reading, Statement
from parking.statements.take_in_statement import Attempt, Foreseen, foresee


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of the file beside what it was understood to be."""

    number: int
    line: Line | None
    cells: Sequence[tuple[str, str, str]] = ()  # title, text, and why it could not be read
    notes: Sequence[str] = ()  # why it is no line
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StatementPreview:
    statement: Statement | None = None
    seen: Sequence[Seen] = ()  # the first ones
    foreseen: Foreseen | None = None
    skipped: Mapping[int, str] = field(default_factory=dict)
    refusal: str = ""  # why it could not be read at all
    reasons: Sequence[str] = ()  # what is wrong, each with its line

    @property
    def is_acceptable(self) -> bool:
        return self.foreseen is not None and self.foreseen.outcome == "accepted"

    @property
    def outcome(self) -> str:
        return self.foreseen.outcome if self.foreseen is not None else "rejected"


def look(
    sessions: sessionmaker[Session],
    attempt: Attempt,
    mapping: NamedMapping[StatementMapping] | None,
) -> StatementPreview:
    """How the file is understood, what is wrong in it, and what would become of it."""
    try:
        reading = read_statement(
            attempt.content, attempt.format, mapping, attempt.file_name, attempt.account.number
        )
    except FileRefused as error:
        return StatementPreview(refusal=str(error), reasons=error.problems)
    foreseen = None
    problems = list(reading.problems)
    if reading.statement is not None:
        with sessions() as session:
            foreseen = foresee(session, attempt, reading.statement)
        problems += foreseen.joined.problems
    return StatementPreview(
        reading.statement, _seen(reading, problems), foreseen, reading.skipped,
        reasons=[str(problem) for problem in problems],
    )  # fmt: skip


def _seen(reading: Reading, problems: Sequence[Wrong]) -> list[Seen]:
    wrong: dict[int, list[Wrong]] = {}
    for problem in problems:
        wrong.setdefault(problem.number or 0, []).append(problem)
    lines = {line.number: line for line in reading.lines}
    if not reading.rows:
        numbers = sorted({*lines, *wrong, *reading.skipped} - {0})[:SHOWN_ROWS]
        return [_one(number, lines.get(number), reading, wrong, ()) for number in numbers]
    return [
        _one(
            row.number, lines.get(row.number), reading, wrong,
            [
                (title, shown(cell))
                for title, cell in zip(reading.titles, row.cells, strict=False)
                if title
            ],
        )
        for row in reading.rows
    ]  # fmt: skip


def _one(
    number: int,
    line: Line | None,
    reading: Reading,
    wrong: Mapping[int, Sequence[Wrong]],
    cells: Sequence[tuple[str, str]],
) -> Seen:
    found = wrong.get(number, [])
    titles = {title for title, _ in cells}
    of_column = {problem.column: problem.why for problem in found}
    note = [reading.skipped[number]] if number in reading.skipped else []
    return Seen(
        number, line, [(title, text, of_column.get(title, "")) for title, text in cells], note,
        [
            f"{p.column}: {p.found!r} {p.why}" if p.column else p.why
            for p in found
            if p.column not in titles
        ],
    )  # fmt: skip


def as_json(seen: StatementPreview) -> dict[str, object]:
    """For programs: money in rupiah, days of WIB."""
    statement = seen.statement
    return {
        "outcome": seen.outcome,
        "acceptable": seen.is_acceptable,
        "refusal": seen.refusal,
        "from": statement and statement.from_day.isoformat(),
        "to": statement and statement.to_day.isoformat(),
        "opening": statement and statement.opening,
        "closing": statement and statement.closing,
        "lines": len(statement.lines) if statement else 0,
        "added": len(seen.foreseen.joined.added) if seen.foreseen else 0,
        "first": [_line_json(each.line) for each in seen.seen if each.line is not None],
        "reasons": list(seen.reasons),
    }


def _line_json(line: Line) -> dict[str, object]:
    return {
        "number": line.number, "booked_on": line.booked_on.isoformat(),
        "value_on": line.value_on.isoformat(), "amount": line.amount, "text": line.text,
        "reference": line.reference, "balance": line.balance,
    }  # fmt: skip
