"""The rules by which bank lines are matched: what each kind may say, and what it says in words.

A rule is a name with versions. Each holds for lines booked from its day on, until a newer
version holds; rules are tried by rank, the lowest first. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from parking.money import Rupiah, rupiah_text

Days = Annotated[int, Field(ge=0, le=45)]
Difference = Annotated[int, Field(ge=0, le=1_000_000)]
PLACES = ("{gateway}", "{account}", "{merchant}")  # in a word: those of the batch
Sum = Annotated[int, Field(ge=1, le=1_000_000_000_000)]


def _of_places(word: str) -> str:
    rest = word
    for place in PLACES:
        rest = rest.replace(place, "")
    if "{" in rest or "}" in rest:
        raise ValueError(f"dalam kurung kurawal hanya {', '.join(PLACES)}")
    return word


Word = Annotated[str, Field(min_length=2, max_length=60), AfterValidator(_of_places)]
Words = Annotated[tuple[Word, ...], Field(max_length=20)]
Several = Annotated[int, Field(ge=2, le=6)]
Thing = Literal["batch", "sts"]

THING_TEXT = {"batch": "batch settlement", "sts": "STS"}


class Terms(BaseModel):
    """What a rule of one kind says. Amounts are rupiah, days are calendar days."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: ClassVar[str]

    def in_words(self) -> str:
        """One Indonesian sentence."""
        raise NotImplementedError


class Within(Terms):
    """How far a credit may be from what it pays, each way by itself."""

    account: Annotated[str, Field(max_length=40)] = ""  # code of the bank account; empty: any
    less: Difference = 0  # what the bank may have paid less
    more: Difference = 0
    days_early: Days = 0  # how long before its day it may be booked
    days_late: Days = 0

    def allows(self, credited: int, expected: int) -> bool:
        return -self.less <= credited - expected <= self.more

    def reaches(self, booked_on: date, day: date) -> bool:
        first, last = timedelta(days=self.days_early), timedelta(days=self.days_late)
        return day - first <= booked_on <= day + last

    @property
    def limits(self) -> str:
        days = _each("{} hari lebih awal", self.days_early) + _each(
            "{} hari lebih lambat", self.days_late
        )
        sums = _each("{} kurang", self.less and rupiah_text(Rupiah(self.less))) + _each(
            "{} lebih", self.more and rupiah_text(Rupiah(self.more))
        )
        when = f"paling banyak {' atau '.join(days)}" if days else "pada hari yang sama"
        much = f"selisih paling banyak {' atau '.join(sums)}" if sums else "jumlah persis sama"
        where = f" di rekening {self.account}" if self.account else ""
        return f"{when}, {much}{where}"


class Worded(Within):
    """One that also asks for a word in the line's text; {gateway}, {account}, {merchant} are
    those of the batch."""

    of: Thing
    words: Words = ()

    @property
    def asked(self) -> str:
        return f" dan teksnya memuat {_either(self.words)}" if self.words else ""


class ReferenceTerms(Within):
    title = "Nomor tertulis"

    def in_words(self) -> str:
        return (
            f"Kredit yang teksnya menyebut nomor STS atau rujukan banknya adalah setoran STS itu:"
            f" {self.limits}."
        )


class AmountTerms(Worded):
    title = "Jumlah dan tanggal"

    def in_words(self) -> str:
        return f"Satu {THING_TEXT[self.of]} dibayar satu kredit: {self.limits}{self.asked}."


class SplitTerms(Worded):
    title = "Satu dalam beberapa kredit"
    most: Several = 3

    def in_words(self) -> str:
        return (
            f"Satu {THING_TEXT[self.of]} dibayar dalam 2 sampai {self.most} kredit: {self.limits}"
            f"{self.asked}."
        )


class CombinedTerms(Worded):
    title = "Beberapa dalam satu kredit"
    most: Several = 3

    def in_words(self) -> str:
        return (
            f"2 sampai {self.most} {THING_TEXT[self.of]} dibayar dalam satu kredit: {self.limits}"
            f"{self.asked}."
        )


class TotalTerms(Worded):
    title = "Seluruh hari"

    def in_words(self) -> str:
        return (
            f"Semua {THING_TEXT[self.of]} yang masih terbuka dari satu hari dibayar oleh semua"
            f" kredit yang masih terbuka: {self.limits}{self.asked}."
        )


class ChargeTerms(Terms):
    title = "Potongan bank"
    words: Annotated[Words, Field(min_length=1)]
    most: Annotated[int, Field(ge=1, le=10_000_000)]

    def in_words(self) -> str:
        return (
            f"Debit sampai {rupiah_text(Rupiah(self.most))} yang teksnya memuat"
            f" {_either(self.words)} adalah potongan bank yang dikenal."
        )


