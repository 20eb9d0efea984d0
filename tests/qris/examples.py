"""Parts of an invented merchant, and edits that keep the checksum right."""

from parking.qris import tlv
from parking.qris.payload import crc
from parking.qris.tlv import Item

PARTS = {
    "merchant_name": "DISHUB KOTA JAMBI PARKIR",
    "city": "KOTA JAMBI",
    "postal_code": "36123",
    "acquirer_guid": "ID.CO.CONTOH.WWW",
    "merchant_pan": "936001150000000123",
    "merchant_id": "000000000000123",
    "nmid": "ID1020000000012",
    "terminal_label": "A01",
}
# Written by hand, byte by byte, from the standard; the builder must come to the same.
STATIC = (
    "00020101021126680016ID.CO.CONTOH.WWW0118936001150000000123021500000000000012303"
    "03URE51440014ID.CO.QRIS.WWW0215ID10200000000120303URE5204752353033605802ID5924DI"
    "SHUB KOTA JAMBI PARKIR6010KOTA JAMBI61053612362070703A016304A53B"
)
DYNAMIC = (
    "00020101021226680016ID.CO.CONTOH.WWW0118936001150000000123021500000000000012303"
    "03URE51440014ID.CO.QRIS.WWW0215ID10200000000120303URE520475235303360540420005802"
    "ID5924DISHUB KOTA JAMBI PARKIR6010KOTA JAMBI61053612362260115JBI2611240001230703"
    "A016304BE8C"
)


def sealed(body: str) -> str:
    """A body with the CRC it should have: damage that a checksum cannot show."""
    return f"{body}6304{crc(body + '6304')}"


def edited(payload: str, changes: dict[str, str | None]) -> str:
    """The payload with root values replaced, added at their place, or (None) taken out."""
    values = dict(tlv.read(payload)) | changes
    values.pop("63")
    items = [Item(name, value) for name, value in sorted(values.items()) if value is not None]
    return sealed(tlv.write(items))
