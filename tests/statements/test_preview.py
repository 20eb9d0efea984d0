"""A file is looked at before it is taken in; what is accepted is what was seen."""

import re
from datetime import timedelta

import pytest
from parking.access.policy import Role
from parking.database.engine import driver_url
from parking.statements.store import DraftRow, ImportRow, SettlementLineRow
from sqlalchemy import create_engine, func, select, update

from tests.gateways.mapped_files import PLAIN, ROW, TITLES, csv_file, xlsx_file
from tests.people import browser, desk_client
from tests.statements.test_finance_desk import accept, report, row, show

OTHER = ROW.replace("PKR-1", "PKR-2").replace("612345678901", "612345678902")


@pytest.fixture
def finance(parts, city):
    return desk_client(parts, Role.FINANCE)


@pytest.fixture
def own(parts):
    """The folder of the operator's mappings, with one for the account."""
    folder = parts.settings.mapping_folders[0]
    folder.mkdir(parents=True)
    (folder / "midtrans-jambi.yaml").write_text(PLAIN)
    return folder


def count(parts, table):
    with parts.sessions() as session:
        return session.scalar(select(func.count()).select_from(table))


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_preview_shows_what_is_understood_beside_the_file_and_stores_nothing(parts, finance, own):
    page = finance.get(show(finance, csv_file(TITLES, ROW)).location).text

    assert "Bruto Gross Rp2.000 Biaya Fee Rp14 Bersih Net Rp1.986" in text(page)
    assert "Paid: 2026-11-23 12:00:00" in text(page)
    assert "Akan diterima" in page
    assert count(parts, ImportRow) == 0


def test_what_was_seen_is_accepted_by_the_mapping_of_the_account(parts, finance, own):
    where = show(finance, csv_file(TITLES, ROW)).location

    page = finance.get(accept(finance, where).location).text

    assert "612345678901" in page
    assert "Diterima" in page
    assert count(parts, DraftRow) == 0


def test_a_workbook_is_looked_at_and_accepted(parts, finance, own):
    (own / "sheet.yaml").write_text(PLAIN.replace("csv", "xlsx"))
    content = xlsx_file([TITLES.split(","), ROW.split(",")])
    where = show(finance, content, "laporan.xlsx", mapping="sheet").location

    assert accept(finance, where, mapping="sheet").status_code == 303
    assert count(parts, SettlementLineRow) == 1


@pytest.mark.fault("F65")
def test_a_wrong_cell_is_marked_and_nothing_can_be_accepted(parts, finance, own):
    content = csv_file(TITLES, ROW, OTHER.replace("2000.00", "2.000"))

    where = show(finance, content).location
    page = finance.get(where).text

    assert "baris 3, kolom &#39;Gross&#39;: &#39;2.000&#39;" in page
    assert page.count("cell-wrong") == 1
    assert 'name="seen"' not in page
    assert accept(finance, where, seen="made up").status_code == 409
    assert count(parts, SettlementLineRow) == 0


@pytest.mark.fault("F70")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Berkas kosong"), (b"PK\x03\x04 broken", "Berkas ini XLSX"), (b"<html>", "HTML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel lama"), (b"a,b\n", "Kolom tidak lengkap"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(finance, own, content, why):
    page = finance.get(show(finance, content).location).text

    assert why in page
    assert 'name="seen"' not in page


def test_a_file_can_be_read_again_by_another_mapping(finance, own):
    where = show(finance, report(row("PKR-1"))).location

    assert "Kolom tidak lengkap" in finance.get(where).text
    assert "trx-PKR-1" in finance.get(f"{where.partition('?')[0]}?mapping=adapter").text


def test_the_second_time_there_is_nothing_to_accept(finance, own):
    content = csv_file(TITLES, ROW)
    taken = accept(finance, show(finance, content).location).location

    page = finance.get(show(finance, content).location).text

    assert "Sudah ada" in page
    assert f'href="{taken}"' in page
    assert 'name="seen"' not in page


@pytest.mark.fault("F59")
def test_pressing_twice_takes_in_once(parts, finance, own):
    where = show(finance, csv_file(TITLES, ROW)).location
    page = finance.get(where).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    accept(finance, where)

    assert accept(finance, where, seen=seen).status_code == 409
    assert count(parts, ImportRow) == 1


