"""What a discrepancy rests on: each in words, and where it can be seen. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from parking.deposits.words import STANDING_TEXT
from parking.reconciliation import words

# By the names in a discrepancy's evidence.
TITLES = {
    "account": "Akun",
    "attendant": "Jukir",
    "batch": "Batch settlement",
    "callback": "Pemberitahuan nomor",
    "callbacks": "Pemberitahuan nomor",
    "candidates": "Calon baris rekening koran",
    "cash": "Pembayaran tunai nomor",
    "chain": "Nomor di gerbang",
    "charge": "Tagihan",
    "charge_id": "Tagihan nomor",
    "commitment": "Komitmen nomor",
    "days": "Hari",
    "device": "Perangkat",
    "file": "Nama berkas",
    "handover": "Serah terima nomor",
    "import": "Berkas (impor nomor)",
    "import_id": "Berkas (impor nomor)",
    "letter": "SPT",
    "level": "Tingkat bukti",
    "line": "Baris rekening koran",
    "lines": "Baris rekening koran",
    "next": "Serah terima berikutnya",
    "nmid": "NMID",
    "number": "Baris dalam berkas",
    "original": "Berkas semula (impor nomor)",
    "outage": "Gangguan",
    "payment_id": "Pembayaran nomor",
    "payment_ref": "Nomor di gerbang",
    "payments": "Banyak pembayaran",
    "payouts": "Referensi pembayaran",
    "problems": "Yang tidak benar",
    "report": "Laporan QR nomor",
    "rule": "Menurut aturan",
    "shift": "Sif",
    "source": "Diketahui dari",
    "standing": "Keadaan serah terima",
    "state": "Keadaan",
    "sts": "STS nomor",
    "tbp": "TBP nomor",
    "things": "Yang dibayar",
    "tickets": "Karcis",
}
PAGES = {
    "attendant": "/audit/shifts?attendant=",
    "callback": "/audit/callbacks/",
    "callbacks": "/audit/callbacks/",
    "candidates": "/finance/statements/lines/",
    "charge": "/audit/charges?q=",
    "handover": "/finance/deposits/handovers/",
    "import": "/finance/imports/",
    "import_id": "/finance/imports/",
    "line": "/finance/statements/lines/",
    "next": "/finance/deposits/handovers/",
    "original": "/finance/imports/",
    "sts": "/finance/deposits/sts/",
    "tbp": "/finance/deposits/tbp/",
}
MANUAL = "manual:"  # what a person matched, by its number


@dataclass(frozen=True, slots=True)
class Part:
    text: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Ground:
    name: str  # in the evidence
    title: str
    parts: tuple[Part, ...]


def grounds_of(evidence: Mapping[str, Any]) -> list[Ground]:
    """All that a discrepancy's evidence names, in its order; a list is one ground of several parts.

    >>> grounds_of({"sts": 2})[0].parts
    (Part(text='2', href='/finance/deposits/sts/2'),)
    """
    return [
        Ground(
            name, _title(name, evidence), tuple(_part(name, one, evidence) for one in _all(value))
        )
        for name, value in evidence.items()
    ]


def _title(name: str, evidence: Mapping[str, Any]) -> str:
    if name == "lines" and not _is_of_bank(evidence):
        return "Banyak baris settlement"
    return TITLES.get(name, name)


def _is_of_bank(evidence: Mapping[str, Any]) -> bool:
    """Whether its lines are a bank's, and not counted in a settlement file."""
    return "things" in evidence


def _all(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _part(name: str, value: Any, evidence: Mapping[str, Any]) -> Part:
    if name == "batch":
        return _batch(str(value))
    if name == "things":
        kind, _, ref = str(value).partition(":")
        return _batch(ref) if kind == "batch" else Part(f"STS nomor {ref}", f"{PAGES['sts']}{ref}")
    if name == "rule":
        return _rule(str(value))
    return Part(_text(name, value), _page(name, value, evidence))


def _batch(ref: str) -> Part:
    """A batch: its gateway's account and the day on which it was paid out."""
    account, _, day = ref.rpartition("/")
    return Part(f"{account}, {day}", f"/audit/settlement?day={quote(day)}&by=settled")


def _rule(label: str) -> Part:
    """A rule by its name and version, or a person's match."""
    if label.startswith(MANUAL):
        return Part(f"dicocokkan petugas, nomor {label.removeprefix(MANUAL)}", None)
    name, _, version = label.rpartition(" v")
    return Part(label, f"/finance/rules/{quote(name)}" if name and version.isdigit() else None)


def _text(name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if name == "source":
        return words.SOURCE_TEXT.get(value, str(value))
    if name == "standing":
        return STANDING_TEXT.get(value, str(value))
    if name in ("chain", "payment_ref"):
        return words.chain_text(str(value))
    return str(value)


def _page(name: str, value: Any, evidence: Mapping[str, Any]) -> str | None:
    """The page of what is named; of a line in a file, its file."""
    if name == "lines" and _is_of_bank(evidence):
        name = "line"
    if name == "number" and evidence.get("import_id"):
        name, value = "import_id", evidence["import_id"]
    known = PAGES.get(name)
    return f"{known}{quote(str(value), safe='')}" if known and value else None
