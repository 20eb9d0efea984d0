"""The one way out to a payment gateway: bounded in time and size, failures in our words."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from parking.errors import BadInput, GatewayRefused, GatewayUnavailable, GatewayUnreadable
from parking.gateways.json_text import read_object

CHUNK = 64 * 1024
# They did not decide: the same request may work later.
UNDECIDED = {408, 425, 429}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long we wait and how much we read (reliability.md 13)."""

    connect_s: float = 3
    read_s: float = 8  # between two pieces of an answer
    total_s: float = 12  # looked at between two pieces
    answer_bytes: int = 1_000_000  # after decompression


# For what an attendant waits for: a clear answer within five seconds, or cash (F23).
HURRY = Limits(connect_s=1.5, read_s=3, total_s=4)
LEAST_S = 0.05  # a time-out of nothing would be none at all

_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Every call that this thread makes in the block is over when so many seconds are, however
    many there are and whatever their own limits: somebody waits for all of them together.
    """
    outer, mine = _until.get(), time.monotonic() + seconds
    kept = _until.set(mine if outer is None else min(outer, mine))
    try:
        yield
    finally:
        _until.reset(kept)


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision of theirs: 2xx or 4xx."""

    what: str  # "midtrans POST /v2/charge", for messages
    status: int
    raw: bytes

    def fields(self) -> dict[str, Any]:
        """The JSON object they answered.

        Raises GatewayUnreadable; if it is a 4xx, GatewayRefused: a firewall's page
        is as clear a no as theirs.
        """
        try:
            return read_object(self.raw, limit=len(self.raw))
        except BadInput as error:
            kind = GatewayRefused if self.status >= 400 else GatewayUnreadable
            raise kind(f"{self.what}: HTTP {self.status}, {error}: {self.raw[:200]!r}") from error


class Http:
    """One session with one gateway.

    TLS is verified. Redirects are not followed, proxies and passwords of the
    machine's environment are not used, cookies are not kept. Nothing is retried:
    whether a request may be repeated only its sender knows.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        headers: Mapping[str, str],
        limits: Limits | None = None,
    ) -> None:
        self.service = service
        self.base_url = base_url.rstrip("/")
        self.limits = limits or Limits()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update(headers)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=32))

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> Answer:
        """Send and return their decision; bytes are sent as they are, for those who sign them.

        `limits` narrow those of the session. Raises GatewayUnavailable (no answer in
        time, 5xx, 429) and GatewayUnreadable (redirect, too large, undecodable).
        """
        what = f"{self.service} {method} {path}"
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            status, raw = self._exchange(
                what, method, path, content, headers, _in_time(_narrower(self.limits, limits))
            )
        except (requests.exceptions.ContentDecodingError, urllib3.exceptions.DecodeError) as error:
            raise GatewayUnreadable(f"{what}: jawaban tidak dapat dibuka") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise GatewayUnavailable(f"{what}: {_reason(error)}") from error
        if status >= 500 or status in UNDECIDED:
            raise GatewayUnavailable(f"{what}: HTTP {status}")
        if not (200 <= status < 300 or status >= 400):
            raise GatewayUnreadable(f"{what}: HTTP {status}, dialihkan; tidak diikuti")
        return Answer(what, status, raw)

    def _exchange(
        self,
        what: str,
        method: str,
        path: str,
        content: bytes | None,
        headers: Mapping[str, str] | None,
        limits: Limits,
    ) -> tuple[int, bytes]:
        deadline = time.monotonic() + limits.total_s
        with self._session.request(
            method,
            self.base_url + path,
            data=content,
            headers=headers,
            # urllib3's own, which requests passes on: connecting and waiting in one total.
            timeout=urllib3.Timeout(limits.total_s, limits.connect_s, limits.read_s),  # type: ignore[arg-type]
            allow_redirects=False,
            stream=True,
        ) as response:
            return response.status_code, self._read(what, response, deadline, limits)

    def _read(
        self, what: str, response: requests.Response, deadline: float, limits: Limits
    ) -> bytes:
        """The body, as it comes: `iter_content` would wait for a full piece, however slow."""
        raw = bytearray()
        while time.monotonic() < deadline:
            piece = response.raw.read1(CHUNK, decode_content=True)
            if not piece:
                return bytes(raw)
            raw += piece
            if len(raw) > limits.answer_bytes:
                raise GatewayUnreadable(f"{what}: jawaban lebih dari {limits.answer_bytes} byte")
        raise GatewayUnavailable(f"{what}: tidak selesai dalam {limits.total_s:g} detik")


def _narrower(one: Limits, other: Limits | None) -> Limits:
    """Of each bound the smaller."""
    if other is None:
        return one
    return Limits(
        min(one.connect_s, other.connect_s),
        min(one.read_s, other.read_s),
        min(one.total_s, other.total_s),
        min(one.answer_bytes, other.answer_bytes),
    )


def _in_time(limits: Limits) -> Limits:
    """No more than what `within` leaves."""
    until = _until.get()
    if until is None:
        return limits
    left = max(until - time.monotonic(), LEAST_S)
    return _narrower(limits, Limits(left, left, left, limits.answer_bytes))


def _reason(error: Exception) -> str:
    """Why there was no answer, in words that hold neither addresses nor headers."""
    match error:
        case requests.exceptions.SSLError():
            return "sertifikat TLS tidak dapat dipercaya"
        case requests.ConnectTimeout() | requests.ReadTimeout():
            return "tidak menjawab pada waktunya"
        case urllib3.exceptions.ReadTimeoutError():
            return "berhenti menjawab di tengah jalan"
        case requests.ConnectionError():
            return "tidak dapat dihubungi"
        case _:
            return f"sambungan terputus ({type(error).__name__})"


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn a missing or malformed field of theirs into GatewayUnreadable."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise GatewayUnreadable(f"{what}: {error!r}") from error
