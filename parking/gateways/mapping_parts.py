"""The words in which any file of rows is described: what every kind of mapping shares.

A mapping names the columns of a file by their titles and says how amounts and times are written
in this one source. `report_mapping` describes settlement files by it, `statement_mapping` bank
statements.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from parking.errors import ParkingError

ISO = "iso"  # in place of a format: 2026-11-23T05:00:00.123Z, and shorter forms of it
LONGEST = 64 * 1024  # characters of a mapping
DEEPEST = 8  # lists and keys within each other; no mapping needs more than 4
LONGEST_SHOWN = 80  # characters of a wrong value that is told back
_WELL_KNOWN = datetime(2026, 11, 23, 14, 5, 9)  # noqa: DTZ001 - a wall clock, to try formats on


class BadMapping(ParkingError):
    """A mapping that cannot be used; `problems` names each key and what is allowed there."""

    def __init__(self, message: str, problems: list[str]) -> None:
        super().__init__(message)
        self.problems = problems


def several(told: Any) -> Any:
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
Titles = Annotated[tuple[Title, ...], BeforeValidator(several), Field(min_length=1)]
Words = Annotated[tuple[str, ...], BeforeValidator(several)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Expression = Annotated[str, AfterValidator(_expression)]
Format = Annotated[str, AfterValidator(_format)]
Formats = Annotated[tuple[Format, ...], BeforeValidator(several), Field(min_length=1)]


class Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


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
        tuple[Literal["minus", "trailing", "parentheses"], ...], BeforeValidator(several)
    ] = ("minus",)
    nothing: Words = ()  # texts that mean 0 in the columns fee and vat, as "-"
    minus: Words = ()  # words of the column "direction" that make an amount negative
    plus: Words = ()

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.decimal and self.decimal == self.grouping:
            raise ValueError("decimal and grouping are the same sign")
        return self


def exactly_one(part: Any, *names: str) -> Any:
    if sum(getattr(part, name) is not None for name in names) != 1:
        raise ValueError(f"give exactly one of {', '.join(names)}")
    return part


class Told(Part):
    """A text in a line above the titles, or in the name of the file."""

    head: Pattern | None = None
    file_name: Pattern | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        return exactly_one(self, "head", "file_name")


class Table(Part):
    """Where the rows of a file begin, and how its amounts are written."""

    PARTS: ClassVar[dict[str, type[Part]]] = {}  # by the key under which each stands
    FURTHER_KEYS: ClassVar[frozenset[str]] = frozenset()

    of: str  # which kind of file
    about: str  # what it is for, one line in Indonesian
    format: Literal["csv", "xlsx"]
    sheet: str | None = None  # of an XLSX; else the first
    encoding: Literal["detect", "utf-8", "cp1252"] = "detect"
    delimiter: Literal[",", ";", "|", "tab", "detect"] = "detect"
    skip: Annotated[int, Field(ge=0, le=100)] = 0  # lines at the top that are not looked at
    header: Annotated[int, Field(ge=1, le=1_000)] | Literal["find"] = "find"  # line of the titles
    money: Money = Money()

    @model_validator(mode="after")
    def _sheet_of_xlsx(self) -> Self:
        if self.sheet is not None and self.format != "xlsx":
            raise ValueError("sheet: only with format: xlsx")
        return self

    @property
    def titles(self) -> dict[str, tuple[str, ...]]:
        """Every column that a file must have, by the key of the mapping that asks for it."""
        raise NotImplementedError


M = TypeVar("M", bound=Table)


@dataclass(frozen=True, slots=True)
class NamedMapping(Generic[M]):
    """A mapping under the name of its file."""

    name: str
    mapping: M
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


def read_as(kind: type[M], text: str) -> M:
    """A mapping of a kind from its YAML. Raises BadMapping naming every key that is wrong."""
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
        return kind.model_validate(told)
    except ValidationError as error:
        problems = [_problem(each, kind) for each in error.errors()]
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


def _problem(error: Any, kind: type[Table]) -> str:
    known = kind.FURTHER_KEYS.union(*(p.model_fields for p in (kind, *kind.PARTS.values())))
    # What pydantic calls the branches of "one or the other" is no key of the file.
    keys = [str(k) for k in error["loc"] if k in known or isinstance(k, int)]
    within = kind.PARTS.get(keys[-1] if keys else "", kind)
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


def plain(word: str) -> str:
    """A title or a word as it is compared: in one case, with single blanks."""
    return " ".join(word.split()).casefold()


_WORDING = {
    "missing": "is missing",
    "tuple_type": "a text, or a list of texts",
    "string_type": "a text is expected; put it in quotes",
}
