"""Reads one XLSX and exits: a program of its own, because a file of 5 kB can end its reader.

`read_table` starts it with the file on stdin. It lowers its own limits before it looks at
anything, and writes a line of JSON per row on stdout, `[number, [cell, …]]`, with
`{"rows": n}` at the end, or `{"refused": why, "problems": [where and what]}`. Whatever else
happens to it (reliability.md 9.4), it dies alone. It imports nothing of ours.
"""

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, NoReturn

MEMORY = 1024 * 1024 * 1024  # bytes of address space
CPU_S = 20
MOST_WRITTEN = 512 * 1024 * 1024  # bytes of what we answer
MOST_ENTRIES = 200
MOST_UNPACKED = 512 * 1024 * 1024  # bytes
MOST_RATIO = 100  # unpacked to packed
SMALL = 1024 * 1024  # bytes; below it a good ratio is no sign of anything
MOST_ROWS = 1_000_000
MOST_COLUMNS = 200
LONGEST_ROW = 64 * 1024  # characters of JSON
CHUNK = 1024 * 1024

_CELL = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")


class Refused(Exception):
    def __init__(self, why: str, *problems: str) -> None:
        super().__init__(why)
        self.problems = problems


def lower_limits() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def check(content: bytes) -> None:
    """Refuse what no honest export is: by the sizes that the zip states, then by its content."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _sizes(package.infolist(), len(content))
            _parts(package.namelist())
            for entry in package.infolist():
                _look_through(package, entry)
    except (zipfile.BadZipFile, EOFError, OSError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise Refused("Berkas terpotong atau rusak", f"zip: {error}") from error
    except (NotImplementedError, RuntimeError) as error:  # another packing, or a password
        raise Refused("Berkas terkunci atau dikemas cara lain", f"zip: {error}") from error


def _sizes(entries: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES:
        raise Refused("Bukan lembar kerja biasa", f"{len(entries)} bagian, paling banyak 200")
    if unpacked > MOST_UNPACKED or (unpacked > SMALL and unpacked > MOST_RATIO * packed):
        raise Refused(
            "Berkas mengembang terlalu besar (zip bomb)",
            f"{packed} byte menjadi {unpacked} byte; minta ekspor per hari, atau CSV",
        )


def _parts(names: list[str]) -> None:
    if any("vbaproject" in name.lower() for name in names):
        raise Refused("Berkas memuat makro (.xlsm)", "simpan sebagai .xlsx tanpa makro")
    if "xl/workbook.bin" in names:
        raise Refused("Berkas .xlsb tidak dibaca", "simpan sebagai .xlsx, lalu ulangi")
    if "xl/workbook.xml" not in names:
        raise Refused("Bukan berkas XLSX", "tidak ada xl/workbook.xml di dalamnya")
    if odd := [name for name in names if name.startswith(("/", "\\")) or ".." in name]:
        raise Refused("Bukan lembar kerja biasa", f"bagian bernama {odd[0][:60]!r}")


def _look_through(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read a part whole, in pieces: its size and checksum are as stated, and it is plain XML."""
    is_sheet = _SHEET.fullmatch(entry.filename) is not None
    before = b""
    with package.open(entry) as part:
        while piece := part.read(CHUNK):
            if entry.filename.endswith((".xml", ".rels")):
                if not before and piece.startswith((b"\xff\xfe", b"\xfe\xff")):
                    raise Refused("Bukan lembar kerja biasa", f"{entry.filename}: bukan UTF-8")
                if b"<!DOCTYPE" in before + piece or b"<!ENTITY" in before + piece:
                    raise Refused("Berkas memuat entitas XML", f"{entry.filename}: <!DOCTYPE>")
            if is_sheet:
                _extent(before + piece)
            before = piece[-64:]


def _extent(piece: bytes) -> None:
    """A cell far away makes the reader ask for memory for all that lies before it."""
    for column, row in _CELL.findall(piece):
        if int(row) > MOST_ROWS or len(column) > 2 or _number(column) > MOST_COLUMNS:
            raise Refused(
                "Lembar terlalu besar",
                f"sel {(column + row).decode()}: paling banyak {MOST_ROWS} baris dan"
                f" {MOST_COLUMNS} kolom",
            )


def _number(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def rows(content: bytes, wanted: str) -> Iterator[str]:
    """The rows of a sheet that are not blank, as JSON, numbered from 1 as a person sees them."""
    import python_calamine as calamine  # after the limits, and after the file was looked through

    try:
        with calamine.CalamineWorkbook.from_object(io.BytesIO(content)) as book:
            sheet = book.get_sheet_by_name(_sheet_name(book.sheet_names, wanted))
            if sheet.start is None:
                return
            for number, cells in enumerate(sheet.iter_rows(), 1):
                if number > MOST_ROWS:
                    raise Refused("Lembar terlalu besar", f"lebih dari {MOST_ROWS} baris")
                if cells.count("") != len(cells):
                    yield _written(number, cells)
    except calamine.PasswordError as error:
        raise Refused("Berkas terkunci kata sandi", "simpan tanpa kata sandi") from error
    except calamine.CalamineError as error:
        raise Refused("Lembar kerja tidak terbaca", str(error)[:200]) from error


def _sheet_name(names: list[str], wanted: str) -> str:
    if not names:
        raise Refused("Lembar kerja kosong", "tidak ada lembar di dalamnya")
    if not wanted:
        return names[0]
    if wanted not in names:
        told = ", ".join(repr(name[:40]) for name in names[:10])
        raise Refused(f"Tidak ada lembar {wanted!r}", f"yang ada: {told}")
    return wanted


def _written(number: int, cells: list[Any]) -> str:
    line = json.dumps([number, cells], default=_told, allow_nan=False)
    if len(line) > LONGEST_ROW:
        raise Refused("Baris terlalu panjang", f"baris {number}: {len(line)} huruf")
    return line


def _told(cell: Any) -> Any:
    """What tells time, under the name of its kind."""
    for kind, name in ((datetime, "at"), (date, "day"), (time, "time")):
        if isinstance(cell, kind):
            return {name: cell.isoformat()}
    return str(cell)  # how long something took: nothing of ours reads it


def main() -> None:
    lower_limits()
    content = sys.stdin.buffer.read()
    out = sys.stdout
    try:
        check(content)
        count = 0
        for line in rows(content, sys.argv[1]):
            out.write(line + "\n")
            count += 1
        out.write(json.dumps({"rows": count}) + "\n")
    except Refused as refusal:
        refuse(refusal)


def refuse(refusal: Refused) -> NoReturn:
    sys.stdout.write(
        json.dumps({"refused": str(refusal), "problems": list(refusal.problems)}) + "\n"
    )
    sys.stdout.flush()
    sys.exit(3)


if __name__ == "__main__":
    main()
