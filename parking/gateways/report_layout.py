"""Where things stand in a settlement file, and what it says of itself above them or by name."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from parking.errors import FileRefused
from parking.gateways.cells import moment_of, text_of
from parking.gateways.mapping_parts import Table, Told, plain
from parking.gateways.protocol import Merchant
from parking.gateways.report_mapping import Mapping as ReportMapping
from parking.gateways.table import Row
from parking.gateways.zone import zone_of

SEARCHED_ROWS = 50  # for the titles

Titles = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in this file."""

    titles: Row
    places: Mapping[Titles, int]
    above: Sequence[str]  # the lines over the titles

    def title(self, titles: Titles) -> str:
        return text_of(self.titles.cells[self.places[titles]])


@dataclass(frozen=True, slots=True)
class Head:
    """What the file says of itself, or the mapping of it."""

    day: date | None  # None: each payment's own
    version: int | None
    zone: tzinfo | None  # None: a column tells it


def find_titles(mapping: Table, rows: Iterator[Row]) -> Layout:
    """The first line that holds every title, or the line that the mapping names."""
    above: list[str] = []
    best: tuple[int, Row, list[str]] | None = None
    wanted = mapping.titles
    for row in rows:
        if row.number <= mapping.skip:
            continue
        if isinstance(mapping.header, int) and row.number < mapping.header:
            above.append(row.text)
            continue
        places, missing = _places(wanted, row)
        if not missing:
            return Layout(row, places, above)
        if best is None or len(missing) < best[0]:
            best = len(missing), row, missing
        if isinstance(mapping.header, int) or len(above) >= SEARCHED_ROWS:
            break
        above.append(row.text)
    if best is None:
        raise FileRefused("Judul kolom tidak ada", ["baris 1: berkas tidak berisi baris"])
    _, row, missing = best
    raise FileRefused("Kolom tidak lengkap", [f"baris {row.number}: {why}" for why in missing])


def _places(wanted: Mapping[str, Titles], row: Row) -> tuple[dict[Titles, int], list[str]]:
    """Where the columns stand, by their titles, and what is missing or stands twice."""
    titles = [text_of(cell).strip("\ufeff").casefold() for cell in row.cells]
    times = Counter(titles)
    places: dict[Titles, int] = {}
    missing = []
    for key, names in wanted.items():
        there = [name for name in map(plain, names) if name in times]
        if not there:
            missing.append(f"tidak ada kolom {' atau '.join(map(repr, names))} ({key})")
        elif times[there[0]] > 1:
            missing.append(f"kolom {there[0]!r} ada dua kali ({key})")
        else:
            places[names] = titles.index(there[0])
    return places, missing


def read_head(mapping: ReportMapping, layout: Layout, file_name: str, merchant: Merchant) -> Head:
    """Raises FileRefused naming everything that the file ought to tell and does not."""
    problems: list[str] = []

    def read(key: str, reader: Callable[[], Any]) -> Any:
        try:
            return reader()
        except ValueError as error:
            problems.append(f"{key}: {error}")
            return None

    zone = mapping.times.zone
    told_zone = None
    if zone.fixed is not None:
        told_zone = zone_of(zone.fixed)
    elif zone.head is not None:
        told_zone = read("times.zone", lambda: zone_of(in_lines(str(zone.head), layout.above)))
    day = read("report_day", lambda: _day(mapping, layout, file_name))
    version = read("version", lambda: _version(mapping, layout, file_name))
    read("merchant", lambda: _whose(mapping, layout, merchant))
    if problems:
        raise FileRefused("Kepala laporan salah", problems)
    return Head(day, version, told_zone)


def in_lines(pattern: str, lines: Sequence[str]) -> str:
    """What a pattern finds in the lines above the titles. Raises ValueError if it does not."""
    for line in lines:
        if told := re.search(pattern, line):
            return told[1].strip()
    raise ValueError(f"tidak ada baris seperti {pattern!r} di atas judul kolom")


def told_by(source: Told, layout: Layout, file_name: str) -> str:
    """A text above the titles or in the name of the file. Raises ValueError if it is not there."""
    if source.head is not None:
        return in_lines(source.head, layout.above)
    told = re.search(str(source.file_name), file_name)
    if told is None:
        raise ValueError(f"nama berkas {file_name!r} tidak seperti {source.file_name!r}")
    return told[1].strip()


def _day(mapping: ReportMapping, layout: Layout, file_name: str) -> date | None:
    source = mapping.report_day
    if source == "payments":
        return None
    text = told_by(source, layout, file_name)
    try:
        day = moment_of(text, (source.format,), zone_of("WIB"))
    except ValueError as error:
        raise ValueError(f"{text!r} {error}") from None
    return day.date() if isinstance(day, datetime) else day


def _version(mapping: ReportMapping, layout: Layout, file_name: str) -> int | None:
    source = mapping.version
    if source == "unnumbered":
        return None
    if isinstance(source, int):
        return source
    text = told_by(source, layout, file_name)
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise ValueError(f"{text!r}, harus bilangan mulai dari 1")
    return int(text)


def _whose(mapping: ReportMapping, layout: Layout, merchant: Merchant) -> None:
    source = mapping.merchant
    if source == "account" or source.column is not None:
        return
    told = source.fixed if source.fixed is not None else in_lines(str(source.head), layout.above)
    if told != getattr(merchant, source.compared_with):
        raise ValueError(f"{told!r}, bukan {getattr(merchant, source.compared_with)!r}")
