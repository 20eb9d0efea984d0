"""Ordinary values for tests: invented people at real street names."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from parking.access.store import DeviceRow
from parking.audit import store as audit
from parking.gateways.protocol import Callback, Merchant
from parking.parts import Parts
from parking.registry.store import (
    AssignmentRow,
    AttendantRow,
    FeeRow,
    MerchantAccountRow,
    PointRow,
    RouteRow,
    SplitRow,
    TariffRow,
)
from sqlalchemy import insert
from sqlalchemy.orm import Session

LONG_AGO = date(2026, 1, 1)
ENTERED = datetime(2025, 12, 1, tzinfo=UTC)

MERCHANT = Merchant(
    gateway="midtrans",
    account="jambi",
    merchant_id="G000000001",
    nmid="ID1020000000012",
    pan="936001150000000123",
    name="PEMKOT JAMBI PARKIR",
    city="KOTA JAMBI",
    environment="sandbox",
)

# The city's second account, at the sandbox's other provider.
SECOND = replace(
    MERCHANT, gateway="xendit", merchant_id="5f0000000000000000000001", nmid="ID1020000000023",
    pan="936008690000000234",
)  # fmt: skip

PATH = "/callbacks/midtrans/jambi"


def delivered(
    body: bytes,
    path: str = PATH,
    at: datetime = datetime(2026, 2, 14, 1, 16, tzinfo=UTC),
    **headers: str,
) -> Callback:
    """A callback as the door sees it; `X_Signature="…"` is the header X-Signature."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Callback(path, named, body, at)


def let_older_transactions_end(parts: Parts) -> None:
    """Wait until every event of the audit log may be sealed: transactions in the databases of
    tests beside this one are as old, and hold it up.
    """
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with parts.sessions() as session:
            if all(settled for _, settled in audit.events_after(session, 0, 1_000)):
                return
        time.sleep(0.02)
    raise AssertionError("an older transaction does not end")


def add_account(session: Session, merchant: Merchant, key_name: str) -> int:
    """A merchant account in use since long ago; its id."""
    added = insert(MerchantAccountRow).values(
        gateway=merchant.gateway, account=merchant.account, merchant_id=merchant.merchant_id,
        nmid=merchant.nmid, pan=merchant.pan, name=merchant.name, city=merchant.city,
        environment=merchant.environment, key_name=key_name, valid_from=LONG_AGO,
    )  # fmt: skip
    return session.execute(added.returning(MerchantAccountRow.id)).scalar_one()


def route(session: Session, account: int, point: int | None = None, rank: int = 1) -> None:
    """Have an account asked in the whole city, or at a point instead of the city's."""
    session.execute(
        insert(RouteRow).values(
            merchant_account_id=account, point_id=point, rank=rank, valid_from=LONG_AGO,
            entered_at=ENTERED, entered_by="user:ratna",
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class City:
    """Ids of what `a_city` made."""

    budi: int  # attendant JBI-0001, assigned to `market`
    sari: int  # attendant JBI-0002, assigned to `street` and to `market`
    market: int  # point PSR-01, zone Pasar
    street: int  # point SDR-01, zone Sudirman
    budis_phone: int  # device
    saris_phone: int
    tariffs: dict[str, int]  # tariff id by vehicle


def a_city(session: Session) -> City:
    """The smallest city in which an attendant can take a payment."""

    def add(table: type, **values: object) -> int:
        key = next(iter(table.__table__.primary_key))
        return session.execute(insert(table).values(values).returning(key)).scalar_one()

    budi = add(AttendantRow, badge="JBI-0001", name="Budi Contoh", joined_on=LONG_AGO)
    sari = add(AttendantRow, badge="JBI-0002", name="Sari Contoh", joined_on=LONG_AGO)
    market = add(
        PointRow, code="PSR-01", name="Simpang Bata", road="Jl. Sultan Thaha", zone="Pasar",
        area_type="market", has_qris=True, opened_on=LONG_AGO,
    )  # fmt: skip
    street = add(
        PointRow, code="SDR-01", name="Depan pertokoan", road="Jl. Jenderal Sudirman",
        zone="Sudirman", area_type="street", has_qris=True, opened_on=LONG_AGO,
    )  # fmt: skip
    for number, (who, where) in enumerate([(budi, market), (sari, street), (sari, market)], 1):
        add(
            AssignmentRow, letter=f"SPT/{number:03}/2026", attendant_id=who, point_id=where,
            valid_from=LONG_AGO,
        )  # fmt: skip
    tariffs = {
        vehicle: add(
            TariffRow, vehicle=vehicle, zone="", amount=amount, valid_from=LONG_AGO,
            decree="Perda 2/2024", entered_at=ENTERED, entered_by="system",
        )
        for vehicle, amount in (("motorcycle", 2_000), ("car", 3_000), ("truck_bus", 5_000))
    }  # fmt: skip
    add(
        SplitRow, city_bps=4_000, valid_from=LONG_AGO, decree="Perwal 12/2013",
        entered_at=ENTERED, entered_by="system",
    )  # fmt: skip
    account = add_account(session, MERCHANT, "MIDTRANS_JAMBI")
    add(
        FeeRow,
        merchant_account_id=account,
        fee_bps=0,
        settles_in=1,
        valid_from=LONG_AGO,
        contract="P2G",
    )
    phones = [
        add(
            DeviceRow, attendant_id=who, secret_hash=f"hash of {who}", label="Ponsel uji",
            enrolled_at=ENTERED,
        )
        for who in (budi, sari)
    ]  # fmt: skip
    return City(budi, sari, market, street, phones[0], phones[1], tariffs)
