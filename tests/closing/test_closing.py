"""A day is closed by two persons when nothing is in the way, and then it stays as it is."""

import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from parking.access.policy import Role
from parking.audit.store import AuditEventRow
from parking.database.engine import driver_url
from parking.errors import Conflict, ParkingError
from parking.invariants.check import check_all
from parking.ledger.post import post
from parking.reconciliation.closing import close, store, verify
from parking.reconciliation.closing.readiness import Standing, blockers
from parking.statements.bank_store import BankAccountRow, StatementRow
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from tests.builders import SECOND, add_account
from tests.closing.conftest import book, entry_of
from tests.people import desk_client
from tests.reconciliation.scenes import DAY, at, night_after

PAGE = f"/finance/days/{DAY}"
MORNING = night_after(DAY) + timedelta(hours=6)
ONE, OTHER = "user:rina", "user:tono"


def facts(scene, now=MORNING):
    with scene.parts.sessions() as session:
        return close.facts_of(session, DAY, now)


def prepare(scene, actor=ONE, now=MORNING):
    with scene.parts.sessions.begin() as session:
        return close.prepare(session, DAY, actor, now)


def sign(scene, actor=OTHER, now=MORNING):
    with scene.parts.sessions.begin() as session:
        return close.sign(session, DAY, actor, now)


def in_the_way(client) -> str:
    page = client.get(PAGE).text
    return page[page.index("Yang menghalangi") : page.index("<h2>", page.index("Yang menghal"))]


def shown(client):
    """What the page of the day has in its form for the second signature."""
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]{64})"', client.get(PAGE).text)
    return {"seen": seen}


def test_two_persons_close_a_day(treasurer, auditor, scene):
    assert "Tidak ada yang menghalangi" in treasurer.get(PAGE).text
    prepared = treasurer.post(f"{PAGE}/prepare", follow_redirects=True)
    assert "Orang lain yang menandatangani" in prepared.text

    signed = auditor.post(f"{PAGE}/sign", data=shown(auditor), follow_redirects=True)

    assert "Ditutup" in signed.text
    kept = auditor.get(f"{PAGE}/kept.json").json
    assert close.hash_of(kept["snapshot"]) == kept["hash"]
    with scene.parts.sessions() as session:
        actions = session.scalars(select(AuditEventRow.action).order_by(AuditEventRow.seq)).all()
    assert actions[-2:] == ["day.prepared", "day.closed"]
    assert "tidak berubah" not in auditor.get("/finance/days").text  # nobody has looked again


@pytest.mark.fault("F101")
def test_nobody_signs_what_he_prepared(treasurer, scene, parts):
    treasurer.post(f"{PAGE}/prepare")

    own = treasurer.post(f"{PAGE}/sign")

    assert own.status_code == 403
    assert facts(scene).standing is Standing.PREPARED


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERVISOR, Role.LEADERSHIP])
def test_other_roles_neither_prepare_nor_sign(parts, scene, role):
    client = desk_client(parts, role)

    assert client.post(f"{PAGE}/prepare").status_code == 403
    assert client.post(f"{PAGE}/sign").status_code == 403


def test_a_day_is_not_closed_before_it_is_over(scene):
    with pytest.raises(ParkingError, match="belum selesai"):
        prepare(scene, now=at(22, 0))


def test_a_missing_report_holds_a_day_up_until_it_is_explained(scene, finance):
    with scene.parts.sessions.begin() as session:
        add_account(session, SECOND, "XENDIT_JAMBI")
    scene.payment("LAIN-1", gateway="xendit", account="jambi", payment_ref="x-1")
    assert "Laporan settlement xendit/jambi" in in_the_way(finance)
    form = f"{PAGE}/files/settlement:xendit/jambi"
    assert finance.post(form, data={"reason": " "}).status_code == 422

    finance.post(form, data={"reason": "Gateway gangguan, surat 12/2026"})

    assert "Laporan settlement" not in in_the_way(finance)
    assert "surat 12/2026" in finance.get(PAGE).text
    assert finance.post(form, data={"reason": "lagi"}).status_code == 404


