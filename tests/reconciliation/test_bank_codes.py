"""Each fault planted between batches, deposit slips and the bank comes out as its code.

Monday's payments are paid out on Tuesday, whose batch should be credited by Wednesday.
"""

from datetime import date

import pytest
from parking.reconciliation.catalogue import Severity, Status
from parking.reconciliation.rule_store import MatchRow, MatchSideRow, RuleRow

from tests.reconciliation.scenes import (
    DAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Papers,
    at,
    night_after,
)

FRIDAY = date(2026, 11, 27)
LATER = night_after(THURSDAY)
BATCH = "midtrans/jambi/2026-11-24"
RULES = (
    ("uji", "test", {"amounts": [1]}),
    ("potongan", "charge", {"words": ["BIAYA ADM"], "most": 250_000}),
    ("nomor-sts", "reference", {"days_late": 10}),
    ("batch", "amount", {"of": "batch", "words": ["{gateway}"], "days_late": 7}),
    ("gabungan", "combined", {"of": "batch", "words": ["QRIS"], "days_late": 7}),
    ("terpecah", "split", {"of": "batch", "words": ["QRIS"], "days_late": 7}),
    ("setoran", "amount", {"of": "sts", "days_late": 5}),
    ("kata", "deposit", {"words": ["SETORAN PARKIR"]}),
)


@pytest.fixture
def papers(scene):
    for rank, (name, kind, terms) in enumerate(RULES, 1):
        scene.add(
            RuleRow, name=name, version=1, kind=kind, rank=rank, terms=terms, is_on=True,
            valid_from=date(2026, 1, 1), reason="", entered_at=at(6), entered_by="system",
        )  # fmt: skip
    scene.day = TUESDAY  # that of the batch
    papers = Papers(scene)
    papers.account()
    return papers


def batch(scene, *amounts, account="jambi"):
    """Payments of Monday that are paid out on Tuesday."""
    scene.day = DAY
    shift = scene.shift()
    for amount in amounts:
        ours = scene.charge(shift, amount=amount, account=account)
        scene.payment(ours, amount=amount, account=account)
        scene.line(ours, gross=amount, report=DAY, account=account)
    scene.day = TUESDAY


def the_only(scene, code, now=LATER):
    found = scene.found(now)
    assert [(d.code, d.explanation) for d in found if d.code != code] == []
    (one,) = found
    return one


def equation(run, number):
    return next(e for e in run.summary["equations"] if e["number"] == number)


def test_a_batch_that_was_credited_is_silent(scene, papers):
    batch(scene, 2_000, 3_000)
    papers.credit(5_000, "MIDTRANS QRIS")

    run = scene.run(LATER)

    assert scene.stored() == []
    assert [equation(run, n)["standing"] for n in ("2", "3d")] == ["holds", "holds"]
    assert equation(run, "2")["terms"][3]["amount"] == -5_000


def test_d12_a_batch_without_a_credit_waits_a_working_day(scene, papers):
    batch(scene, 5_000)

    waiting = scene.run(night_after(TUESDAY))
    assert scene.stored() == []
    assert (waiting.summary["waiting"], waiting.look_again) == (1, THURSDAY)
    assert equation(waiting, "2")["standing"] == "waits"

    d = the_only(scene, "D12")
    assert (d.owner, d.severity, d.amount) == ("finance", Severity.HIGH, 5_000)
    assert d.subject == f"batch:{BATCH}"
    assert equation(scene.run(LATER), "2")["standing"] == "covered"


def test_d12_goes_when_the_credit_comes_after_all(scene, papers):
    batch(scene, 5_000)
    assert scene.codes(LATER) == ["D12"]

    papers.credit(5_000, "MIDTRANS", FRIDAY)

    d = the_only(scene, "D14", night_after(FRIDAY))
    assert (d.status, d.subject) == (Status.TIMING, f"batch:{BATCH}")


def test_d12_stands_still_while_the_bank_is_out(scene, papers):
    batch(scene, 5_000)
    scene.outage(at(7, 0, WEDNESDAY), at(17, 0, WEDNESDAY))

    assert scene.codes(night_after(WEDNESDAY)) == []
    assert scene.codes(night_after(THURSDAY)) == ["D12"]


@pytest.mark.parametrize(("credited", "word"), [(4_500, "kurang Rp500"), (5_500, "lebih Rp500")])
def test_d11_another_amount_was_credited(scene, papers, credited, word):
    batch(scene, 5_000)
    papers.credit(credited, "MIDTRANS QRIS")

    d = the_only(scene, "D11")

    assert (d.owner, d.severity, d.amount) == ("finance", Severity.HIGH, 500)
    assert word in d.explanation
    (covered,) = equation(scene.run(LATER), "2")["covered"]
    assert (covered["code"], covered["amount"]) == ("D11", 5_000 - credited)


@pytest.mark.fault("F73")
def test_d11_a_netted_credit_is_left_open_and_never_forced(scene, papers):
    """The bank has netted something off two batches in one credit: what, it does not say."""
    batch(scene, 5_000)
    batch(scene, 3_000, account="solo")
    line = papers.credit(7_200, "SETTLEMENT QRIS GABUNGAN")

    found = scene.found(LATER)

    assert [(d.code, d.subject) for d in found] == [
        ("D12", f"batch:{BATCH}"), ("D12", "batch:midtrans/solo/2026-11-24"),
        ("D13", f"line:{line}"),
    ]  # fmt: skip


