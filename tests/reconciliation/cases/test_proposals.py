"""What gives money up or changes the book: one proposes, another decides, and it is booked once."""

import threading
from datetime import timedelta

import pytest
from parking.access import cookies, sessions
from parking.access.policy import Role
from parking.access.store import UserRow
from parking.errors import Conflict
from parking.invariants import case_store, money_store
from parking.ledger.entry import Account, Entry, Posting, Source
from parking.ledger.post import post
from parking.ledger.store import EntryRow, PostingRow
from parking.payments.store import PaymentRow
from parking.reconciliation.cases import propose
from parking.reconciliation.cases import store as cases
from parking.reconciliation.cases.case import Step, step
from parking.reconciliation.cases.proposal import WriteOff
from parking.reconciliation.cases.return_share import return_shares
from parking.reconciliation.cases.store import ProposalRow
from parking.reconciliation.cases.work import Worker
from parking.registry.store import AttendantRow
from sqlalchemy import func, select, text

from tests.people import desk_client
from tests.reconciliation.cases.test_desk import all_cases
from tests.reconciliation.scenes import DAY, night_after

PAPER = {"document": "SK 7/2026", "reason": "Gerbang tidak menggantinya, sudah ditagih tiga kali"}
WAITING = "/finance/cases/approvals"


@pytest.fixture
def case(scene, clock):
    """An open case about a payment of 20,000 for a charge of 2,000."""
    scene.payment(scene.charge(scene.shift()), amount=20_000)
    clock.moment = night_after(DAY) + timedelta(hours=6)
    scene.run()
    return all_cases(scene)[0]


@pytest.fixture
def one(parts, case):
    return desk_client(parts, Role.AUDITOR, "ratna")


@pytest.fixture
def other(parts, case):
    return desk_client(parts, Role.TREASURER, "tono")


def first(scene, number):
    with scene.parts.sessions() as session:
        return cases.by_id(session, number)


def approve(client, which):
    return client.post(f"{WAITING}/{which}/approve")


def the_proposal(scene):
    with scene.parts.sessions() as session:
        return session.scalar(select(func.max(ProposalRow.id)))


def balance(scene, account, holder=None):
    with scene.parts.sessions() as session:
        row = PostingRow
        query = select(func.coalesce(func.sum(row.amount), 0)).where(row.account == account)
        return int(session.scalar(query.where(row.holder.is_not_distinct_from(holder))))


def holds(scene):
    """Whether the book balances, rests on documents, and two persons stand behind each change."""
    queries = (
        money_store.BALANCED, case_store.TWO_PERSONS, case_store.BOOKED, case_store.REPLAY,
        case_store.FIGURES,
    )  # fmt: skip
    with scene.parts.sessions() as session:
        return not [fault for q in queries for fault in session.scalars(text(q))]


def test_a_write_off_ends_the_case_when_another_person_agrees(one, other, scene, case):
    assert one.post(f"/audit/cases/{case.id}/write-off", data=PAPER).status_code == 303
    assert first(scene, case.id).is_open
    assert "Rp18.000 dihapuskan" in other.get(WAITING).text

    assert approve(other, the_proposal(scene)).status_code == 303

    ended = first(scene, case.id)
    assert (ended.state, ended.ended_by, ended.document) == (
        "written_off", "user:tono", PAPER["document"],
    )  # fmt: skip
    assert "Tidak ada usulan yang menunggu" in other.get(WAITING).text
    assert holds(scene)


@pytest.mark.fault("F101")
def test_nobody_approves_what_they_proposed_not_even_in_another_session(one, parts, scene, case):
    one.post(f"/audit/cases/{case.id}/write-off", data=PAPER)
    which = the_proposal(scene)
    assert approve(one, which).status_code == 403

    with parts.sessions.begin() as session:
        user_id = session.scalar(select(UserRow.id).where(UserRow.username == "ratna"))
        token = sessions.start_for_user(session, user_id, parts.clock.now())
    one.set_cookie(cookies.DESK, token)
    one.fetch_csrf(f"/audit/cases/{case.id}")

    assert approve(one, which).status_code == 403
    assert one.get(f"{WAITING}/{which}/reject").status_code == 200
    assert one.post(f"{WAITING}/{which}/reject", data={"why": "sendiri saja"}).status_code == 403
    assert first(scene, case.id).is_open