def test_a_statement_is_expected_of_each_bank_account_on_a_working_day(scene):
    account = scene.add(
        BankAccountRow, code="rkud", bank="Bank Contoh", number="701", name="RKUD Kota Contoh",
        kind="treasury", valid_from=DAY, entered_at=MORNING, entered_by="user:admin",
    )  # fmt: skip
    assert [file.name for file in facts(scene).files if file.is_missing] == ["Rekening koran rkud"]

    statement = {
        "account_id": account, "format": "csv", "file_name": "a", "sha256": "s", "content": b"",
        "at": MORNING, "actor": "x", "from_day": DAY, "to_day": DAY, "opening": 0, "closing": 0,
        "line_count": 0, "added": 0, "problems": [],
    }  # fmt: skip
    scene.add(StatementRow, **statement, outcome="rejected")
    assert facts(scene).standing is Standing.BLOCKED
    scene.add(StatementRow, **statement, outcome="accepted")
    assert facts(scene).standing is Standing.READY


def test_an_open_shift_holds_a_day_up(scene, finance):
    scene.shift(opened_at=at(12), closed_at=None)

    assert "1 giliran belum ditutup" in in_the_way(finance)


def test_a_fact_that_came_after_the_run_holds_a_day_up_until_it_is_reconciled(scene):
    scene.sale(scene.shift(opened_at=at(12)))
    assert facts(scene).is_stale

    scene.run(MORNING)

    assert facts(scene).standing is Standing.READY


@pytest.mark.fault("F103")
def test_a_disagreement_must_be_a_case(scene, finance, superuser):
    scene.payment("LAIN-1", payment_ref="x-1")
    scene.line("LAIN-1", payment_ref="x-1")
    scene.run(MORNING)
    assert (facts(scene).standing, facts(scene).open_cases) == (Standing.READY, 1)

    superuser.does("DELETE FROM case_event", "DELETE FROM case_file")

    assert "1 selisih D03 belum menjadi kasus" in in_the_way(finance)


def test_what_changed_between_the_signatures_is_looked_at_again(scene):
    prepare(scene)
    book(scene, "b", at(9, 2))

    with pytest.raises(Conflict, match="berubah sejak disiapkan"):
        sign(scene)

    prepare(scene)
    sign(scene)
    assert facts(scene).standing is Standing.CLOSED


def test_nobody_signs_what_an_old_page_showed(treasurer, auditor, scene):
    treasurer.post(f"{PAGE}/prepare")
    old = shown(auditor)
    book(scene, "b", at(9, 2))
    assert "Berubah sejak disiapkan" in auditor.get(PAGE).text

    changed = treasurer.get(PAGE).text
    assert "Siapkan untuk ditutup" in changed  # nobody is stuck with what he had prepared
    treasurer.post(f"{PAGE}/prepare")

    for seen in (old, {}):
        refused = auditor.post(f"{PAGE}/sign", data=seen)
        assert (refused.status_code, "sejak halaman ini dibuka" in refused.text) == (409, True)
    assert auditor.post(f"{PAGE}/sign", data=shown(auditor)).status_code == 303


@pytest.mark.parametrize("act", [prepare, sign])
def test_a_closed_day_is_not_closed_again(scene, act):
    prepare(scene)
    sign(scene)

    with pytest.raises(Conflict, match="sudah ditutup"):
        act(scene)


def test_it_is_signed_only_when_it_was_prepared(scene):
    with pytest.raises(Conflict, match="belum disiapkan"):
        sign(scene)


@pytest.mark.fault("F49")
def test_what_comes_late_is_an_entry_of_today_and_changes_nothing_that_was_signed(scene, finance):
    prepare(scene)
    sign(scene)
    with pytest.raises(DBAPIError, match="is closed"):
        book(scene, "before", MORNING)

    book(scene, "after", MORNING + timedelta(seconds=1))

    assert facts(scene).closed.later == 1
    with scene.parts.sessions() as session:
        assert verify.faults(session) == []
    assert "Koreksi sesudah ditutup" in finance.get(PAGE).text


