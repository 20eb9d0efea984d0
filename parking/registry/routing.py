"""Which merchant accounts serve a point: in what order a tap asks them for a QR. Pure.

A point that has routes of its own uses these alone, as it uses its zone's tariff: its money
belongs to its own account, and no outage may send it elsewhere. All others use the city's
routes, and a city without any uses its accounts in the order they were entered. A route holds
only while its account is in use.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from parking.registry.facts import MerchantAccount


@dataclass(frozen=True, slots=True)
class Route:
    id: int
    gateway: str
    account: str
    point_id: int | None  # None: the whole city
    rank: int  # 1 is asked first
    valid_from: date
    ended_on: date | None  # the last day

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.ended_on is None or day <= self.ended_on)


def serving(
    routes: Sequence[Route], accounts: Sequence[MerchantAccount], point_id: int, day: date
) -> list[MerchantAccount]:
    """The accounts that serve a point on a day, the first to ask first; each is there once.

    `accounts` are those in use on that day, in the order they were entered.
    """
    by_name = {(a.merchant.gateway, a.merchant.account): a for a in accounts}
    holding = [
        r for r in sorted(routes, key=lambda each: (each.rank, each.id))
        if r.holds(day) and (r.gateway, r.account) in by_name
    ]  # fmt: skip
    own = [r for r in holding if r.point_id == point_id]
    citys = [r for r in holding if r.point_id is None]
    chosen = dict.fromkeys((r.gateway, r.account) for r in own or citys)
    return [by_name[name] for name in chosen] or list(accounts)
