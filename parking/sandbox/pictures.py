"""The text of a QR in a picture that somebody uploads."""

import io

import zxingcpp
from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MOST_PIXELS = 60_000_000
ENOUGH = (2_400, 2_400)  # a code that fills a tenth of it is still read


class NoQr(Exception):
    """The picture cannot be used; the message says why, in Indonesian and English."""


def read_picture(content: bytes) -> str:
    """Raises NoQr if it is no picture, or holds no QR or more than one."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NoQr("Gambar terlalu besar. · The picture is too large.")
            grey = picture.convert("L")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NoQr(
            "Berkas ini bukan gambar yang dapat dibaca (PNG, JPEG, WEBP)."
            " · This file is not a picture that can be read."
        ) from error
    grey.thumbnail(ENOUGH)
    found = {code.text for code in zxingcpp.read_barcodes(grey) if code.text}
    if not found:
        raise NoQr(
            "Tidak ada kode QR yang terbaca di gambar ini. Foto lebih dekat dan lebih terang."
            " · No QR code can be read in this picture."
        )
    if len(found) > 1:
        raise NoQr(
            "Ada lebih dari satu kode QR di gambar ini. · There is more than one QR code in it."
        )
    return found.pop()