class TestTerms(Terms):
    title = "Uji coba"
    words: Words = ()
    amounts: Annotated[tuple[Sum, ...], Field(max_length=20)] = ()
    most: Sum = 10_000  # a bank tests with little: what is more is money, whatever it says

    @model_validator(mode="after")
    def says_something(self) -> "TestTerms":
        if not self.words and not self.amounts:
            raise ValueError("isi kata atau jumlah, sedikitnya satu")
        return self

    def in_words(self) -> str:
        sums = " atau ".join(rupiah_text(Rupiah(n)) for n in self.amounts)
        told = [f"berjumlah {sums}"] if sums else []
        most = rupiah_text(Rupiah(self.most))
        told += [f"memuat {_either(self.words)} sampai {most}"] if self.words else []
        return f"Baris yang {' atau '.join(told)} adalah uji coba bank, bukan penerimaan."


class DepositTerms(Terms):
    title = "Kata setoran"
    words: Annotated[Words, Field(min_length=1)]

    def in_words(self) -> str:
        return (
            f"Kredit tanpa pasangan yang teksnya memuat {_either(self.words)} adalah setoran kita"
            " yang belum ada STS-nya (D23), bukan penerimaan tak dikenal (D13)."
        )


KINDS: Mapping[str, type[Terms]] = {
    "reference": ReferenceTerms, "amount": AmountTerms, "split": SplitTerms,
    "combined": CombinedTerms, "total": TotalTerms, "charge": ChargeTerms, "test": TestTerms,
    "deposit": DepositTerms,
}  # fmt: skip


WORDING = {
    "greater_than_equal": "paling sedikit {ge}",
    "less_than_equal": "paling banyak {le}",
    "int_parsing": "hanya bilangan bulat",
    "int_from_float": "hanya bilangan bulat",
    "too_short": "tulis sedikitnya {min_length}",
    "too_long": "paling banyak {max_length}",
    "string_too_short": "tiap kata sedikitnya {min_length} huruf",
    "string_too_long": "tiap kata paling banyak {max_length} huruf",
    "literal_error": "pilih salah satu",
    "missing": "wajib diisi",
    "extra_forbidden": "tidak dikenal oleh aturan jenis ini",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule."""

    name: str
    version: int
    rank: int
    terms: Terms
    is_on: bool
    valid_from: date
    until: date | None = None  # the first day of the version after it

    @property
    def label(self) -> str:
        return f"{self.name} v{self.version}"

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.until is None or day < self.until)


class BadTerms(ValueError):
    """Terms that cannot be: what is wrong, in Indonesian, by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in problems.items()))
        self.problems = problems


def terms_of(kind: str, told: Mapping[str, Any]) -> Terms:
    """The terms of a kind of rule. Raises BadTerms."""
    if kind not in KINDS:
        raise BadTerms({"kind": f"tidak ada jenis aturan {kind!r}"})
    try:
        return KINDS[kind].model_validate(dict(told))
    except ValidationError as error:
        raise BadTerms(
            {str((*e["loc"], "words")[0]): _why(e) for e in reversed(error.errors())}
        ) from error


def _why(error: Any) -> str:
    """What pydantic found, to somebody at a desk."""
    wording = WORDING.get(error["type"])
    said = str(error["msg"]).removeprefix("Value error, ")
    return wording.format(**error.get("ctx", {})) if wording else said


def kind_of(terms: Terms) -> str:
    return next(kind for kind, its in KINDS.items() if type(terms) is its)


def in_order(versions: Iterable[Rule]) -> Sequence[Rule]:
    """Every version that holds on some day, each with the day it ends, as they are tried."""
    by_name: dict[str, list[Rule]] = {}
    for version in versions:
        by_name.setdefault(version.name, []).append(version)
    found = []
    for same in by_name.values():
        for one in same:
            later = [v.valid_from for v in same if v.version > one.version]
            until = min(later, default=None)
            if until is None or until > one.valid_from:
                found.append(Rule(one.name, one.version, one.rank, one.terms, one.is_on,
                                  one.valid_from, until))  # fmt: skip
    return sorted(found, key=lambda rule: (rule.rank, rule.name, rule.version))


def _each(text: str, value: int | str) -> list[str]:
    return [text.format(value)] if value else []


def _either(words: Sequence[str]) -> str:
    return " atau ".join(f'"{word}"' for word in words)
