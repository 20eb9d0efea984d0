"""What did not run is read from the tables by somebody else, and told where people look."""

from datetime import UTC, date, datetime, timedelta

import pytest
from jobs import lease
from jobs.beats import Beats
from jobs.store import BeatRow
from jobs.timetable import Looking, at_days_to_reconcile
from parking.access.policy import Role
from parking.app import create_app
from parking.errors import NeedsPerson
from parking.health.alarms import FileMissing
from parking.health.silence import silence
from parking.statements.expected_store import add_absence
from sqlalchemy import func, update

from tests.conftest import NOON
from tests.jobs.nights import FRIDAY
from tests.people import desk_client
from tests.reconciliation.scenes import DAY, Scene, at
from tests.statements.bank_files import add_account


@pytest.fixture
def client(parts):
    return create_app(parts).test_client()


@pytest.fixture
def beats():
    return Beats({"inbox": timedelta(minutes=5), "fetch statement bank": timedelta(minutes=30)})


@pytest.fixture
def epoch(parts, beats):
    """A jobs process that has begun."""
    with parts.sessions.begin() as session:
        taken = lease.take(session, "test")
        beats.announce(session, taken)
    return taken


def told(client):
    answer = client.get("/health/jobs")
    assert answer.json["well"] is (answer.status_code == 200) is (not answer.json["alarms"])
    return answer.json["alarms"]


def note(parts, beats, epoch):
    with parts.sessions.begin() as session:
        beats.write(session, epoch)


def read(parts, now):
    with parts.sessions() as session:
        return silence(session, now)


@pytest.mark.fault("F57")
def test_a_stuck_look_calls_somebody_and_leaves_the_service_in_the_balancer(
    client, parts, beats, epoch
):
    assert told(client) == {}
    with parts.sessions.begin() as session:
        stuck = update(BeatRow).where(BeatRow.look == "inbox")
        session.execute(stuck.values(last_ok_at=func.now() - timedelta(minutes=6)))

    assert told(client) == {"late:inbox": "inbox has not ended well for 6 minutes"}
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json["ready"]) == (200, True)
    assert ready.json["checks"]["silence"] == "inbox has not ended well for 6 minutes"
    figures = client.get("/metrics").text
    assert 'parking_alarm{alarm="late:inbox"} 1.0' in figures
    assert 'parking_look_silent_seconds{look="inbox"} 36' in figures


def test_a_probe_is_not_told_the_words_of_a_failure_and_the_desk_is(parts, beats, epoch, city):
    beats.failed("fetch statement bank", NeedsPerson("host key SHA256:abc of 10.1.2.3 is another"))
    note(parts, beats, epoch)

    assert "10.1.2.3" not in create_app(parts).test_client().get("/health/jobs").text
    page = desk_client(parts, Role.AUDITOR).get("/audit/")
    assert "SHA256:abc of 10.1.2.3" in page.text
    assert "Pekerjaan fetch statement bank gagal." in page.text
    assert "nomor yang sudah dikenal" in page.text


@pytest.mark.parametrize(
    ("role", "path", "is_told"),
    [
        (Role.AUDITOR, "/audit/", True),
        (Role.FINANCE, "/finance/imports", True),
        (Role.ADMIN, "/admin/", True),
        (Role.LEADERSHIP, "/audit/", False),
    ],
)
def test_the_desks_that_can_act_see_it_on_every_page(parts, city, role, path, is_told):
    page = desk_client(parts, role).get(path)

    assert page.status_code == 200
    assert ("Proses jobs belum pernah berjalan" in page.text) is is_told


def test_a_desk_where_all_is_well_is_told_nothing(parts, city, epoch):
    assert "perlu ditindak" not in desk_client(parts, Role.AUDITOR).get("/audit/").text


