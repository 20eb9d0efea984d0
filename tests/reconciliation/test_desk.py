"""The auditor's desk in a browser: a day, the rows behind its figures, and the evidence."""

import re

import pytest
from parking.access.policy import Role
from parking.reconciliation.store import RunRow
from parking.shifts.store import ShiftRow
from sqlalchemy import insert, select

from tests.payments.scenes import a_charge
from tests.people import browser, desk_client
from tests.reconciliation.a_day import PATH, a_day


@pytest.fixture
def day(parts, city):
    return a_day(parts, city)


@pytest.fixture
def auditor(parts, day):
    return desk_client(parts, Role.AUDITOR)


def rows_of(page: str) -> int:
    return page.count('<td data-title="') and len(re.findall(r"<tr>\s*<td data-title", page))


def figure(page: str, title: str) -> tuple[str, str]:
    """The address and the text of a figure on the overview."""
    found = re.search(
        rf'figure-card[^>]*?(?: href="([^"]*)")?>\s*<span class="figure-title">{title} .*?'
        r'<span class="figure">([^<]*)</span>',
        page,
        re.DOTALL,
    )
    assert found, f"no figure {title}"
    return (found.group(1) or "").replace("&amp;", "&"), found.group(2)


def test_the_overview_opens_with_the_newest_reconciled_day(auditor, day):
    page = auditor.get("/audit/").text

    assert "Senin, 23 November 2026" in page
    assert figure(page, "Selisih")[1] == "2"
    assert figure(page, "Menunggu dana masuk")[1] == "3"
    assert figure(page, "Lunas QRIS")[1] == "Rp28.000"
    assert figure(page, "Tunai")[1] == "Rp4.000"
    assert "Selesai sendiri" in page
    assert "Beda waktu" in page


@pytest.mark.parametrize(
    ("title", "count"),
    [("Selisih", 2), ("Menunggu dana masuk", 3), ("Lunas QRIS", 5), ("Tunai", 2),
     ("Tagihan QRIS", 6),
     ("Masih berjalan", 1), ("Dana masuk", 2), ("Pemberitahuan", 5), ("Sif", 1),
     ("Pemberitahuan perlu orang", 2)],
)  # fmt: skip
def test_every_figure_leads_to_as_many_rows_as_it_counts(auditor, title, count):
    href, _ = figure(auditor.get("/audit/").text, title)

    page = auditor.get(href)

    assert page.status_code == 200
    assert rows_of(page.text) == count


def test_a_day_without_anything_says_so(auditor):
    page = auditor.get("/audit/2026-01-05").text

    assert "Tidak ada kegiatan pada hari ini" in page
    assert "Belum direkonsiliasi" in page


def test_a_chosen_day_has_an_address_of_its_own(auditor):
    answer = auditor.get("/audit/2026-11-23?date=2026-11-20")

    assert answer.status_code == 302
    assert answer.location.endswith("/audit/2026-11-20")
    assert auditor.get("/audit/no-day").status_code == 404


@pytest.mark.parametrize("size", ["", "?narrow=1"])
def test_the_chart_is_a_picture_without_script(auditor, size):
    answer = auditor.get(f"/audit/2026-11-23/chart.svg{size}")

    assert answer.mimetype == "image/svg+xml"
    assert answer.text.startswith("<svg")
    assert "<script" not in answer.text
    assert "QRIS lunas" in answer.text
    assert "5 lunas lewat QRIS, 2 tunai" in auditor.get("/audit/2026-11-23").text


def test_discrepancies_are_narrowed_by_every_filter(auditor, day):
    def codes(asked: str) -> set[str]:
        page = auditor.get(f"/audit/discrepancies?day={day.day}&{asked}").text
        return set(re.findall(r'href="/audit/discrepancies/\d+">(D\d\d)<', page))

    assert codes("") == {"D03", "D05", "D07", "D14"}
    assert codes("code=D05") == {"D05"}
    assert codes("status=beda_waktu") == {"D14"}
    assert codes("severity=kritis") == {"D03"}
    assert codes("owner=admin") == {"D03"}
    assert codes("attendant=JBI-0001") == {"D05", "D07", "D14"}
    assert codes("attendant=JBI-0002") == set()
    assert codes("point=PSR-01&status=selisih") == {"D05"}
    assert codes("q=tidak+pernah+kami") == {"D03"}
    assert codes("q=%25") == set()
    assert auditor.get("/audit/discrepancies?from=2026-11-24&to=2026-11-30").text.count("D05 ") <= 1


