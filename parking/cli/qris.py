"""`parking qris`: judge QRIS payloads, and build one. Needs no database."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from parking.errors import BadPayload
from parking.qris import remarks
from parking.qris.payload import Inspection, build, inspect


@click.group()
def qris() -> None:
    """QRIS payloads: judge them, and build one.

    Example: parking qris inspect --help
    """


@qris.command("inspect")
@click.argument("payload", default="-")
@click.option("--image", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Judge the codes in a picture (PNG, JPEG) instead.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def inspect_command(payload: str, image: Path | None, as_json: bool) -> None:
    """Say of PAYLOAD, or of every line on standard input ("-"), what it is.

    Exit code 0 if all of them are QRIS merchant codes, 1 if any is not, 2 if
    there was nothing to judge.

    \b
    Examples:
      parking qris inspect 00020101021226…6304BE8C
      parking qris inspect --json - < payloads.txt
      parking qris inspect --image photo-of-a-sticker.jpg
    """
    if image:
        payloads: Iterable[str] = _codes_in(image)
    else:
        payloads = _lines() if payload == "-" else [payload]
    judged, bad = 0, 0
    for text in payloads:
        verdict = inspect(text)
        click.echo(json.dumps(verdict.as_dict()) if as_json else _sentence(verdict))
        judged += 1
        bad += not verdict.ok
    if not judged:
        raise click.UsageError("nothing to judge: no line on standard input, no code in a picture")
    sys.exit(1 if bad else 0)


def _lines() -> Iterator[str]:
    """The lines of standard input; bytes that are not UTF-8 stay recognisable as such."""
    for line in sys.stdin.buffer:
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _codes_in(path: Path) -> list[str]:
    """The texts of the QR symbols in a picture."""
    import zxingcpp
    from PIL import Image

    try:
        with Image.open(path) as picture:
            found = zxingcpp.read_barcodes(picture.convert("L"))
    except (OSError, Image.DecompressionBombError) as error:
        raise click.UsageError(f"{path} is not a picture that can be read: {error}") from error
    return [code.text for code in found]


def _sentence(verdict: Inspection) -> str:
    """One line for a person: verdict, kind, what it says, why not, what is odd."""
    named = ("merchant_name", "city", "nmid", "merchant_pan", "amount", "reference_label")
    parts = [f"{name}={verdict.fields[name]!r}" for name in named if name in verdict.fields]
    parts += [f"error: {error}" for error in verdict.errors]
    parts += [f"note: {remarks.in_words(word)}" for word in verdict.warnings]
    return "; ".join([f"{'ok ' if verdict.ok else 'BAD'} {verdict.kind}", *parts])


@qris.command("build")
@click.option("--merchant-name", required=True, metavar="TEXT", help="At most 25 characters.")
@click.option("--city", required=True, metavar="TEXT", help="At most 15 characters.")
@click.option("--postal-code", required=True, metavar="DIGITS", help="Five digits.")
@click.option("--acquirer-guid", required=True, metavar="TEXT",
              help="The acquirer's name, a domain backwards: ID.CO.CONTOH.WWW.")  # fmt: skip
@click.option("--merchant-pan", required=True, metavar="DIGITS",
              help="9360 and 14 digits, or 15 with the check digit.")  # fmt: skip
@click.option("--nmid", required=True, metavar="TEXT", help="ID and 13 digits.")
@click.option("--merchant-id", metavar="TEXT", help="The merchant at the acquirer (26.02).")
@click.option("--mcc", metavar="DIGITS", default="7523", show_default=True,
              help="Category; 7523 is parking lots, 9399 government services.")  # fmt: skip
@click.option("--criteria", default="URE", show_default=True,
              type=click.Choice(["UMI", "UKE", "UME", "UBE", "URE", "PSO", "BLU"]),
              help="The merchant's size, or URE for others.")  # fmt: skip
@click.option("--amount", type=int, metavar="RUPIAH",
              help="Whole rupiah, 1 to 10000000; makes the code dynamic.")  # fmt: skip
@click.option("--bill-number", metavar="TEXT", help="62.01, at most 25 characters.")
@click.option("--store-label", metavar="TEXT", help="62.03, e.g. the parking zone.")
@click.option("--reference-label", metavar="TEXT", help="62.05, the acquirer's reference.")
@click.option("--customer-label", metavar="TEXT", help='62.06; "***" asks the payer.')
@click.option("--terminal-label", metavar="TEXT", help="62.07, e.g. A01.")
@click.option("--purpose", metavar="TEXT", help="62.08.")
def build_command(amount: int | None, **fields: str | None) -> None:
    """Write a payload with a right CRC: dynamic with --amount, static without.

    For tests and simulation: a code that shall be paid comes from the gateway,
    which alone can say later that it was. Write text in capitals; the symbol is
    smaller then.

    \b
    Example:
      parking qris build --merchant-name "DISHUB KOTA JAMBI PARKIR" \\
        --city "KOTA JAMBI" --postal-code 36123 --acquirer-guid ID.CO.CONTOH.WWW \\
        --merchant-pan 936001150000000123 --nmid ID1020000000012 \\
        --terminal-label A01 --amount 2000
    """
    try:
        text = build(amount, **{name: value for name, value in fields.items() if value})
    except BadPayload as refused:
        raise click.UsageError("\n  ".join(["no payload:", *refused.reasons])) from refused
    click.echo(text)
