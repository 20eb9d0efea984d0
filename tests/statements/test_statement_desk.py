"""The finance desk: bank statements looked at, taken in, refused, and missed on a calendar."""

import io
import re
from datetime import date

import pytest
from parking.access.policy import Role
from parking.statements import bank_store
from parking.statements.bank_store import AbsenceRow, StatementLineRow, StatementRow
from parking.statements.calendar import State, month_of
from parking.statements.expected_store import ExpectedFile
from parking.statements.take_in_statement import Attempt, reject
from sqlalchemy import func, select

from tests.people import browser, desk_client
from tests.statements.bank_files import (
    FRIDAY,
    MONDAY,
    NOW,
    PLAIN,
    TUESDAY,
    Move,
    add_account,
    camt,
    csv_file,
    mt940,
)

IN, OUT = Move(150_000, "SETORAN STS 12", reference="FT001"), Move(-2_500, "BIAYA ADM")


@pytest.fixture
def finance(parts, city):
    with parts.sessions.begin() as session:
        add_account(session)
    return desk_client(parts, Role.FINANCE)


@pytest.fixture
def own(parts):
    folder = parts.settings.var / "mappings" / "statements"
    folder.mkdir(parents=True)
    (folder / "rkud.yaml").write_text(PLAIN)
    return folder


def show(client, content, name="mutasi.sta", account="rkud", **way):
    """Send a file to be looked at; the answer leads to its preview."""
    return client.post(
        "/finance/statements/previews",
        data={"account": account, "file": (io.BytesIO(content), name), **way},
        content_type="multipart/form-data",
    )


def accept(client, where, way="", seen=""):
    proof = re.search(r'name="seen" value="([^"]+)"', client.get(where).text)
    number = where.partition("?")[0].rpartition("/")[2]
    told = {"draft": number, "way": way, "seen": seen or (proof and proof[1]) or ""}
    return client.post("/finance/statements", data=told)


def count(parts, row=StatementLineRow):
    with parts.sessions() as session:
        return session.scalar(select(func.count()).select_from(row))


def test_a_statement_is_looked_at_then_taken_in_and_shown(parts, finance):
    where = show(finance, mt940(IN, OUT)).location
    page = finance.get(where).text
    assert "SETORAN STS 12" in page
    assert "Rp1.147.500" in page
    assert count(parts) == 0

    answer = accept(finance, where)

    assert answer.status_code == 303
    page = finance.get(answer.location).text
    assert "Diterima" in page
    assert "Rp150.000" in page
    assert "FT001" in page
    assert count(parts) == 2
    assert "mutasi.sta" in finance.get("/finance/statements").text


@pytest.mark.parametrize(
    ("content", "name"), [(camt(IN), "a.xml"), (csv_file(IN), "a.csv"), (mt940(IN), "a.txt")]
)
def test_the_form_of_a_file_is_found_by_itself(parts, finance, own, content, name):
    accept(finance, show(finance, content, name).location)

    assert count(parts) == 1


def test_a_mapping_may_be_chosen(parts, finance, own):
    (own / "lain.yaml").write_text(PLAIN.replace("Keterangan", "Berita"))
    where = show(finance, csv_file(IN).replace(b"Keterangan", b"Berita"), "a.csv").location
    assert "tidak ada kolom" in finance.get(where).text

    other = f"{where}?way=lain"
    assert "SETORAN STS 12" in finance.get(other).text
    accept(finance, other, way="lain")
    assert count(parts) == 1


@pytest.mark.fault("F58")
@pytest.mark.fault("F65")
def test_what_is_wrong_is_named_with_its_line_and_cannot_be_accepted(parts, finance):
    where = show(finance, mt940(IN, OUT).replace(b"150000,00", b"150000,50")).location

    page = finance.get(where).text

    assert "baris 5" in page
    assert 'name="seen"' not in page
    assert accept(finance, where, seen="x").status_code == 409
    assert count(parts, StatementRow) == 0


@pytest.mark.fault("F72")
def test_a_gap_is_told_before_anything_is_accepted(finance):
    friday = mt940(Move(1, day=FRIDAY), first=FRIDAY, last=FRIDAY)
    accept(finance, show(finance, friday).location)
    late = mt940(Move(7), opening=5)

    page = finance.get(show(finance, late).location).text

    assert "rekening koran di antaranya yang belum diterima" in page
    assert 'name="seen"' not in page


@pytest.mark.fault("F72")
def test_a_day_that_has_not_come_is_told_before_anything_is_accepted(finance):
    page = finance.get(show(finance, mt940(Move(7, day=TUESDAY), last=TUESDAY)).location).text

    assert "memuat hari 2026-11-24, padahal hari ini 2026-11-23" in page
    assert 'name="seen"' not in page


@pytest.mark.fault("F59")
def test_the_same_file_again_leads_to_the_first(parts, finance):
    first = accept(finance, show(finance, mt940(IN)).location).location

    page = finance.get(show(finance, mt940(IN)).location).text

    assert "Sudah ada" in page
    assert f'href="{first}"' in page
    assert 'name="seen"' not in page


@pytest.mark.fault("F59")
def test_pressing_twice_takes_in_once(parts, finance):
    where = show(finance, mt940(IN)).location
    seen = re.search(r'name="seen" value="([^"]+)"', finance.get(where).text)[1]
    accept(finance, where)

    assert accept(finance, where, seen=seen).status_code == 409
    assert count(parts, StatementRow) == 1