def test_d11_twins_are_ambiguous_and_nobody_guesses(scene, papers):
    batch(scene, 5_000)
    lines = {papers.credit(5_000, "MIDTRANS"), papers.credit(5_000, "MIDTRANS ULANG")}

    d = the_only(scene, "D11")

    assert "tidak ditebak" in d.explanation
    assert set(d.evidence["candidates"]) == lines


def test_a_person_says_which_of_twins_it_is_and_the_other_is_nobodys(scene, papers):
    batch(scene, 5_000)
    chosen, other = papers.credit(5_000, "MIDTRANS"), papers.credit(5_000, "MIDTRANS ULANG")
    assert scene.codes(LATER) == ["D11"]

    match = scene.add(
        MatchRow, at=at(9, 0, THURSDAY), actor="user:a", reason="slip bank", undone_reason=""
    )
    for kind, reference in (("line", str(chosen)), ("batch", BATCH)):
        scene.add(MatchSideRow, match_id=match, kind=kind, reference=reference, amount=5_000)

    d = the_only(scene, "D13", night_after(FRIDAY))
    assert d.subject == f"line:{other}"


@pytest.mark.parametrize(("amount", "variant"), [(7_000, "masuk"), (-7_000, "keluar")])
def test_d13_a_movement_without_anything_behind_it(scene, papers, amount, variant):
    line = papers.credit(amount, "TRF DARI ORANG LAIN")

    d = the_only(scene, "D13")

    assert (d.owner, d.subject, d.amount) == ("finance", f"line:{line}", 7_000)
    assert variant in d.explanation


def test_a_known_charge_of_the_bank_is_silent(scene, papers):
    papers.credit(-5_000, "BIAYA ADM NOV")

    assert scene.codes(LATER) == []


def test_d33_the_banks_test_is_cleared(scene, papers):
    papers.credit(1, "TRF")

    assert the_only(scene, "D33").status is Status.CLEARED


def deposit(scene, papers, amount=6_000, **slip):
    """A slip of Tuesday that pays in a receipt of Monday."""
    scene.day = DAY
    handover = papers.hand(shifts=(papers.shift(amount),))
    made = papers.slip({papers.receipt(handover, amount): amount}, **slip)
    scene.day = TUESDAY
    return made


NUMBER = "0003/STS/DISHUB/XI/2026"  # of the first slip


def test_d22_a_slip_without_a_credit(scene, papers):
    slip = deposit(scene, papers)

    assert scene.codes(night_after(TUESDAY)) == []
    d = the_only(scene, "D22")

    assert (d.owner, d.severity, d.subject) == ("finance", Severity.HIGH, f"sts:{slip}")
    assert equation(scene.run(LATER), "3d")["standing"] == "covered"


def test_d22_a_slip_that_nobody_paid_in(scene, papers):
    deposit(scene, papers, standing="issued", paid_in=None, paid_in_at=None)

    assert "belum ada slip bank" in the_only(scene, "D22").explanation


def test_d14_a_slip_that_was_credited_late(scene, papers):
    deposit(scene, papers)
    papers.credit(6_000, f"SETOR {NUMBER}", THURSDAY)

    assert the_only(scene, "D14", night_after(FRIDAY)).status is Status.TIMING


def test_d21_less_was_paid_in_than_the_slip_says(scene, papers):
    deposit(scene, papers, paid_in=5_000)
    papers.credit(5_000, f"SETOR {NUMBER}", TUESDAY)

    d = the_only(scene, "D21")

    assert (d.severity, d.amount) == (Severity.CRITICAL, 1_000)
    assert "menurut slip bank" in d.explanation


def test_d21_less_was_credited_than_was_paid_in(scene, papers):
    deposit(scene, papers)
    papers.credit(5_000, f"SETOR {NUMBER}", TUESDAY)

    assert "yang masuk di rekening Rp5.000" in the_only(scene, "D21").explanation
    assert equation(scene.run(LATER), "3d")["standing"] == "covered"


def test_d21_a_slip_is_not_the_sum_of_its_receipts(scene, papers):
    deposit(scene, papers, amount=6_000)
    scene.day = DAY
    other = papers.receipt(papers.hand(given=0), 2_000)
    slip = papers.slip({other: 2_000}, amount=1_500, paid_in=1_500)
    papers.credit(6_000, f"SETOR {NUMBER}")
    papers.credit(1_500, "SETORAN")
    scene.day = TUESDAY

    d = the_only(scene, "D21")
    assert (d.subject, d.amount) == (f"sts:{slip}", 500)


@pytest.mark.parametrize(
    ("words", "said"),
    [("SETOR 9999/STS/DISHUB/XI/2026", "tidak pernah terbit"), ("SETORAN PARKIR", "terbitkan STS")],
)
def test_d23_a_deposit_without_a_slip(scene, papers, words, said):
    line = papers.credit(6_000, words)

    d = the_only(scene, "D23")

    assert (d.owner, d.severity, d.subject) == ("treasurer", Severity.HIGH, f"line:{line}")
    assert said in d.explanation


def test_d23_a_deposit_of_a_slip_that_is_void(scene, papers):
    deposit(scene, papers, standing="void", paid_in=None, paid_in_at=None)
    papers.credit(6_000, f"SETOR {NUMBER}")

    assert "sudah batal" in the_only(scene, "D23").explanation


def test_nothing_is_missing_at_a_bank_whose_statements_nobody_reads(scene):
    batch(scene, 5_000)

    run = scene.run(LATER)

    assert scene.stored() == []
    assert equation(run, "2")["standing"] == "waits"