@pytest.mark.fault("F54")
def test_three_days_down_are_told_before_and_after_they_are_made_up_for(
    parts,
    client,
    three_days,
    clock,
    epoch,
):
    # Monday noon; Sunday's run was due at 02.00 and is late since 04.00.
    assert read(parts, clock.now()).days_overdue == three_days

    at_days_to_reconcile(Looking(parts, epoch=1))

    after = read(parts, clock.now())
    assert (after.days_overdue, after.days_late) == ([], three_days)
    assert "2026-11-20" in told(client)["were-late"]
    assert read(parts, clock.forward(hours=25)).days_late == []


def test_a_day_is_overdue_26_hours_after_the_run_before(parts, three_days):
    def overdue(moment):
        return read(parts, moment).days_overdue

    friday_done = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)  # Saturday, 02.00 WIB
    assert overdue(friday_done + timedelta(hours=2)) == []
    assert overdue(friday_done + timedelta(hours=2, seconds=1)) == [FRIDAY]


def test_what_was_reconciled_in_its_night_is_told_to_nobody(parts, three_days, clock):
    for day in (21, 22, 23):
        clock.moment = datetime(2026, 11, day - 1, 19, 30, tzinfo=UTC)  # 02.30 WIB
        at_days_to_reconcile(Looking(parts, epoch=1))

    clock.moment = NOON
    found = read(parts, NOON)
    assert (found.days_overdue, found.days_late) == ([], [])


class TestFilesThatDidNotCome:
    @pytest.fixture
    def scene(self, parts, city):
        made = Scene(parts, city)
        made.payment(made.charge(made.shift()))
        return made

    def missing(self, scene, moment):
        return read(scene.parts, moment).files_missing

    def test_from_noon_of_the_day_of_the_pay_out(self, scene):
        tuesday = DAY + timedelta(days=1)

        assert self.missing(scene, at(11, 59, tuesday)) == []
        assert self.missing(scene, at(12, 0, tuesday)) == [
            FileMissing("settlement:midtrans/jambi", DAY)
        ]

    def test_one_that_came_is_not_missing(self, scene):
        scene.line("PKR-0001")

        assert self.missing(scene, at(12, 0, DAY + timedelta(days=1))) == []

    def test_a_day_without_payments_needs_none_and_old_ones_are_left_to_the_cases(self, scene):
        found = self.missing(scene, at(12, 0, DAY + timedelta(days=10)))

        assert [file.day for file in found] == [DAY]
        assert self.missing(scene, at(12, 0, DAY + timedelta(days=15))) == []


def test_a_friday_is_paid_out_on_monday(parts, city):
    scene = Scene(parts, city, day=date(2026, 11, 20))
    scene.payment(scene.charge(scene.shift()), paid_at=at(9, 1, FRIDAY), business_day=FRIDAY)

    assert read(parts, at(12, 0, FRIDAY + timedelta(days=2))).files_missing == []
    assert len(read(parts, at(12, 0, FRIDAY + timedelta(days=3))).files_missing) == 1


class TestStatementsThatDidNotCome:
    @pytest.fixture
    def rkud(self, parts, city):
        with parts.sessions.begin() as session:
            return add_account(session, valid_from=FRIDAY)

    def missing(self, parts, moment):
        return [file.day for file in read(parts, moment).files_missing]

    def test_from_noon_of_the_next_working_day(self, parts, rkud):
        assert self.missing(parts, at(11, 59)) == []
        assert self.missing(parts, at(12, 0)) == [FRIDAY]  # it is Monday
        assert self.missing(parts, at(12, 0, DAY + timedelta(days=1))) == [FRIDAY, DAY]

    def test_one_whose_absence_was_explained_is_waited_for_no_more(self, parts, rkud):
        with parts.sessions.begin() as session:
            add_absence(
                session, source="statement:rkud", day=FRIDAY, reason="Bank tutup", at=NOON,
                actor="user:ratna",
            )  # fmt: skip

        assert self.missing(parts, at(12, 0)) == []
