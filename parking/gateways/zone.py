"""Time zones by the names that settlement files give them."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_INDONESIAN = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
_OFFSET = re.compile(
    r"\(?(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})?\)?"
)
_NAME = re.compile(r"[A-Za-z]+/[A-Za-z_]+")


@cache
def zone_of(text: str) -> tzinfo:
    """The zone that a text names: "Asia/Jakarta", "WIB", "UTC", "+07:00", "GMT+7".

    Raises ValueError for any other.
    """
    plain = text.strip()
    if plain.upper() in ("UTC", "GMT", "Z"):
        return UTC
    name = _INDONESIAN.get(plain.upper(), plain)
    if _NAME.fullmatch(name):
        try:
            return ZoneInfo(name)
        except ZoneInfoNotFoundError:
            pass
    elif told := _OFFSET.fullmatch(plain.upper()):
        off = timedelta(hours=int(told["hours"]), minutes=int(told["minutes"] or 0))
        if off <= timedelta(hours=14):
            return timezone(-off if told["sign"] == "-" else off)
    raise ValueError(f"{plain[:40]!r} is no time zone: use one as Asia/Jakarta, WIB, UTC or +07:00")
