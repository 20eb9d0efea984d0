"""One case for each disagreement, the same over all runs; what comes late clears its own."""

from datetime import timedelta

import pytest
from parking.reconciliation.cases import store as cases
from parking.reconciliation.cases.case import Step, ended, projected, step
from parking.reconciliation.cases.follow import days_without_cases, follow
from parking.reconciliation.cases.plan import Found, plan
from parking.reconciliation.cases.store import CaseRow
from sqlalchemy import select

from tests.reconciliation.scenes import DAY, THURSDAY, TUESDAY, WEDNESDAY, at, night_after


def all_cases(scene):
    with scene.parts.sessions() as session:
        return [cases.case_of(row) for row in session.scalars(select(CaseRow).order_by(CaseRow.id))]


def kinds(scene, case):
    with scene.parts.sessions() as session:
        return [event.kind for event in cases.events(session, case.id)]


def overpaid(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours, amount=20_000)
    return ours


def test_a_discrepancy_has_a_case_with_owner_and_deadline_in_the_same_moment(scene):
    overpaid(scene)
    (found,) = scene.found()

    (case,) = all_cases(scene)

    assert (case.code, case.subject, case.amount) == ("D05", found.subject, 18_000)
    assert (case.state, case.owner, case.due_on) == ("tracing", "auditor", found.due_on)
    assert case.explanation == found.explanation
    assert kinds(scene, case) == ["opened"]


def test_over_more_runs_it_is_the_same_case(scene):
    overpaid(scene)
    scene.run()
    (before,) = all_cases(scene)
    scene.sale(scene.shift())  # another fact of the day, which has nothing to do with it

    scene.run()

    (after,) = all_cases(scene)
    assert (after.id, kinds(scene, after)) == (before.id, ["opened"])
    assert after.discrepancy_id == scene.stored()[0].id != before.discrepancy_id


def test_what_the_system_itself_put_right_makes_no_case(scene):
    ours = scene.sale(scene.shift())
    scene.callback(ours, repeats=2)

    assert scene.codes() == ["D04"]
    assert all_cases(scene) == []


def test_the_late_line_clears_the_case_and_is_its_evidence(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    assert scene.codes(night_after(WEDNESDAY)) == ["D06"]
    scene.line(ours, report=WEDNESDAY, settled_on=WEDNESDAY)

    assert scene.codes(night_after(THURSDAY)) == ["D14"]

    missing, late = all_cases(scene)
    assert (missing.code, missing.state, missing.ended_by) == ("D06", "resolved", "system")
    assert "baru masuk" in missing.note
    assert "Dasar: baris" in missing.note
    assert (late.code, late.state, late.reason) == ("D14", "resolved", "timing")
    with scene.parts.sessions() as session:
        why = cases.last_event(session, missing.id).detail
    assert why["line"][0] == scene.imported[WEDNESDAY]
    assert why["run"]


def test_an_outage_noted_later_changes_the_judgement_and_both_cases_say_so(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    scene.run(night_after(WEDNESDAY))
    scene.outage(at(8), at(12))

    scene.run(night_after(WEDNESDAY))

    assert [(c.code, c.state) for c in all_cases(scene)][0] == ("D06", "resolved")


def test_following_twice_changes_nothing(scene):
    overpaid(scene)
    scene.run()
    before = all_cases(scene)
    for _ in range(2):
        with scene.parts.sessions.begin() as session:
            follow(session, DAY, night_after(DAY) + timedelta(hours=1))

    assert all_cases(scene) == before
    assert kinds(scene, before[0]) == ["opened"]


def test_found_with_another_amount_it_says_so(scene):
    shift = scene.shift(declared_cash=10_000)
    scene.cash(shift)
    scene.run()
    scene.cash(shift)

    scene.run()

    (case,) = all_cases(scene)
    assert case.amount == 6_000
    assert kinds(scene, case) == ["opened", "found"]


def short(amount, status="selisih"):
    """A promise that was not kept on one day."""
    return Found(
        1, "D26", "attendant:4", status, "sedang", "treasurer", THURSDAY, amount, "", "", 4, None,
        f"kurang {amount}",
    )  # fmt: skip


def after(day, amount, known, elsewhere):
    """The only case once a day was followed; `elsewhere` is what other days' runs find."""
    found = [short(amount)] if amount else []
    others = {("D26", "attendant:4"): elsewhere} if elsewhere else {}
    todo = plan(day, 7, found, known, others, {}, night_after(day))
    (told,) = [case for case, _ in (*todo.new, *todo.changed)] or known
    return told


def test_a_case_of_several_days_is_about_what_they_come_to_together():
    first = after(DAY, 5_000, [], {})
    both = after(TUESDAY, 7_000, [first], {DAY: 5_000})
    again = after(DAY, 6_000, [both], {TUESDAY: 7_000})
    same = after(DAY, 6_000, [again], {TUESDAY: 7_000})
    less = after(DAY, 0, [same], {TUESDAY: 7_000})

    assert [c.amount for c in (first, both, again, same, less)] == [
        5_000, 12_000, 13_000, 13_000, 7_000,
    ]  # fmt: skip
    assert (both.first_day, both.last_day, both.explanation) == (DAY, TUESDAY, "kurang 7000")
    assert same == again
    assert less.is_open


def test_what_was_written_off_for_several_days_is_opened_by_another_sum_only():
    both = after(TUESDAY, 7_000, [after(DAY, 5_000, [], {})], {DAY: 5_000})
    over = step(
        both, Step.WRITTEN_OFF, "user:b", at(9), "x", ended("user:b", at(9), "write_off", "BA", "x")
    )[0]

    assert after(DAY, 5_000, [over], {TUESDAY: 7_000}) == over
    assert after(TUESDAY, 7_000, [over], {DAY: 5_000}) == over
    news = after(DAY, 8_000, [over], {TUESDAY: 7_000})
    assert (news.is_open, news.amount) == (True, 15_000)


def test_cleared_and_found_again_it_is_open_again(scene):
    shift = scene.shift(declared_cash=2_000)
    scene.run()
    assert [c.is_open for c in all_cases(scene)] == [True]
    scene.cash(shift)
    scene.run()
    assert [c.is_open for c in all_cases(scene)] == [False]
    scene.cash(shift)

    scene.run()

    (case,) = all_cases(scene)
    assert case.is_open
    assert case.ended_at is None
    assert kinds(scene, case) == ["opened", "cleared", "found_again"]


def test_a_case_is_what_its_events_add_up_to(scene):
    shift = scene.shift(declared_cash=2_000)
    for _ in range(3):
        scene.run()
        scene.cash(shift)

    (case,) = all_cases(scene)
    with scene.parts.sessions() as session:
        values = projected(cases.events(session, case.id))
    assert {name: getattr(case, name) for name in values} == values


@pytest.mark.fault("F103")
def test_a_day_reconciled_before_there_were_cases_gets_them(scene, superuser):
    overpaid(scene)
    scene.run()
    superuser.does("DELETE FROM case_event", "DELETE FROM case_file")
    with scene.parts.sessions() as session:
        assert days_without_cases(session) == [DAY]

    with scene.parts.sessions.begin() as session:
        follow(session, DAY, night_after(DAY))

    assert [c.code for c in all_cases(scene)] == ["D05"]
    with scene.parts.sessions() as session:
        assert days_without_cases(session) == []
