"""How one bank of the sandbox speaks SNAP BI (gateways.md 3.9, 3.10). Pure.

A merchant's option `profile` names the way, other options change single words of it. These
words are written down a second time on purpose: shared with the adapter, an error in them
would be made on both sides, and no test would see it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from parking.sandbox.config import SandboxMerchant


@dataclass(frozen=True, slots=True)
class Speech:
    client_id: str = "DEMO-CLIENT"
    partner_id: str = ""  # empty: the client id
    channel_header: str = "CHANNEL-ID"
    external_header: str = "X-EXTERNAL-ID"
    external: str = "numeric"  # or "ours": must equal our reference
    signing: str = "symmetric"
    hmac: str = "base64"
    times: str = "wib"
    prefix: str = ""
    signed_prefix: str | None = None  # None: the prefix is signed
    token_path: str = "/v1.0/access-token/b2b"  # noqa: S105 - a path
    generate_path: str = "/v1.0/qr/qr-mpm-generate"
    query_path: str = "/v1.0/qr/qr-mpm-query"
    cancel_path: str = "/v1.0/qr/qr-mpm-cancel"
    refund_path: str = "/v1.0/qr/qr-mpm-refund"
    notify_path: str = "/v1.0/qr/qr-mpm-notify"
    service_code: str = "47"
    terminal_in_query: str = "no"
    notify: str = "A"
    cancel: str = "no"
    refund: str = "no"
    status_05: str = "cancelled"
    # Only here: how this bank behaves where nobody has standardised it.
    signs_path: str = "spec"  # or "registered": the path of the merchant's address
    notifies: str = "all"  # or "paid": silent about all else
    expires_in: str = "900"  # seconds that a token lives
    expires_as: str = "text"  # or "number"
    token_type: str = "Bearer"  # noqa: S105 - a word

    @property
    def services(self) -> Mapping[str, str]:
        """Service code by path."""
        return {
            self.token_path: "73", self.generate_path: "47", self.query_path: "51",
            self.cancel_path: "77", self.refund_path: "78",
        }  # fmt: skip

    def signed(self, path: str) -> str:
        return (self.prefix if self.signed_prefix is None else self.signed_prefix) + path


WAYS: Mapping[str, Speech] = {
    "plain": Speech(),
    "doku": Speech(prefix="/snap-adapter/b2b", times="z", notify="B", expires_as="number"),
    "bri": Speech(
        hmac="hex", times="ms",
        token_path="/snap/v1.0/access-token/b2b",  # noqa: S106 - a path
        generate_path="/v1.0/qr-dynamic-mpm/qr-mpm-generate-qr",
        query_path="/v1.0/qr-dynamic-mpm/qr-mpm-query",
        notify_path="/snap/v1.1/qr/qr-mpm-notify", service_code="17", terminal_in_query="yes",
        notify="C", expires_in="899", token_type="BearerToken",  # noqa: S106 - a word
    ),
    "dana": Speech(signing="asymmetric", status_05="expired", cancel="yes", refund="yes"),
    "midtrans": Speech(external="ours", cancel="yes", refund="yes"),
}  # fmt: skip

_WORDS = {field.name for field in fields(Speech)}


def speech_of(merchant: SandboxMerchant) -> Speech:
    """Raises KeyError for a way that nobody speaks; words for others are passed over."""
    told = {name: word for name, word in merchant.options.items() if name in _WORDS}
    for prefix in ("prefix", "signed_prefix"):
        if told.get(prefix) == "/":
            told[prefix] = ""
    return replace(WAYS[merchant.options.get("profile", "plain")], **told)
