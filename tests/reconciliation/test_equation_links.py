"""Each figure of a control equation leads to rows that come to it, or nowhere.

A Tuesday with all kinds of facts, and with what lies just beside it: shifts, payments, batches,
receipts and slips of the days around it, which no list behind a figure may take in.
"""

import csv
import re
from datetime import date
from html import unescape

import pytest
from parking.access.policy import Role
from parking.ledger.entry import Account, Posting, Source, moved
from parking.money import Rupiah
from parking.reconciliation.rule_store import RuleRow
from parking.registry.facts import Vehicle
from parking.shifts.ticket_store import ShiftTicketRow, TicketBookRow

from tests.people import desk_client
from tests.reconciliation.scenes import (
    DAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Papers,
    at,
    night_after,
)

OFFICE = (Account.CASH_WITH_TREASURER, None)
LATER = night_after(THURSDAY)

# Which columns of its list come to a figure; what is taken away from them follows a minus.
COLUMNS = {
    ("1a", "Pembayaran di buku"): ("Nominal",),
    ("1a", "Diberitahukan gateway"): ("Nominal",),
    ("1b", "Pembayaran di buku"): ("Nominal",),
    ("1b", "Bruto settlement"): ("Bruto",),
    ("2", "Bruto batch"): ("Bruto",),
    ("2", "Biaya"): ("Biaya",),
    ("2", "Pengembalian"): ("Bruto",),
    ("2", "Kredit di rekening"): ("Jumlah",),
    ("3a", "QRIS menurut server"): ("QRIS di server",),
    ("3a", "Tunai dinyatakan"): ("Tunai dilaporkan",),
    ("3a", "Hasil giliran tercatat"): ("QRIS di server", "Tunai tercatat"),
    ("3b", "Tunai giliran hari ini"): ("Tunai tercatat",),
    ("3b", "Sampai di bendahara (TBP)"): ("Jumlah",),
    ("3c", "TBP hari ini"): ("Jumlah",),
    ("3c", "Dimuat STS"): ("Dimuat STS",),
    ("3d", "STS hari ini"): ("Jumlah",),
    ("3d", "QRIS: batch bersih"): ("Bersih",),
    ("3d", "Kredit untuknya"): ("Jumlah",),
    ("3d", "Kredit hari ini tanpa dasar"): ("Jumlah",),
    ("4", "Tunai dinyatakan"): ("Tunai dilaporkan",),
    ("5", "Tunai diterima"): ("Nominal",),
    ("5", "Terhitung lebih"): ("Kredit", "-Debit"),
    ("5", "Koreksi yang disetujui"): ("Debit", "-Kredit"),
    ("5", "Disetor ke bank"): ("Disetor",),
    ("5", "Tunai akhir − tunai awal menurut buku"): ("Saldo akhir", "-Saldo awal"),
}
UNLINKED = {("4", "Karcis terpakai")}
RULES = (
    ("nomor-sts", "reference", {"days_late": 10}),
    ("batch", "amount", {"of": "batch", "words": ["{gateway}"], "days_late": 7}),
    ("gabungan", "combined", {"of": "batch", "words": ["QRIS"], "days_late": 7}),
)


@pytest.fixture
def auditor(parts, clock):
    clock.moment = LATER
    return desk_client(parts, Role.AUDITOR)


@pytest.fixture
def papers(scene, auditor):
    for rank, (name, kind, terms) in enumerate(RULES, 1):
        scene.add(
            RuleRow, name=name, version=1, kind=kind, rank=rank, terms=terms, is_on=True,
            valid_from=date(2026, 1, 1), reason="", entered_at=at(6), entered_by="system",
        )  # fmt: skip
    return Papers(scene)


def terms(scene) -> dict[tuple[str, str], dict]:
    run = scene.run(LATER)
    return {(e["number"], t["name"]): t for e in run.summary["equations"] for t in e["terms"]}


def amount_of(rows: list[dict[str, str]], columns: tuple[str, ...]) -> int:
    signed = [(-1 if c.startswith("-") else 1, c.removeprefix("-")) for c in columns]
    return sum(sign * int(row[column] or 0) for row in rows for sign, column in signed)


