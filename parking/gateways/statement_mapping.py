"""How the statement of a bank account is written as a CSV or XLSX, in YAML.

It is the language of settlement files (`report_mapping`) with other columns: a bank line has a
day, an amount, a text and perhaps a balance. `parking.statements.mapped_statement` reads a file
by it. config/mappings/statements/ holds invented examples with comments.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, model_validator

from parking.gateways.mapping_parts import (
    Expression,
    Formats,
    Money,
    Part,
    Pattern,
    Table,
    Titles,
    Told,
    exactly_one,
    several,
)


class StatementColumns(Part):
    """Which column holds what. Amounts stand in one signed column, in one with a mark of
    debit or credit beside it, or in two.
    """

    booked_on: Titles  # a day; with a time of day, it is the day of that moment in WIB
    text: Titles
    more_text: Titles | None = None
    value_on: Titles | None = None
    reference: Titles | None = None  # the bank's own of the line
    amount: Titles | None = None
    direction: Titles | None = None
    debit: Titles | None = None
    credit: Titles | None = None
    balance: Titles | None = None  # after the line

    @model_validator(mode="after")
    def _amounts(self) -> Self:
        if (self.debit is None) != (self.credit is None):
            raise ValueError("debit and credit go together")
        return exactly_one(self, "amount", "debit")


class Days(Part):
    """How days are written, in whatever column or line they stand."""

    formats: Formats


class OfAccount(Part):
    """Whose statement it is: the account number as a column, a line or the file's name tells."""

    column: Titles | None = None
    head: Pattern | None = None
    file_name: Pattern | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        return exactly_one(self, "column", "head", "file_name")


class Period(Part):
    """From which day to which the file tells of every line; a day of its own is both."""

    first: Told
    last: Told | None = None


class ToldBalance(Part):
    """A balance above the titles, or in a row or text below them."""

    head: Pattern | None = None
    row: Expression | None = None  # of the row; its amount stands in the column of balances
    foot: Pattern | None = None  # the amount, in the text of a row

    @model_validator(mode="after")
    def _one(self) -> Self:
        return exactly_one(self, "head", "row", "foot")


class Sums(Part):
    """A row that counts the debits and credits up."""

    row: Expression


class StatementMapping(Table):
    """How one bank writes its statements."""

    PARTS: ClassVar = {
        "columns": StatementColumns, "money": Money, "days": Days, "account": OfAccount,
        "period": Period, "first": Told, "last": Told, "opening": ToldBalance,
        "closing": ToldBalance, "sums": Sums,
    }  # fmt: skip

    of: Literal["statement"]
    columns: StatementColumns
    days: Days
    account: Literal["as brought"] | OfAccount = "as brought"  # the account it was brought for
    period: Literal["lines"] | Period = "lines"  # the days of its lines
    opening: ToldBalance | None = None  # else what stood before the first line
    closing: ToldBalance | None = None  # else what stood after the last line
    sums: Sums | None = None
    order: Literal["oldest first", "newest first"] = "oldest first"
    skip_rows: Annotated[tuple[Expression, ...], BeforeValidator(several)] = ()  # page heads
    id_marks: str = ""  # signs around references that keep Excel from reading them as numbers

    @model_validator(mode="after")
    def _fits(self) -> Self:
        columns, ends = self.columns, (self.opening, self.closing)
        for is_wrong, why in (
            (
                bool(columns.direction) != bool(self.money.minus or self.money.plus),
                "columns.direction and money.minus, money.plus go together",
            ),
            (
                columns.direction is not None and columns.amount is None,
                "columns.direction: tells the sign of columns.amount, which is not given",
            ),
            (
                columns.balance is None and any(end and end.row for end in ends),
                "opening.row and closing.row: the amount stands in columns.balance,"
                " which is not given",
            ),
            (
                self.sums is not None and columns.debit is None,
                "sums: only of columns.debit and columns.credit",
            ),
            (
                columns.balance is None and (self.opening is None) != (self.closing is None),
                "opening and closing go together where no column tells balances",
            ),
        ):
            if is_wrong:
                raise ValueError(why)
        return self

    @property
    def titles(self) -> dict[str, tuple[str, ...]]:
        """Every column that a file must have, by the key of the mapping that asks for it."""
        wanted = {f"columns.{key}": titles for key, titles in self.columns if titles is not None}
        if self.account != "as brought" and self.account.column is not None:
            wanted["account"] = self.account.column
        return wanted
