"""A settlement file as rows of cells, and what kind of file some bytes are."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parking.errors import FileRefused
from parking.gateways.cells import Cell, text_of

MOST_ROWS = 1_000_000
MOST_COLUMNS = 200
DELIMITERS = (",", ";", "\t", "|")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Office files, and new ones that are encrypted
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|head|body|svg|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file."""

    number: int  # of the line in which it begins; the first is 1
    cells: Sequence[Cell]

    @property
    def text(self) -> str:
        """Its filled cells, joined by one blank."""
        return " ".join(text for cell in self.cells if (text := text_of(cell)))

    @property
    def is_blank(self) -> bool:
        return not any(text_of(cell) for cell in self.cells)


def kind_of_file(content: bytes) -> str:
    """ "xlsx" for a zip, else "csv". Raises FileRefused naming what else it plainly is.

    It looks at the first bytes and parses nothing.
    """
    if not content.strip():
        raise FileRefused("Berkas kosong", ["baris 1: tidak ada isi"])
    if content.startswith(b"PK"):
        return "xlsx"
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise FileRefused(
                "Berkas terkunci kata sandi", ["simpan tanpa kata sandi (encryption), lalu ulangi"]
            )
        raise FileRefused(
            "Berkas Excel lama (.xls) tidak dibaca", ["simpan sebagai .xlsx atau CSV, lalu ulangi"]
        )
    if _MARKUP.match(content.removeprefix(b"\xef\xbb\xbf")[:512]):
        raise FileRefused(
            "Berkas ini HTML atau XML, bukan lembar kerja",
            ["baris 1: banyak situs memberi nama .xls atau .csv pada halaman web; unduh ulang"],
        )
    if content.startswith(b"%PDF"):
        raise FileRefused("Berkas ini PDF", ["minta CSV atau XLSX dari gerbang"])
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused("Berkas UTF-16", ["baris 1: simpan sebagai CSV UTF-8, lalu ulangi"])
    return "csv"


def text_of_file(content: bytes, encoding: str) -> str:
    """The text of a CSV; "detect" is UTF-8, or else cp1252. Raises FileRefused naming the line."""
    names = ("utf-8-sig", "cp1252") if encoding == "detect" else (_codec(encoding),)
    for name in names:
        try:
            text = content.decode(name)
        except UnicodeDecodeError as error:
            at, byte = error.start, content[error.start]
            continue
        if "\x00" in text:
            line = text.count("\n", 0, text.index("\x00")) + 1
            raise FileRefused("Berkas bukan teks", [f"baris {line}: memuat karakter NUL"])
        return text
    line = content.count(b"\n", 0, at) + 1
    raise FileRefused(
        f"Berkas bukan {encoding if encoding != 'detect' else 'UTF-8 atau cp1252'}",
        [f"baris {line}: byte 0x{byte:02x} tidak dikenal; ekspor ulang sebagai CSV UTF-8"],
    )


def _codec(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    """The records of a CSV, one by one. Raises FileRefused naming the line that is none."""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for count in range(MOST_ROWS + 1):
        number = table.line_num + 1
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefused("Bukan CSV", [f"baris {number}: {error}"]) from error
        if len(cells) > MOST_COLUMNS:
            raise FileRefused("Terlalu lebar", [f"baris {number}: lebih dari {MOST_COLUMNS} kolom"])
        if count == MOST_ROWS:
            raise FileRefused("Terlalu panjang", [f"lebih dari {MOST_ROWS} baris"])
        yield Row(number, cells)
