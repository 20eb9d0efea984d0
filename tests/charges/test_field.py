"""The supervisor's view of the day's shifts."""

import pytest
from parking.access.policy import Role
from parking.payments.inquire import sweep

from tests.people import desk_client


@pytest.mark.usefixtures("shift")
def test_a_supervisor_sees_who_stands_where_and_what_came(budi, sandbox, parts, clock):
    ours = budi.post("/attendant/charges", vehicle="car", client_key="k" * 16).json["ours"]
    sandbox.pay(ours)
    budi.post("/attendant/cash", vehicle="motorcycle", client_key="a" * 16)
    wrong = budi.post("/attendant/cash", vehicle="truck_bus", client_key="b" * 16).json["id"]
    budi.post(f"/attendant/cash/{wrong}/correct")
    clock.forward(seconds=61)
    sweep(parts.sessions, parts.gateways.find, clock.now())

    supervisor = desk_client(parts, Role.SUPERVISOR)
    page = supervisor.get("/field/shifts").text
    csv = supervisor.get("/field/shifts?format=csv").text

    assert "Budi Contoh" in page
    assert "Senin, 23 November 2026" in page
    row = csv.splitlines()[1].split(",")
    assert row[:2] == ["PSR-01", "Pasar"]
    assert row[6:10] == ["1", "3000", "1", "2000"]
    assert row[-1] == "Terbuka"


@pytest.mark.usefixtures("shift")
def test_another_day_has_its_own_shifts(parts):
    supervisor = desk_client(parts, Role.SUPERVISOR)

    page = supervisor.get("/field/shifts?date=2026-11-22").text

    assert "Tidak ada giliran" in page


def test_an_attendants_phone_is_not_let_in(budi):
    assert budi.get("/field/shifts").status_code == 401
