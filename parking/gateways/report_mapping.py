"""How the settlement file of a bank or gateway is written, as an operator describes it in YAML.

No bank documents its file (gateways.md 1.12, 3.11), so none of this is code: a mapping names
the columns by their titles and says how amounts, times and kinds are written in this one
source. `mapped_report` reads a file by it. config/mappings/ holds examples with comments.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from parking.gateways.mapping_parts import (
    Expression,
    Filter,
    Format,
    Formats,
    Money,
    Part,
    Pattern,
    Table,
    Titles,
    Told,
    Words,
    exactly_one,
    plain,
    read_as,
    several,
)
from parking.gateways.zone import zone_of

MOVEMENT = "movement"  # a payment or a refund: its sign tells which
KINDS = (
    "payment", "refund", "reversal", MOVEMENT, "fee", "vat", "fee_reversal", "vat_reversal",
    "ignore",
)  # fmt: skip


class Columns(Part):
    """Which column holds what."""

    payment_ref: Titles  # their reference of the payment
    gross: Titles
    paid_at: Titles
    paid_time: Titles | None = None  # where the time of day stands in a column of its own
    ours: Titles | None = None  # our reference of the charge
    kind: Titles | None = None
    fee: Titles | None = None
    vat: Titles | None = None  # on the fee
    net: Titles | None = None
    direction: Titles | None = None  # where "Debit" or "Credit" tells the sign of the amounts


class Signs(Part):
    """Which sign amounts carry in the file."""

    refund: Literal["negative", "positive"] = "negative"  # its gross, net and fee alike
    fee: Literal["positive", "negative"] = "positive"  # of a payment: 14 or -14 is charged


class Zone(Part):
    """The time zone of times that do not tell it themselves: one of these."""

    fixed: str | None = None
    column: Titles | None = None
    head: Pattern | None = None

    @field_validator("fixed")
    @classmethod
    def _known(cls, told: str | None) -> str | None:
        if told is not None:
            zone_of(told)
        return told

    @model_validator(mode="after")
    def _one(self) -> Self:
        return exactly_one(self, "fixed", "column", "head")


class Times(Part):
    """How times are written, and in which zone."""

    formats: Formats
    zone: Zone


class SettledOn(Part):
    """The day on which the money left: a column, or so many working days after the payment."""

    column: Titles | None = None
    formats: Formats | None = None  # else those of `times`
    working_days: Annotated[int, Field(ge=0, le=10)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        return exactly_one(self, "column", "working_days")


class OfMerchant(Part):
    """Whose file it is: as a column, a line above the titles or a fixed text tells."""

    column: Titles | None = None
    head: Pattern | None = None
    fixed: str | None = None
    compared_with: Literal["merchant_id", "nmid"] = "merchant_id"

    @model_validator(mode="after")
    def _one(self) -> Self:
        return exactly_one(self, "column", "head", "fixed")


class ToldDay(Told):
    format: Format


class Fold(Part):
    """One payment is several rows, one for each amount: those that share an id."""

    by: Titles


class Footer(Part):
    """The line that ends the list, and what it counts up."""

    pattern: Expression  # found in the line's filled cells, joined by a blank
    totals: Annotated[
        tuple[Literal["gross", "fee", "vat", "net"], ...], BeforeValidator(several)
    ] = ()  # whose cells in that line are compared with the sums
    count: Pattern | None = None  # the number of rows, in the same text

    @model_validator(mode="after")
    def _compares(self) -> Self:
        if not self.totals and self.count is None:
            raise ValueError("name totals or count: a footer that compares nothing proves nothing")
        return self


class Mapping(Table):
    """How one source writes its settlement file."""

    PARTS: ClassVar = {
        "columns": Columns, "filters": Filter, "money": Money, "signs": Signs, "times": Times,
        "zone": Zone, "settled_on": SettledOn, "merchant": OfMerchant, "report_day": ToldDay,
        "version": Told, "fold": Fold, "footer": Footer,
    }  # fmt: skip
    FURTHER_KEYS: ClassVar = frozenset(KINDS)

    of: Literal["settlement"] = "settlement"
    columns: Columns
    filters: Annotated[tuple[Filter, ...], BeforeValidator(several)] = ()
    kinds: dict[str, Words] = Field(default_factory=dict)
    signs: Signs = Signs()
    times: Times
    settled_on: SettledOn
    merchant: Literal["account"] | OfMerchant = "account"  # the account it was brought for
    report_day: Literal["payments"] | ToldDay = "payments"  # by the business day of each payment
    version: Literal["unnumbered"] | Annotated[int, Field(ge=1, le=9_999)] | Told = "unnumbered"
    payment_ref_prefix: str = ""  # put before their reference where it does not stand already
    id_marks: str = ""  # signs around references that keep Excel from reading them as numbers
    may_be_blank: Annotated[tuple[Literal["ours"], ...], BeforeValidator(several)] = ()
    fold: Fold | None = None
    footer: Footer | None = None

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, told: dict[str, Words]) -> dict[str, Words]:
        if unknown := [kind for kind in told if kind not in KINDS]:
            raise ValueError(f"{unknown[0]!r} is none of {', '.join(KINDS)}")
        words = [plain(word) for kind in told.values() for word in kind]
        if twice := [word for word in words if words.count(word) > 1]:
            raise ValueError(f"{twice[0]!r} stands under two kinds")
        return told

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for is_wrong, why in (
            (bool(self.kinds) != bool(self.columns.kind), "columns.kind and kinds go together"),
            (
                not self.fold and any(kind.startswith(("fee", "vat")) for kind in self.kinds),
                "kinds fee and vat are rows of their own: say by fold which rows belong together",
            ),
            (
                MOVEMENT in self.kinds and self.signs.refund != "negative",
                "kinds.movement: its sign tells, so signs.refund must be negative",
            ),
            (
                bool(self.fold) and bool(self.columns.fee or self.columns.vat or self.columns.net),
                "with fold, fee and vat are rows: columns fee, vat and net cannot be given",
            ),
            (
                not self.fold and not self.columns.fee and not self.columns.net,
                "columns: give fee or net; what is missing is computed from the other",
            ),
            (
                bool(self.columns.direction) != bool(self.money.minus or self.money.plus),
                "columns.direction and money.minus, money.plus go together",
            ),
            (
                self.report_day == "payments" and self.version != "unnumbered",
                "version: only a file whose report_day is told can be numbered",
            ),
        ):
            if is_wrong:
                raise ValueError(why)
        if self.footer and (absent := [t for t in self.footer.totals if not self._has(t)]):
            raise ValueError(f"footer.totals: columns.{absent[0]} is not given")
        return self

    def _has(self, column: str) -> bool:
        return getattr(self.columns, column) is not None

    def kind_of(self, word: str) -> str | None:
        """Which kind a word of the column "kind" is. None: a word that is not listed."""
        for kind, words in self.kinds.items():
            if plain(word) in map(plain, words):
                return kind
        return None

    @property
    def titles(self) -> dict[str, tuple[str, ...]]:
        """Every column that a file must have, by the key of the mapping that asks for it."""
        wanted = {f"columns.{k}": v for k, v in self.columns if v is not None}
        wanted |= {f"filters[{i}]": each.column for i, each in enumerate(self.filters)}
        for key, part in (("times.zone", self.times.zone), ("settled_on", self.settled_on),
                          ("merchant", self.merchant)):  # fmt: skip
            titles = getattr(part, "column", None)
            if titles is not None:
                wanted[key] = titles
        if self.fold is not None:
            wanted["fold"] = self.fold.by
        return wanted


def read_mapping(text: str) -> Mapping:
    """A mapping from its YAML. Raises BadMapping naming every key that is wrong."""
    return read_as(Mapping, text)
