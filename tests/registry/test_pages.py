"""The registry's pages, as their users meet them."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from parking.access.policy import Role
from parking.audit.store import AuditEventRow
from parking.registry import add, desk_store, store
from parking.registry.facts import Vehicle, tariff_for
from sqlalchemy import select

from tests.conftest import NOON
from tests.people import browser, desk_client
from tests.registry.facts import ADMIN, TODAY, TOMORROW, new_attendant

LISTS = (
    "attendants", "points", "assignments", "tariffs", "splits", "accounts", "users", "devices",
    "leave",
)  # fmt: skip
FOR_SUPERVISORS = ("attendants", "points", "assignments", "devices")
WHY = "Tidak menyetor tiga minggu"


@pytest.fixture
def admin(parts, city):
    return desk_client(parts, Role.ADMIN, "ratna")


def pages_of(city):
    return [
        "/admin/", *(f"/admin/{name}" for name in LISTS),
        *(f"/admin/{name}/new" for name in LISTS if name != "devices"),
        f"/admin/attendants/{city.budi}", f"/admin/attendants/{city.budi}/end",
        f"/admin/points/{city.market}", f"/admin/points/{city.market}/end",
        f"/admin/devices/{city.budis_phone}/end", "/admin/users/ratna/end",
        "/admin/users/ratna/reset",
    ]  # fmt: skip


def actions(parts):
    with parts.sessions() as session:
        return session.scalars(select(AuditEventRow.action).order_by(AuditEventRow.seq)).all()


def text_of(answer):
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_every_page_opens_for_an_administrator(admin, city, parts):
    with parts.sessions() as session:
        (account,) = desk_store.accounts(session, TODAY)
        (letter,) = desk_store.letters_of(session, attendant_id=city.budi)
    more = [
        f"/admin/accounts/{account.id}", f"/admin/accounts/{account.id}/end",
        f"/admin/accounts/{account.id}/fees/new", f"/admin/assignments/{letter.id}/revoke",
    ]  # fmt: skip
    for page in [*pages_of(city), *more]:
        answer = admin.get(page)
        assert answer.status_code == 200, page
        assert "style=" not in answer.text, page
        assert "onclick" not in answer.text, page


@pytest.mark.parametrize(
    "role", [Role.AUDITOR, Role.TREASURER, Role.FINANCE, Role.LEADERSHIP, Role.SUPERVISOR]
)
def test_what_belongs_to_administrators_is_closed_to_others(parts, city, role):
    client = desk_client(parts, role)
    for page in pages_of(city):
        seen = role is Role.SUPERVISOR and (
            page in ("/admin/", *(f"/admin/{name}" for name in FOR_SUPERVISORS))
            or re.fullmatch(r"/admin/(attendants|points)/\d+", page)
            or page.startswith("/admin/devices/")
        )
        assert client.get(page).status_code == (200 if seen else 403), page


def test_a_supervisor_sees_no_button_that_is_not_hers(parts, city):
    client = desk_client(parts, Role.SUPERVISOR)

    page = client.get(f"/admin/attendants/{city.budi}").text

    assert "/enrolment" in page
    assert "/revoke" not in page
    assert f"/attendants/{city.budi}/end" not in page
    assert "/admin/attendants/new" not in client.get("/admin/attendants").text


def test_nobody_signed_in_is_sent_to_the_sign_in(parts, city):
    answer = browser(parts).get("/admin/attendants")

    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_an_attendant_is_registered_and_found(admin, parts):
    sent = {"badge": "JBI-0100", "name": "Rina Contoh", "joined_on": str(TODAY)}

    answer = admin.post("/admin/attendants/new", data=sent, follow_redirects=True)

    assert answer.status_code == 200
    assert "Rina Contoh terdaftar" in answer.text
    assert "Rina Contoh" in admin.get("/admin/attendants?q=rina+JBI-01").text
    assert "Rina Contoh" not in admin.get("/admin/attendants?q=budi").text


def test_everything_wrong_is_told_beside_its_field_and_what_was_typed_stays(admin, parts):
    sent = {"badge": "jbi", "name": "", "joined_on": "0206-11-24"}

    answer = admin.post("/admin/attendants/new", data=sent)

    assert answer.status_code == 422
    assert 'value="jbi"' in answer.text
    said = text_of(answer)
    for why in ("Bentuknya harus seperti JBI-0123", "Wajib diisi", "Periksa tahunnya"):
        assert why in said, why


def test_what_is_no_day_is_told_with_what_to_do(admin):
    sent = {"badge": "JBI-0100", "name": "Rina Contoh", "joined_on": "kemarin"}

    answer = admin.post("/admin/attendants/new", data=sent)

    assert answer.status_code == 422
    assert "Bukan tanggal. Pilih dari kalender" in answer.text


def test_sent_twice_is_added_once(admin, parts):
    sent = {"badge": "JBI-0100", "name": "Rina Contoh", "joined_on": str(TODAY)}

    first = admin.post("/admin/attendants/new", data=sent)
    second = admin.post("/admin/attendants/new", data=sent)

    assert (first.status_code, second.status_code) == (303, 422)
    assert "Sudah dipakai" in second.text
    assert actions(parts).count("attendant.add") == 1


def test_a_form_without_its_token_changes_nothing(admin, parts):
    admin.csrf = ""
    sent = {"badge": "JBI-0100", "name": "Rina Contoh", "joined_on": str(TODAY)}

    assert admin.post("/admin/attendants/new", data=sent).status_code == 400
    assert "attendant.add" not in actions(parts)


def test_a_point_and_a_letter_for_it(admin, city, parts):
    point = {
        "code": "SKH-01", "name": "Deretan bengkel", "road": "Jl. Soekarno Hatta",
        "zone": "Soekarno-Hatta", "area_type": "street", "has_qris": "y",
        "opened_on": str(TODAY),
    }  # fmt: skip
    made = admin.post("/admin/points/new", data=point)
    number = made.location.rsplit("/", 1)[1]
    letter = {
        "letter": "SPT/100/2026", "attendant_id": city.budi, "point_id": number,
        "valid_from": str(TODAY), "valid_to": str(TODAY + timedelta(days=10)),
    }  # fmt: skip

    answer = admin.post("/admin/assignments/new", data=letter, follow_redirects=True)

    assert "SPT SPT/100/2026 tercatat" in answer.text
    assert "Segera berakhir" in answer.text
    assert "SPT/100/2026" in admin.get("/admin/assignments?show=soon_over").text
    assert "SPT/001/2026" not in admin.get("/admin/assignments?show=soon_over").text
    overlapping = letter | {"letter": "SPT/101/2026"}
    refused = admin.post("/admin/assignments/new", data=overlapping)
    assert refused.status_code == 422
    assert "Sudah ada SPT SPT/100/2026" in refused.text


def test_a_letter_is_taken_back_with_a_reason(admin, city, parts):
    with parts.sessions() as session:
        (letter,) = desk_store.letters_of(session, attendant_id=city.budi)
    page = f"/admin/assignments/{letter.id}/revoke"

    assert admin.post(page, data={"reason": ""}).status_code == 422
    done = admin.post(page, data={"reason": WHY}, follow_redirects=True)
    again = admin.post(page, data={"reason": WHY})

    assert WHY in done.text
    assert again.status_code == 409
    assert actions(parts).count("assignment.end") == 1


def test_a_letter_taken_back_for_a_past_day_must_be_said_to_be_so(admin, city, parts):
    with parts.sessions() as session:
        (letter,) = desk_store.letters_of(session, attendant_id=city.budi)
    page, yesterday = f"/admin/assignments/{letter.id}/revoke", str(TODAY - timedelta(days=1))

    refused = admin.post(page, data={"reason": WHY, "day": yesterday})

    assert refused.status_code == 422
    assert "Centang berlaku surut" in refused.text
    told = {"reason": WHY, "day": yesterday, "is_back_dated": "y"}
    assert admin.post(page, data=told).status_code == 303


def test_an_attendant_ends_with_a_last_day_and_the_letters_end_too(admin, city):
    page = f"/admin/attendants/{city.budi}/end"

    assert "SPT/001/2026" in admin.get(page).text
    early = {"last_day": str(TODAY - timedelta(days=1)), "reason": WHY}
    assert "Paling awal hari ini" in admin.post(page, data=early).text
    done = admin.post(page, data={"last_day": str(TODAY), "reason": WHY}, follow_redirects=True)
    assert "Hari terakhir Budi Contoh tercatat" in done.text
    assert WHY in done.text
    assert admin.post(page, data={"last_day": str(TODAY), "reason": WHY}).status_code == 409


def new_price(**changed):
    return {
        "vehicle": "motorcycle", "zone": "", "amount": "3.000", "valid_from": str(TOMORROW),
        "decree": "Perda 9/2026",
    } | changed  # fmt: skip


def test_a_price_is_checked_before_it_is_kept(admin, parts):
    asked = admin.post("/admin/tariffs/new", data=new_price())

    assert asked.status_code == 200
    assert "Rp2.000 → Rp3.000" in asked.text
    assert "tariff.add" not in actions(parts)

    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', asked.text))
    kept = admin.post("/admin/tariffs/new", data=hidden, follow_redirects=True)

    assert "Selasa, 24 November 2026" in text_of(kept)
    with parts.sessions() as session:
        known = store.tariffs(session)
    assert tariff_for(known, Vehicle.MOTORCYCLE, "Pasar", NOON).amount == 2_000
    assert tariff_for(known, Vehicle.MOTORCYCLE, "Pasar", NOON + timedelta(days=1)).amount == 3_000


def test_a_price_confirmed_twice_is_kept_once(admin, parts):
    sent = new_price(confirmed="yes")

    answers = [admin.post("/admin/tariffs/new", data=sent).status_code for _ in range(2)]

    assert answers == [303, 422]
    assert actions(parts).count("tariff.add") == 1


@pytest.mark.parametrize("amount", ["2,5", "2.5", "-2000", "dua ribu", "20.00", "2e3"])
def test_an_amount_that_could_be_misread_is_refused(admin, amount):
    answer = admin.post("/admin/tariffs/new", data=new_price(amount=amount))

    assert answer.status_code == 422
    assert "Hanya rupiah bulat" in answer.text


def test_a_back_dated_price_must_be_said_to_be_so_and_is_marked(admin, parts):
    early = new_price(valid_from=str(TODAY), confirmed="yes")

    refused = admin.post("/admin/tariffs/new", data=early)
    assert refused.status_code == 422
    assert "centang berlaku surut" in refused.text
    asked = admin.post(
        "/admin/tariffs/new", data=new_price(valid_from=str(TODAY), is_back_dated="y")
    )
    assert "D28" in asked.text
    kept = admin.post(
        "/admin/tariffs/new", data=early | {"is_back_dated": "y"}, follow_redirects=True
    )
    assert "Berlaku surut" in kept.text


def test_a_split_is_checked_kept_and_shown_as_what_comes_next(admin):
    sent = {"city_share": "37,5", "valid_from": str(TOMORROW), "decree": "Perwal 9/2026"}

    assert "Daerah 37,5%, juru parkir 62,5%" in admin.post("/admin/splits/new", data=sent).text
    kept = admin.post("/admin/splits/new", data=sent | {"confirmed": "yes"}, follow_redirects=True)

    assert "Akan berlaku" in kept.text


@pytest.mark.parametrize("share", ["NaN", "1e2", "40,005", "-1", "101"])
def test_a_share_that_is_none_is_refused(admin, share):
    sent = {"city_share": share, "valid_from": str(TOMORROW), "decree": "x", "confirmed": "yes"}

    assert admin.post("/admin/splits/new", data=sent).status_code == 422


def an_account(**changed):
    return {
        "gateway": "midtrans", "account": "pasar", "merchant_id": "G000000002",
        "nmid": "ID1020000000020", "pan": "936001150000000222", "name": "PARKIR PASAR JAMBI",
        "city": "KOTA JAMBI", "environment": "production", "key_name": "MIDTRANS_PASAR",
        "valid_from": str(TODAY), "fee": "0,3", "settles_in": "2", "contract": "PKS 7/2026",
    } | changed  # fmt: skip


def test_an_account_shows_whether_its_key_is_there_and_never_the_key(admin, parts):
    answer = admin.post("/admin/accounts/new", data=an_account(), follow_redirects=True)

    assert "GATEWAY_KEY_MIDTRANS_PASAR" in answer.text
    assert "belum terpasang" in answer.text
    assert "0,3%" in answer.text
    assert "Akun midtrans/pasar" in answer.text
    listed = admin.get("/admin/accounts").text
    assert ">midtrans/jambi</a>" in listed
    assert ">midtrans/pasar</a>" in listed
    assert "1 terpasang" in listed
    for keys in parts.settings.gateway_keys.values():
        assert all(key not in listed + answer.text for key in keys)


def test_a_new_fee_is_a_new_term(admin, parts):
    with parts.sessions() as session:
        (account,) = desk_store.accounts(session, TODAY)
    sent = {"fee": "0,7", "settles_in": "2", "valid_from": str(TOMORROW), "contract": "PKS 8/2026"}
    page = f"/admin/accounts/{account.id}/fees/new"

    assert "Biaya baru untuk midtrans/jambi" in admin.get(page).text
    answer = admin.post(page, data=sent, follow_redirects=True)

    assert "0,7%" in answer.text
    assert "Akan berlaku" in answer.text
    assert admin.post(page, data=sent).status_code == 422


def test_a_code_for_a_phone_is_shown_once_with_its_symbol(admin, city, parts):
    answer = admin.post(f"/admin/attendants/{city.budi}/enrolment")

    assert answer.status_code == 200
    assert "<svg" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "enrolment.invite" in actions(parts)


def test_a_phone_is_ended_at_once(admin, city, parts):
    page = f"/admin/devices/{city.budis_phone}/end"

    done = admin.post(page, data={"reason": WHY}, follow_redirects=True)

    assert "tidak dapat dipakai lagi" in done.text
    assert "Budi" in admin.get("/admin/devices?show=over").text
    assert actions(parts).count("device.end") == 1


def test_a_user_is_added_with_secrets_that_are_shown_once(admin, parts):
    sent = {"username": "dewi", "name": "Dewi Contoh", "role": "auditor"}

    answer = admin.post("/admin/users/new", data=sent)

    assert "<svg" in answer.text
    assert "otpauth://" in answer.text
    listed = admin.get("/admin/users")
    assert "Auditor Dishub" in listed.text
    assert "otpauth" not in listed.text
    assert admin.post("/admin/users/new", data=sent).status_code == 422


def test_a_user_is_signed_out_reset_and_ended(admin, parts):
    other = desk_client(parts, Role.AUDITOR, "dewi")
    assert other.get("/sessions").status_code == 200

    admin.post("/admin/users/dewi/sign-out")
    assert other.get("/sessions").status_code == 302
    assert "Sandi dan kode baru" in admin.post("/admin/users/dewi/reset", data={"reason": WHY}).text
    assert admin.post("/admin/users/dewi/end", data={"reason": WHY}).status_code == 303
    assert admin.post("/admin/users/dewi/end", data={"reason": WHY}).status_code == 409


def test_the_last_administrator_stays(admin):
    assert admin.post("/admin/users/ratna/end", data={"reason": WHY}).status_code == 409


def test_a_day_of_leave_is_added_once(admin):
    sent = {"day": "2026-12-24", "decree": "SKB 3 Menteri"}

    answers = [admin.post("/admin/leave/new", data=sent).status_code for _ in range(2)]

    assert answers == [303, 422]
    assert "24 Des 2026" in admin.get("/admin/leave").text


def test_what_is_shown_is_what_is_exported(admin):
    answer = admin.get("/admin/attendants?sort=-badge&q=contoh&format=csv")

    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:2] == ["Lencana", "Nama"]
    assert [row[0] for row in rows[1:]] == ["JBI-0002", "JBI-0001"]
    assert answer.mimetype == "text/csv"


def test_a_name_that_looks_like_a_formula_stays_a_name(admin, parts):
    with parts.sessions.begin() as session:
        add.attendant(session, new_attendant(name="=1+1"), ADMIN, NOON)

    text = admin.get("/admin/attendants?format=csv").data.decode("utf-8-sig")

    assert "'=1+1" in text


def test_a_long_list_is_turned_over_page_by_page(admin, parts):
    with parts.sessions.begin() as session:
        for number in range(100, 160):
            badge = f"JBI-{number:04}"
            add.attendant(session, new_attendant(badge=badge), ADMIN, NOON)

    first, second = admin.get("/admin/attendants"), admin.get("/admin/attendants?page=2")

    assert "1–50 dari 62" in text_of(first)
    assert "51–62 dari 62" in text_of(second)
    assert "JBI-0159" not in first.text
    assert "JBI-0159" in second.text
    assert "51–62 dari 62" in text_of(admin.get("/admin/attendants?page=99"))


@pytest.mark.parametrize(
    "asked", ["sort=password", "page=-1", "page=x", "show=everything", "q=%00"]
)
def test_an_address_that_asks_nonsense_shows_the_usual_list(admin, asked):
    answer = admin.get(f"/admin/attendants?{asked}")

    assert answer.status_code == 200


def test_names_are_text_and_never_markup(admin, parts):
    with parts.sessions.begin() as session:
        new = new_attendant(name="<script>alert(1)</script>")
        number = add.attendant(session, new, ADMIN, NOON)

    for page in ("/admin/attendants", f"/admin/attendants/{number}"):
        assert "<script>alert" not in admin.get(page).text


def test_what_is_not_there_is_not_found(admin):
    for page in ("attendants/999999", "points/999999", "assignments/999999/revoke",
                 "accounts/999999", "devices/999999/end"):  # fmt: skip
        assert admin.get(f"/admin/{page}").status_code == 404, page


def test_an_empty_list_says_what_to_do(parts):
    admin = desk_client(parts, Role.ADMIN)

    assert "Daftarkan juru parkir" in admin.get("/admin/attendants?show=").text
    assert "belum ada yang dapat ditagih" in admin.get("/admin/tariffs").text


def test_the_overview_counts_what_needs_somebody(admin, parts):
    with parts.sessions.begin() as session:
        add.attendant(session, new_attendant(joined_on=date(2026, 11, 1)), ADMIN, NOON)

    said = text_of(admin.get("/admin/"))

    assert "Juru parkir aktif Attendants 3" in said
    assert "Tanpa SPT No letter 1" in said
