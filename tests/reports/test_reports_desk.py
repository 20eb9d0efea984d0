"""The report of a day in a browser, and the files that it offers."""

import csv
import io
from datetime import timedelta
from zipfile import ZipFile

import pytest
from parking.access.policy import Role
from parking.reconciliation.run import reconcile_day

from tests.people import desk_client
from tests.reconciliation.a_day import what_happened
from tests.reconciliation.scenes import DAY, night_after


@pytest.fixture
def leader(parts, city, clock):
    what_happened(parts, city)
    clock.forward(hours=15)
    reconcile_day(parts.sessions, DAY, night_after(DAY))
    return desk_client(parts, Role.LEADERSHIP)


def test_the_list_leads_to_the_report_of_each_reconciled_day(leader):
    page = leader.get("/audit/reports").text

    assert 'href="/audit/reports/2026-11-23"' in page
    assert "Rp28.000" in page


def test_a_report_shows_the_tables_of_its_files_and_equals_the_ledger(leader):
    page = leader.get("/audit/reports/2026-11-23").text

    assert "Jumlah sama dengan buku besar" in page
    assert "Senin, 23 November 2026" in page
    for word in ("JBI-0001", "PSR-01", "Per gateway", "D05", "Tanpa tagihan"):
        assert word in page


def test_its_files_are_one_click_away(leader):
    book = leader.get("/audit/reports/2026-11-23/report-2026-11-23.xlsx")
    table = leader.get("/audit/reports/2026-11-23/report-2026-11-23-discrepancies.csv")

    assert "xl/workbook.xml" in ZipFile(io.BytesIO(book.data)).namelist()
    assert "attachment" in book.headers["Content-Disposition"]
    codes = [line[0] for line in csv.reader(io.StringIO(table.data.decode("utf-8-sig")))]
    assert {"D03", "D05"} <= set(codes)


@pytest.mark.fault("F90")
@pytest.mark.parametrize(
    "path",
    ["/2026-01-01", "/never", "/2026-11-23/other.csv", "/2026-11-23/..%2f..%2fsecrets.env"],
)
def test_what_is_not_a_report_is_404(leader, path):
    assert leader.get(f"/audit/reports{path}").status_code == 404


def test_a_day_can_be_chosen(leader):
    answer = leader.get("/audit/reports/2026-11-23?date=2026-11-22")

    assert answer.location.endswith("/audit/reports/2026-11-22")


@pytest.mark.fault("F80")
def test_supervisors_do_not_read_reports(parts, leader):
    assert desk_client(parts, Role.SUPERVISOR).get("/audit/reports").status_code == 403


def test_older_days_are_one_page_back(leader):
    page = leader.get(f"/audit/reports?to={DAY - timedelta(days=1)}").text

    assert "Belum ada hari yang direkonsiliasi" in page