@pytest.mark.fault("F49")
def test_an_entry_on_its_way_while_the_day_is_signed_is_waited_for(scene):
    """Its posting time lies before the signature: it must be in what is signed, or refused."""
    prepare(scene)
    evidence = scene.evidence("BUKU-z")
    outcome = []

    def sign_it() -> None:
        try:
            outcome.append(sign(scene))
        except Conflict as refusal:
            outcome.append(refusal)

    signer = threading.Thread(target=sign_it)
    with scene.parts.sessions.begin() as session:
        post(session, entry_of("z", evidence), at(9, 3))
        signer.start()
        signer.join(0.5)
        assert outcome == []  # it waits for this transaction
    signer.join()

    assert "berubah" in str(outcome[0])


@pytest.mark.fault("F101")
def test_of_two_who_sign_at_once_one_closes_the_day(scene):
    prepare(scene)
    begin, outcome = threading.Barrier(2), []

    def sign_it(actor: str) -> None:
        begin.wait()
        try:
            outcome.append(sign(scene, actor))
        except Conflict as refusal:
            outcome.append(str(refusal))

    signers = [threading.Thread(target=sign_it, args=(who,)) for who in (OTHER, "user:sari")]
    for signer in signers:
        signer.start()
    for signer in signers:
        signer.join()

    assert sum("sudah ditutup" in said for said in outcome) == 1


TAMPERED = {
    "a posting": "UPDATE ledger_posting SET amount = amount * 2",
    "an entry taken out": "DELETE FROM ledger_entry",
    "an entry slipped in": "INSERT INTO ledger_entry (kind, reference, effective_on, posted_at,"
    " evidence_id) SELECT 'x', 'x', effective_on, posted_at, evidence_id FROM ledger_entry LIMIT 1;"
    " INSERT INTO ledger_posting SELECT (SELECT max(id) FROM ledger_entry), number, account,"
    " holder, amount FROM ledger_posting",
    "the run": "UPDATE reconciliation_run SET result_hash = 'other'",
    "the snapshot": "UPDATE closed_day SET snapshot = snapshot || '{\"totals\": {}}'",
}


@pytest.mark.fault("F99")
@pytest.mark.parametrize("tampering", TAMPERED)
def test_a_superuser_who_rewrites_a_closed_day_is_found(scene, finance, owner_url, tampering):
    prepare(scene)
    sign(scene)
    engine = create_engine(driver_url(owner_url))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in TAMPERED[tampering].split("; "):
            connection.execute(text(statement.replace(":", "\\:")))
    engine.dispose()

    verify.check_due(scene.parts.sessions, MORNING + timedelta(days=1, minutes=1))

    assert facts(scene).closed.fault
    page = finance.get("/finance/days").text
    assert "berubah sejak ditandatangani" in page
    with scene.parts.sessions() as session:
        verdicts = {v.code: v.outcome for v in check_all(session, MORNING)}
    assert verdicts["M6"] == "broken"


def test_a_closed_day_is_compared_once_a_day(scene):
    prepare(scene)
    sign(scene)
    tomorrow = MORNING + timedelta(days=1, minutes=1)

    verify.check_due(scene.parts.sessions, tomorrow)

    assert facts(scene).closed.checked_at == tomorrow
    with scene.parts.sessions() as session:
        assert store.unchecked(session, tomorrow, 10) == []


@pytest.mark.parametrize("day", ["2019-01-01", "besok", "2026-13-01"])
def test_a_day_that_is_none_is_not_found(finance, day):
    assert finance.get(f"/finance/days/{day}").status_code == 404


def test_the_list_says_what_holds_each_day_up(scene, finance):
    scene.shift(opened_at=at(12), closed_at=None)

    page = finance.get("/finance/days").text

    assert "Terhalang" in page
    assert "1 giliran belum ditutup" in page
    assert "text/csv" in finance.get("/finance/days?format=csv").content_type


def test_an_equation_that_is_broken_is_in_the_way_by_its_subjects_and_a_covered_one_is_not(scene):
    told = {"number": "3d", "name": "STS = kredit", "difference": -7_000, "unnamed": ["line:77"]}
    covered = told | {"number": "2", "standing": "covered", "unnamed": []}

    found = blockers(replace(facts(scene), equations=[told | {"standing": "broken"}, covered]))

    assert [(each.text, each.href) for each in found] == [(
        "Persamaan 3d (STS = kredit) belum terbukti: selisih -Rp7.000, tanpa nama: line:77",
        f"/audit/{DAY}#persamaan",
    )]  # fmt: skip
