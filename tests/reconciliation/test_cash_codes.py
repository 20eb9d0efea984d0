"""Each fault planted on the way of cash comes out as its code, and the equations say where it is.

Cash of Monday's shift is handed on the same night, counted by the treasurer, paid in on Tuesday.
"""

from datetime import date, timedelta

import pytest
from parking.access import users
from parking.access.policy import Role
from parking.reconciliation.catalogue import Severity, Status
from parking.reconciliation.rule_store import RuleRow
from parking.registry.store import PointRow, RevenueCodeRow
from parking.shifts.ticket_store import ShiftTicketRow, TicketBookRow, TicketMoveRow

from tests.reconciliation.scenes import (
    DAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Papers,
    at,
    night_after,
)

LATER = night_after(WEDNESDAY)


@pytest.fixture
def papers(scene):
    with scene.parts.sessions.begin() as session:
        users.add(
            session, "tuti", Role.TREASURER, "Tuti Contoh", "kata sandi panjang",
            scene.parts.settings.pepper, "system", at(6),
        )  # fmt: skip
    for area, code in (("market", "4.1.02.01.04"), ("special", "4.1.02.02.05")):
        scene.add(
            RevenueCodeRow, area_type=area, code=code, name=area, valid_from=date(2026, 1, 1),
            entered_at=at(6), entered_by="system",
        )  # fmt: skip
    scene.add(
        RuleRow, name="nomor-sts", version=1, kind="reference", rank=1, terms={"days_late": 10},
        is_on=True, valid_from=date(2026, 1, 1), reason="", entered_at=at(6), entered_by="system",
    )  # fmt: skip
    return Papers(scene)


def whole(papers, *amounts):
    """A shift whose cash went all the way; its handover, receipt and slip."""
    shift = papers.shift(*(amounts or (6_000, 4_000)))
    taken = sum(amounts) or 10_000
    handover = papers.hand(shifts=(shift,))
    tbp = papers.receipt(handover, taken)
    slip = papers.slip({tbp: taken})
    return shift, handover, tbp, slip


def the_only(scene, code, now=LATER):
    found = scene.found(now)
    assert [(d.code, d.explanation) for d in found if d.code != code] == []
    (one,) = found
    return one


def equation(run, number):
    return next(e for e in run.summary["equations"] if e["number"] == number)


def standings(run):
    return {e["number"]: e["standing"] for e in run.summary["equations"]}


def test_cash_that_went_all_the_way_is_silent(scene, papers):
    _, _, _, slip = whole(papers)
    papers.credit(10_000, "SETORAN 0003/STS/DISHUB/XI/2026")

    run = scene.run(LATER)

    assert slip
    assert [d.what.explanation for d in scene.stored()] == []
    assert equation(run, "3b")["terms"][1]["amount"] == -10_000
    assert set(standings(run).values()) - {"broken"} == {"holds"}


def test_every_term_is_a_figure_with_its_sign(scene, papers):
    whole(papers)

    for each in scene.run(LATER).summary["equations"]:
        assert each["difference"] == sum(term["amount"] for term in each["terms"])


def test_d24_cash_that_the_attendant_kept(scene, papers):
    papers.hand(given=0, when=at(5, 0))  # the city writes handovers down
    shift = papers.shift(6_000)

    d = the_only(scene, "D24")

    assert (d.subject, d.owner, d.amount) == (f"shift:{shift}", "treasurer", 6_000)
    assert (d.attendant_id, d.point_id) == (scene.city.budi, scene.city.market)
    (covered,) = equation(scene.run(LATER), "3b")["covered"]
    assert (covered["code"], covered["amount"]) == ("D24", 6_000)


def test_d24_not_before_any_handover_was_written_down(scene, papers):
    papers.shift(6_000)

    assert scene.codes(LATER) == []


def test_d24_not_before_the_shifts_day_is_over(scene, papers):
    papers.hand(given=0, when=at(5, 0))
    papers.shift(6_000, closed_at=at(1, 0, TUESDAY))

    run = scene.run(night_after(DAY))

    assert scene.stored() == []
    assert run.summary["waiting"] == 1
    assert (run.look_again, equation(run, "3b")["standing"]) == (WEDNESDAY, "waits")


def test_d24_what_nobody_counted(scene, papers):
    papers.hand(shifts=(papers.shift(6_000),), standing="offered", is_counted=False)

    assert "belum dihitung" in the_only(scene, "D24").explanation


