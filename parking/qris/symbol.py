"""The picture of a payload: a QR symbol as SVG for screens and as PNG for files.

Level M, quiet zone of four modules, dark on light (ISO/IEC 18004). A payload
of ours fits version 12; a bigger symbol would have modules too small for a
cheap phone in the sun, so it is refused.
"""

from html import escape
from io import BytesIO
from itertools import groupby

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError

from parking.errors import BadPayload

QUIET_ZONE = 4
LARGEST_VERSION = 12


def modules(payload: str) -> list[list[bool]]:
    """The symbol as rows of modules, true where dark, with its quiet zone.

    Runs of capitals and digits are encoded as such, so that one small letter
    does not cost a version. Raises BadPayload if it needs more than version 12.
    """
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    symbol.add_data(payload, optimize=10)
    try:
        version = symbol.best_fit(start=1)
    except (DataOverflowError, ValueError):  # the library's two ways to say: above version 40
        version = 41
    if version > LARGEST_VERSION:
        raise BadPayload([f"{len(payload)} characters need a symbol above version 12"])
    symbol.make(fit=False)
    return symbol.get_matrix()


def svg(payload: str, label: str) -> str:
    """The symbol as an <svg> element that scales with its box; `label` says what it is.

    One path of runs, one module a unit, white ground included: about 10 kB, and
    readable in a dark theme. No style and no script, so it may stand inside a
    page with a strict content policy.
    """
    rows = modules(payload)
    size = len(rows)
    path = "".join(_runs(y, row) for y, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" '
        f'aria-label="{escape(label)}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    )


def _runs(y: int, row: list[bool]) -> str:
    """The dark runs of one row as closed rectangles of height one."""
    path, x = "", 0
    for dark, run in groupby(row):
        length = len(list(run))
        if dark:
            path += f"M{x} {y}h{length}v1h-{length}z"
        x += length
    return path


def png(payload: str, module_px: int = 8) -> bytes:
    """The symbol as a PNG with a whole number of pixels a module."""
    rows = modules(payload)
    picture = Image.new("1", (len(rows), len(rows)), 1)
    picture.putdata([0 if dark else 1 for row in rows for dark in row])
    out = BytesIO()
    width = len(rows) * module_px
    picture.resize((width, width), Image.Resampling.NEAREST).save(out, "PNG", optimize=True)
    return out.getvalue()
