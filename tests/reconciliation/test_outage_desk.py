"""/audit/outages: what somebody enters, what the breakers noticed, and what it cost."""

import pytest
from parking.access.policy import Role
from parking.audit.store import AuditEventRow
from parking.gateways.store import OutageRow, in_force
from sqlalchemy import select

from tests.conftest import NOON
from tests.people import desk_client
from tests.reconciliation.scenes import DAY, Scene, at

FORM = {
    "account": "midtrans/jambi", "began_at": "2026-11-23T08:00", "ended_at": "2026-11-23T17:00",
    "reason": "Bank tutup, pengumuman 12/2026",
}  # fmt: skip


@pytest.fixture
def auditor(parts, city):
    return desk_client(parts, Role.AUDITOR)


def kept(parts):
    with parts.sessions() as session:
        return session.scalars(select(OutageRow).order_by(OutageRow.id)).all()


def test_what_is_entered_is_in_jambis_time_and_in_the_audit_log(auditor, parts):
    answer = auditor.post("/audit/outages/new", data=FORM)

    (row,) = kept(parts)
    assert answer.status_code == 303
    assert (row.began_at, row.ended_at, row.noticed) == (at(8), at(17), "hand")
    assert row.noted_by == "user:auditor"
    with parts.sessions() as session:
        logged = session.scalars(
            select(AuditEventRow).where(AuditEventRow.action == "outage.add")
        ).one()
    assert logged.detail["account"] == "midtrans/jambi"
    page = auditor.get("/audit/outages").text
    assert "4 jam 0 menit" in page  # it is noon: it lasts
    assert "Bank tutup" in page


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("ended_at", "2026-11-23T08:00"), ("began_at", "2025-11-23T08:00"), ("reason", "tutup"[:3]),
        ("began_at", "kemarin"), ("account", "midtrans/lain"), ("ended_at", "2029-01-01T00:00"),
    ],
)  # fmt: skip
def test_what_is_odd_is_refused_by_its_field(auditor, parts, field, text):
    answer = auditor.post("/audit/outages/new", data=FORM | {field: text})

    assert answer.status_code == 422
    assert kept(parts) == []


def test_one_without_an_end_lasts_until_it_is_ended(auditor, parts, city):
    auditor.post("/audit/outages/new", data=FORM | {"ended_at": ""})
    twice = auditor.post("/audit/outages/new", data=FORM | {"ended_at": ""})
    (row,) = kept(parts)
    day = auditor.get("/audit/").text

    ended = auditor.post(f"/audit/outages/{row.id}/end")
    again = auditor.post(f"/audit/outages/{row.id}/end")

    assert (twice.status_code, ended.status_code, again.status_code) == (409, 303, 409)
    assert "midtrans/jambi sedang gangguan" in day
    assert kept(parts)[0].ended_at == NOON
    with parts.sessions() as session:
        assert in_force(session, NOON) == []


def test_what_a_breaker_noticed_is_ended_by_nobody(auditor, parts, city):
    outage = Scene(parts, city).outage(at(8), None, noticed="breaker", retry_at=at(9))

    assert f"outages/{outage}/end" not in auditor.get("/audit/outages").text
    assert auditor.post(f"/audit/outages/{outage}/end").status_code == 409


@pytest.mark.parametrize("role", [Role.FINANCE, Role.TREASURER])
def test_others_read_and_enter_nothing(parts, city, role):
    reader = desk_client(parts, role)

    assert reader.get("/audit/outages").status_code == 200
    assert "Catat gangguan" not in reader.get("/audit/outages").text
    assert reader.post("/audit/outages/new", data=FORM).status_code == 403


def test_what_it_cost_is_counted_taps_that_failed_and_cash_instead(auditor, parts, city):
    scene = Scene(parts, city)
    shift = scene.shift()
    scene.outage(at(9), at(10))
    failed = scene.charge(shift, state="create_failed", created_at=at(9, 5))
    scene.cash(shift, instead_of=failed, at=at(9, 6))
    also = scene.charge(shift, state="expired", created_at=at(9, 7))
    scene.cash(shift, instead_of=also, at=at(9, 8), corrected=True)
    shown = scene.charge(shift, state="expired", created_at=at(9, 9), payload="000201")
    scene.cash(shift, instead_of=shown, at=at(9, 9))
    scene.charge(shift, state="create_failed", created_at=at(10))  # when it was over
    scene.charge(shift, state="create_failed", created_at=at(9, 5), account="pasar")

    csv = auditor.get("/audit/outages?format=csv").text
    line = csv.splitlines()[1].split(";" if ";" in csv else ",")
    day = auditor.get(f"/audit/{DAY}").text

    assert [line[4], line[5], line[6]] == ["2", "1", "2000"]
    assert "2 ketukan gagal, 1 dibayar tunai" in day
