"""One tap for a vehicle that pays cash."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from parking.ledger.store import EntryRow, PostingRow
from parking.registry.store import SplitRow, TariffRow
from parking.shifts.store import CashRow
from sqlalchemy import func, insert, select

from tests.builders import ENTERED
from tests.conftest import NOON
from tests.phone import Phone

BEFORE_MIDNIGHT = NOON.replace(hour=16, minute=59, second=59)  # 23.59.59 WIB


def booked(parts):
    """The book as {(kind, account): sum}."""
    with parts.sessions() as session:
        rows = session.execute(
            select(EntryRow.kind, PostingRow.account, func.sum(PostingRow.amount))
            .join(PostingRow, PostingRow.entry_id == EntryRow.id)
            .group_by(EntryRow.kind, PostingRow.account)
        )
        return {(kind, account): int(total) for kind, account, total in rows}


@pytest.fixture
def open_shift(budi, city):
    return budi.post("/attendant/shifts", point_id=city.market).json["shift"]


@pytest.mark.usefixtures("open_shift")
def test_a_tap_is_priced_by_the_server_booked_and_shared(budi, parts):
    answer = budi.post("/attendant/cash", vehicle="motorcycle", client_key="a" * 16)

    assert answer.status_code == 201
    assert answer.json["amount"] == 2_000
    assert answer.json["totals"] == {
        "qris_count": 0, "qris_sum": 0, "cash_count": 1, "cash_sum": 2_000, "own_share": 1_200,
    }  # fmt: skip
    assert booked(parts) == {
        ("cash", "cash_with_attendant"): 2_000,
        ("cash", "city_share"): -800,
        ("cash", "attendant_share"): -1_200,
    }


@pytest.mark.usefixtures("open_shift")
def test_taps_of_one_key_side_by_side_are_one_vehicle(parts, city):
    phones = [Phone(parts, city.budi, city.budis_phone) for _ in range(4)]

    def tap(phone):
        return phone.post("/attendant/cash", vehicle="car", client_key="a" * 16)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(tap, phones))

    assert {a.status_code for a in answers} == {201}
    assert len({a.json["id"] for a in answers}) == 1
    assert booked(parts)["cash", "cash_with_attendant"] == 3_000


@pytest.mark.usefixtures("open_shift")
def test_a_key_used_for_another_vehicle_is_refused(budi):
    budi.post("/attendant/cash", vehicle="car", client_key="a" * 16)

    answer = budi.post("/attendant/cash", vehicle="motorcycle", client_key="a" * 16)

    assert answer.status_code == 422


@pytest.mark.usefixtures("open_shift")
def test_the_last_tap_is_taken_back_once(budi, parts, clock):
    tap = budi.post("/attendant/cash", vehicle="car", client_key="a" * 16).json
    clock.forward(seconds=119)

    first = budi.post(f"/attendant/cash/{tap['id']}/correct")
    again = budi.post(f"/attendant/cash/{tap['id']}/correct")

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json["totals"]["cash_sum"] == 0
    assert first.json["totals"]["own_share"] == 0
    total = sum(v for (_, account), v in booked(parts).items() if account == "cash_with_attendant")
    assert total == 0


@pytest.mark.usefixtures("open_shift")
def test_after_two_minutes_a_tap_stands(budi, clock):
    tap = budi.post("/attendant/cash", vehicle="car", client_key="a" * 16).json
    clock.forward(seconds=121)

    answer = budi.post(f"/attendant/cash/{tap['id']}/correct")

    assert answer.status_code == 409
    assert budi.get("/attendant/state").json["totals"]["cash_sum"] == 3_000


@pytest.mark.usefixtures("open_shift")
def test_only_the_last_tap_can_be_taken_back(budi):
    first = budi.post("/attendant/cash", vehicle="car", client_key="a" * 16).json
    budi.post("/attendant/cash", vehicle="car", client_key="b" * 16)

    assert budi.post(f"/attendant/cash/{first['id']}/correct").status_code == 409


@pytest.mark.usefixtures("open_shift")
@pytest.mark.fault("F78")
def test_anothers_tap_does_not_exist(budi, sari, city):
    tap = budi.post("/attendant/cash", vehicle="car", client_key="a" * 16).json
    sari.post("/attendant/shifts", point_id=city.street)

    theirs = sari.post(f"/attendant/cash/{tap['id']}/correct")
    nobodys = sari.post("/attendant/cash/99999999/correct")

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.json["message"].replace(str(tap["id"]), "") == nobodys.json["message"].replace(
        "99999999", ""
    )


def test_without_a_shift_there_is_no_cash(budi):
    answer = budi.post("/attendant/cash", vehicle="car", client_key="a" * 16)

    assert answer.status_code == 409


@pytest.mark.usefixtures("open_shift")
@pytest.mark.fault("F79")
@pytest.mark.parametrize("extra", ["amount", "at", "shift_id", "attendant_id", "tariff_id"])
def test_a_phone_cannot_say_what_the_server_decides(budi, parts, extra):
    answer = budi.post("/attendant/cash", vehicle="car", client_key="a" * 16, **{extra: 1})

    assert answer.status_code == 422
    assert answer.json["problems"] == {extra: "isian ini tidak dikenal"}
    assert booked(parts) == {}


@pytest.mark.fault("F77")
@pytest.mark.usefixtures("open_shift")
def test_a_tap_without_its_csrf_token_is_refused(budi, parts):
    budi.browser.csrf = ""

    answer = budi.post("/attendant/cash", vehicle="car", client_key="a" * 16)

    assert answer.status_code == 400
    assert booked(parts) == {}


@pytest.mark.fault("F48")
def test_at_midnight_the_new_tariff_split_and_day_hold_for_the_next_tap(city, parts, clock):
    clock.moment = BEFORE_MIDNIGHT
    budi = Phone(parts, city.budi, city.budis_phone)
    with parts.sessions.begin() as session:
        session.execute(
            insert(TariffRow).values(
                vehicle="car", zone="", amount=4_000, valid_from=date(2026, 11, 24),
                decree="Perda 9/2026", entered_at=ENTERED, entered_by="user:admin",
            )
        )  # fmt: skip
        session.execute(
            insert(SplitRow).values(
                city_bps=5_000, valid_from=date(2026, 11, 24), decree="Perwal 1/2026",
                entered_at=ENTERED, entered_by="user:admin",
            )
        )  # fmt: skip
    budi.post("/attendant/shifts", point_id=city.market)
    before = budi.post("/attendant/cash", vehicle="car", client_key="a" * 16).json
    clock.forward(seconds=1)
    after = budi.post("/attendant/cash", vehicle="car", client_key="b" * 16).json

    assert (before["amount"], after["amount"]) == (3_000, 4_000)
    assert after["totals"]["own_share"] == 1_800 + 2_000
    with parts.sessions() as session:
        days = session.execute(
            select(CashRow.business_day, EntryRow.effective_on)
            .join(EntryRow, EntryRow.cash_id == CashRow.id)
            .order_by(CashRow.id)
        ).all()
    assert days == [(date(2026, 11, 23),) * 2, (date(2026, 11, 24),) * 2]
