"""Keys for the tests of SNAP BI, made anew in each process, as the environment has them."""

from dataclasses import dataclass

from config.rsa_pair import new_pair


@dataclass(frozen=True)
class Pair:
    private: str
    public: str


OURS, BANKS = Pair(*new_pair()), Pair(*new_pair())
SECRET = "TEST-CLIENT-SECRET-NOT-REAL-0001"
# A bank that offers all that the standard has.
PROFILE = {
    "profile": "plain", "client_id": "TESTCLIENT-JAMBI-0001", "channel_id": "95221",
    "cancel": "yes", "refund": "yes",
}  # fmt: skip
