"""How one provider speaks SNAP BI: named profiles, and what an account tells otherwise. Pure.

The standard fixes fields and codes; paths, signatures and who offers what differ (gateways.md
3.4, 3.9, 3.10). GATEWAY_PROFILE_<account> names a profile and may override each field of it:
"profile=bri client_id=… channel_id=…".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from parking.errors import ParkingError


@dataclass(frozen=True, slots=True)
class Profile:
    """How a provider differs. "/" as a prefix means that there is none."""

    url: str = ""  # where it is; empty: not published, the contract tells
    client_id: str = ""  # X-CLIENT-KEY, theirs for us
    partner_id: str = ""  # X-PARTNER-ID; empty: the client id
    channel_id: str = ""
    channel_header: str = "CHANNEL-ID"
    external_header: str = "X-EXTERNAL-ID"  # some of BRI's pages spell it X-EXTRENAL-ID
    external: str = "numeric"  # or "ours": the name of the charge
    sub_merchant_id: str = ""
    store_id: str = ""
    terminal_id: str = ""  # given by the bank; empty: the code of the parking point
    signing: str = "symmetric"  # or "asymmetric": our key signs each call, and there is no token
    hmac: str = "base64"  # or "hex"
    times: str = "wib"  # to the second; "ms": with milliseconds; "z": in UTC
    prefix: str = ""  # of every path of theirs
    signed_prefix: str | None = None  # as far as it is signed; None: all of it
    token_path: str = "/v1.0/access-token/b2b"  # noqa: S105 - a path
    generate_path: str = "/v1.0/qr/qr-mpm-generate"
    query_path: str = "/v1.0/qr/qr-mpm-query"
    cancel_path: str = "/v1.0/qr/qr-mpm-cancel"
    refund_path: str = "/v1.0/qr/qr-mpm-refund"
    notify_path: str = "/v1.0/qr/qr-mpm-notify"  # as their notification signs it
    service_code: str = "47"  # of the QR, in queries
    notify: str = "A"  # who signs a notification and how (gateways.md 3.9)
    cancel: str = "no"
    refund: str = "no"
    status_05: str = "cancelled"  # or "expired"

    @property
    def partner(self) -> str:
        return self.partner_id or self.client_id

    @property
    def has_token(self) -> bool:
        """Whether we fetch a token from them."""
        return self.signing == "symmetric"

    @property
    def issues_token(self) -> bool:
        """Whether they fetch a token from us before they notify."""
        return self.notify in ("B", "C")

    def signed(self, path: str) -> str:
        """A path of theirs as it is signed."""
        return (self.prefix if self.signed_prefix is None else self.signed_prefix) + path


PROFILES: Mapping[str, Profile] = {
    "plain": Profile(),  # a bank that keeps to the standard
    "doku": Profile(
        url="https://api.doku.com", channel_id="H2H", prefix="/snap-adapter/b2b", times="z",
        notify="B",
    ),
    "bri": Profile(
        url="https://partner.api.bri.co.id", hmac="hex", times="ms",
        token_path="/snap/v1.0/access-token/b2b",  # noqa: S106 - a path
        generate_path="/v1.0/qr-dynamic-mpm/qr-mpm-generate-qr",
        query_path="/v1.0/qr-dynamic-mpm/qr-mpm-query",
        notify_path="/snap/v1.1/qr/qr-mpm-notify", service_code="17", notify="C",
    ),
    "dana": Profile(signing="asymmetric", status_05="expired", cancel="yes", refund="yes"),
    "midtrans": Profile(
        url="https://merchants.midtrans.com", external="ours", cancel="yes", refund="yes",
    ),
}  # fmt: skip

# What must be told beside the client id, because no profile can know it.
NEEDED = {"bri": ("channel_id", "terminal_id")}
NEEDED_OTHERWISE = ("channel_id",)

_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_WORD = re.compile(r"[!-~]{1,64}", re.ASCII)
_HEADER = re.compile(r"[A-Za-z0-9-]{1,40}")
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "external": ("numeric", "ours"), "signing": ("symmetric", "asymmetric"),
    "hmac": ("base64", "hex"), "times": ("wib", "ms", "z"), "notify": ("A", "B", "C", "D"),
    "cancel": ("yes", "no"), "refund": ("yes", "no"), "status_05": ("cancelled", "expired"),
}  # fmt: skip
_LONGEST = {
    "client_id": 64, "partner_id": 36, "channel_id": 5, "sub_merchant_id": 32, "store_id": 64,
    "terminal_id": 16, "service_code": 2,
}  # fmt: skip
# Where a provider is stands in GATEWAY_URL_<account>.
WORDS = tuple(field.name for field in fields(Profile) if field.name != "url")


def read_profile(words: Mapping[str, str], where: str) -> Profile:
    """The profile that the words of an account name and change.

    Raises ParkingError naming `where` they stand and every word that is unknown, cannot
    be used or is missing.
    """
    name = words.get("profile", "plain")
    if name not in PROFILES:
        raise ParkingError(f"{where}: profile={name}: use one of {', '.join(PROFILES)}")
    told = {key: text for key, text in words.items() if key != "profile"}
    problems = [
        problem for key, text in told.items() if (problem := _problem(key, text)) is not None
    ]
    prefixes = {key: "" for key in ("prefix", "signed_prefix") if told.get(key) == "/"}
    known = {key: text for key, text in told.items() if key in WORDS}
    profile = replace(PROFILES[name], **(known | prefixes))
    for key in ("client_id", *NEEDED.get(name, NEEDED_OTHERWISE)):
        if not getattr(profile, key):
            problems.append(f"{key}= is missing")
    if problems:
        raise ParkingError(f"{where}: {'; '.join(problems)}")
    return profile


def _problem(key: str, text: str) -> str | None:
    if key not in WORDS:
        return f"{key}= is unknown: use profile, {', '.join(WORDS)}"
    if key in _ALLOWED:
        allowed = _ALLOWED[key]
        return None if text in allowed else f"{key}={text}: use {' or '.join(allowed)}"
    if key.endswith("prefix") and text == "/":
        return None
    if key.endswith(("_path", "prefix")):
        return None if _PATH.fullmatch(text) else f"{key}={text}: a path like /v1.0/qr is needed"
    form = _HEADER if key.endswith("_header") else _WORD
    if form.fullmatch(text) and len(text) <= _LONGEST.get(key, 64):
        return None
    return f"{key}={text}: at most {_LONGEST.get(key, 64)} letters, digits and signs"
