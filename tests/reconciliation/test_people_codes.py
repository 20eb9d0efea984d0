"""Shares, promises, fake QR codes, the wrong kind of vehicle and the end of the year."""

import io
import re
from datetime import date

import pytest
from parking.access.policy import Role
from parking.deposits.store import CommitmentRow, PayoutRow
from parking.ledger.entry import Entry, Source, Terms, cash
from parking.ledger.post import post
from parking.money import Rupiah
from parking.qris.payload import build
from parking.reconciliation.catalogue import Severity, Status
from parking.reconciliation.rule_store import FakeQrRow

from tests.builders import MERCHANT
from tests.people import desk_client
from tests.reconciliation.scenes import DAY, TUESDAY, WEDNESDAY, at, night_after

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
LATER = night_after(WEDNESDAY)


def the_only(found, code):
    assert [(d.code, d.explanation) for d in found if d.code != code] == []
    (one,) = found
    return one


def earned(scene, amount, **shift):
    """Cash that Budi took, in the book: sixty of a hundred are his."""
    opened = at(6, 0, scene.day)
    shift = scene.shift(declared_cash=amount, declared_qris=0, opened_at=opened, **shift)
    tap = scene.cash(shift, amount=amount)
    with scene.parts.sessions.begin() as session:
        sides = cash(Rupiah(amount), Terms(scene.city.budi, 4_000))
        post(session, Entry("cash", str(tap), scene.day, sides, Source(cash_id=tap)), opened)
    return shift


def payout(scene, amount, standing="paid", reference="TRF-1", **other):
    values = {
        "attendant_id": scene.city.budi, "earned_on": scene.day, "amount": amount,
        "paid_on": TUESDAY, "reference": reference, "standing": standing, "at": at(9, 0, TUESDAY),
        "actor": "user:a",
    }  # fmt: skip
    return scene.add(PayoutRow, **values | other)


def test_a_share_that_was_paid_as_computed_is_silent(scene):
    earned(scene, 10_000)
    payout(scene, 6_000)

    assert scene.codes(LATER) == []


def test_d15_another_amount_than_the_share(scene):
    earned(scene, 10_000)
    payout(scene, 5_000)

    d = the_only(scene.found(LATER), "D15")

    assert (d.owner, d.severity, d.amount) == ("finance", Severity.MEDIUM, 1_000)
    assert (d.subject, d.attendant_id) == (f"attendant:{scene.city.budi}", scene.city.budi)


def test_d15_a_share_that_the_bank_sent_back(scene):
    earned(scene, 10_000)
    payout(scene, 6_000)
    payout(scene, 6_000, standing="returned")

    assert "dikembalikan bank" in the_only(scene.found(LATER), "D15").explanation


def test_d15_a_share_that_nobody_paid_waits_two_working_days(scene):
    payout(scene, 1, earned_on=date(2026, 11, 20))  # the city pays shares out
    earned(scene, 10_000)

    waiting = scene.run(night_after(TUESDAY))
    assert (scene.stored(), waiting.look_again) == ([], date(2026, 11, 26))

    assert "belum ada pembayarannya" in the_only(scene.found(LATER), "D15").explanation


def test_d15_not_before_the_city_pays_shares_out(scene):
    earned(scene, 10_000)

    assert scene.codes(LATER) == []


@pytest.mark.parametrize(
    ("daily", "amount", "status"),
    [(10_000, 6_000, Status.DIFFERENCE), (1_000, 3_000, Status.CLEARED)],
)
def test_d26_what_was_promised_beside_what_was_taken(scene, daily, amount, status):
    earned(scene, 10_000)
    scene.add(
        CommitmentRow, attendant_id=scene.city.budi, daily=daily, valid_from=date(2026, 1, 1),
        letter="SK 1", entered_at=at(6), entered_by="user:a",
    )  # fmt: skip

    d = the_only(scene.found(LATER), "D26")

    assert (d.owner, d.amount, d.status) == ("supervisor", amount, status)
    assert "Rp4.000" in d.explanation  # the city's share


def test_d26_not_of_who_did_not_work(scene):
    scene.add(
        CommitmentRow, attendant_id=scene.city.sari, daily=9_000, valid_from=date(2026, 1, 1),
        letter="SK 1", entered_at=at(6), entered_by="user:a",
    )  # fmt: skip
    earned(scene, 10_000)

    assert scene.codes(LATER) == []


def test_d27_a_vehicle_that_was_paid_as_another_kind_first(scene):
    shift = scene.shift()
    first = scene.sale(shift)
    second = scene.charge(shift, replaces=first, vehicle="car", amount=3_000,
                          tariff_id=scene.city.tariffs["car"])  # fmt: skip
    scene.payment(second, amount=3_000)
    scene.line(second, gross=3_000)

    d = the_only(scene.found(LATER), "D27")

    assert (d.ours, d.amount, d.owner) == (first, 2_000, "system")
    assert "motor" in d.explanation
    assert "mobil Rp3.000" in d.explanation