@pytest.mark.fault("F101")
def test_another_name_in_the_same_session_does_not_approve(scene, case):
    now = scene.parts.clock.now()
    with scene.parts.sessions.begin() as session:
        made = propose.propose(
            session, case.id, WriteOff(case.amount), PAPER["reason"], PAPER["document"],
            Worker("user:ratna", "auditor", "the same"), now,
        )  # fmt: skip

    with scene.parts.sessions() as session, pytest.raises(Exception, match="sesi yang sama"):
        propose.approve(session, made.id, Worker("user:tono", "treasurer", "the same"), now)


def test_no_other_sum_is_written_off_than_was_proposed(one, other, scene, case):
    one.post(f"/audit/cases/{case.id}/write-off", data=PAPER)
    with scene.parts.sessions.begin() as session:
        (locked,) = cases.locked(session, [case.id])
        more, event = step(locked, Step.FOUND, "system", night_after(DAY), "x", {"amount": 900_000})
        cases.change_all(session, [(more, [event])])

    refused = approve(other, the_proposal(scene))

    assert refused.status_code == 409
    assert "sekarang Rp900.000, bukan" in refused.text
    assert first(scene, case.id).is_open


@pytest.mark.fault("F101")
@pytest.mark.parametrize(
    "forged",
    ["decided_by = proposed_by, decided_in = 'x'", "decided_by = 'x', decided_in = proposed_in"],
)
def test_the_database_itself_refuses_one_person_or_one_session(one, scene, case, forged):
    one.post(f"/audit/cases/{case.id}/write-off", data=PAPER)

    with scene.parts.sessions() as session, pytest.raises(Exception, match="two_"):
        session.connection().exec_driver_sql(
            f"UPDATE case_proposal SET standing = 'approved', {forged}"
        )


def test_two_who_approve_at_once_book_it_once(one, scene, case):
    one.post(f"/audit/cases/{case.id}/correction", data=correction())
    which, now = the_proposal(scene), scene.parts.clock.now()
    outcomes = []

    def decide(name):
        try:
            with scene.parts.sessions.begin() as session:
                propose.approve(session, which, Worker(f"user:{name}", "finance", name), now)
            outcomes.append("booked")
        except Conflict:
            outcomes.append("late")

    both = [threading.Thread(target=decide, args=[name]) for name in ("sari", "tono")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert sorted(outcomes) == ["booked", "late"]
    with scene.parts.sessions() as session:
        booked = select(func.count()).where(EntryRow.proposal_id == which)
        assert session.scalar(booked) == 1
    assert holds(scene)


def correction(debit="suspense", credit="city_share", **other):
    return {
        "day": DAY.isoformat(), **PAPER, "side1-account": debit, "side1-debit": "18.000",
        "side2-account": credit, "side2-credit": "18000",
    } | other  # fmt: skip


def test_a_correction_is_an_entry_of_today_for_its_day(one, other, scene, case):
    assert one.post(f"/audit/cases/{case.id}/correction", data=correction()).status_code == 303
    assert approve(other, the_proposal(scene)).status_code == 303

    with scene.parts.sessions() as session:
        entry = session.scalars(select(EntryRow).where(EntryRow.proposal_id.is_not(None))).one()
    assert (entry.effective_on, entry.posted_at) == (DAY, scene.parts.clock.now())
    assert balance(scene, Account.SUSPENSE) == 18_000
    assert first(scene, case.id).reason == "correction"
    assert "Koreksi buku" in one.get(f"/audit/cases/{case.id}").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"side2-credit": "17000"}, "berbeda Rp1.000"),
        ({"side1-debit": "18,5"}, "rupiah bulat"),
        ({"side1-credit": "18000"}, "salah satu"),
        ({"side2-account": ""}, "pilih akun"),
        ({"side1-account": "cash_with_attendant"}, "perlu pemegang"),
        ({"side1-holder": "JBI-9999"}, "tidak dikenal"),
        ({"side1-account": "treasury"}, "pilih akun"),
        ({"side2-account": "", "side2-credit": ""}, "isi 2 sampai"),
        ({"day": "2027-01-01"}, "sampai hari ini"),
    ],
)
def test_a_correction_that_does_not_add_up_is_refused(one, scene, case, wrong, said):
    answer = one.post(f"/audit/cases/{case.id}/correction", data=correction(**wrong))

    assert answer.status_code == 422
    assert said in answer.text
    assert the_proposal(scene) is None


def test_nobody_is_corrected_to_hold_less_than_nothing(one, other, scene, case):
    badge = badge_of(scene, case.attendant_id)
    wrong = correction("city_share", "cash_with_attendant", **{"side2-holder": badge})
    assert one.post(f"/audit/cases/{case.id}/correction", data=wrong).status_code == 303

    refused = approve(other, the_proposal(scene))

    assert refused.status_code == 409
    assert "kurang dari nol" in refused.text
    assert first(scene, case.id).is_open


