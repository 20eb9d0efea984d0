"""A run is a function of a day's facts: repeatable, kept once, and made again when they change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from parking.audit.store import AuditEventRow
from parking.errors import BadInput
from parking.reconciliation import store
from parking.reconciliation.result import Wanted
from parking.registry.store import TariffRow
from parking.shifts.store import ShiftRow
from sqlalchemy import select, update

from tests.reconciliation.scenes import DAY, THURSDAY, TUESDAY, WEDNESDAY, at, night_after


def due(scene, today, now=None):
    with scene.parts.sessions() as session:
        return store.days_due(session, today, now or at(2, 30, today))


@pytest.mark.fault("F56")
def test_over_the_same_facts_it_is_the_same_run(scene):
    scene.sale(scene.shift())
    scene.payment("LAIN-1")

    runs = [scene.run(night_after(DAY) + timedelta(minutes=n)) for n in range(3)]

    assert runs[0] == runs[1] == runs[2]
    assert len(scene.stored()) == 1


def test_another_fact_makes_another_run_and_the_newest_holds(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours, heard=False)
    scene.line(ours)
    first = scene.run()
    scene.callback(ours)

    second = scene.run()

    assert (first.id, first.result_hash) != (second.id, second.result_hash)
    with scene.parts.sessions() as session:
        assert store.latest_run(session, DAY) == second
        assert store.discrepancies(session, Wanted(DAY, DAY)) == []


def test_a_day_that_is_not_over_is_refused(scene):
    with pytest.raises(BadInput, match="belum selesai"):
        scene.run(at(23, 59))


def test_three_days_down_are_three_days_due_the_oldest_first(scene):
    scene.sale(scene.shift())

    assert due(scene, THURSDAY) == [DAY, TUESDAY, WEDNESDAY]


def test_nothing_is_due_before_anything_happened(scene):
    assert due(scene, THURSDAY) == []


def test_a_reconciled_day_is_due_again_only_when_a_fact_is_added(scene):
    shift = scene.shift()
    ours = scene.sale(shift)
    scene.run()
    assert due(scene, TUESDAY) == []

    scene.callback(ours, repeats=1)
    assert due(scene, TUESDAY) == [DAY]

    scene.run()
    assert due(scene, TUESDAY) == []


@pytest.mark.parametrize(
    "fact",
    [
        lambda scene, shift: scene.charge(shift),
        lambda scene, shift: scene.payment("LAIN-1"),
        lambda scene, shift: scene.line("PKR-9"),
        lambda scene, shift: scene.cash(shift),
        lambda scene, shift: scene.file(outcome="rejected", report_day=None, problems=["x"]),
        lambda scene, shift: scene.callback("LAIN-1", state="REJECTED"),
        lambda scene, shift: scene.shift(attendant_id=scene.city.sari),
        lambda scene, shift: scene.add(
            TariffRow, vehicle="car", zone="", amount=4_000, valid_from=DAY, decree="x",
            entered_at=datetime(2026, 11, 24, tzinfo=UTC), entered_by="system",
        ),
    ],
    ids=["charge", "payment", "line", "cash", "file", "callback", "shift", "tariff"],
)  # fmt: skip
def test_every_kind_of_fact_makes_its_day_due(scene, fact):
    shift = scene.shift()
    scene.run()

    fact(scene, shift)

    assert due(scene, TUESDAY) == [DAY]
    scene.run()
    assert due(scene, TUESDAY) == [], "a run that saw it is enough"


def test_a_day_that_waits_is_due_again_when_its_time_has_come(scene):
    scene.payment(scene.charge(scene.shift()))
    scene.run()
    scene.day = TUESDAY
    scene.run(night_after(TUESDAY))
    scene.day = WEDNESDAY
    scene.run(night_after(WEDNESDAY))

    assert due(scene, WEDNESDAY, night_after(TUESDAY)) == [DAY]  # a day old: nothing is open
    assert due(scene, THURSDAY, night_after(WEDNESDAY)) == [DAY]

    scene.day = DAY
    scene.run(night_after(WEDNESDAY))
    assert due(scene, THURSDAY, night_after(WEDNESDAY)) == []
    assert [stored.what.code for stored in scene.stored()] == ["D06"]


def test_a_shift_that_is_closed_late_makes_its_day_due(scene):
    shift = scene.shift(closed_at=None)
    scene.run()
    with scene.parts.sessions.begin() as session:
        session.execute(
            update(ShiftRow).where(ShiftRow.id == shift)
            .values(closed_at=night_after(DAY), declared_cash=50_000)
        )  # fmt: skip

    assert due(scene, TUESDAY) == [DAY]
    assert scene.codes() == ["D17"]


def test_a_late_line_makes_an_old_day_due(scene):
    ours = scene.charge(scene.shift())
    scene.payment(ours)
    later = DAY + timedelta(days=40)
    for back in range(41):
        scene.day = DAY + timedelta(days=back)
        scene.run(at(2, 30, later + timedelta(days=1)))
    scene.day = DAY
    assert due(scene, later) == []

    scene.line(ours, report=later)

    # Of that day is the payment, of the next its pay-out, which the bank should have credited.
    assert due(scene, later) == [DAY, DAY + timedelta(days=1)]


def test_discrepancies_can_be_asked_for_by_what_they_are(scene):
    scene.payment("LAIN-1")
    scene.cash(scene.shift(declared_cash=50_000))
    scene.run()

    def codes(**wish):
        with scene.parts.sessions() as session:
            wanted = replace(Wanted(DAY, DAY), **wish)
            return [stored.what.code for stored in store.discrepancies(session, wanted)]

    assert codes() == ["D03", "D17"]
    assert codes(codes=["D17"]) == ["D17"]
    assert codes(owners=["admin"]) == ["D03"]
    assert codes(severities=["sedang"]) == ["D17"]
    assert codes(statuses=["selesai"]) == []
    assert codes(attendants=[scene.city.budi]) == ["D17"]
    assert codes(points=[scene.city.street]) == []
    assert codes(ours="LAIN-1") == ["D03"]
    assert codes(from_day=TUESDAY, to_day=TUESDAY) == []


def test_idle_attendants_are_noted_in_the_audit_log(scene):
    for back in range(7):
        scene.shift(opened_at=at(6, 0, DAY - timedelta(days=back)))

    with scene.parts.sessions() as session:
        found = store.idle_attendants(session, DAY)
    assert len(found) == 1
    with scene.parts.sessions.begin() as session:
        store.note_idle_attendants(session, DAY, found, night_after(DAY))

    with scene.parts.sessions() as session:
        (noted,) = session.scalars(select(AuditEventRow))
    assert (noted.action, noted.object) == ("attendant.idle", f"attendant:{scene.city.budi}")
