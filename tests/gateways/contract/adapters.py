"""The adapters that must keep the contract, each with what its provider does not offer.

A new gateway is a line in ADAPTERS. Everything it says here is checked: what is offered
must work, and what is not must be said in the words of the protocol.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from config.invented import INVENTED
from parking.gateways.connect import connect
from parking.gateways.protocol import Access, Gateway, Merchant

from tests import snap_keys
from tests.builders import MERCHANT
from tests.sandbox_process import DOKU_KEY, SERVER_KEY, XENDIT_KEY, XENDIT_TOKEN


@dataclass(frozen=True)
class Adapter:
    """How to reach an account at the sandbox, and how its provider differs."""

    access: Callable[[str], Access]  # from the sandbox's address
    cancels: bool = True
    refunds: bool = True
    finds_lost: bool = True  # a code whose creation was not answered, by our name
    tells_again: bool = True  # the text of a code, later
    separate_payments: bool = True  # a second payment of one code has a reference of its own
    money: Sequence[object] = ("2000.00",)  # how an amount may be written
    times: Sequence[str] = ("utc",)  # of naive, wib, utc and fraction

    def gateway(
        self, name: str, url: str, merchant: Merchant | None = None, callback_url: str = ""
    ) -> Gateway:
        access = replace(self.access(url), callback_url=callback_url)
        return connect(merchant or merchant_of(name), access)


def merchant_of(gateway: str) -> Merchant:
    """Our account at one of the sandbox's gateways."""
    merchant_id, nmid, pan, _ = INVENTED[gateway]
    return replace(MERCHANT, gateway=gateway, merchant_id=merchant_id, nmid=nmid, pan=pan)


ADAPTERS = {
    "midtrans": Adapter(
        lambda url: Access(f"{url}/midtrans", [SERVER_KEY]),
        money=("2000.00", "2000"),
        times=("naive",),
    ),
    "xendit": Adapter(
        lambda url: Access(f"{url}/xendit", [XENDIT_KEY], {"CALLBACK": [XENDIT_TOKEN]}),
        cancels=False,
        finds_lost=False,
        money=(2000, 2000.0, "2000", "2000.0", "2000.00"),
        times=("utc", "fraction"),
    ),
    "snap": Adapter(
        lambda url: Access(
            f"{url}/snap/jambi",
            [snap_keys.SECRET],
            {"PRIVATE": [snap_keys.OURS.private], "PROVIDER": [snap_keys.BANKS.public]},
            snap_keys.PROFILE,
        ),
        tells_again=False,
        times=("wib", "utc", "fraction"),
    ),
    "doku": Adapter(
        lambda url: Access(f"{url}/doku", [DOKU_KEY]),
        cancels=False,
        refunds=False,
        tells_again=False,
        separate_payments=False,
        money=(2000, "2000", "2000.00"),
        times=("utc", "fraction"),
    ),
}