def test_d24_handed_on_a_day_late_is_a_matter_of_time(scene, papers):
    papers.hand(given=0, when=at(5, 0))
    handover = papers.hand(shifts=(papers.shift(6_000),), when=at(9, 0, WEDNESDAY))
    papers.receipt(handover, 6_000, WEDNESDAY)

    d = the_only(scene, "D24", night_after(THURSDAY))

    assert (d.status, d.amount) == (Status.TIMING, 6_000)
    assert "terlambat 2 hari kerja" in d.explanation
    assert equation(scene.run(LATER), "3b")["standing"] == "holds"


def test_d24_what_a_collector_kept(scene, papers):
    shift = papers.shift(6_000)
    handover = papers.hand(shifts=(shift,), to="collector")

    d = the_only(scene, "D24")

    assert (d.subject, d.amount) == (f"handover:{handover}", 6_000)
    assert equation(scene.run(LATER), "3b")["standing"] == "covered"


def test_cash_by_way_of_a_collector_is_silent_and_by_a_day_late_a_matter_of_time(scene, papers):
    first = papers.hand(shifts=(papers.shift(6_000),), to="collector")
    after = papers.hand(parts=(first,), when=at(8, 0, TUESDAY))
    papers.slip({papers.receipt(after, 6_000, TUESDAY): 6_000})

    d = the_only(scene, "D24")

    assert (d.status, d.subject) == (Status.TIMING, f"handover:{first}")
    assert equation(scene.run(LATER), "3b")["standing"] == "holds"


def test_d24_a_receipt_that_nobody_paid_in(scene, papers):
    tbp = papers.receipt(papers.hand(shifts=(papers.shift(6_000),)), 6_000)

    waiting = scene.run(night_after(DAY))
    assert scene.stored() == []
    assert equation(waiting, "3c")["standing"] == "waits"

    d = the_only(scene, "D24")
    assert (d.subject, d.amount) == (f"tbp:{tbp}", 6_000)
    assert equation(scene.run(LATER), "3c")["standing"] == "covered"


def test_d24_paid_in_late(scene, papers):
    tbp = papers.receipt(papers.hand(shifts=(papers.shift(6_000),)), 6_000)
    papers.slip({tbp: 6_000}, dated=THURSDAY)

    d = the_only(scene, "D24", night_after(THURSDAY))

    assert (d.status, d.subject) == (Status.TIMING, f"tbp:{tbp}")


def test_d21_a_part_of_a_receipt_that_nobody_paid_in(scene, papers):
    tbp = papers.receipt(papers.hand(shifts=(papers.shift(6_000),)), 6_000)
    papers.slip({tbp: 5_000})

    d = the_only(scene, "D21")

    assert (d.severity, d.owner, d.amount) == (Severity.CRITICAL, "auditor", 1_000)
    assert equation(scene.run(LATER), "3c")["standing"] == "covered"


def test_d21_a_receipt_that_slips_pay_in_twice(scene, papers):
    tbp = papers.receipt(papers.hand(shifts=(papers.shift(6_000),)), 6_000)
    papers.slip({tbp: 6_000})
    papers.slip({tbp: 1_000})

    assert "lebih Rp1.000" in the_only(scene, "D21").explanation


@pytest.mark.parametrize(
    ("standing", "word"), [("differs", "belum dijawab"), ("acknowledged", "disetujui"),
                           ("disputed", "dibantah")],
)  # fmt: skip
def test_d20_another_amount_than_was_given(scene, papers, standing, word):
    shift = papers.shift(6_000)
    handover = papers.hand(shifts=(shift,), received=5_500, standing=standing)
    papers.slip({papers.receipt(handover, 5_500): 5_500})

    d = the_only(scene, "D20")

    assert (d.owner, d.severity, d.amount) == ("collector", Severity.MEDIUM, 500)
    assert (d.subject, d.attendant_id) == (f"handover:{handover}", scene.city.budi)
    assert word in d.explanation
    assert equation(scene.run(LATER), "3b")["difference"] == 500
    assert equation(scene.run(LATER), "3b")["standing"] == "covered"


def test_d20_less_than_the_book_says(scene, papers):
    handover = papers.hand(shifts=(papers.shift(6_000),), given=5_000)
    papers.slip({papers.receipt(handover, 5_000): 5_000})

    assert "tertinggal" in the_only(scene, "D20").explanation


def test_d20_not_when_an_old_shortage_was_made_good(scene, papers):
    handover = papers.hand(shifts=(papers.shift(6_000),), given=7_000)
    papers.slip({papers.receipt(handover, 7_000): 7_000})

    run = scene.run(LATER)

    assert scene.stored() == []
    assert equation(run, "3b")["standing"] == "holds"


