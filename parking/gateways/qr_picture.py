"""The text of a QR that a gateway tells only as a picture."""

import io

import zxingcpp
from PIL import Image

PIXELS = 4_000_000  # theirs have about 250,000


def read_qr_picture(png: bytes) -> str:
    """The text of the one QR in a PNG. Raises ValueError if it holds none that can be read."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            if picture.width * picture.height > PIXELS:
                raise ValueError(f"a picture of {picture.width}x{picture.height} pixels")
            grey = picture.convert("L")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"not a PNG: {error}") from error
    found = zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    if len(found) != 1:
        raise ValueError(f"{len(found)} QR codes in the picture")
    return found[0].text