def badge_of(scene, number):
    with scene.parts.sessions() as session:
        return session.scalar(select(AttendantRow.badge).where(AttendantRow.id == number))


def test_a_refused_proposal_leaves_the_case_open_and_its_reason_to_read(one, other, scene, case):
    one.post(f"/audit/cases/{case.id}/write-off", data=PAPER)
    which = the_proposal(scene)
    assert other.post(f"{WAITING}/{which}/reject", data={"why": ""}).status_code == 422

    other.post(f"{WAITING}/{which}/reject", data={"why": "Tagih sekali lagi dulu"})

    assert first(scene, case.id).is_open
    assert "Tagih sekali lagi dulu" in one.get(f"/audit/cases/{case.id}").text
    assert approve(other, which).status_code == 409


def test_who_proposed_may_withdraw_and_nobody_else(one, parts, scene, case):
    one.post(f"/audit/cases/{case.id}/write-off", data=PAPER)
    withdraw = f"/audit/cases/proposals/{the_proposal(scene)}/withdraw"
    stranger = desk_client(parts, Role.AUDITOR, "lain")
    assert stranger.post(withdraw, data={"why": "bukan milikku"}).status_code == 403

    assert one.post(withdraw, data={"why": "Salah kasus"}).status_code == 303

    assert first(scene, case.id).is_open
    again = one.post(f"/audit/cases/{case.id}/write-off", data=PAPER)
    assert again.status_code == 303


def test_while_a_proposal_waits_nothing_else_ends_the_case(one, scene, case):
    one.post(f"/audit/cases/{case.id}/write-off", data=PAPER)

    ended = one.post(
        f"/audit/cases/act?do=resolve&case={case.id}",
        data={"reason": "other", "document": "X 1", "note": "selesai saja"},
    )

    assert ended.status_code == 409
    assert one.post(f"/audit/cases/{case.id}/write-off", data=PAPER).status_code == 409


def test_a_share_goes_to_who_really_took_it_and_the_sum_stays(one, other, scene, city, case):
    booked_share(scene, case, 1_000)
    with scene.parts.sessions() as session:
        to_id, badge = session.execute(
            select(AttendantRow.id, AttendantRow.badge).where(AttendantRow.id != case.attendant_id)
        ).first()

    terms = {"thing": f"charge:{case.ours}", "to_badge": badge, **PAPER}
    assert one.post(f"/audit/cases/{case.id}/re-attribution", data=terms).status_code == 303
    assert badge in other.get(WAITING).text
    assert approve(other, the_proposal(scene)).status_code == 303

    assert balance(scene, Account.ATTENDANT_SHARE, case.attendant_id) == 0
    assert balance(scene, Account.ATTENDANT_SHARE, to_id) == -1_000
    assert first(scene, case.id).reason == "re_attribution"
    assert holds(scene)


def test_what_is_given_back_of_a_moved_share_is_given_back_by_who_has_it(
    one, other, scene, city, case
):
    booked_share(scene, case, 1_000)
    with scene.parts.sessions() as session:
        to_id, badge = session.execute(
            select(AttendantRow.id, AttendantRow.badge).where(AttendantRow.id != case.attendant_id)
        ).first()
    terms = {"thing": f"charge:{case.ours}", "to_badge": badge, **PAPER}
    one.post(f"/audit/cases/{case.id}/re-attribution", data=terms)
    approve(other, the_proposal(scene))
    now = scene.parts.clock.now()
    assert return_shares(scene.parts.sessions, now) == 0

    for part in (400, 600):  # refunded in two parts
        booked_share(scene, case, -part)
        assert return_shares(scene.parts.sessions, now) == 1
        assert return_shares(scene.parts.sessions, now) == 0
        assert balance(scene, Account.ATTENDANT_SHARE, case.attendant_id) == 0

    assert balance(scene, Account.ATTENDANT_SHARE, to_id) == 0
    assert holds(scene)


def booked_share(scene, case, amount):
    """The attendant's share of the case's charge, as applying its payment books it."""
    with scene.parts.sessions.begin() as session:
        evidence = session.scalar(
            select(PaymentRow.evidence_id).where(PaymentRow.ours == case.ours)
        )
        sides = (
            Posting(Account.DUE_FROM_GATEWAY, amount),
            Posting(Account.ATTENDANT_SHARE, -amount, case.attendant_id),
        )
        entry = Entry("payment", f"test {amount}", DAY, sides, Source(evidence_id=evidence))
        post(session, entry, scene.parts.clock.now())
