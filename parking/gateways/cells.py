"""What stands in one cell of a settlement file, read as a mapping says it is written.

Every reader here raises ValueError with what was found and what is expected; nothing is
guessed and nothing rounded (reliability.md 9.2).
"""

import re
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import cache
from typing import TypeVar

from parking.business_day import FIRST_DAY, LAST_DAY
from parking.gateways.mapping_parts import ISO, Money

# A CSV has texts alone; a spreadsheet also has numbers, times and days of its own.
Cell = str | int | Decimal | datetime | date | time

Day = TypeVar("Day", datetime, date)

LONGEST_SHOWN = 60
EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number and forgets the rest

_ID = re.compile(r"[A-Za-z0-9_~.:/-]{1,64}")
_BY_EXCEL = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def text_of(cell: Cell) -> str:
    """A cell as text, on one line and without blanks around it."""
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, Decimal) and cell == cell.to_integral_value():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def shown(cell: Cell) -> str:
    """A cell for a message or a page: cut, and without characters that do not print."""
    text = "".join(c for c in text_of(cell) if c.isprintable())
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def amount_of(cell: Cell, money: Money) -> int:
    """Whole rupiah, negative if it is written so."""
    if isinstance(cell, int | Decimal):
        if not _is_exact(cell):
            raise ValueError("harus rupiah bulat: tidak ada yang dibulatkan")
        return int(cell)
    if not isinstance(cell, str):
        raise ValueError("bukan angka")
    is_negative, text = _unsigned(text_of(cell), money)
    figure = _figure(money.decimal, money.grouping).fullmatch(text)
    if figure is None:
        raise ValueError(f"bukan jumlah yang ditulis seperti {_example(money)}")
    if figure["cents"] and int(figure["cents"]):
        raise ValueError("harus rupiah bulat: tidak ada yang dibulatkan")
    amount = int(figure["whole"].replace(money.grouping, "") if money.grouping else figure["whole"])
    return -amount if is_negative else amount


def _is_exact(number: int | Decimal) -> bool:
    return Decimal(number) == int(number) and abs(int(number)) < EXACT


def _unsigned(text: str, money: Money) -> tuple[bool, str]:
    """Whether it is written as a negative amount, and what is left without sign and prefix."""
    signs = 0
    if "parentheses" in money.negative and text.startswith("(") and text.endswith(")"):
        signs, text = signs + 1, text[1:-1].strip()
    if "minus" in money.negative and text.startswith("-"):
        signs, text = signs + 1, text[1:].strip()
    for prefix in money.prefix:
        if prefix and text.casefold().startswith(prefix.casefold()):
            text = text[len(prefix) :].removeprefix(".").strip()  # also "Rp."
            break
    if "minus" in money.negative and text.startswith("-"):
        signs, text = signs + 1, text[1:].strip()
    if "trailing" in money.negative and text.endswith("-"):
        signs, text = signs + 1, text[:-1].strip()
    if signs > 1:
        raise ValueError("dua tanda minus")
    return signs == 1, text


@cache
def _figure(decimal: str, grouping: str) -> re.Pattern[str]:
    # Groups of three or none at all: "20.00" is no figure where "." groups, "2.000" none where
    # "." is followed by cents.
    whole = r"[0-9]{1,15}"
    if grouping:
        whole = rf"[0-9]{{1,3}}(?:{re.escape(grouping)}[0-9]{{3}}){{1,4}}|{whole}"
    cents = rf"(?:{re.escape(decimal)}(?P<cents>[0-9]{{0,2}}))?" if decimal else "(?P<cents>)"
    return re.compile(f"(?P<whole>{whole}){cents}")


def _example(money: Money) -> str:
    return f"2{money.grouping}000" + (f"{money.decimal}00" if money.decimal else "")


def identifier(cell: Cell, marks: str = "") -> str:
    """A reference as text: it is never a number, whatever a spreadsheet makes of it."""
    if isinstance(cell, int | Decimal) and not _is_exact(cell):
        raise ValueError("nomor rusak oleh Excel: simpan kolom ini sebagai teks")
    text = text_of(cell).strip(marks) if marks else text_of(cell)
    if _BY_EXCEL.fullmatch(text):
        raise ValueError("nomor rusak oleh Excel: simpan kolom ini sebagai teks")
    if not _ID.fullmatch(text):
        raise ValueError("kosong" if not text else "bukan nomor yang sah")
    return text


def moment_of(cell: Cell, formats: tuple[str, ...], zone: tzinfo) -> datetime | date:
    """A moment, in `zone` unless the text tells its own; or a day where no time is told."""
    if isinstance(cell, datetime):
        return _sane(cell.replace(tzinfo=zone))
    if isinstance(cell, date):
        return _sane(cell)
    text = text_of(cell)
    for form in formats:
        told = _by(form, text)
        if told is not None:
            is_naive = isinstance(told, datetime) and told.tzinfo is None
            return _sane(told.replace(tzinfo=zone) if is_naive else told)  # type: ignore[call-arg]
    raise ValueError("kosong" if not text else f"bukan waktu yang ditulis seperti {formats[0]}")


def day_and_time(day: Cell, clock: Cell) -> Cell:
    """The cells of a date and of a time of day as one."""
    if isinstance(day, datetime):
        day = day.date()
    if not isinstance(day, date):
        return f"{text_of(day)} {text_of(clock)}"
    if isinstance(clock, str):
        try:
            clock = time.fromisoformat(clock.strip().replace(".", ":"))
        except ValueError:
            raise ValueError(f"{shown(clock)!r} bukan waktu seperti 14:05:00") from None
    if not isinstance(clock, time) or clock.tzinfo is not None:
        raise ValueError(f"{shown(clock)!r} bukan waktu seperti 14:05:00")
    return datetime.combine(day, clock)


def _by(form: str, text: str) -> datetime | date | None:
    if not text.isascii():
        return None
    try:
        if form == ISO:
            return _iso(text)
        told = datetime.strptime(text, form)  # noqa: DTZ007 - its zone is put to it by the caller
    except ValueError:
        return None
    return told if _tells_time(form) else told.date()


def _iso(text: str) -> datetime | date | None:
    if not _ISO.fullmatch(text):
        return None
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _tells_time(form: str) -> bool:
    return any(directive in form for directive in ("%H", "%I", "%X", "%c", "%T", "%R"))


def _sane(told: Day) -> Day:
    day = told.date() if isinstance(told, datetime) else told
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("tanggal di luar masa QRIS")
    return told
