"""How the settlement file of a bank or gateway is written, as an operator describes it in YAML.

No bank documents its file (gateways.md 1.12, 3.11), so none of this is code: a mapping names
the columns by their titles and says how amounts, times and kinds are written in this one
source. `mapped_report` reads a file by it. config/mappings/ holds examples with comments.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from parking.errors import ParkingError
from parking.gateways.zone import zone_of

ISO = "iso"  # in place of a format: 2026-11-23T05:00:00.123Z, and shorter forms of it
LONGEST = 64 * 1024  # characters of a mapping
DEEPEST = 8  # lists and keys within each other; no mapping needs more than 4
LONGEST_SHOWN = 80  # characters of a wrong value that is told back
MOVEMENT = "movement"  # a payment or a refund: its sign tells which
KINDS = (
    "payment", "refund", "reversal", MOVEMENT, "fee", "vat", "fee_reversal", "vat_reversal",
    "ignore",
)  # fmt: skip
_WELL_KNOWN = datetime(2026, 11, 23, 14, 5, 9)  # noqa: DTZ001 - a wall clock, to try formats on


class BadMapping(ParkingError):
    """A mapping that cannot be used; `problems` names each key and what is allowed there."""

    def __init__(self, message: str, problems: list[str]) -> None:
        super().__init__(message)
        self.problems = problems


def _several(told: Any) -> Any:
    """One text, or a list of texts."""
    if isinstance(told, str):
        return (told,)
    return tuple(told) if isinstance(told, list) else told


def _pattern(told: str) -> str:
    if _compiled(told).groups != 1:
        raise ValueError("exactly one group in parentheses is needed: what is to be read")
    return told


def _expression(told: str) -> str:
    _compiled(told)
    return told


def _compiled(told: str) -> re.Pattern[str]:
    try:
        return re.compile(told)
    except (re.error, OverflowError, RecursionError) as error:  # "a{9…9}", "((((…"
        raise ValueError(f"not a regular expression: {error}") from None


def _format(told: str) -> str:
    """A format that tells a day: what it writes of one, it reads back."""
    if told == ISO:
        return told
    try:
        again = datetime.strptime(_WELL_KNOWN.strftime(told), told)  # noqa: DTZ007 - of a wall clock
    except (ValueError, re.error) as error:  # re.error: a part that stands twice, as in %d %d
        raise ValueError(f"not a format of Python's strptime: {error}") from None
    if again.date() != _WELL_KNOWN.date():
        raise ValueError("the format needs day, month and year, as in %d/%m/%Y %H:%M:%S")
    return told


Title = Annotated[str, Field(min_length=1, max_length=100)]
# The title of a column; or several, of which the first that the file has is taken.
Titles = Annotated[tuple[Title, ...], BeforeValidator(_several), Field(min_length=1)]
Words = Annotated[tuple[str, ...], BeforeValidator(_several)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Expression = Annotated[str, AfterValidator(_expression)]
Format = Annotated[str, AfterValidator(_format)]
Formats = Annotated[tuple[Format, ...], BeforeValidator(_several), Field(min_length=1)]


class Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


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


class Filter(Part):
    """Which rows are lines: by the word in a column."""

    column: Titles
    take: Words = ()
    skip: Words = ()
    others: Literal["refuse", "take", "skip"] = "refuse"  # words in neither list


class Money(Part):
    """How an amount is written. Cents must be zero: nothing is rounded."""

    decimal: Literal[".", ",", ""] = "."
    grouping: Literal[".", ",", " ", "'", ""] = ""
    prefix: Words = ("Rp", "IDR")  # may stand before it
    negative: Annotated[
        tuple[Literal["minus", "trailing", "parentheses"], ...], BeforeValidator(_several)
    ] = ("minus",)
    nothing: Words = ()  # texts that mean 0 in the columns fee and vat, as "-"
    minus: Words = ()  # words of the column "direction" that make an amount negative
    plus: Words = ()

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.decimal and self.decimal == self.grouping:
            raise ValueError("decimal and grouping are the same sign")
        return self


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
        return _exactly_one(self, "fixed", "column", "head")


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
        return _exactly_one(self, "column", "working_days")


class OfMerchant(Part):
    """Whose file it is: as a column, a line above the titles or a fixed text tells."""

    column: Titles | None = None
    head: Pattern | None = None
    fixed: str | None = None
    compared_with: Literal["merchant_id", "nmid"] = "merchant_id"

    @model_validator(mode="after")
    def _one(self) -> Self:
        return _exactly_one(self, "column", "head", "fixed")


class Told(Part):
    """A text in a line above the titles, or in the name of the file."""

    head: Pattern | None = None
    file_name: Pattern | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        return _exactly_one(self, "head", "file_name")


class ToldDay(Told):
    format: Format


class Fold(Part):
    """One payment is several rows, one for each amount: those that share an id."""

    by: Titles


class Footer(Part):
    """The line that ends the list, and what it counts up."""

    pattern: Expression  # found in the line's filled cells, joined by a blank
    totals: Annotated[
        tuple[Literal["gross", "fee", "vat", "net"], ...], BeforeValidator(_several)
    ] = ()  # whose cells in that line are compared with the sums
    count: Pattern | None = None  # the number of rows, in the same text

    @model_validator(mode="after")
    def _compares(self) -> Self:
        if not self.totals and self.count is None:
            raise ValueError("name totals or count: a footer that compares nothing proves nothing")
        return self


def _exactly_one(part: Any, *names: str) -> Any:
    if sum(getattr(part, name) is not None for name in names) != 1:
        raise ValueError(f"give exactly one of {', '.join(names)}")
    return part


class Mapping(Part):
    """How one source writes its settlement file."""

    about: str  # what it is for, one line in Indonesian
    format: Literal["csv", "xlsx"]
    sheet: str | None = None  # of an XLSX; else the first
    encoding: Literal["detect", "utf-8", "cp1252"] = "detect"
    delimiter: Literal[",", ";", "|", "tab", "detect"] = "detect"
    skip: Annotated[int, Field(ge=0, le=100)] = 0  # lines at the top that are not looked at
    header: Annotated[int, Field(ge=1, le=1_000)] | Literal["find"] = "find"  # line of the titles
    columns: Columns
    filters: Annotated[tuple[Filter, ...], BeforeValidator(_several)] = ()
    kinds: dict[str, Words] = Field(default_factory=dict)
    money: Money = Money()
    signs: Signs = Signs()
    times: Times
    settled_on: SettledOn
    merchant: Literal["account"] | OfMerchant = "account"  # the account it was brought for
    report_day: Literal["payments"] | ToldDay = "payments"  # by the business day of each payment
    version: Literal["unnumbered"] | Annotated[int, Field(ge=1, le=9_999)] | Told = "unnumbered"
    payment_ref_prefix: str = ""  # put before their reference where it does not stand already
    id_marks: str = ""  # signs around references that keep Excel from reading them as numbers
    may_be_blank: Annotated[tuple[Literal["ours"], ...], BeforeValidator(_several)] = ()
    fold: Fold | None = None
    footer: Footer | None = None

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, told: dict[str, Words]) -> dict[str, Words]:
        if unknown := [kind for kind in told if kind not in KINDS]:
            raise ValueError(f"{unknown[0]!r} is none of {', '.join(KINDS)}")
        words = [_plain(word) for kind in told.values() for word in kind]
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
            (self.sheet is not None and self.format != "xlsx", "sheet: only with format: xlsx"),
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
        plain = _plain(word)
        for kind, words in self.kinds.items():
            if plain in map(_plain, words):
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


@dataclass(frozen=True, slots=True)
class NamedMapping:
    """A mapping under the name of its file."""

    name: str
    mapping: Mapping
    sha256: str  # of its text, so that one can see that it was changed


class _Loader(yaml.SafeLoader):
    """YAML whose values are texts, whole numbers and yes or no, and in which a key that stands
    twice is an error and not the last one's victory. A day or "14:05" is a text here.
    """

    yaml_implicit_resolvers = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if twice := [key for key, times in keys.items() if times > 1]:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice[0]!r} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


for _tag, _pattern_of, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
     list("yYnNtTfFoO")),
    ("int", r"-?(?:0|[1-9][0-9]{0,8})", list("-0123456789")),
):  # fmt: skip
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern_of})\\Z"), _first
    )


def read_mapping(text: str) -> Mapping:
    """A mapping from its YAML. Raises BadMapping naming every key that is wrong."""
    if len(text) > LONGEST:
        raise BadMapping("The mapping cannot be used", [f"longer than {LONGEST} characters"])
    try:
        _check_plain(text)
        told = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # "\UFFFFFFFF", %YAML 9…9
        raise BadMapping("The mapping is not YAML", [" ".join(str(error).split())]) from error
    if not isinstance(told, AnyMapping):
        raise BadMapping("The mapping cannot be used", ["keys are expected, as in `format: csv`"])
    try:
        return Mapping.model_validate(told)
    except ValidationError as error:
        problems = [_problem(each) for each in error.errors()]
        raise BadMapping("The mapping cannot be used", list(dict.fromkeys(problems))) from error


def _check_plain(text: str) -> None:
    """Raises BadMapping at what no mapping needs, before anything is built of it: anchors and
    aliases, by which a small file becomes a large one; tags; and depths no reader can follow.
    """
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if why := _not_plain(event, depth):
            line = event.start_mark.line + 1
            raise BadMapping("The mapping cannot be used", [f"line {line}: {why}"])


def _not_plain(event: Any, depth: int) -> str:
    if getattr(event, "anchor", None):  # an alias has one too
        return "anchors and aliases (& and *) are not allowed; put a text that begins so in quotes"
    if getattr(event, "tag", None):
        return "tags (!) are not allowed; put a text that begins so in quotes"
    if depth > DEEPEST:
        return f"lists and keys within each other more than {DEEPEST} deep"
    signs = {
        unicodedata.category(sign) for sign in getattr(event, "value", "") if sign not in "\n\t"
    }
    return "control characters are not allowed" if signs & {"Cc", "Cs"} else ""


def _problem(error: Any) -> str:
    # What pydantic calls the branches of "one or the other" is no key of the file.
    keys = [str(k) for k in error["loc"] if k in _KEYS or isinstance(k, int)]
    within = _PARTS.get(keys[-1] if keys else "", Mapping)
    if error["type"] == "extra_forbidden":
        keys.append(str(error["loc"][-1]))
        return f"{'.'.join(keys)}: no such key; allowed are {', '.join(within.model_fields)}"
    text = _WORDING.get(error["type"], error["msg"].removeprefix("Value error, "))
    if error["type"] in ("model_type", "dict_type"):
        text = f"keys are expected here: {', '.join(within.model_fields)}"
    told = error.get("input")
    is_shown = error["type"] != "missing" and not isinstance(told, AnyMapping | BaseModel)
    return f"{'.'.join(keys) or 'the mapping'}: {text}" + (
        f" (it is {_short(told)})" if is_shown else ""
    )


def _short(told: Any) -> str:
    shown = repr(told)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"


def _plain(word: str) -> str:
    return " ".join(word.split()).casefold()


_PARTS: dict[str, type[Part]] = {
    "columns": Columns, "filters": Filter, "money": Money, "signs": Signs, "times": Times,
    "zone": Zone, "settled_on": SettledOn, "merchant": OfMerchant, "report_day": ToldDay,
    "version": Told, "fold": Fold, "footer": Footer,
}  # fmt: skip
_WORDING = {
    "missing": "is missing",
    "tuple_type": "a text, or a list of texts",
    "string_type": "a text is expected; put it in quotes",
}
_MODELS: tuple[type[Part], ...] = (Mapping, *_PARTS.values())
_KEYS = {name for part in _MODELS for name in part.model_fields} | set(KINDS)
