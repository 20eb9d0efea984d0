"""Matching rules in words: tried before they are saved, dated, versioned, and never overwritten."""

from datetime import date

import pytest
from parking.access.policy import Role
from parking.audit.store import AuditEventRow
from parking.reconciliation import rule_store
from parking.reconciliation.rule_store import RuleRow
from sqlalchemy import select

from tests.people import desk_client
from tests.reconciliation.scenes import TUESDAY, Papers, at

FORM = {
    "rank": "10", "is_on": "y", "valid_from": "2026-11-01", "reason": "Bank kurangi biaya kirim",
    "of": "batch", "account": "", "less": "5000", "more": "0", "days_early": "0",
    "days_late": "7", "words": "{gateway}", "over": "1",
}  # fmt: skip


@pytest.fixture
def desk(scene, clock):
    clock.moment = at(9, 0, date(2026, 11, 25))
    scene.add(
        RuleRow, name="batch-bernama", version=1, kind="amount", rank=10,
        terms={"of": "batch", "words": ["{gateway}"], "days_late": 7}, is_on=True,
        valid_from=date(2026, 1, 1), reason="Awal", entered_at=at(6), entered_by="system",
    )  # fmt: skip
    return desk_client(scene.parts, Role.FINANCE)


def page(answer):
    return answer.get_data(as_text=True)


def newest(scene):
    with scene.parts.sessions() as session:
        row = rule_store.newest(session, "batch-bernama")
        return row.version, row.terms, row.valid_from


def a_short_credit(scene):
    """A batch of which the bank kept Rp3.500 before it credited the rest."""
    ours = scene.charge(scene.shift(), amount=50_000)
    scene.payment(ours, amount=50_000)
    scene.line(ours, gross=50_000)
    Papers(scene).credit(46_500, "MIDTRANS", TUESDAY)


def test_rules_are_read_in_words(scene, desk):
    told = page(desk.get("/finance/rules"))

    assert "batch-bernama" in told
    assert "Satu batch settlement dibayar satu kredit: paling banyak 7 hari lebih lambat" in told


def test_a_change_is_tried_first_and_nothing_is_stored(scene, desk):
    a_short_credit(scene)

    told = page(desk.post("/finance/rules/batch-bernama", data=FORM))

    assert "1 dari 1 mutasi" in told
    assert "jumlah berbeda: midtrans/jambi/2026-11-24" in told
    assert "cocok: midtrans/jambi/2026-11-24 (batch-bernama v2)" in told
    assert newest(scene)[0] == 1


def test_what_was_tried_can_be_saved_with_its_reason(scene, desk):
    desk.post("/finance/rules/batch-bernama", data=FORM | {"confirmed": "yes"})

    version, terms, valid_from = newest(scene)
    assert (version, terms["less"], valid_from) == (2, 5_000, date(2026, 11, 1))
    told = page(desk.get("/finance/rules/batch-bernama"))
    assert "Bank kurangi biaya kirim" in told
    with scene.parts.sessions() as session:
        (event,) = session.scalars(
            select(AuditEventRow).where(AuditEventRow.action == "match_rule.change")
        )
    assert event.reason == "Bank kurangi biaya kirim"


def test_saved_it_is_what_the_next_run_matches_by(scene, desk):
    a_short_credit(scene)
    scene.day = TUESDAY
    assert scene.codes(at(9, 0, date(2026, 11, 27))) == ["D11"]

    desk.post("/finance/rules/batch-bernama", data=FORM | {"confirmed": "yes"})

    assert scene.codes(at(9, 0, date(2026, 11, 27))) == []


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [("reason", "ya", "5 sampai 300 huruf"), ("less", "2000000", "paling banyak 1000000"),
     ("valid_from", "2020-01-01", "paling jauh setahun"), ("of", "uang", "pilih salah satu"),
     ("rank", "0", "antara 1 dan"), ("account", "zzz", "tidak ada rekening dengan kode ini"),
     ("words", "{foo}", "dalam kurung kurawal hanya {gateway}")],
)  # fmt: skip
def test_what_cannot_be_is_told_beside_its_field(scene, desk, field, value, why):
    answer = desk.post("/finance/rules/batch-bernama", data=FORM | {field: value})

    assert answer.status_code == 422
    assert why in page(answer)
    assert newest(scene)[0] == 1


def test_the_same_again_is_no_new_version(scene, desk):
    same = FORM | {"less": "0", "valid_from": "2026-01-01", "confirmed": "yes"}

    assert "sudah seperti itu" in page(desk.post("/finance/rules/batch-bernama", data=same))
    assert newest(scene)[0] == 1


def test_its_date_alone_is_changed_by_a_new_version(scene, desk):
    later = FORM | {"less": "0", "valid_from": "2026-11-20", "confirmed": "yes"}

    assert desk.post("/finance/rules/batch-bernama", data=later).status_code == 303
    assert newest(scene)[2] == date(2026, 11, 20)


def test_of_two_who_change_it_the_later_is_told_of_the_first(scene, desk):
    desk.post("/finance/rules/batch-bernama", data=FORM | {"confirmed": "yes"})
    late = desk.post("/finance/rules/batch-bernama", data=FORM | {"more": "9", "confirmed": "yes"})

    assert late.status_code == 422
    assert "sudah menyimpan versi 2" in page(late)
    assert 'value="9"' in page(late)  # what was typed is still there
    assert newest(scene)[0] == 2


def test_no_rule_judges_a_closed_day_anew(scene, desk, superuser):
    run = scene.run()
    superuser.does(
        "INSERT INTO closed_day (business_day, run_id, hash, snapshot, prepared_by, prepared_at,"
        f" signed_by, closed_at) VALUES ('2026-11-23', {run.id}, 'h', '{{}}', 'user:a', now(),"
        " 'user:b', now())"
    )

    asked = desk.post("/finance/rules/batch-bernama", data=FORM | {"valid_from": "2026-11-23"})
    assert "hari terakhir yang ditutup" in page(asked)
    later = FORM | {"valid_from": "2026-11-24", "confirmed": "yes"}
    assert desk.post("/finance/rules/batch-bernama", data=later).status_code == 303


def test_an_auditor_reads_and_changes_nothing(scene, desk):
    auditor = desk_client(scene.parts, Role.AUDITOR)

    assert "Versi baru" not in page(auditor.get("/finance/rules/batch-bernama"))
    auditor.post("/finance/rules/batch-bernama", data=FORM | {"confirmed": "yes"})
    assert newest(scene)[0] == 1


def test_a_rule_that_nobody_made_is_not_found(desk):
    assert desk.get("/finance/rules/lain").status_code == 404


def test_the_day_shows_its_equations(scene, desk):
    scene.sale(scene.shift())
    scene.run()

    told = page(desk.get("/audit/2026-11-23"))

    assert "Lima persamaan kendali" in told
    assert "Pembayaran di buku = bruto settlement" in told
