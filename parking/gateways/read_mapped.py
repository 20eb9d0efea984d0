"""Read a file by a mapping: its bytes, its rows, the lines of a settlement file."""

from collections.abc import Callable, Iterator, Sequence

from config.settings import SHIPPED_MAPPINGS

from parking.errors import FileRefused
from parking.gateways.find_mapping import Mappings
from parking.gateways.mapped_report import Reading, read_rows
from parking.gateways.mapping_parts import Table
from parking.gateways.protocol import Merchant, Report
from parking.gateways.read_table import xlsx_rows
from parking.gateways.report_layout import find_titles
from parking.gateways.report_mapping import Mapping
from parking.gateways.table import DELIMITERS, Row, csv_rows, kind_of_file, text_of_file


def read_mapped(mapping: Mapping, content: bytes, file_name: str, merchant: Merchant) -> Reading:
    """A file as it was understood. Raises FileRefused when it is not of this kind at all."""
    return read_rows(mapping, rows_of(mapping, content), file_name, merchant)


def rows_of(mapping: Table, content: bytes) -> Iterator[Row]:
    """The rows of a file of whatever a mapping describes.

    Raises FileRefused when it is not of this kind at all; also while they are read.
    """
    kind = kind_of_file(content)
    if kind != mapping.format:
        raise FileRefused(
            f"Berkas ini {kind.upper()}, pemetaan ini untuk {mapping.format.upper()}",
            ["pilih pemetaan lain, atau ekspor ulang dalam bentuk itu"],
        )
    if kind == "xlsx":
        return xlsx_rows(content, mapping.sheet)
    return _csv_rows(mapping, text_of_file(content, mapping.encoding))


def _csv_rows(mapping: Table, text: str) -> Iterator[Row]:
    """With the delimiter of the mapping, or the first one under which the titles are found."""

    def rows(delimiter: str) -> Iterator[Row]:
        return csv_rows(text, delimiter)

    if mapping.delimiter != "detect":
        delimiter = "\t" if mapping.delimiter == "tab" else mapping.delimiter
        return rows(delimiter)
    return rows(_detected(mapping, rows))


def _detected(mapping: Table, rows: Callable[[str], Iterator[Row]]) -> str:
    refusals = []
    for delimiter in DELIMITERS:
        try:
            find_titles(mapping, rows(delimiter))
        except FileRefused as refusal:
            refusals.append(refusal)
        else:
            return delimiter
    # The one with the fewest titles missing says most about what is wrong.
    raise min(refusals, key=lambda refusal: len(refusal.problems))


def read_shipped(names: Sequence[str], content: bytes, merchant: Merchant) -> Sequence[Report]:
    """The reports of a file whose layout is that of a mapping we ship, the first that it fits.

    For an adapter whose provider documents no layout of its own: an account's own mapping goes
    before this. Raises FileRefused naming every line that is wrong; for a file that fits none,
    what is missing of the one that it is most like.
    """
    reading = _fitting(names, content, merchant)
    if reading.problems:
        raise FileRefused("Laporan ditolak", [str(wrong) for wrong in reading.problems])
    return reading.reports


def _fitting(names: Sequence[str], content: bytes, merchant: Merchant) -> Reading:
    shipped, refusals = Mappings([SHIPPED_MAPPINGS], Mapping), []
    for name in names:
        try:
            return read_mapped(shipped.find(name).mapping, content, "", merchant)
        except FileRefused as refusal:
            refusals.append(refusal)
    raise min(refusals, key=lambda refusal: len(refusal.problems))
