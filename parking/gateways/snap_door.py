"""What a notification of SNAP BI proves, and the tokens that some of its senders need first.

Variants A to D: gateways.md 3.9. Which path a sender signs is not fixed, so each that it may
have been told is tried, over the bytes as they came and then over them without blanks.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from parking.business_day import business_day
from parking.errors import BadInput
from parking.gateways.json_text import read_object
from parking.gateways.protocol import Callback, Reply
from parking.gateways.snap_messages import read_time, time_text, written
from parking.gateways.snap_profile import Profile
from parking.gateways.snap_signature import (
    asymmetric,
    digest,
    hmac_fits,
    minified,
    of_client,
    rsa_fits,
    symmetric,
)
from parking.gateways.snap_token import LIFE, OurTokens

# How far the time of a message may be from its arrival. Whether a retry is signed anew is not
# said anywhere, so an older one is not refused: it proves less.
SKEW = timedelta(minutes=10)

# The door does not keep the header Authorization, whose token the signature covers.
KEPT_TOKEN = "X-Parking-Token"  # noqa: S105 - the name of a header

_SIGNATURE = re.compile(r"[A-Za-z0-9+/=]{64,1400}", re.ASCII)
_TOKEN_TAIL = "/access-token/b2b"  # noqa: S105 - a path


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved of a message."""

    covers_body: bool
    body_digest: str  # of the form of the body that was signed
    is_ours: bool  # made with a secret of this account, not with a key for all their merchants
    token: str  # that came with it; empty where none is used


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was proved."""

    reason: str
    is_token: bool = False  # the token was the reason


class SnapDoor:
    """One account's door for one provider."""

    def __init__(
        self,
        profile: Profile,
        callback_url: str,
        secrets: Sequence[str],
        provider_keys: Sequence[RSAPublicKey],
        tokens: OurTokens,
    ) -> None:
        self._profile = profile
        self._registered = urlsplit(callback_url).path
        self._secrets = tuple(secrets)
        self._keys = tuple(provider_keys)
        self._tokens = tokens

    def serve(self, callback: Callback) -> Reply | None:
        """Their request for a token; None: it is none."""
        if not (self._profile.issues_token and callback.path.endswith(_TOKEN_TAIL)):
            return None
        timestamp = callback.header("X-TIMESTAMP")
        signed = of_client(self._profile.client_id, timestamp)
        is_theirs = callback.header("X-CLIENT-KEY") == self._profile.client_id
        if not (is_theirs and self._is_signed(callback, signed) and is_fresh(callback)):
            return answer(callback, 401, "4017300", "Unauthorized. [signature]")
        try:
            fields = read_object(callback.body)
        except BadInput:
            return answer(callback, 400, "4007300", "Bad Request")
        if fields.get("grantType") != "client_credentials":
            return answer(callback, 400, "4007301", "Invalid Field Format grantType")
        return answer(
            callback, 200, "2007300", "Successful", accessToken=self._tokens.issue(callback.at),
            tokenType="Bearer", expiresIn=str(int(LIFE.total_seconds())),
        )  # fmt: skip

    def prove(self, callback: Callback) -> Proof | Refused:
        if moment_of(callback) is None:
            return Refused("X-TIMESTAMP bukan waktu")
        if not _SIGNATURE.fullmatch(callback.header("X-SIGNATURE")):
            return Refused("X-SIGNATURE tidak ada atau salah bentuk")
        token = token_of(callback) if self._profile.issues_token else ""
        if self._profile.issues_token and not self._tokens.is_valid(token, callback.at):
            return Refused("token bukan dari kita atau sudah berakhir", is_token=True)
        if self._profile.notify == "C":
            return self._of_client(callback, token)
        for path in self._paths(callback):
            for body_digest in _digests(callback.body):
                if self._fits(callback, path, token, body_digest):
                    return Proof(True, body_digest, self._profile.notify in ("B", "D"), token)
        return Refused("tanda tangan salah")

    def _of_client(self, callback: Callback, token: str) -> Proof | Refused:
        signed = of_client(self._profile.client_id, callback.header("X-TIMESTAMP"))
        if not self._is_signed(callback, signed):
            return Refused("tanda tangan salah")
        return Proof(False, digest(callback.body), False, token)

    def _fits(self, callback: Callback, path: str, token: str, body_digest: str) -> bool:
        timestamp, given = callback.header("X-TIMESTAMP"), callback.header("X-SIGNATURE")
        without_token = asymmetric("POST", path, body_digest, timestamp)
        if self._profile.notify == "A":
            return self._is_signed(callback, without_token)
        texts = [symmetric("POST", path, token, body_digest, timestamp)]
        if self._profile.notify == "D":  # whether the empty token leaves its colon is not known
            texts.append(without_token)
        # All are compared, so that the time taken does not tell which secret fits.
        return sum(hmac_fits(each, text, given) for each in self._secrets for text in texts) > 0

    def _is_signed(self, callback: Callback, text: str) -> bool:
        given = callback.header("X-SIGNATURE")
        return any(rsa_fits(key, text, given) for key in self._keys)

    def _paths(self, callback: Callback) -> Iterable[str]:
        """Each path that they may have signed, once.

        As registered with them, with and without what came behind it; as it arrived here, behind
        our own proxies; as their specification has it, bare and below their prefix.
        """
        profile, registered = self._profile, self._registered
        account = "/".join(["", *registered.split("/")[-3:]])  # "/callbacks/snap/jambi"
        _, is_below, tail = callback.path.partition(account)
        paths = [callback.path, profile.notify_path, profile.signed(profile.notify_path)]
        if registered and is_below:
            paths = [registered + tail, registered, account, *paths]
        return dict.fromkeys(paths)


def is_fresh(callback: Callback) -> bool:
    moment = moment_of(callback)
    return moment is not None and abs(callback.at - moment) <= SKEW


def is_near_midnight(moment: datetime) -> bool:
    """Whether what happened shortly before it may have happened on another business day."""
    return business_day(moment - SKEW) != business_day(moment)


def moment_of(callback: Callback) -> datetime | None:
    """When they signed, by their own word."""
    try:
        return read_time(callback.header("X-TIMESTAMP"))
    except ValueError:
        return None


def token_of(callback: Callback) -> str:
    kind, _, token = callback.header("Authorization").partition(" ")
    return token.strip() if kind.lower() == "bearer" else callback.header(KEPT_TOKEN)


def answer(callback: Callback, status: int, code: str, message: str, **more: str) -> Reply:
    headers = {"Content-Type": "application/json", "X-TIMESTAMP": time_text(callback.at, "wib")}
    body = {"responseCode": code, "responseMessage": message, **more}
    return Reply(status, written(body), headers)


def _digests(body: bytes) -> Iterator[str]:
    yield digest(body)
    stripped = minified(body)
    if stripped != body:
        yield digest(stripped)
