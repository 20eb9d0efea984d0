"""Warning letters: the rule proposes, a person issues or drops, and SP1 to SP3 follow in order."""

from datetime import timedelta

import pytest
from parking.access.policy import Role
from parking.reconciliation.cases.store import WarningRow
from parking.reconciliation.cases.warn import propose_due
from parking.reconciliation.cases.warning import Ground, Past, Standing, proposed
from sqlalchemy import select

from tests.people import desk_client
from tests.reconciliation.cases.test_desk import all_cases
from tests.reconciliation.scenes import DAY, at, night_after

LATER = DAY + timedelta(days=7)


def idle(number=1):
    return Ground(number, "D19", DAY)


def declared(*numbers):
    return [Ground(n, "D16", DAY - timedelta(days=n)) for n in numbers]


def issued(basis, on):
    return Past(Standing.ISSUED, basis, on)


def test_seven_days_without_qris_propose_the_first_letter():
    found = proposed([idle()], [], DAY)

    assert (found.level, found.basis) == (1, "case:1:1")


def test_three_differing_declarations_in_thirty_days_propose_one():
    assert proposed(declared(1, 2), [], DAY) is None
    assert proposed(declared(1, 2, 3), [], DAY).basis == "cases:1,2,3"
    assert proposed(declared(1, 2, 31), [], DAY) is None


def test_a_declaration_counts_for_one_letter_only():
    past = [issued("cases:1,2,3", DAY - timedelta(days=8))]

    assert proposed(declared(1, 2, 3, 4), past, DAY) is None
    assert proposed(declared(1, 2, 3, 4, 5, 6), past, DAY).level == 2


def test_the_next_letter_follows_a_week_after_the_last_while_the_reason_stands():
    first = [issued("case:1:1", DAY)]

    assert proposed([idle()], first, LATER - timedelta(days=1)) is None
    assert proposed([idle()], first, LATER).level == 2
    assert proposed([], first, LATER) is None


def test_after_the_third_there_is_no_fourth():
    past = [issued(f"case:1:{n}", DAY - timedelta(days=30 * (4 - n))) for n in (1, 2, 3)]

    assert proposed([idle()], past, DAY) is None
    assert proposed([idle(2)], past, DAY).level == 3


def test_a_warning_of_half_a_year_ago_does_not_count():
    assert proposed([idle(2)], [issued("case:1:1", DAY - timedelta(days=181))], DAY).level == 1


def test_one_that_waits_or_was_dropped_is_not_proposed_again():
    for standing in (Standing.PROPOSED, Standing.DROPPED):
        assert proposed([idle()], [Past(standing, "case:1:1", DAY)], DAY) is None


@pytest.fixture
def warned(scene, clock):
    """A warning that waits: an attendant was on duty for seven days and took no QRIS."""
    for back in range(7):
        scene.shift(opened_at=at(6, 0, DAY - timedelta(days=back)))
    clock.moment = night_after(DAY) + timedelta(hours=6)
    scene.run()
    propose_due(scene.parts.sessions, clock.now())
    return the_warnings(scene)[0].id


def the_warnings(scene):
    with scene.parts.sessions() as session:
        return session.scalars(select(WarningRow).order_by(WarningRow.id)).all()


@pytest.mark.fault("F102")
def test_an_attendant_without_qris_is_proposed_for_a_warning_once(scene, clock, warned):
    assert "D19" in [case.code for case in all_cases(scene)]

    assert propose_due(scene.parts.sessions, clock.now()) == 0

    (warning,) = the_warnings(scene)
    assert (warning.level, warning.standing) == (1, "proposed")


def test_a_supervisor_issues_it_with_a_number(scene, parts, warned):
    supervisor = desk_client(parts, Role.SUPERVISOR, "joko")
    page = f"/field/warnings/{warned}/issue"
    assert "Terbitkan" in supervisor.get("/field/warnings").text
    assert supervisor.post(page, data={"number": ""}).status_code == 422

    assert supervisor.post(page, data={"number": "800/12/2026"}).status_code == 303

    (warning,) = the_warnings(scene)
    assert (warning.standing, warning.number, warning.decided_by) == (
        "issued", "800/12/2026", "user:joko",
    )  # fmt: skip
    assert supervisor.post(page, data={"number": "800/13/2026"}).status_code == 409
    assert "800/12/2026" in supervisor.get("/field/warnings").text
    assert "SP1" in supervisor.get(f"/audit/cases/{all_cases(scene)[0].id}").text


def test_it_is_dropped_only_with_a_reason_and_by_a_supervisor(scene, parts, warned):
    auditor = desk_client(parts, Role.AUDITOR)
    assert auditor.post(f"/field/warnings/{warned}/drop", data={"why": "tidak"}).status_code == 403
    supervisor = desk_client(parts, Role.SUPERVISOR)
    page = f"/field/warnings/{warned}/drop"
    assert supervisor.post(page, data={"why": ""}).status_code == 422

    assert supervisor.post(page, data={"why": "Ponsel rusak, sudah diganti"}).status_code == 303

    assert the_warnings(scene)[0].standing == "dropped"
