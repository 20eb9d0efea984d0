"""/admin/routes: who serves what place, in words, and whom a tap would ask."""

import pytest
from parking.access.policy import Role
from parking.registry.store import RouteRow
from sqlalchemy import select

from tests.builders import SECOND, add_account
from tests.people import desk_client


@pytest.fixture
def second(parts, city):
    with parts.sessions.begin() as session:
        return add_account(session, SECOND, "XENDIT_JAMBI")


@pytest.fixture
def admin(parts, second):
    return desk_client(parts, Role.ADMIN)


def form(number, **changed):
    usual = {"account": number, "point": "", "rank": "1", "valid_from": "2026-11-23"}
    return usual | changed


def test_without_routes_the_page_says_what_holds(admin):
    page = admin.get("/admin/routes").text

    assert "Seluruh kota: midtrans/jambi, lalu xendit/jambi" in page
    assert "Belum ada jalur" in page
    assert "Jalur yang dimiliki sebuah titik menggantikan jalur seluruh kota" in page


def test_a_route_is_entered_told_in_words_and_ended(admin, parts, city, second):
    added = admin.post("/admin/routes/new", data=form(second, point=city.market))
    page = admin.get("/admin/routes?point=PSR-01").text
    with parts.sessions() as session:
        route = session.scalars(select(RouteRow)).one()

    assert added.status_code == 303
    assert "PSR-01 Simpang Bata: xendit/jambi" in page
    assert "meminta QR dari <strong>xendit/jambi</strong>" in page
    assert (route.point_id, route.rank, route.entered_by) == (city.market, 1, "user:admin")

    ended = admin.post(
        f"/admin/routes/{route.id}/end",
        data={"last_day": "2026-11-23", "reason": "Kontrak berakhir"},
    )
    again = admin.post(
        f"/admin/routes/{route.id}/end",
        data={"last_day": "2026-11-24", "reason": "Kontrak berakhir"},
    )

    assert (ended.status_code, again.status_code) == (303, 409)


@pytest.mark.parametrize(
    "changed", [{"valid_from": "2026-11-22"}, {"rank": "10"}, {"account": "999"}, {"point": "999"}]
)
def test_what_is_odd_is_refused(admin, parts, second, changed):
    answer = admin.post("/admin/routes/new", data=form(second, **changed))

    assert answer.status_code == 422
    with parts.sessions() as session:
        assert session.scalars(select(RouteRow)).all() == []


def test_a_rank_is_given_once(admin, parts, second):
    admin.post("/admin/routes/new", data=form(second))

    answer = admin.post("/admin/routes/new", data=form(second))

    assert answer.status_code == 422
    assert "Sudah ada jalur dengan urutan ini" in answer.text


def test_a_route_that_there_is_not_is_not_found(admin):
    assert admin.get("/admin/routes/999/end").status_code == 404
