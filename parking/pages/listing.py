"""A table on a page: searched, filtered, sorted, turned over, and exported as it is shown."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Request, Response

from parking.business_day import FIRST_DAY, LAST_DAY, wib

PAGE_ROWS = 50
LONGEST_SEARCH = 100
MOST_EXPORTED = 100_000

Row = Any  # a frozen value or a mapping; columns name its fields


@dataclass(frozen=True, slots=True)
class Column:
    key: str  # the row's field
    title: str
    english: str = ""
    kind: str = "text"  # text, code, long, rupiah, count, day, moment, time, percent (bps)
    href: Callable[[Row], str | None] | None = None
    tone: Callable[[Row], str | None] | None = None  # shown as a badge: success, warning, danger, …
    sorts: bool = True

    @property
    def is_figure(self) -> bool:
        return self.kind in ("rupiah", "count", "percent")


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter: one of several values. `first` is used when nothing was chosen."""

    key: str
    title: str
    options: Sequence[tuple[str, str]]  # value and text; the empty value leaves everything in
    first: str = ""


@dataclass(frozen=True, slots=True)
class DayChoice:
    """A filter: a day, or any day when it is empty."""

    key: str
    title: str


Filter = Choice | DayChoice


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asked of a table, in the address of the page."""

    search: str = ""
    sort: str = ""  # a column's key
    descending: bool = False
    page: int = 1
    chosen: Mapping[str, str] = field(default_factory=dict)  # by filter; "" where nothing is
    wants_csv: bool = False
    kept: Mapping[str, str] = field(default_factory=dict)  # what the page itself was asked

    @property
    def limit(self) -> int:
        return MOST_EXPORTED if self.wants_csv else PAGE_ROWS

    @property
    def offset(self) -> int:
        return 0 if self.wants_csv else (self.page - 1) * PAGE_ROWS

    def day(self, key: str) -> date | None:
        """The day chosen in a filter; None when there is none, or it is no day."""
        return read_day(self.chosen.get(key, ""))

    def url(self, **changed: Any) -> str:
        """The same question with something changed: `url(page=2)`, `url(sort="-name")`."""
        sort = f"-{self.sort}" if self.descending else self.sort
        asked = {**self.kept, "q": self.search, **self.chosen, "sort": sort, "page": self.page}
        asked |= changed
        shown = {k: v for k, v in asked.items() if v or k in self.chosen}
        return "?" + urlencode({k: v for k, v in shown.items() if (k, v) != ("page", 1)})


def read_ask(
    request: Request,
    columns: Sequence[Column],
    filters: Sequence[Filter] = (),
    sort: str = "",
    keep: Sequence[str] = (),
) -> Ask:
    """What the address asks of a table. Whatever it asks that the table has not, is not heard.

    `sort` is the usual order ("-at": the newest first); `keep` names further parts
    of the address that belong to the page.
    """
    args = request.args
    keys = {c.key for c in columns if c.sorts}
    wanted = args.get("sort", sort)
    if wanted.removeprefix("-") not in keys:
        wanted = sort
    number = args.get("page", "")
    return Ask(
        search=args.get("q", "").strip()[:LONGEST_SEARCH],
        sort=wanted.removeprefix("-"),
        descending=wanted.startswith("-"),
        page=max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1,
        chosen={f.key: _chosen(f, args.get(f.key)) for f in filters},
        wants_csv=args.get("format") == "csv",
        kept={name: args[name] for name in keep if args.get(name)},
    )


def _chosen(of: Filter, value: str | None) -> str:
    if isinstance(of, DayChoice):
        return value if value and read_day(value) else ""
    known = {option for option, _ in of.options}
    return value if value is not None and value in known else of.first


def read_day(text: str) -> date | None:
    """
    >>> read_day("2026-11-24"), read_day("24/11"), read_day("9999-12-31")
    (datetime.date(2026, 11, 24), None, None)
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


@dataclass(frozen=True, slots=True)
class Listing:
    """A table as it is shown: the rows of one page, and how many there are in all."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    total: int
    ask: Ask
    filters: Sequence[Filter] = ()
    empty: str = "Belum ada data"  # what it says when nothing was ever there

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_ROWS))

    @property
    def first(self) -> int:
        return min(self.ask.offset + 1, self.total)

    @property
    def last(self) -> int:
        return self.ask.offset + len(self.rows)

    @property
    def is_narrowed(self) -> bool:
        """Whether somebody searched or filtered; what is chosen from the first is no search."""
        usual = {f.key: f.first for f in self.filters if isinstance(f, Choice)}
        chosen = self.ask.chosen.items()
        return bool(self.ask.search) or any(v and v != usual.get(k) for k, v in chosen)

    def order(self, column: Column) -> str:
        """What a click on a column's title asks for."""
        again = column.key == self.ask.sort and not self.ask.descending
        return self.ask.url(sort=f"-{column.key}" if again else column.key, page=1)

    def csv(self, name: str) -> Response:
        """The rows as a file: figures and days as programs read them."""
        text = io.StringIO()
        out = csv.writer(text)
        out.writerow([c.title for c in self.columns])
        out.writerows([[_plain(value(row, c.key)) for c in self.columns] for row in self.rows])
        answer = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return answer


def arranged(
    rows: Sequence[Row],
    ask: Ask,
    columns: Sequence[Column],
    filters: Sequence[Filter] = (),
    empty: str = "Belum ada data",
) -> Listing:
    """A listing of rows that are all at hand: searched in every text column, sorted and cut.

    A table that may grow beyond some thousands is cut by its own query instead,
    with `ask.limit` and `ask.offset`, and given to `Listing`.
    """
    found = [row for row in rows if _has(row, columns, ask.search.casefold())]
    if ask.sort:
        found.sort(key=lambda row: _order(value(row, ask.sort)), reverse=ask.descending)
    last_page = max(1, -(-len(found) // PAGE_ROWS))
    ask = replace(ask, page=min(ask.page, last_page))
    shown = found[ask.offset : ask.offset + ask.limit]
    return Listing(columns, shown, len(found), ask, filters, empty)


def value(row: Row, key: str) -> Any:
    return row[key] if isinstance(row, Mapping) else getattr(row, key)


def _has(row: Row, columns: Sequence[Column], words: str) -> bool:
    texts = (str(value(row, c.key) or "").casefold() for c in columns if c.kind == "text")
    text = "\n".join(texts)
    return all(word in text for word in words.split())


def _order(cell: Any) -> tuple[bool, Any]:
    return cell is not None, cell.casefold() if isinstance(cell, str) else cell


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return wib(cell).isoformat(timespec="seconds")
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}"  # a spreadsheet would take it for a formula
    return cell
