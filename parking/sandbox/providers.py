"""The dialects that the sandbox speaks, by their prefix."""

from collections.abc import Mapping

from parking.sandbox.doku.provider import DokuDialect
from parking.sandbox.midtrans.provider import MidtransDialect
from parking.sandbox.provider import Provider
from parking.sandbox.snap.provider import SnapDialect
from parking.sandbox.xendit.provider import XenditDialect

PROVIDERS: Mapping[str, Provider] = {
    "midtrans": MidtransDialect(),
    "doku": DokuDialect(),
    "snap": SnapDialect(),
    "xendit": XenditDialect(),
}