def rows_behind(client, href: str) -> list[dict[str, str]]:
    assert client.get(href).status_code == 200, href
    answer = client.get(f"{href}&format=csv")
    assert answer.mimetype == "text/csv", href
    return list(csv.DictReader(answer.data.decode("utf-8-sig").splitlines()))


def pays(scene, shift, amount, *, settled=WEDNESDAY, fee=0, **other):
    ours = scene.charge(shift, amount=amount)
    scene.payment(ours, amount=amount, **other)
    scene.line(ours, gross=amount, fee=fee, settled_on=settled)
    return ours


def qris(scene):
    """Payments of Monday that are paid out on Tuesday, and of Tuesday that are on Wednesday."""
    shift = scene.shift()
    for amount in (2_000, 5_000, 11_000):
        ours = pays(scene, shift, amount, settled=TUESDAY, fee=14)
    scene.line(ours, kind="refund", gross=1_100, fee=7, settled_on=TUESDAY)
    scene.day = TUESDAY
    shift = scene.shift()
    pays(scene, shift, 3_000)
    pays(scene, shift, 4_000, heard=False)
    after_midnight = scene.charge(shift, amount=6_000)
    scene.payment(after_midnight, amount=6_000, paid_at=at(22, 30, TUESDAY))
    scene.line(
        after_midnight, gross=6_000, paid_at=at(0, 1, WEDNESDAY), settled_on=WEDNESDAY
    )  # by the gateway's clock
    scene.line("PKR-LAIN", gross=9_000, settled_on=WEDNESDAY)
    scene.line("PKR-LAIN", kind="refund", gross=500, settled_on=WEDNESDAY)


def cash(scene, papers):
    """Two shifts whose cash went all the way, one by a collector, and what lies beside them."""
    scene.day = DAY
    night = scene.shift(opened_at=at(20), closed_at=at(2, 0, TUESDAY), declared_cash=700)
    scene.cash(night, amount=700, at=at(0, 30, TUESDAY))
    other = papers.receipt(papers.hand(shifts=(papers.shift(1_000),)), 1_000)
    papers.slip({other: 1_000}, dated=DAY)
    scene.day = WEDNESDAY
    papers.shift(800)
    scene.day = TUESDAY
    first, second = papers.shift(6_000, 4_000), papers.shift(2_500, opened_at=at(13, 0, TUESDAY))
    by_collector = papers.hand(shifts=(second,), to="collector", when=at(21, 0, TUESDAY))
    whole = papers.receipt(papers.hand(shifts=(first,)), 10_000)
    part = papers.receipt(papers.hand(parts=(by_collector,)), 2_500)
    scene.cash(first, amount=9_000, at=at(9, 0, TUESDAY), corrected=True)
    papers.slip({whole: 10_000}, dated=TUESDAY)
    papers.slip({part: 1_500}, dated=WEDNESDAY)
    unpaid = {"standing": "draft", "paid_in": None, "paid_in_at": None, "number": None}
    papers.slip({part: 300}, dated=TUESDAY, **unpaid)
    void = {"standing": "void", "paid_in": None, "paid_in_at": None}
    papers.slip({part: 200}, dated=TUESDAY, **void)


def bank(scene, papers):
    with scene.parts.sessions() as session:
        (number,) = session.connection().exec_driver_sql(
            f"SELECT number FROM sts WHERE dated = '{TUESDAY}' AND standing = 'paid_in'"
        ).scalars()  # fmt: skip
    papers.credit(10_000, f"SETORAN {number}", TUESDAY)
    papers.credit(16_865, "MIDTRANS QRIS", WEDNESDAY)
    papers.credit(7_777, "TRF DARI ORANG LAIN", TUESDAY)
    papers.credit(8_888, "TRF DARI ORANG LAIN", WEDNESDAY)
    papers.credit(-3_333, "TRF KE ORANG LAIN", TUESDAY)


