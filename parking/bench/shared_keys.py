"""What the measured service and its gateways share. Invented, for loopback alone."""

from config.rsa_pair import new_pair

KEY = "SB-Mid-server-measured-and-never-deployed"
# By gateway, in the names of the environment.
SECRETS: dict[str, dict[str, str]] = {
    "midtrans": {"GATEWAY_KEY_MIDTRANS_JAMBI": KEY},
    "xendit": {
        "GATEWAY_KEY_XENDIT_JAMBI": "xnd_development_measured_and_never_deployed",
        "GATEWAY_KEY_XENDIT_JAMBI__CALLBACK": "measured-and-never-deployed",
    },
}
PROVIDER, PROVIDER_PRIVATE = (
    "GATEWAY_KEY_SNAP_JAMBI__PROVIDER", "GATEWAY_KEY_SNAP_JAMBI__PROVIDER_PRIVATE",
)  # fmt: skip


def of_a_bank() -> dict[str, str]:
    """What we and a bank that keeps to the standard have exchanged; both key pairs are new."""
    ours, banks = new_pair(), new_pair()
    return {
        "GATEWAY_KEY_SNAP_JAMBI": "measured-and-never-deployed",
        "GATEWAY_KEY_SNAP_JAMBI__PRIVATE": ours[0],
        PROVIDER: banks[1],
        PROVIDER_PRIVATE: banks[0],
        "GATEWAY_PROFILE_SNAP_JAMBI": "profile=plain client_id=MEASURED channel_id=95221",
    }
