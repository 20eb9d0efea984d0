"""Read a settlement file of one of our accounts, by a mapping or as its adapter does."""

from collections.abc import Sequence

from parking.errors import FileRefused
from parking.gateways.find_mapping import Mappings
from parking.gateways.mapped_report import Reading
from parking.gateways.mapping_parts import NamedMapping
from parking.gateways.protocol import Gateway, ReportLine
from parking.gateways.read_mapped import read_mapped
from parking.gateways.report_mapping import Mapping
from parking.gateways.table import kind_of_file

LARGEST = 64 * 1024 * 1024  # bytes; a busy city's day has about ten million
ADAPTER = "adapter"  # in place of a mapping's name: as the gateway's adapter reads it


def mapping_for(
    mappings: Mappings[Mapping], gateway: str, account: str, name: str | None = None
) -> NamedMapping[Mapping] | None:
    """The mapping of this name, or of the account if none is named; None: the adapter's own way.

    Raises NotFound, BadMapping.
    """
    if name == ADAPTER:
        return None
    return mappings.find(name) if name else mappings.of_account(gateway, account)


def read_file(
    gateway: Gateway, mapping: NamedMapping[Mapping] | None, content: bytes, file_name: str
) -> Reading:
    """A file as it is understood, with what is wrong in single lines.

    Raises FileRefused when it cannot be read at all; the adapters also for single lines.
    """
    if len(content) > LARGEST:
        raise FileRefused(f"Berkas lebih besar dari {LARGEST // 1024 // 1024} MiB", [])
    if mapping is not None:
        return read_mapped(mapping.mapping, content, file_name, gateway.merchant)
    if kind_of_file(content) == "xlsx":
        name = gateway.merchant.gateway
        raise FileRefused(f"Laporan {name} berupa CSV; untuk XLSX pilih sebuah pemetaan", [])
    reports, ours = gateway.read_report(content), gateway.merchant.merchant_id
    for report in reports:
        if report.merchant_id != ours:
            raise FileRefused(f"Berkas milik merchant {report.merchant_id}, bukan {ours}", [])
    lines = [line for report in reports for line in report.lines]
    if repeated := _repeated_keys(lines):
        raise FileRefused("Baris yang sama ada dua kali", repeated)
    return Reading(reports, lines)


def _repeated_keys(lines: Sequence[ReportLine]) -> list[str]:
    first: dict[str, int] = {}
    return [
        f"baris {line.number}: sama dengan baris {first[line.line_key]} ({line.line_key})"
        for line in lines
        if first.setdefault(line.line_key, line.number) != line.number
    ]