def test_a_mapping_that_was_changed_in_between_must_be_looked_at_again(parts, finance, own):
    where = show(finance, csv_file(IN), "a.csv").location
    seen = re.search(r'name="seen" value="([^"]+)"', finance.get(where).text)[1]
    (own / "rkud.yaml").write_text(PLAIN + "\n# changed\n")

    assert accept(finance, where, seen=seen).status_code == 409
    assert count(parts) == 0


@pytest.mark.fault("F70")
@pytest.mark.parametrize("wrong", ["format: pdf", "[" * 30_000])
def test_a_mapping_that_is_wrong_breaks_no_screen(finance, own, wrong):
    (own / "rkud.yaml").write_text(wrong)

    page = finance.get(show(finance, csv_file(IN), "a.csv").location)

    assert (page.status_code, "rkud.yaml" in page.text) == (200, True)


def test_files_that_cannot_be_sent_are_refused_with_their_reason(finance):
    assert "Pilih berkas dulu" in finance.post("/finance/statements/previews").text
    assert show(finance, mt940(IN), account="lain").status_code == 404
    assert finance.post("/finance/statements", data={"draft": "x"}).status_code == 422


@pytest.mark.fault("F67")
def test_an_upload_beyond_the_limit_is_refused_and_the_desk_goes_on(finance):
    answer = show(finance, b" " * (20 * 1024**2 + 100_000))

    assert answer.status_code == 413
    assert finance.get("/finance/statements").status_code == 200


@pytest.mark.fault("F78")
def test_who_may_read_may_not_upload(parts, finance):
    accept(finance, show(finance, mt940(IN)).location)
    where = show(finance, mt940(IN)).location
    auditor = desk_client(parts, Role.AUDITOR)

    for page in ("", "/1", "/1/file", "/calendar", "/accounts/rkud"):
        number = _number(parts)
        assert auditor.get(f"/finance/statements{page.replace('1', number)}").status_code == 200
    assert auditor.get(where).status_code == 403
    assert show(auditor, mt940(IN)).status_code == 403
    assert desk_client(parts, Role.TREASURER).get(where).status_code == 409
    assert browser(parts).get("/finance/statements").status_code == 302


def _number(parts):
    with parts.sessions() as session:
        return str(session.scalar(select(StatementRow.id).limit(1)))


@pytest.mark.fault("F92")
def test_a_file_comes_back_byte_for_byte_and_is_opened_by_nobody(parts, finance):
    """Also one that was refused, as the watched folder keeps it."""
    content = b"\x00<script>alert(1)</script>"
    with parts.sessions() as session:
        account = bank_store.account(session, "rkud")
    refused = reject(parts.sessions, Attempt(account, "mt940", "x.sta", content, "job", NOW), ["x"])

    answer = finance.get(f"/finance/statements/{refused.id}/file")

    assert answer.data == content
    assert answer.mimetype == "application/octet-stream"
    assert "attachment" in answer.headers["Content-Disposition"]


# The calendar


def test_the_calendar_of_an_account_leads_to_what_came_and_to_the_reason_for_what_did_not(
    parts, finance
):
    accept(finance, show(finance, mt940(IN)).location)

    page = finance.get("/finance/statements/accounts/rkud?month=2026-11").text

    assert "23 Nov 2026" in page
    assert "/finance/statements?account=rkud&amp;day=2026-11-23" in page
    assert "/finance/days/2026-11-20/files/statement:rkud" in page
    assert "/files/statement:rkud" not in desk_client(parts, Role.AUDITOR).get(
        "/finance/statements/accounts/rkud"
    ).text  # fmt: skip


def test_an_absence_that_was_explained_is_missed_no_more(parts, finance):
    with parts.sessions.begin() as session:
        told = {"reason": "Bank tutup", "at": NOW, "actor": "user:rina"}
        session.add(AbsenceRow(source="statement:rkud", day=date(2026, 11, 20), **told))

    page = finance.get("/finance/statements/calendar?month=2026-11").text

    assert "Dijelaskan: Bank tutup" in page
    assert "/finance/days/2026-11-20/files" not in page
    assert "/finance/days/2026-11-19/files/statement:rkud" in page


@pytest.mark.parametrize("month", ["", "x", "2026-13", "9999-12", "0001-01", "2026-11-23"])
def test_any_month_that_is_asked_for_is_answered(finance, month):
    assert finance.get(f"/finance/statements/calendar?month={month}").status_code == 200


def test_what_is_expected_what_came_and_what_may_still_come_are_three_things():
    def expected(day, sha256="", reason=""):
        return ExpectedFile(day, "statement:rkud", sha256, reason)

    files = [expected(date(2026, 11, 19), "ab"), expected(date(2026, 11, 20), "", "libur"),
             expected(MONDAY), expected(TUESDAY)]  # fmt: skip
    month = month_of(
        "statement:rkud", date(2026, 11, 1), TUESDAY, {f.day: f for f in files},
        [date(2026, 11, 21)],
    )  # fmt: skip
    states = {cell.day.day: cell.state for week in month.weeks for cell in week if cell}

    assert [states[n] for n in (18, 19, 20, 21, 23, 24, 25)] == [
        State.NONE, State.COME, State.EXPLAINED, State.COME, State.MISSING, State.WAITING,
        State.NONE,
    ]  # fmt: skip
    assert month.weeks[0][:6] == [None] * 6  # the first is a Sunday
    assert len(states) == 30