def by_the_book(scene, papers):
    """What was counted beyond the book, and what two persons corrected, on Tuesday and beside."""
    given = papers.hand(given=0, when=at(20, 0, TUESDAY))
    case = scene.case()
    for n, day in enumerate((DAY, TUESDAY)):
        beyond = moved(Rupiah(1_300 + n), 300, OFFICE, (Account.CASH_WITH_COLLECTOR, 7))
        scene.book("handover", f"beyond {n}", day, beyond, Source(handover_id=given))
        sides = (Posting(Account.CASH_WITH_TREASURER, 250 + n), Posting(Account.SUSPENSE, -250 - n))
        scene.book("correction", f"{n}", day, sides, Source(proposal_id=scene.proposal(case)))


def tickets(scene, papers):
    """A shift that a colleague took over: its cash alone was counted."""
    scene.add(
        TicketBookRow, series="AA", year=2026, vehicle=Vehicle.MOTORCYCLE, amount=2_000, first=1,
        last=100, received_on=DAY, document="", entered_at=at(6), entered_by="user:a",
    )  # fmt: skip
    opened = {"opened_at": at(14, 0, TUESDAY), "closed_at": at(15, 0, TUESDAY)}
    before = papers.shift(4_200, **opened)
    after = papers.shift(1_700, opened_at=at(15, 1, TUESDAY), taken_over_from=before)
    scene.add(ShiftTicketRow, shift_id=after, series="AA", first=1, last=3, spoiled=0)


def test_the_rows_behind_each_figure_come_to_it(scene, papers, auditor):
    qris(scene)
    cash(scene, papers)
    tickets(scene, papers)
    by_the_book(scene, papers)
    bank(scene, papers)

    found = terms(scene)

    assert {name for name, term in found.items() if not term["href"]} == UNLINKED
    shown = {
        name: amount_of(rows_behind(auditor, term["href"]), COLUMNS[name])
        for name, term in found.items()
        if term["href"]
    }
    assert {name: abs(amount) for name, amount in shown.items()} == {
        name: abs(found[name]["amount"]) for name in shown
    }
    assert [name for name, amount in shown.items() if not amount] == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.FINANCE])
def test_no_figure_leads_where_its_reader_may_not_go(parts, scene, papers, role):
    papers.shift(6_000)
    terms(scene)
    client = desk_client(parts, role, "orang")

    page = client.get(f"/audit/{DAY}").text
    table = page[page.index('id="persamaan"') :]
    links = [unescape(href) for href in re.findall(r'<td>[+− ]*<a href="([^"]+)"', table)]

    assert "/audit/payments" in " ".join(links)
    assert {href: client.get(href).status_code for href in links} == dict.fromkeys(links, 200)


def test_an_open_shift_goes_on_taking_so_its_list_is_not_shown(scene, papers):
    scene.sale(scene.shift(closed_at=None))

    found = terms(scene)

    assert found["3a", "QRIS menurut server"]["href"] == ""
    assert found["3a", "Hasil giliran tercatat"]["href"] == ""
    assert found["3a", "Tunai dinyatakan"]["href"]


def test_a_credit_for_batches_of_two_days_is_shown_on_neither(scene, papers):
    shift = scene.shift()
    pays(scene, shift, 2_000, settled=TUESDAY)
    pays(scene, shift, 3_000, settled=WEDNESDAY)
    papers.credit(5_000, "QRIS GABUNGAN", WEDNESDAY)
    scene.day = TUESDAY

    found = terms(scene)

    assert found["2", "Kredit di rekening"]["amount"] == -2_000
    assert found["2", "Kredit di rekening"]["href"] == ""
    assert found["3d", "Kredit untuknya"]["href"] == ""


def test_cash_that_came_on_another_day_is_in_no_list_of_receipts(scene, papers):
    handover = papers.hand(shifts=(papers.shift(6_000),), when=at(8, 0, TUESDAY))
    papers.receipt(handover, 6_000, TUESDAY)

    found = terms(scene)

    assert found["3b", "Sampai di bendahara (TBP)"]["amount"] == -6_000
    assert found["3b", "Sampai di bendahara (TBP)"]["href"] == ""


def test_a_city_without_tickets_has_no_list_of_shifts_that_count_them(scene, papers):
    papers.shift(6_000)

    assert terms(scene)["4", "Tunai dinyatakan"]["href"] == ""