def test_discrepancies_are_sorted_by_what_is_clicked(auditor, day):
    def codes(sort: str) -> list[str]:
        page = auditor.get(f"/audit/discrepancies?day={day.day}&sort={sort}").text
        return re.findall(r'href="/audit/discrepancies/\d+">(D\d\d)<', page)

    assert codes("severity_text") == ["D03", "D05", "D07", "D14"]
    assert codes("code") == ["D03", "D05", "D07", "D14"]
    assert codes("-amount")[0] == "D05"
    assert codes("nonsense") == codes("severity_text")


def test_a_newer_run_replaces_what_an_older_one_found(parts, city, auditor, day):
    now = parts.clock.now()
    with parts.sessions.begin() as session:
        session.execute(
            insert(RunRow).values(
                business_day=day.day, as_of=now, input_hash="later", result_hash="r2",
                finished_at=now, summary={},
            )
        )  # fmt: skip

    assert "Tidak ada selisih pada hari ini" in auditor.get(f"/audit/{day.day}").text
    assert rows_of(auditor.get(f"/audit/discrepancies?day={day.day}").text) == 0


@pytest.mark.fault("F66")
def test_a_list_is_exported_as_it_is_shown(auditor, day):
    answer = auditor.get(f"/audit/discrepancies?day={day.day}&status=selisih&format=csv")

    lines = answer.data.decode("utf-8-sig").splitlines()
    assert answer.mimetype == "text/csv"
    assert lines[0].startswith("Kode,Bobot,Status")
    assert [line[:3] for line in lines[1:]] == ["D03", "D05"]
    assert "18000" in lines[2]


def test_charges_are_found_by_any_reference_on_any_day(auditor):
    for text in ("PKR-2", "trx-PKR-2"):
        page = auditor.get(f"/audit/charges?day=2026-01-01&q={text}").text
        assert rows_of(page) == 1
        assert 'href="/audit/charges/PKR-2"' in page
    assert rows_of(auditor.get("/audit/charges?q=PKR-X").text) == 0


def test_charges_are_narrowed_by_state_attendant_and_point(auditor, day):
    def count(asked: str) -> int:
        return rows_of(auditor.get(f"/audit/charges?day={day.day}&{asked}").text)

    assert count("state=paid") == 4
    assert count("state=ended") == 1
    assert count("state=open&attendant=JBI-0001&point=PSR-01") == 1
    assert count("attendant=JBI-0002") == 0


def test_lists_are_turned_over_page_by_page(parts, city, auditor, day):
    with parts.sessions.begin() as session:
        for number in range(100, 153):
            a_charge(session, city, _shift(session), f"PKR-{number}", parts.clock.now())

    first = auditor.get(f"/audit/charges?day={day.day}").text
    second = auditor.get(f"/audit/charges?day={day.day}&page=2").text

    assert (rows_of(first), rows_of(second)) == (50, 9)
    assert "Halaman 1 dari 2" in first


def _shift(session) -> int:
    return session.scalar(select(ShiftRow.id))


def links_of(page: str) -> dict[str, str]:
    """How each link of the chain picture stands."""
    found = re.findall(r'chain-link chain-(\w+)">\s*<strong>(.*?) <span', page)
    return {name: hold for hold, name in found}


def test_the_chain_of_a_paid_charge_holds_from_tap_to_settlement(auditor):
    page = auditor.get("/audit/charges/PKR-1").text

    assert links_of(page) == dict.fromkeys(
        ["Ketukan", "QR", "Bayar", "Pemberitahuan", "Buku", "Dana masuk"], "holds"
    )
    assert "diterima 2 kali, dicatat sekali" in page
    assert "Bagian daerah" in page
    assert "Rp800" in page
    assert "settlement-uji.csv" in page


