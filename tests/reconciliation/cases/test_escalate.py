"""What its owner lets lie goes to whom he answers, on the record."""

from datetime import timedelta

import pytest
from parking.audit.store import AuditEventRow
from parking.reconciliation.cases import store as cases
from parking.reconciliation.cases.escalate import escalate_due
from sqlalchemy import select

from tests.reconciliation.cases.test_desk import all_cases
from tests.reconciliation.scenes import DAY, night_after


@pytest.fixture
def case(scene):
    scene.payment(scene.charge(scene.shift()), amount=20_000)
    scene.run()
    return all_cases(scene)[0]


def look(scene, day):
    return escalate_due(scene.parts.sessions, night_after(day))


def test_what_is_in_time_stays_with_its_owner(scene, case):
    assert look(scene, case.due_on - timedelta(days=1)) == 0
    assert all_cases(scene)[0].level == 0


def test_a_day_late_it_goes_to_the_superior_once(scene, case):
    assert look(scene, case.due_on) == 1
    assert look(scene, case.due_on) == 0

    late = all_cases(scene)[0]
    assert (late.level, late.owner, late.assignee) == (1, "leadership", None)
    with scene.parts.sessions() as session:
        last = cases.last_event(session, case.id)
        told = session.scalars(select(AuditEventRow.action)).all()
    assert (last.kind, last.actor) == ("escalated", "system")
    assert "naik ke Pimpinan" in last.note
    assert told[-1] == "case.escalate"


def test_it_climbs_again_after_three_working_days_and_then_no_more(scene, case):
    look(scene, case.due_on)
    levels = []
    for later in range(1, 15):
        look(scene, case.due_on + timedelta(days=later))
        levels.append(all_cases(scene)[0].level)

    assert levels[0] == 1
    assert levels[-1] == 2


def test_what_has_ended_does_not_climb(scene, case, superuser):
    superuser.does(f"UPDATE case_file SET state = 'resolved' WHERE id = {case.id}")

    assert look(scene, case.due_on) == 0


@pytest.mark.fault("F103")
def test_a_day_reconciled_before_there_were_cases_gets_them_first(scene, case, superuser):
    superuser.does("DELETE FROM case_event", "DELETE FROM case_file")

    look(scene, DAY)

    assert [c.code for c in all_cases(scene)] == ["D05"]
