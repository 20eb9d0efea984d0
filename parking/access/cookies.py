"""The cookies we set: names that production browsers bind to this very host."""

from datetime import timedelta

from config.settings import Settings
from flask import Request
from werkzeug.wrappers import Response

DESK, PHONE, DEVICE = "desk", "phone", "device"
DEVICE_LASTS = timedelta(days=400)  # the longest that browsers keep a cookie


def _name(kind: str, settings: Settings) -> str:
    """`__Host-` needs https, which a development machine does not have."""
    return f"__Host-{kind}" if settings.is_production else kind


def read(request: Request, kind: str, settings: Settings) -> str | None:
    return request.cookies.get(_name(kind, settings))


def put(answer: Response, kind: str, value: str, settings: Settings) -> None:
    """Set a cookie that no script reads; a device's outlives the browser's session."""
    answer.set_cookie(
        _name(kind, settings), value, max_age=DEVICE_LASTS if kind == DEVICE else None,
        secure=settings.is_production, httponly=True, samesite="Lax", path="/",
    )  # fmt: skip


def drop(answer: Response, kind: str, settings: Settings) -> None:
    answer.delete_cookie(
        _name(kind, settings), secure=settings.is_production, httponly=True, samesite="Lax"
    )


def kind_for(path: str) -> str:
    """Which session a page reads: an attendant's pages the phone's, all others the desk's.

    So an auditor's desk and an attendant's phone can be open in one browser.
    """
    return PHONE if path == "/attendant" or path.startswith("/attendant/") else DESK
