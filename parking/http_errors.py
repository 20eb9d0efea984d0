"""Which HTTP status each refusal has, and how it is told: a page to people, JSON to programs."""

from functools import partial
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

import structlog
from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from parking import errors

log = structlog.get_logger()

STATUS: dict[type[Exception], int] = {
    errors.ParkingError: 400,  # any of ours that is not named below
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.Conflict: 409,
    errors.BadInput: 422,
    errors.FileRefused: 422,
    errors.TooManyAttempts: 429,
    errors.CallbackNotAuthentic: 401,
    errors.GatewayRefused: 502,
    errors.GatewayUnreadable: 502,
    errors.GatewayUnavailable: 503,
    OperationalError: 503,  # the database went away: nothing was kept, try again
    PoolTimeout: 503,
    CSRFError: 400,
    DataError: 400,  # a NUL, a number too large: what no column can hold is no name of anything
}

IN_WORDS = {
    400: "Permintaan tidak dapat dipakai",
    401: "Silakan masuk dulu",
    403: "Bukan untuk Anda",
    404: "Tidak ditemukan",
    405: "Cara meminta tidak dikenal",
    409: "Belum bisa sekarang",
    413: "Terlalu besar",
    415: "Jenis isi tidak dikenal",
    422: "Isian belum benar",
    429: "Terlalu sering",
    500: "Ada yang salah di pihak kami",
    502: "Gerbang pembayaran menolak",
    503: "Layanan sedang terganggu",
}


def answer_errors(app: Flask) -> None:
    for kind, status in STATUS.items():
        app.register_error_handler(kind, partial(_answer, status=status))
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unforeseen)


def _answer(error: Exception, status: int) -> Response:
    ours = isinstance(error, errors.ParkingError)
    message = str(error) if ours else IN_WORDS[status]
    problems = getattr(error, "problems", None)
    if status >= 500 or isinstance(error, DataError):
        log.warning("refused", status=status, error=type(error).__name__, what=str(error))
    if status == 401 and not wants_json() and request.method == "GET":
        return _to_sign_in()
    answer = _told(status, message, problems, type(error).__name__)
    if isinstance(error, errors.TooManyAttempts):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    elif status == 503:
        answer.headers["Retry-After"] = "5"
    return answer


def _answer_http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    words = IN_WORDS.get(error.code, "Permintaan ditolak")
    if error.code == 413:
        return _told(413, _too_large(), None, error.name, back=_came_from())
    return _told(error.code, words, None, error.name)


def _too_large() -> str:
    """With what is allowed here, and what the route says to do instead."""
    limit = request.max_content_length or 0
    size = f"{limit // 1024**2} MiB" if limit >= 1024**2 else f"{limit // 1024} KiB"
    return f"Lebih besar dari {size} yang diterima di sini. {g.get('if_too_large', '')}".strip()


def _came_from() -> str:
    """The page of ours with the form that was sent; empty when the browser does not tell."""
    page = urlsplit(request.referrer or "")
    is_ours = page.netloc == request.host and page.path.startswith("/")
    return urlunsplit(("", "", page.path, page.query, "")) if is_ours else ""


def _answer_unforeseen(error: Exception) -> Response:
    """The last handler: generic words and a number to the outside, the details to the log."""
    number = uuid4().hex[:8]
    log.error("unforeseen", number=number, path=request.path, exc_info=error)
    return _told(500, f"{IN_WORDS[500]} (nomor {number})", None, "InternalError")


def _told(status: int, message: str, problems: object, kind: str, back: str = "") -> Response:
    if wants_json():
        body = {"error": kind, "message": message}
        answer = jsonify(body | ({"problems": problems} if problems else {}))
    else:
        title = IN_WORDS.get(status, "Permintaan ditolak")
        answer = make_response(
            render_template(
                "error.html", title=title, message=message, problems=problems, back=back
            )
        )
    answer.status_code = status
    return answer


def _to_sign_in() -> Response:
    if request.path.startswith("/attendant/"):
        return make_response(redirect("/attendant/sign-in"))
    back = quote(request.full_path.rstrip("?"), safe="/")
    return make_response(redirect(f"/sign-in?next={back}"))


def wants_json() -> bool:
    """Whether a program asks: by what it sends, or by what it accepts."""
    if request.is_json or request.path.startswith(("/callbacks/", "/api/", "/health/")):
        return True
    accepts = request.accept_mimetypes
    return accepts["application/json"] > accepts["text/html"]
