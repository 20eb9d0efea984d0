"""Files that are broken, bloated or disguised, and what must be said of each (F58 to F70).

`why` is what the answer must name: what is wrong, and where there is one the line.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from tests.gateways.mapped_files import xlsx_file
from tests.gateways.test_read_table import SHEET, rebuilt, sheet
from tests.statements.bank_files import Move, camt, mt940

IN = Move(150_000, "SETORAN STS 12")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Hostile:
    name: str
    fault: str
    build: Callable[[], bytes]
    why: str

    @property
    def suffix(self) -> str:
        return self.name.rpartition(".")[2]


def _bomb() -> bytes:
    return rebuilt({SHEET: sheet("<!-- " + " " * 50_000_000 + " -->")})


def _lying_bomb() -> bytes:
    size = (len(sheet("")) + 50_000_000 + 9).to_bytes(4, "little")
    return _bomb().replace(size, (1_000).to_bytes(4, "little"))


def _sparse() -> bytes:
    return rebuilt({SHEET: sheet('<row r="1"><c r="A1"/></row><row><c r="XFD1048576"/></row>')})


def _dense() -> bytes:
    """Two cells within the limits, and two hundred million between them."""
    return rebuilt({SHEET: sheet(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="GR1000000"><v>1</v></c></row>'
    )})  # fmt: skip


def _entities(root: str) -> str:
    told = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
    )
    return f'<?xml version="1.0"?><!DOCTYPE {root} [{told}]>'


def _workbook_of_entities() -> bytes:
    return rebuilt({SHEET: f"{_entities('x')}<worksheet>&l9;</worksheet>"})


def _without_declaration(content: bytes) -> bytes:
    return content.partition(b"?>")[2]


def _camt_of_entities() -> bytes:
    body = _without_declaration(camt(IN)).replace(b"SETORAN", b"&l9;")
    return _entities("Document").encode() + body


def _camt_of_another_file() -> bytes:
    told = b'<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return told + _without_declaration(camt(IN)).replace(b"SETORAN", b"&x;")


def _camt_of_another_host() -> bytes:
    told = b'<?xml version="1.0"?><!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">'
    return told + _without_declaration(camt(IN))


def _deep_camt() -> bytes:
    return camt(IN, entries="<x>" * 100_000 + "</x>" * 100_000)


def _endless_text() -> bytes:
    return camt(Move(5, "A" * 12_000_000))


def _zip_of_a_csv() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("a.csv", "a,b")
    return out.getvalue()


TABLES = (
    Hostile("a.xlsx", "F58", lambda: xlsx_file([["a", 1]] * 50)[:-400], "terpotong atau rusak"),
    Hostile("a.csv", "F58", lambda: b'Tanggal;"Ketera', "baris 1"),
    Hostile("a.csv", "F62", lambda: "Tanggal;é\n".encode("utf-16"), "UTF-16 | baris 1"),
    Hostile("a.csv", "F62", lambda: b"Tanggal\n\n\x81\x8d\n", "baris 3: byte 0x81"),
    Hostile("a.csv", "F62", lambda: b"Tanggal\n\0\n", "baris 2: memuat karakter NUL"),
    Hostile("a.csv", "F64", lambda: b"Halo\nini bukan laporan\n", "baris "),
    Hostile("a.csv", "F67", lambda: b"a;" * 300, "lebih dari 200 kolom"),
    Hostile("a.csv", "F67", lambda: b"x" * 200_000 + b"\n", "baris 1"),
    Hostile("a.xlsx", "F68", _bomb, "zip bomb"),
    Hostile("a.xlsx", "F68", _lying_bomb, "rusak"),
    Hostile("a.xlsx", "F68", _sparse, "sel XFD1048576"),
    Hostile("a.xlsx", "F68", _dense, "berhenti sendiri"),
    Hostile("a.xlsx", "F69", _workbook_of_entities, "entitas XML"),
    Hostile("a.csv", "F69", lambda: b"<html><body><table><tr><td>1", "HTML"),
    Hostile("a.csv", "F69", lambda: b"<svg onload='alert(1)'>", "HTML"),
    Hostile("a.xlsx", "F70", lambda: rebuilt({"xl/vbaProject.bin": "Sub"}), "makro"),
    Hostile("a.xls", "F70", lambda: OLE + b"\0" * 600, "Excel lama (.xls)"),
    Hostile("a.xlsx", "F70", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "kata sandi"),
    Hostile("a.xlsx", "F70", _zip_of_a_csv, "Bukan berkas XLSX"),
    Hostile("a.csv", "F70", lambda: b"", "Berkas kosong"),
    Hostile("a.csv", "F70", lambda: b" \r\n\r\n", "Berkas kosong"),
    Hostile("a.csv", "F70", lambda: b"%PDF-1.7 ...", "PDF"),
)
TOLD = (
    Hostile("a.sta", "F58", lambda: mt940(IN)[:-45], "terpotong"),
    Hostile("a.xml", "F58", lambda: camt(IN)[:-60], "terpotong atau rusak | baris"),
    Hostile("a.sta", "F61", lambda: mt940(IN, Move(-150_000)) * 2, "ada dua kali"),
    Hostile("a.sta", "F62", lambda: mt940(IN).replace(b"SETOR", b"\x81\x8d"), "byte 0x81"),
    Hostile("a.sta", "F62", lambda: mt940(IN).replace(b"SETOR", b"\0"), "karakter NUL"),
    Hostile("a.sta", "F63", lambda: mt940(IN).replace(b"C150000,00", b"C150.000,00"), "baris 5"),
    Hostile("a.sta", "F64", lambda: b":20:X\n:61:rubbish\n", "baris 2"),
    Hostile("a.sta", "F65", lambda: mt940(IN).replace(b"C150000,00", b"C150000,99"), "baris 5"),
    Hostile("a.xml", "F65", lambda: camt(IN).replace(b"150000.00", b"1.5E5"), "bukan jumlah"),
    Hostile("a.sta", "F68", lambda: b":20:X\r\n" + b":61:2611231123C1,00NTRF\r\n" * 100_001,
            "lebih dari 100000 mutasi"),
    Hostile("a.xml", "F68", _deep_camt, "baris"),
    Hostile("a.xml", "F68", _endless_text, "XML"),
    Hostile("a.xml", "F69", _camt_of_entities, "entitas"),
    Hostile("a.xml", "F69", _camt_of_another_file, "entitas"),
    Hostile("a.xml", "F69", _camt_of_another_host, "entitas"),
    Hostile("a.xml", "F69", lambda: b"<html><body>x</body></html>", "HTML"),
    Hostile("a.xml", "F69", lambda: b'<?xml version="1.0"?><svg/>', "Bukan CAMT.053"),
)  # fmt: skip
