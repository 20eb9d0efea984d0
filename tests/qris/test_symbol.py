"""The drawn symbol, read back by a decoder that is not ours."""

import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from parking.errors import BadPayload
from parking.qris import symbol
from parking.qris.payload import build
from PIL import Image, ImageDraw, ImageFilter

from tests.qris.examples import DYNAMIC, PARTS

VECTORS = json.loads((Path(__file__).parent / "qris_vectors.json").read_text())
LONGEST_OF_OURS = build(
    10_000_000,
    **PARTS
    | {
        "merchant_name": "Dinas Perhubungan Jambi A",
        "city": "Kota Jambi Raya",
        "acquirer_guid": "ID.CO.BANKPEMBANGUNANJAMBI.WWW"[:30],
        "bill_number": "jbi-2026-11-24-000123-abc",
        "reference_label": "a1b2c3d4-e5f6-7890-abcd-e"[:25],
        "store_label": "Zona Pasar Angso Duo",
    },
)


def drawn(svg: str, module_px: int = 4) -> Image.Image:
    """The runs of our SVG on a canvas, as a browser would draw them."""
    root = ET.fromstring(svg)
    ground, ink = root.findall("{http://www.w3.org/2000/svg}path")
    size = int(root.get("viewBox").split()[2]) * module_px
    assert ground.get("fill") == "#fff"
    picture = Image.new("L", (size, size), 255)
    draw = ImageDraw.Draw(picture)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", ink.get("d")):
        left, top = int(x) * module_px, int(y) * module_px
        draw.rectangle((left, top, left + int(width) * module_px - 1, top + module_px - 1), fill=0)
    return picture


def read(picture: Image.Image) -> str:
    # A picture of modules may hold what looks like a bar code of another kind.
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(picture, formats=formats)
    assert len(found) == 1
    return found[0].text


@pytest.mark.parametrize("payload", [DYNAMIC, LONGEST_OF_OURS], ids=["usual", "longest"])
def test_the_svg_reads_back(payload):
    assert read(drawn(symbol.svg(payload, "QRIS"))) == payload


@pytest.mark.parametrize("payload", [DYNAMIC, LONGEST_OF_OURS], ids=["usual", "longest"])
@pytest.mark.parametrize("side", [200, 300])
@pytest.mark.parametrize("blur", [0, 1])
def test_it_reads_small_and_out_of_focus(payload, side, blur):
    picture = drawn(symbol.svg(payload, "QRIS")).resize((side, side), Image.Resampling.LANCZOS)

    assert read(picture.filter(ImageFilter.GaussianBlur(blur))) == payload


def test_it_reads_at_an_angle_and_pale():
    picture = drawn(symbol.svg(DYNAMIC, "QRIS")).rotate(12, expand=True, fillcolor=255)

    assert read(picture.point(lambda grey: 0x60 if grey < 128 else 0xA0)) == DYNAMIC


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 10_000_000), st.from_regex(r"[A-Za-z0-9_-]{1,25}", fullmatch=True))
def test_any_payload_of_ours_reads_back_from_its_png(amount, label):
    payload = build(amount, reference_label=label, **PARTS)

    assert read(Image.open(io.BytesIO(symbol.png(payload)))) == payload


@pytest.mark.parametrize("payload", [v["payload"] for v in VECTORS if v["kind"].startswith("qris")])
def test_every_published_qris_fits_version_12_and_reads_back(payload):
    assert len(symbol.modules(payload)) <= 65 + 2 * 4
    assert read(drawn(symbol.svg(payload, "QRIS"))) == payload


def test_the_quiet_zone_is_four_modules_on_all_sides():
    rows = symbol.modules(DYNAMIC)
    dark = [(x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]

    last = len(rows) - 5
    assert {min(x for x, _ in dark), min(y for _, y in dark)} == {4}
    assert {max(x for x, _ in dark), max(y for _, y in dark)} == {last}


def test_level_m_and_capitals_keep_our_code_at_version_9():
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(symbol.png(DYNAMIC))))[0]

    assert found.ec_level == "M"
    assert len(symbol.modules(DYNAMIC)) == 53 + 2 * 4


def test_the_png_has_whole_pixels_per_module():
    picture = Image.open(io.BytesIO(symbol.png(DYNAMIC, module_px=5)))

    assert picture.size == ((53 + 8) * 5,) * 2


def test_a_payload_for_a_bigger_symbol_is_refused():
    with pytest.raises(BadPayload, match="version 12"):
        symbol.svg("a" * 288, "QRIS")
    with pytest.raises(BadPayload, match="version 12"):
        symbol.png("a" * 10_000)


def test_the_svg_is_small_named_and_carries_no_style_or_script():
    svg = symbol.svg(DYNAMIC, 'QRIS Rp2.000 "<b>"')

    assert len(svg) < 12_000
    assert ET.fromstring(svg).get("aria-label") == 'QRIS Rp2.000 "<b>"'
    assert "style" not in svg
    assert "script" not in svg
