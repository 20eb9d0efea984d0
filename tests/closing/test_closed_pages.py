"""A closed day says so wherever its figures are shown, and what came into it since."""

import csv

import pytest
from parking.access.policy import Role
from parking.reconciliation.closing import close

from tests.closing.conftest import book
from tests.people import desk_client
from tests.reconciliation.scenes import DAY, TUESDAY

PAGES = (f"/audit/{DAY}", f"/finance/deposits/flows?date={DAY}")
LATER = f"/audit/book?day={DAY}&state=later"
BADGE, NOTE = f'<a href="/finance/days/{DAY}"><span class="tag', "Sesudah ditutup:"


@pytest.fixture
def closed_at(scene, clock):
    with scene.parts.sessions.begin() as session:
        close.prepare(session, DAY, "user:rina", clock.now())
    with scene.parts.sessions.begin() as session:
        close.sign(session, DAY, "user:tono", clock.forward(minutes=5))
    return clock.now()


@pytest.mark.parametrize("page", PAGES)
def test_an_open_day_says_nothing(auditor, page):
    shown = auditor.get(page).text

    assert "Ditutup" not in shown
    assert NOTE not in shown


@pytest.mark.parametrize("page", PAGES)
def test_a_closed_day_leads_to_what_was_signed(closed_at, auditor, page):
    shown = auditor.get(page).text

    assert BADGE in shown
    assert NOTE not in shown
    assert "Ditutup" not in auditor.get(page.replace(str(DAY), str(TUESDAY))).text


@pytest.mark.parametrize("page", PAGES)
def test_what_was_booked_into_a_closed_day_is_told_with_its_sum(
    scene, clock, closed_at, auditor, page
):
    for reference in ("b", "c"):
        book(scene, reference, clock.forward(minutes=5))

    shown = auditor.get(page).text

    assert f'{NOTE}</strong> <a class="alert-link" href="{LATER}' in shown.replace("&amp;", "&")
    assert "2 koreksi, Rp4.000" in shown
    assert f'href="/finance/days/{DAY}">lihat yang ditandatangani' in shown
    answer = auditor.get(f"{LATER}&format=csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(answer.splitlines()))
    assert sum(int(row["Debit"] or 0) for row in rows) == 4_000
    assert {row["Catatan"] for row in rows} == {"sesudah ditutup"}
    assert len(rows) == 4


def test_who_may_not_look_at_what_was_signed_reads_the_note_alone(parts, scene, clock, closed_at):
    book(scene, "b", clock.forward(minutes=5))

    shown = desk_client(parts, Role.LEADERSHIP).get(f"/audit/{DAY}").text

    assert "1 koreksi, Rp2.000" in shown
    assert "Ditutup" in shown
    assert f'href="/finance/days/{DAY}"' not in shown
    assert "/audit/book" not in shown
