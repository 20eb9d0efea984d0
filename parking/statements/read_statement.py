"""Read a bank statement of one of our accounts, in whatever form the bank gives it."""

from dataclasses import dataclass, replace
from pathlib import Path

from parking.errors import BadInput, FileRefused
from parking.gateways.find_mapping import Mappings
from parking.gateways.mapped_report import Wrong
from parking.gateways.mapping_parts import NamedMapping
from parking.gateways.read_mapped import rows_of
from parking.gateways.read_table import read_by_child
from parking.gateways.statement_mapping import StatementMapping
from parking.gateways.table import kind_of_file
from parking.statements.mapped_statement import read_rows
from parking.statements.statement import Reading, account_key
from parking.statements.told_statement import read_told

LARGEST = 20 * 1024 * 1024  # bytes; a year of a busy account has about five million
MAPPED = ("csv", "xlsx")
FORMATS = (*MAPPED, "mt940", "camt053")
CHILD = Path(__file__).with_name("statement_child.py")

_MAY_LACK = "pilih pemetaan: parking mappings list, atau taruh <kode>.yaml di mappings/statements"


def mapping_for(
    mappings: Mappings[StatementMapping], format: str, account: str, name: str | None = None
) -> NamedMapping[StatementMapping] | None:
    """The mapping of this name, or the one named after the account; none for what needs none.

    Raises NotFound, BadMapping, BadInput; FileRefused when there is none of that account.
    """
    if format not in FORMATS:
        raise BadInput(f"Bentuk {format[:20]!r} tidak dikenal; ada {', '.join(FORMATS)}")
    if format not in MAPPED:
        return None
    path = mappings.path(account)
    if not name and path is None:
        raise FileRefused(f"Rekening {account} tidak punya pemetaan untuk {format}", [_MAY_LACK])
    return mappings.find(name or account)


@dataclass(frozen=True, slots=True)
class Way:
    """How a file is read."""

    format: str
    mapping: NamedMapping[StatementMapping] | None = None  # of a CSV or XLSX

    @property
    def said(self) -> str:
        """To see that it was not changed meanwhile."""
        return f"{self.mapping.name} {self.mapping.sha256}" if self.mapping else self.format


def way_of(
    mappings: Mappings[StatementMapping], chosen: str, content: bytes, file_name: str, account: str
) -> Way:
    """By what was chosen, a form or the name of a mapping; else by what the file looks like.

    Raises NotFound, BadMapping; FileRefused for what no form has, or no mapping reads.
    """
    if chosen in FORMATS or not chosen:
        format = chosen or format_of(content, file_name)
        if format in MAPPED:
            _refuse_pdf(content)
            kind_of_file(content)
        return Way(format, mapping_for(mappings, format, account))
    mapping = mappings.find(chosen)
    return Way(mapping.mapping.format, mapping)


def read_statement(
    content: bytes,
    format: str,
    mapping: NamedMapping[StatementMapping] | None,
    file_name: str,
    number: str,
) -> Reading:
    """A file as it is understood, with what is wrong in single lines; `number` is the account's.

    Raises FileRefused when it cannot be read at all.
    """  # fmt: skip
    if len(content) > LARGEST:
        raise FileRefused(*TOO_LARGE)
    if not content.strip():
        raise FileRefused("Berkas kosong", ["baris 1: tidak ada isi"])
    _refuse_pdf(content)
    if mapping is not None:
        reading = read_rows(mapping.mapping, rows_of(mapping.mapping, content), file_name)
    else:
        _refuse_others(content, format)
        reading = read_told(
            (what, line, values) for what, line, values in read_by_child(CHILD, content, format)
        )
    return _of_account(reading, number)


TOO_LARGE = (
    f"Berkas lebih besar dari {LARGEST // 1024 // 1024} MiB",
    ["minta ekspor per bulan atau per hari dari bank"],
)


def _refuse_pdf(content: bytes) -> None:
    if content.startswith(b"%PDF"):
        raise FileRefused("Berkas ini PDF", ["minta MT940, CAMT.053, CSV atau XLSX dari bank"])


def _refuse_others(content: bytes, format: str) -> None:
    """Raises FileRefused naming what a file plainly is, when it is something else."""
    begins = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:200]
    is_xml = begins.startswith((b"<?xml", b"<Document", b"<camt", b"\xff\xfe", b"\xfe\xff"))
    if format == "camt053" and is_xml:
        return
    if format == "camt053" and not begins.startswith(b"<"):
        raise FileRefused("Bukan XML", ["baris 1: CAMT.053 mulai dengan <?xml atau <Document"])
    if kind_of_file(content) == "xlsx":
        raise FileRefused(
            f"Berkas ini XLSX atau zip, bukan {format.upper()}", ["pilih bentuk XLSX, lalu ulangi"]
        )


def _of_account(reading: Reading, number: str) -> Reading:
    """The reading, with a problem if the file names another account."""
    told = reading.statement.number if reading.statement is not None else ""
    if not told or account_key(told) == account_key(number):
        return reading
    why = f"berkas milik rekening {told[:40]!r}, bukan {number!r}"
    return replace(reading, statement=None, problems=[Wrong(None, "", "", why)])


def format_of(content: bytes, file_name: str) -> str:
    """Which form a file has that nobody named one for: by its first bytes, and its name."""
    begins = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if begins.startswith(b"PK"):
        return "xlsx"
    if begins.startswith(b"<"):
        return "camt053"
    if begins.startswith((b":20:", b"{1:")) or b"\n:20:" in begins:
        return "mt940"
    is_swift = file_name.lower().endswith((".sta", ".mt940", ".940", ".swi"))
    return "mt940" if is_swift else "csv"