def test_a_mapping_that_was_changed_in_between_must_be_looked_at_again(parts, finance, own):
    where = show(finance, csv_file(TITLES, ROW)).location
    seen = re.search(r'name="seen" value="([^"]+)"', finance.get(where).text)[1]
    (own / "midtrans-jambi.yaml").write_text(PLAIN.replace("Asia/Jakarta", "UTC"))

    answer = accept(finance, where, seen=seen)

    assert answer.status_code == 409
    assert "Pemetaan sudah diubah" in answer.text
    assert count(parts, ImportRow) == 0


def test_a_mapping_that_is_wrong_names_its_key(finance, own):
    (own / "midtrans-jambi.yaml").write_text("format: pdf")

    page = finance.get(show(finance, csv_file(TITLES, ROW)).location).text

    assert "format: Input should be" in page


@pytest.mark.fault("F70")
@pytest.mark.parametrize(
    "wrong", ["[" * 30_000, 'about: !!int "x"', "skip: " + "9" * 5_000, "a: &a [x]\nabout: *a"]
)
def test_a_mapping_that_is_no_mapping_breaks_no_screen(finance, own, wrong):
    (own / "midtrans-jambi.yaml").write_text(wrong)

    where = show(finance, csv_file(TITLES, ROW)).location

    assert finance.get("/finance/imports").status_code == 200
    page = finance.get(where)
    assert (page.status_code, "midtrans-jambi.yaml" in page.text) == (200, True)
    assert 'name="seen"' not in page.text


@pytest.mark.parametrize("draft", ["", "x", "-1", "9" * 19, "9" * 5_000])
def test_a_preview_that_never_was_cannot_be_accepted(finance, own, draft):
    answer = finance.post("/finance/imports", data={"draft": draft, "seen": "x"})

    assert (answer.status_code, "Lihat pratinjau dulu" in answer.text) == (422, True)


def test_a_file_of_two_days_leads_to_the_list_of_both(parts, finance, own):
    content = csv_file(TITLES, ROW, OTHER.replace("2026-11-23", "2026-11-24"))
    where = show(finance, content).location
    assert finance.get(where).text.count("laporan pertama hari itu") == 2

    assert accept(finance, where).location == "/finance/imports"
    assert count(parts, ImportRow) == 2


@pytest.mark.fault("F78")
@pytest.mark.fault("F80")
def test_a_preview_is_for_the_person_who_sent_the_file(parts, finance, own):
    where = show(finance, csv_file(TITLES, ROW)).location

    assert desk_client(parts, Role.TREASURER).get(where).status_code == 409
    assert desk_client(parts, Role.AUDITOR).get(where).status_code == 403
    assert browser(parts).get(where).status_code == 302
    assert finance.get("/finance/imports/previews/999999").status_code == 409


def test_a_preview_ends_after_an_hour_and_is_thrown_away(parts, finance, own):
    old = show(finance, csv_file(TITLES, ROW)).location
    with parts.sessions.begin() as session:
        owned_long_ago = parts.clock.now() - timedelta(hours=2)
        number = session.scalar(select(DraftRow.id))
    assert finance.get(old).status_code == 200

    _age(parts, number, owned_long_ago)

    assert finance.get(old).status_code == 409
    show(finance, csv_file(TITLES, ROW))
    assert count(parts, DraftRow) == 1


def _age(parts, number, at):
    """Put back when it was kept, which the application itself may not."""
    owner = create_engine(driver_url(parts.settings.owner_url))
    with owner.begin() as connection:
        connection.execute(update(DraftRow).where(DraftRow.id == number).values(at=at))
    owner.dispose()


def test_one_person_keeps_five_files_at_most(parts, finance, own):
    for _ in range(7):
        show(finance, csv_file(TITLES, ROW))

    assert count(parts, DraftRow) == 5


def test_the_choice_of_mappings_begins_with_what_the_account_has(finance, own):
    page = finance.get("/finance/imports").text
    options = re.findall(r'<option value="([^"]*)"', page.partition('id="mapping"')[2])

    assert options[:3] == ["", "adapter", "doku"]
    assert "midtrans-jambi" in options