def test_the_chain_shows_the_link_where_it_broke(auditor):
    page = auditor.get("/audit/charges/PKR-2").text

    assert links_of(page)["Bayar"] == "broken"
    assert "Dibayar Rp20.000, ditagih Rp2.000" in page
    assert "Belum teridentifikasi" in page  # the surplus waits in suspense


def test_the_chain_says_which_other_witness_stood_in(auditor):
    page = auditor.get("/audit/charges/PKR-3").text

    assert links_of(page)["Pemberitahuan"] == "bridged"
    assert "diketahui dari berkas settlement" in page


def test_waiting_is_not_broken(auditor):
    late = auditor.get("/audit/charges/PKR-4").text
    unpaid = auditor.get("/audit/charges/PKR-5").text

    assert links_of(late)["Dana masuk"] == "waits"
    assert "terlambat, setelah QR berakhir" in late
    assert links_of(unpaid)["Bayar"] == "none"


def test_raw_evidence_is_one_click_from_the_charge(auditor):
    page = auditor.get("/audit/charges/PKR-1").text
    href = re.search(r'href="(/audit/callbacks/\d+)">bukti mentah', page).group(1)

    raw = auditor.get(href).text

    assert "&#34;order_id&#34;: &#34;PKR-1&#34;" in raw
    assert "Content-Type: application/json" in raw
    assert "Tanda tangan sebagian" in raw


def test_a_discrepancy_names_its_owner_its_evidence_and_its_charge(auditor, day):
    page = auditor.get(f"/audit/discrepancies/{day.discrepancies['D05']}").text
    orphan = auditor.get(f"/audit/discrepancies/{day.discrepancies['D03']}").text

    assert 'href="/audit/charges/PKR-2"' in page
    assert "Lihat rantai bukti" in page
    assert 'href="/finance/imports/1"' in page
    assert "Auditor" in page
    assert "Lihat rantai bukti" not in orphan


@pytest.mark.parametrize(
    "path", ["/audit/charges/NONE", "/audit/discrepancies/999999", "/audit/callbacks/999999"]
)
def test_what_is_not_there_is_404(auditor, path):
    assert auditor.get(path).status_code == 404


PAGES = ("/audit/", "/audit/discrepancies", "/audit/charges", "/audit/charges/PKR-1",
         "/audit/callbacks/1", "/audit/2026-11-23/chart.svg")  # fmt: skip


@pytest.mark.fault("F80")
@pytest.mark.parametrize(
    ("role", "open_pages"),
    [
        (Role.LEADERSHIP, {"/audit/", "/audit/2026-11-23/chart.svg"}),
        (Role.SUPERVISOR, {"/audit/", "/audit/2026-11-23/chart.svg"}),
        (Role.FINANCE, set(PAGES) - {"/audit/callbacks/1"}),
    ],
)
def test_a_role_opens_its_own_pages_only(parts, day, role, open_pages):
    client = desk_client(parts, role)

    opened = {path for path in PAGES if client.get(path).status_code == 200}

    assert opened == open_pages
    assert all(client.get(path).status_code == 403 for path in set(PAGES) - open_pages)


def test_figures_are_no_links_for_who_may_not_see_rows(parts, day):
    page = desk_client(parts, Role.LEADERSHIP).get("/audit/").text

    assert figure(page, "Selisih") == ("", "2")
    assert 'href="/audit/discrepancies' not in page


def test_a_stranger_is_sent_to_sign_in(parts, day):
    client = browser(parts)

    assert client.get("/audit/").status_code == 302
    assert client.get("/audit/charges", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.fault("F87")
def test_what_outsiders_wrote_is_shown_as_text(parts, city, auditor, day):
    client = browser(parts).application.test_client()
    client.post(PATH, data=b"<script>alert(1)</script>", content_type="text/html")
    page = auditor.get(f"/audit/callbacks?day={day.day}").text
    number = re.search(r"/audit/callbacks/(\d+)", page).group(1)

    raw = auditor.get(f"/audit/callbacks/{number}").text

    assert "&lt;script&gt;alert(1)" in raw
    assert "<script>alert" not in raw