def test_d27_rests_when_the_first_has_gone_back(scene):
    shift = scene.shift()
    first = scene.sale(shift)
    second = scene.charge(shift, replaces=first, vehicle="car", amount=3_000,
                          tariff_id=scene.city.tariffs["car"])  # fmt: skip
    scene.payment(second, amount=3_000)
    scene.line(second, gross=3_000)
    scene.refund(f"trx-{first}", 2_000, "confirmed")

    assert the_only(scene.found(LATER), "D27").status is Status.CLEARED


def test_d27_not_when_the_kind_was_put_right_before_it_was_paid(scene):
    shift = scene.shift()
    first = scene.charge(shift, state="cancelled")
    second = scene.charge(shift, replaces=first, vehicle="car", amount=3_000,
                          tariff_id=scene.city.tariffs["car"])  # fmt: skip
    scene.payment(second, amount=3_000)
    scene.line(second, gross=3_000)

    assert scene.codes(LATER) == []


def a_qris(nmid, name="PEMKOT JAMBI PARKIR"):
    return build(
        merchant_name=name,
        city="JAMBI",
        postal_code="36123",
        acquirer_guid="ID.CO.CONTOH.WWW",
        merchant_pan="936001150000000123",
        nmid=nmid,
    )


def shown(scene, payload):
    return scene.add(
        FakeQrRow, seen_at=at(10), business_day=DAY, point_id=scene.city.market, payload=payload,
        note="", photo_type="", noted_at=at(11), noted_by="user:a",
    )  # fmt: skip


def test_d34_a_qr_of_somebody_else(scene):
    scene.shift()
    report = shown(scene, a_qris(nmid="ID1099999999999", name="WARUNG CONTOH"))

    d = the_only(scene.found(LATER), "D34")

    assert (d.severity, d.owner, d.subject) == (
        Severity.CRITICAL,
        "supervisor",
        f"fake-qr:{report}",
    )
    assert (d.point_id, d.attendant_id) == (scene.city.market, scene.city.budi)
    assert "WARUNG CONTOH" in d.explanation
    assert "JBI-0001 bertugas" in d.explanation


def test_d34_where_nobody_had_a_shift(scene):
    shown(scene, a_qris(nmid="ID1099999999999"))

    assert "tanpa giliran terbuka" in the_only(scene.found(LATER), "D34").explanation


def test_d34_what_is_no_qris_at_all(scene):
    shown(scene, "https://contoh.example/bayar")

    assert "bukan QRIS yang sah" in the_only(scene.found(LATER), "D34").explanation


def test_d34_our_own_is_told_and_cleared(scene):
    shown(scene, a_qris(nmid=MERCHANT.nmid))

    d = the_only(scene.found(LATER), "D34")
    assert (d.status, d.severity) == (Status.CLEARED, Severity.LOW)


def test_d37_paid_this_year_and_paid_out_in_the_next(scene):
    scene.day = date(2026, 12, 31)
    shift = scene.shift()
    for _ in range(2):
        ours = scene.charge(shift)
        scene.payment(ours)
        scene.line(ours, settled_on=date(2027, 1, 4))

    found = scene.found(night_after(date(2027, 1, 5)))

    (d,) = [d for d in found if d.code == "D37"]
    assert (d.subject, d.amount, d.status) == (
        "batch:midtrans/jambi/2027-01-04", 4_000, Status.TIMING,
    )  # fmt: skip
    assert "2 pembayaran" in d.explanation


def test_d37_not_within_a_year(scene):
    scene.sale(scene.shift())

    assert scene.codes(LATER) == []


def test_a_supervisor_reports_a_qr_and_the_day_names_it(scene, clock):
    clock.moment = at(12)
    desk = desk_client(scene.parts, Role.SUPERVISOR)
    form = {
        "seen_at": "2026-11-23T10:00", "point": str(scene.city.market), "note": "di tiang",
        "payload": a_qris(nmid="ID1099999999999"),
    }  # fmt: skip
    assert desk.post("/audit/fake-qr/new", data=form | {"payload": " "}).status_code == 422

    assert desk.post("/audit/fake-qr/new", data=form).status_code == 303

    assert "ID1099999999999" in desk.get("/audit/fake-qr").get_data(as_text=True)
    assert scene.codes(LATER) == ["D34"]


def test_a_picture_of_it_is_kept_as_it_came_and_never_run(scene, clock):
    clock.moment = at(12)
    desk = desk_client(scene.parts, Role.SUPERVISOR)

    def report(photo):
        return desk.post("/audit/fake-qr/new", data={
            "seen_at": "2026-11-23T10:00", "point": str(scene.city.market), "note": "",
            "payload": "000201", "photo": (io.BytesIO(photo), "stiker.png"),
        })  # fmt: skip

    assert "hanya JPEG, PNG" in report(b"<svg onload=alert(1)>").text
    assert report(b"%PDF-1.7").status_code == 422
    assert report(PNG).status_code == 303

    (where,) = re.findall("/audit/fake-qr/[0-9]+/photo", desk.get("/audit/fake-qr").text)
    served = desk.get(where)
    assert (served.data, served.mimetype) == (PNG, "image/png")
    assert served.headers["Content-Security-Policy"] == "sandbox"
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert desk.get("/audit/fake-qr/999999/photo").status_code == 404
