"""SNAP banks of the sandbox, one of each kind, and what each has agreed on with us."""

from tests.builders import MERCHANT
from tests.snap_keys import BANKS, OURS

OURS_NAME = "PKR20261123SNAP"

# Banks: what ours and theirs have agreed on, and how theirs behaves beyond that.
BANKS_SPOKEN = {
    "plain": ({"channel_id": "95221"}, {}),
    "doku": ({"profile": "doku"}, {}),
    "bri": (
        {"profile": "bri", "channel_id": "00009", "terminal_id": "10049258",
         "external_header": "X-EXTRENAL-ID"},
        {},
    ),
    "dana": ({"profile": "dana", "channel_id": "95221"}, {}),
    "midtrans": ({"profile": "midtrans", "channel_id": "12345"}, {}),
    "secret": ({"notify": "D", "channel_id": "95221", "hmac": "hex"}, {}),
    "own": (
        {"channel_id": "95221", "prefix": "/gateway/snap", "signed_prefix": "/snap",
         "partner_id": "P-77", "channel_header": "X-CHANNEL-ID", "cancel": "yes",
         "refund": "yes", "times": "ms", "signing": "symmetric"},
        {"signs_path": "registered", "notifies": "paid", "expires_in": "30"},
    ),
}  # fmt: skip


def client_of(account: str) -> str:
    return f"CLIENT-{account.upper()}"


def secret_of(account: str) -> str:
    return f"SECRET-{account.upper()}-NOT-REAL"


def merchants() -> list[dict]:
    return [
        {
            "gateway": "snap", "account": account, "merchant_id": MERCHANT.merchant_id,
            "server_key": secret_of(account), "nmid": MERCHANT.nmid, "pan": MERCHANT.pan,
            "name": MERCHANT.name, "city": MERCHANT.city, "fee_bps": 30,
            "secrets": {"PRIVATE": OURS.private, "PROVIDER_PRIVATE": BANKS.private},
            "options": words | {"client_id": client_of(account)} | further,
        }
        for account, (words, further) in BANKS_SPOKEN.items()
    ]  # fmt: skip


def environment_of(account: str, url: str) -> dict[str, str]:
    """What our side is told of its account there."""
    words = BANKS_SPOKEN[account][0] | {"client_id": client_of(account)}
    name = f"SNAP_{account.upper()}"
    return {
        f"GATEWAY_KEY_{name}": secret_of(account),
        f"GATEWAY_KEY_{name}__PRIVATE": OURS.private,
        f"GATEWAY_KEY_{name}__PROVIDER": BANKS.public,
        f"GATEWAY_URL_{name}": f"{url}/snap/{account}",
        f"GATEWAY_PROFILE_{name}": " ".join(f"{k}={v}" for k, v in words.items()),
    }
