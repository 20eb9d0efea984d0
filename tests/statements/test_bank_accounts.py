"""The bank accounts whose statements are read: entered, ended, and known by one number."""

import pytest
from parking.access.policy import Role
from parking.audit.store import AuditEventRow
from parking.statements import bank_store
from sqlalchemy import select

from tests.people import browser, desk_client

NEW = {
    "code": "rkud", "bank": "Bank Contoh Jambi", "number": "300-123-4567",
    "name": "RKUD KOTA JAMBI", "kind": "treasury", "valid_from": "2026-11-02",
}  # fmt: skip


@pytest.fixture
def admin(parts, city):
    return desk_client(parts, Role.ADMIN)


def known(parts):
    with parts.sessions() as session:
        return bank_store.accounts(session)


def test_an_account_is_entered_and_shown(parts, admin):
    assert admin.get("/admin/bank-accounts/new").status_code == 200

    answer = admin.post("/admin/bank-accounts/new", data=NEW, follow_redirects=True)

    assert "Rekening rkud tercatat" in answer.text
    assert "300-123-4567" in answer.text
    (account,) = known(parts)
    assert (account.code, account.kind, account.ended_on) == ("rkud", "treasury", None)
    with parts.sessions() as session:
        actions = list(session.scalars(select(AuditEventRow.action)))
    assert "bank_account.add" in actions


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"code": "RKUD"}, "seperti rkud"), ({"code": "../x"}, "seperti rkud"),
        ({"number": "12"}, "seperti 300-123-4567"), ({"number": "3" * 40}, "seperti 300"),
        ({"bank": ""}, "Wajib diisi"), ({"kind": "x"}, "Not a valid choice"),
        ({"valid_from": "2026-13-01"}, "Bukan tanggal"), ({"valid_from": "1026-11-02"}, "tahunnya"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(parts, admin, changed, why):
    answer = admin.post("/admin/bank-accounts/new", data=NEW | changed)

    assert answer.status_code == 422
    assert why in answer.text
    assert known(parts) == []


@pytest.mark.parametrize(
    "changed", [{"number": "9876543210"}, {"code": "lain", "number": "3001234567"}]
)
def test_a_code_or_a_number_belongs_to_one_account_however_it_is_written(parts, admin, changed):
    admin.post("/admin/bank-accounts/new", data=NEW)

    answer = admin.post("/admin/bank-accounts/new", data=NEW | changed)

    assert "Sudah dipakai" in answer.text
    assert len(known(parts)) == 1


def test_an_account_is_ended_once(parts, admin):
    admin.post("/admin/bank-accounts/new", data=NEW)
    last = {"last_day": "2027-01-29", "reason": "Pindah ke bank lain"}

    answer = admin.post("/admin/bank-accounts/rkud/end", data=last, follow_redirects=True)

    assert "Sampai 29-01-2027" in answer.text
    assert str(known(parts)[0].ended_on) == "2027-01-29"
    assert admin.post("/admin/bank-accounts/rkud/end", data=last).status_code == 409
    assert admin.get("/admin/bank-accounts/lain/end").status_code == 404


@pytest.mark.fault("F78")
def test_only_an_administrator_may(parts, admin):
    finance = desk_client(parts, Role.FINANCE)

    assert finance.get("/admin/bank-accounts").status_code == 403
    assert finance.post("/admin/bank-accounts/new", data=NEW).status_code == 403
    assert browser(parts).get("/admin/bank-accounts").status_code == 302
