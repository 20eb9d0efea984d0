"""JSON from outside, read once and strictly (reliability.md 9.1)."""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from parking.errors import BadInput

LIMIT = 64 * 1024  # bytes; a callback has about 600
DEPTH = 32

# A string is one token, closed or cut off by the end, so that no bracket in it counts.
_TOKEN = re.compile(rb'"(?:[^"\\]+|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read_object(raw: bytes, limit: int = LIMIT) -> dict[str, Any]:
    """The JSON object in `raw`; numbers with a fraction or an exponent become Decimal.

    Raises BadInput for anything that a lenient reader would let pass: more than
    `limit` bytes, not UTF-8, nested deeper than 32, NaN or Infinity, a key given
    twice, something other than an object, or text that PostgreSQL cannot store.
    """
    if len(raw) > limit:
        raise BadInput(f"JSON lebih dari {limit} byte")
    if raw.count(b"[") + raw.count(b"{") > DEPTH and _depth(raw) > DEPTH:
        raise BadInput(f"JSON bersarang lebih dari {DEPTH} tingkat")
    try:
        value = _DECODER.decode(raw.decode())
    except (ValueError, ArithmeticError) as error:
        raise BadInput(f"bukan JSON yang sah: {error}") from error
    if not isinstance(value, dict):
        raise BadInput("JSON harus berupa objek")
    # Raw control characters were refused already; the others can only come as \u....
    if b"\\u" in raw and _is_unstorable(value):
        raise BadInput("JSON memuat karakter NUL atau separuh surrogate")
    return value


def _depth(raw: bytes) -> int:
    deepest = depth = 0
    for token in _TOKEN.finditer(raw):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _is_unstorable(value: Any) -> bool:
    if isinstance(value, str):
        return _UNSTORABLE.search(value) is not None
    if isinstance(value, dict):
        return any(_is_unstorable(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_is_unstorable, value))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key is given twice")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


# One decoder for all calls: json.loads would build a new one each time.
_DECODER = json.JSONDecoder(
    parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_unique
)