def test_d25_handed_on_without_a_letter(scene, papers):
    handover = papers.hand(shifts=(papers.shift(6_000),), assignment_id=None)
    papers.slip({papers.receipt(handover, 6_000): 6_000})

    d = the_only(scene, "D25")

    assert (d.owner, d.severity, d.amount) == ("supervisor", Severity.HIGH, 6_000)


def test_d30_another_code_than_the_points(scene, papers):
    handover = papers.hand(shifts=(papers.shift(6_000),))
    tbp = papers.receipt(handover, 6_000, revenue_code="4.1.02.02.05")
    papers.slip({tbp: 6_000})

    d = the_only(scene, "D30")

    assert (d.owner, d.subject) == ("finance", f"tbp:{tbp}")
    assert "4.1.02.01.04" in d.explanation


def test_d30_cash_of_two_codes_in_one_receipt(scene, papers):
    terminal = scene.add(
        PointRow, code="TKP-01", name="Terminal", road="Jl. Contoh", zone="Pasar",
        area_type="special", has_qris=True, opened_on=date(2026, 1, 1),
    )  # fmt: skip
    other = papers.shift(3_000, point_id=terminal, opened_at=at(5, 0))
    handover = papers.hand(shifts=(papers.shift(6_000), other))
    papers.slip({papers.receipt(handover, 9_000): 9_000})

    assert "sekaligus" in the_only(scene, "D30").explanation


def tickets(scene, shift, first, last, series="A", spoiled=0):
    return scene.add(
        ShiftTicketRow, shift_id=shift, series=series, first=first, last=last, spoiled=spoiled
    )


@pytest.fixture
def book(scene):
    """A hundred tickets of Rp2.000, of which Budi has the first fifty."""
    return a_book(scene, 2026)


def a_book(scene, year):
    book = scene.add(
        TicketBookRow, series="A", year=year, vehicle="motorcycle", amount=2_000, first=1, last=100,
        received_on=date(2026, 1, 2), document="BA 1", entered_at=at(6), entered_by="user:a",
    )  # fmt: skip
    scene.add(
        TicketMoveRow, book_id=book, kind="issued", attendant_id=scene.city.budi, first=1, last=50,
        moved_on=DAY, document="1", at=at(6), actor="user:a",
    )  # fmt: skip
    return book


def test_tickets_that_come_to_the_cash_are_silent(scene, papers, book):
    shift, *_ = whole(papers, 6_000)
    tickets(scene, shift, 1, 4, spoiled=1)

    run = scene.run(LATER)

    assert scene.stored() == []
    assert equation(run, "4")["standing"] == "holds"
    assert equation(run, "4")["terms"][0]["amount"] == 6_000


@pytest.mark.parametrize(
    ("first", "last", "amount", "word"),
    [(1, 2, 2_000, "tanpa karcis"), (1, 4, 2_000, "kurang"), (51, 53, 6_000, "tidak pernah"),
     (101, 103, 6_000, "mana pun")],
    ids=["fewer", "more", "unissued", "unknown"],
)  # fmt: skip
def test_d18_tickets_and_cash_are_apart(scene, papers, book, first, last, amount, word):
    shift, *_ = whole(papers, 6_000)
    tickets(scene, shift, first, last)

    d = the_only(scene, "D18")

    assert (d.owner, d.severity, d.amount) == ("auditor", Severity.HIGH, amount)
    assert word in d.explanation
    assert equation(scene.run(LATER), "4")["standing"] in ("covered", "holds")


def test_d18_tickets_that_were_used_before(scene, papers, book):
    first = papers.shift(6_000, opened_at=at(6, 0, DAY - timedelta(days=1)))
    tickets(scene, first, 1, 3)
    shift, *_ = whole(papers, 6_000)
    tickets(scene, shift, 1, 3)

    assert "sudah dipakai" in the_only(scene, "D18").explanation


def test_d18_tickets_of_a_year_that_is_over(scene, papers):
    a_book(scene, 2025)
    shift, *_ = whole(papers, 6_000)
    tickets(scene, shift, 1, 3)

    assert "tahun yang lewat" in the_only(scene, "D18").explanation


def test_d18_cash_without_any_ticket(scene, papers, book):
    whole(papers, 6_000)

    assert "Rp6.000 diterima tanpa karcis" in the_only(scene, "D18").explanation


def test_equation_5_is_broken_when_the_book_knows_of_cash_that_nobody_took(scene, papers):
    shift = papers.shift(6_000)
    scene.cash(shift, amount=2_000, at=at(11))  # in the table of taps, and not in the book

    run = scene.run(LATER)

    assert equation(run, "5")["difference"] == 2_000
    assert equation(run, "5")["standing"] == "broken"
