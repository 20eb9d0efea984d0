"""The treasurer's desk through HTTP: from the count to the bank's confirmation."""

import re
from datetime import timedelta

import pytest
from parking.access.policy import Role
from parking.business_day import business_day, day_text
from parking.database.engine import owner_engine
from parking.deposits import balance_store
from parking.deposits.store import (
    CashCountRow,
    CommitmentRow,
    HandoverRow,
    PayoutRow,
    StsRow,
    TbpRow,
)
from parking.ledger.store import EntryRow, PostingRow
from parking.registry.store import AssignmentRow
from sqlalchemy import func, select, update

from tests.people import desk_client

DESK = "/finance/deposits"
COUNT = {"witness": "Auditor Contoh", "document": "BA 7/2026", "key": "key-00000001"}


@pytest.fixture
def treasurer(parts, city):
    return desk_client(parts, Role.TREASURER)


@pytest.fixture
def finance(parts, city):
    return desk_client(parts, Role.FINANCE)


def send(client, path, follow=False, **fields):
    return client.post(path, data=fields | {"csrf_token": client.csrf}, follow_redirects=follow)


def stored(parts, table):
    with parts.sessions() as session:
        return session.scalars(select(table).order_by(table.id)).all()


def counted_at_desk(treasurer, cash, amount, cars=5):
    """A shift's cash that is offered to the office and counted there; where the answer leads."""
    of = cash.offer(3_000 * cars, cash.shift(cars))
    page = f"{DESK}/{of.id}/count"
    send(treasurer, page, received=str(amount))  # looks at both amounts first
    answer = send(treasurer, page, received=str(amount), seen=str(amount))
    assert answer.status_code == 303, answer.text
    return answer.location


def test_cash_goes_from_the_count_to_the_bank_in_steps(parts, treasurer, cash):
    receipt = treasurer.get(counted_at_desk(treasurer, cash, 15_000)).text
    assert "Rp15.000,00" in receipt
    assert "Budi Contoh (JBI-0001)" in receipt

    (tbp,) = stored(parts, TbpRow)
    draft = treasurer.get(f"{DESK}/sts/new").text
    assert re.search(rf'value="{tbp.id}"[^>]*checked', draft)
    today = business_day(parts.clock.now()).isoformat()
    page = send(treasurer, f"{DESK}/sts/new", tbp=tbp.id, dated=today).location
    send(treasurer, f"{page}/issue")
    slip = {"amount": "15.000", "reference": "JMB-77", "on": today, "at": "00:00"}
    assert "Sudah benar?" in send(treasurer, f"{page}/pay-in", **slip).text
    assert stored(parts, StsRow)[0].standing == "issued"
    shown = send(treasurer, f"{page}/pay-in", **slip, seen="15000")
    assert shown.status_code == 303, shown.text
    send(treasurer, f"{page}/validate")

    (sts,) = stored(parts, StsRow)
    assert (sts.standing, sts.paid_in, sts.bank_reference) == ("validated", 15_000, "JMB-77")
    assert cash.book() == {"cash_in_transit": 15_000}
    assert sts.number in treasurer.get(f"{DESK}/sts").text
    assert "JMB-77" in treasurer.get(f"{DESK}/sts?format=csv").text


def issued_at_desk(parts, treasurer, cash):
    """The page of a slip of Rp15.000 that was issued today, and the day as forms send it."""
    counted_at_desk(treasurer, cash, 15_000)
    (tbp,) = stored(parts, TbpRow)
    today = business_day(parts.clock.now()).isoformat()
    page = send(treasurer, f"{DESK}/sts/new", tbp=tbp.id, dated=today).location
    send(treasurer, f"{page}/issue")
    return page, today


def test_another_amount_at_the_bank_is_kept_beside_the_slip(parts, treasurer, cash):
    page, today = issued_at_desk(parts, treasurer, cash)
    send(
        treasurer, f"{page}/pay-in", amount="14000", reference="JMB-1", on=today, at="00:00",
        seen="14000",
    )  # fmt: skip

    shown = treasurer.get(page).text
    assert "-Rp1.000" in shown
    assert "D21" in shown
    assert cash.book() == {"cash_with_treasurer": 1_000, "cash_in_transit": 14_000}


@pytest.mark.parametrize(("amount", "is_taken"), [("30.000", True), ("30.001", False)])
def test_more_than_twice_the_slip_is_a_typing_error(parts, treasurer, cash, amount, is_taken):
    page, today = issued_at_desk(parts, treasurer, cash)
    slip = {"amount": amount, "reference": "JMB-1", "on": today, "at": "00:00"}

    looked = send(treasurer, f"{page}/pay-in", **slip)
    kept = send(treasurer, f"{page}/pay-in", **slip, seen=amount.replace(".", ""))

    assert ("Sudah benar?" in looked.text, kept.status_code == 303) == (is_taken, is_taken)
    if not is_taken:
        why = f"Rp{amount} lebih dari dua kali STS 0001/STS/DISHUB/XI/2026, Rp15.000"
        assert why in looked.text
        assert why in kept.text


def test_a_day_of_the_first_century_is_no_day_of_a_bank(parts, treasurer, cash):
    page, _ = issued_at_desk(parts, treasurer, cash)

    told = send(treasurer, f"{page}/pay-in", amount="15000", reference="J-1", on="0001-01-01",
                at="07:30")  # fmt: skip

    assert (told.status_code, "periksa tahunnya" in told.text) == (422, True)


@pytest.mark.parametrize(
    ("counted", "told"),
    [
        (8_000, "Menurut buku Budi Contoh (JBI-0001) memegang Rp6.000: ini Rp2.000 lebih."),
        (5_000, "Rp1.000 tetap tercatat pada Budi Contoh (JBI-0001)."),
        (6_000, "Kedua jumlah disimpan dan tidak diubah.</p>\n  <form"),
    ],
)  # fmt: skip
def test_who_counts_is_told_what_becomes_of_the_rest_by_the_book(treasurer, cash, counted, told):
    of = cash.offer(9_000, cash.shift(2))

    shown = send(treasurer, f"{DESK}/{of.id}/count", received=str(counted)).text

    assert re.sub(r"\s+<form", "\n  <form", told) in re.sub(r"\s+<form", "\n  <form", shown)
    assert shown.count("tetap tercatat") == (counted == 5_000)


def test_a_slip_that_is_void_keeps_its_number_and_opens_its_receipts(parts, treasurer, cash):
    page, _ = issued_at_desk(parts, treasurer, cash)
    (tbp,) = stored(parts, TbpRow)
    assert send(treasurer, f"{page}/void", reason="x").status_code == 422
    send(treasurer, f"{page}/void", reason="salah tanggal")

    (sts,) = stored(parts, StsRow)
    assert sts.standing == "void"
    assert sts.number.startswith("0001/STS")
    assert tbp.number in treasurer.get(f"{DESK}/sts/new").text
    assert send(treasurer, f"{page}/issue").status_code == 409


def test_a_receipt_that_another_slip_took_meanwhile_is_not_paid_in_twice(parts, treasurer, cash):
    counted_at_desk(treasurer, cash, 15_000)
    (tbp,) = stored(parts, TbpRow)
    today = business_day(parts.clock.now()).isoformat()
    send(treasurer, f"{DESK}/sts/new", tbp=tbp.id, dated=today)

    assert send(treasurer, f"{DESK}/sts/new", tbp=tbp.id, dated=today).status_code == 409
    assert len(stored(parts, StsRow)) == 1


def test_the_office_counts_only_what_was_offered_to_it(parts, treasurer, cash):
    of = cash.offer(15_000, cash.shift(), to=cash.collector())

    assert treasurer.get(f"{DESK}/{of.id}/count").status_code == 404
    assert stored(parts, HandoverRow)[0].standing == "offered"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE])
def test_who_reads_the_desk_moves_nothing_on_it(parts, city, cash, role):
    reader = desk_client(parts, role)
    of = cash.offer(15_000, cash.shift())

    assert "Budi Contoh" in reader.get(DESK).text
    assert reader.get(f"{DESK}/handovers/{of.id}").status_code == 200
    assert send(reader, f"{DESK}/{of.id}/count", received="1", seen="1").status_code == 403
    assert send(reader, f"{DESK}/sts/new", tbp="1").status_code == 403


def test_a_handover_without_a_letter_says_so(parts, treasurer, cash, city):
    shift = cash.shift()
    owner = owner_engine(parts.settings.owner_url)
    with owner.begin() as connection:
        gone = business_day(parts.clock.now()) - timedelta(days=1)
        connection.execute(
            update(AssignmentRow)
            .where(AssignmentRow.attendant_id == city.budi)
            .values(valid_to=gone)
        )
    owner.dispose()
    cash.offer(15_000, shift)

    assert "tanpa SPT" in treasurer.get(f"{DESK}/handovers").text


def test_lists_are_searched_narrowed_and_exported(treasurer, cash):
    counted_at_desk(treasurer, cash, 14_000)

    assert "Budi Contoh" in treasurer.get(f"{DESK}/handovers?q=budi&state=differs").text
    assert "Tidak ada yang cocok" in treasurer.get(f"{DESK}/handovers?q=sari").text
    line = treasurer.get(f"{DESK}/handovers?format=csv").text.splitlines()[1]
    assert "15000,14000,-1000" in line
    assert "0001/TBP" in treasurer.get(f"{DESK}/tbp?q=0001").text
    assert (
        "Tidak ada yang cocok"
        in treasurer.get(f"{DESK}/tbp?state=&from=2026-01-01&to=2026-01-02").text
    )


def test_balances_are_told_of_any_hour(parts, treasurer, cash):
    counted_at_desk(treasurer, cash, 14_000)

    shown = treasurer.get(f"{DESK}/balances").text
    assert "Rp14.000" in shown
    assert "Rp1.000" in shown  # short: still with Budi
    assert "Tidak ada tunai" in treasurer.get(f"{DESK}/balances?date=2020-01-01&time=08:00").text
    assert treasurer.get(f"{DESK}/balances?date=2020-01-01&time={'1' * 5_000}:0").status_code == 200
    assert "14000" in treasurer.get(f"{DESK}/balances?party=treasurer&format=csv").text


def test_a_days_cash_adds_up_and_is_carried_over(parts, treasurer, cash):
    counted_at_desk(treasurer, cash, 14_000)
    today = business_day(parts.clock.now())

    with parts.sessions() as session:
        flows = balance_store.flows(session, today)
        over = balance_store.carried_over(session, today)
        before = balance_store.carried_over(session, today - timedelta(days=1))
    assert all(f.opening + f.received - f.passed_on == f.closing for f in flows)
    assert (over.with_attendants, over.with_treasurer, over.in_transit) == (1_000, 14_000, 0)
    assert (before.with_attendants, before.with_treasurer) == (0, 0)
    shown = treasurer.get(f"{DESK}/flows").text
    assert "0001/TBP" in shown
    assert "Kas di bendahara penerimaan" in shown


def test_a_count_by_surprise_shows_the_book_only_afterwards(parts, finance, cash):
    cash.received(15_000)
    page = finance.get(f"{DESK}/counts/new").text
    assert "15.000" not in page

    told = send(
        finance, f"{DESK}/counts/new", follow=True, holder="treasurer", counted="14.500",
        **COUNT,
    ).text  # fmt: skip

    assert "Dihitung Rp14.500, menurut buku Rp15.000: beda -Rp500." in told
    (row,) = stored(parts, CashCountRow)
    assert (row.counted, row.booked, row.holder_id) == (14_500, 15_000, None)
    assert cash.book() == {"cash_with_treasurer": 15_000}  # a count corrects nothing


def test_who_has_nothing_by_the_book_is_counted_too(parts, finance, cash, budi, city):
    collector = cash.collector()
    budi.post("/attendant/shifts", point_id=city.market)
    page = finance.get(f"{DESK}/counts/new").text
    found = re.findall(r'<option[^>]*value="([a-z]+(?::\d+)?)"', page)
    assert found == ["treasurer", f"collector:{collector.id}", f"attendant:{city.budi}"]

    told = send(
        finance, f"{DESK}/counts/new", follow=True, holder=found[1], counted="5.000", **COUNT
    ).text
    assert "Dihitung Rp5.000, menurut buku Rp0: beda Rp5.000." in told


def test_a_count_that_is_sent_twice_is_one(parts, finance, cash):
    said = COUNT | {"holder": "treasurer", "counted": "0"}
    assert [send(finance, f"{DESK}/counts/new", **said).status_code for _ in range(2)] == [303] * 2

    other = send(finance, f"{DESK}/counts/new", **said | {"counted": "1"})
    assert other.status_code == 422
    assert "Muat ulang" in other.text
    assert [row.counted for row in stored(parts, CashCountRow)] == [0]


def test_a_count_needs_a_witness_and_a_document(parts, finance, cash):
    said = {"holder": "treasurer", "counted": "0"}
    for odd in ({"witness": "x"}, {"document": "y"}, {"key": ""}):
        assert send(finance, f"{DESK}/counts/new", **COUNT | said | odd).status_code == 422
    assert stored(parts, CashCountRow) == []


def test_the_treasurer_does_not_count_the_own_cash(treasurer):
    assert treasurer.get(f"{DESK}/counts/new").status_code == 403


def test_a_commitment_stands_beside_the_citys_share_of_what_was_taken(parts, cash, city, clock):
    first = business_day(parts.clock.now()).isoformat()
    cash.shift(5)
    clock.forward(days=2)
    cash.received(40_000, cars=20)
    finance = desk_client(parts, Role.FINANCE)
    said = {"attendant_id": city.budi, "daily": "10000", "letter": "SK 1/2026"}
    send(finance, f"{DESK}/commitments/new", **said, valid_from=first)

    row = finance.get(f"{DESK}/commitments?from={first}&format=csv").text.splitlines()[1]
    # two of three days worked: Rp20.000 promised, and 40 % of Rp75.000 are the city's
    assert row == "Budi Contoh (JBI-0001),10000,3,2,20000,75000,0,30000,,10000"
    again = send(finance, f"{DESK}/commitments/new", **said, valid_from=first)
    assert again.status_code == 422


@pytest.mark.parametrize("days", [-32, 366, 2_900_000])
def test_a_commitment_begins_in_a_month_back_to_a_year_ahead(parts, finance, city, days):
    start = business_day(parts.clock.now()) + timedelta(days=days)
    said = {"attendant_id": city.budi, "daily": "10000", "letter": "SK 1/2026"}

    answer = send(finance, f"{DESK}/commitments/new", **said, valid_from=start.isoformat())

    assert answer.status_code == 422
    assert "antara " in answer.text
    assert stored(parts, CommitmentRow) == []


def test_a_commitment_that_has_not_begun_can_be_taken_back(parts, finance, city):
    today = business_day(parts.clock.now())
    said = {"attendant_id": city.budi, "daily": "10000", "letter": "SK 1/2026"}
    for days in (0, 300):
        start = (today + timedelta(days=days)).isoformat()
        send(finance, f"{DESK}/commitments/new", **said, valid_from=start)
    begun, ahead = (f"{DESK}/commitments/{row.id}" for row in stored(parts, CommitmentRow))

    assert ahead in finance.get(f"{DESK}/commitments").text.split("Belum mulai")[1]
    assert "Tarik kembali" not in finance.get(begun).text
    assert send(finance, f"{begun}/take-back").status_code == 409
    assert "Tarik kembali" in finance.get(ahead).text
    assert send(finance, f"{ahead}/take-back").status_code == 303
    assert send(finance, f"{ahead}/take-back").status_code == 409

    assert "ditarik kembali" in finance.get(ahead).text
    next_year = (today + timedelta(days=300)).isoformat()
    assert send(finance, f"{DESK}/commitments/new", **said, valid_from=next_year).status_code == 303


def test_a_new_commitment_ends_the_one_before(parts, finance, city):
    today = business_day(parts.clock.now())
    said = {"attendant_id": city.budi, "letter": "SK 1/2026"}
    earlier = (today - timedelta(days=4)).isoformat()
    send(finance, f"{DESK}/commitments/new", **said, daily="10000", valid_from=earlier)
    send(finance, f"{DESK}/commitments/new", **said, daily="20000", valid_from=today.isoformat())

    rows = finance.get(f"{DESK}/commitments?from={earlier}&sort=daily&format=csv").text.splitlines()
    assert [row.split(",")[1:3] for row in rows[1:]] == [["10000", "4"], ["20000", "1"]]


def payout(day, reference="TRF-1", amount=6_000, badge="JBI-0001", state=""):
    return f"{badge};{day};{amount};{day};{reference};{state}"


HEADER = "lencana;bagian_tanggal;jumlah;dibayar;referensi;keadaan"


def pay(finance, *lines, follow=False):
    """A table looked at and confirmed; the last answer."""
    page, table = f"{DESK}/payouts/new", "\r\n".join([HEADER, *lines])
    looked = send(finance, page, table=table)
    seen = re.search(r'name="seen" value="(\w{64})"', looked.text)
    if not seen:
        return looked
    return send(finance, page, follow=follow, table=table, seen=seen[1])


def test_payouts_are_booked_once_and_all_or_none(parts, finance, city, cash):
    day = business_day(parts.clock.now()).isoformat()
    cash.shift()
    wrong = pay(finance, payout(day), payout(day, "TRF-2", badge="JBI-9"))
    assert wrong.status_code == 422
    assert "JBI-9" in wrong.text
    assert stored(parts, PayoutRow) == []

    pay(finance, payout(day))
    told = pay(finance, payout(day), follow=True).text
    assert "0 pembayaran dicatat. 1 sudah ada" in told
    back = pay(finance, payout(day, amount=5_000, state="returned"))
    assert "tidak sama dengan yang dibayar" in back.text
    pay(finance, payout(day, state="returned"))

    assert [row.standing for row in stored(parts, PayoutRow)] == ["paid", "returned"]
    with parts.sessions() as session:
        query = (
            select(func.sum(PostingRow.amount), func.count())
            .join(EntryRow, EntryRow.id == PostingRow.entry_id)
            .where(PostingRow.account == "attendant_share", EntryRow.payout_id.is_not(None))
        )
        assert session.execute(query).one() == (0, 2)


def test_a_payout_is_seen_beside_the_share_before_it_is_stored(parts, finance, cash):
    cash.shift()  # Rp15.000, of which Rp9.000 are Budi's
    day, page = business_day(parts.clock.now()).isoformat(), f"{DESK}/payouts/new"
    fits = "\n".join([HEADER, payout(day, amount=4_000), payout(day, "TRF-2", amount=5_000)])
    shown = send(finance, page, table=fits).text
    assert "2 baris sama dengan bagiannya" in shown
    assert "D15" not in shown

    seen = re.search(r'name="seen" value="(\w{64})"', shown)[1]
    other = f"{HEADER}\n{payout(day, amount=91_000)}"
    changed = send(finance, page, table=other, seen=seen).text  # not what was looked at
    assert "Rp82.000" in changed.split("D15")[1]
    mended = send(finance, page, table=other, seen=seen, mend="yes").text
    assert payout(day, amount=91_000) in mended
    assert "Belum tersimpan" not in mended
    assert stored(parts, PayoutRow) == []

    assert pay(finance, payout(day, amount=91_000)).status_code == 303
    assert [row.amount for row in stored(parts, PayoutRow)] == [91_000]


def test_a_payout_of_a_day_without_a_share_is_refused_in_words(parts, finance, cash):
    cash.shift()
    day = business_day(parts.clock.now())

    answer = pay(
        finance, payout(day), payout("1900-01-01", "TRF-2"),
        f"JBI-0001;{day};5;{day + timedelta(days=1)};TRF-3;",
    )  # fmt: skip
    assert f"baris 4: JBI-0001, bagian {day_text(day)}: dibayar" in answer.text
    assert "belum terjadi" in answer.text
    answer = pay(finance, payout(day), payout("1900-01-01", "TRF-2"))
    assert "baris 3: JBI-0001, bagian Senin, 1 Januari 1900: tidak ada bagiannya" in answer.text
    assert pay(finance, payout(day, badge="JBI-0002")).status_code == 422  # Sari took nothing
    assert stored(parts, PayoutRow) == []


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("lencana;jumlah\nJBI-0001;1", "tidak ada kolom"),
        (f"{HEADER}\nJBI-0001;2026-11-01;1.5;2026-11-02;TRF-1;", "bukan rupiah bulat"),
        (f"{HEADER}\nJBI-0001;24/11/2026;15;2026-11-02;TRF-1;", "bukan tanggal"),
        (f"{HEADER}\nJBI-0001;2020-11-01;15;2020-10-02;TRF-1;", "sebelum diperoleh"),
        (f"{HEADER}\n\"{'x' * 140_000}\";2026-11-01;15;2026-11-02;TRF-1;", "satu sel lebih dari"),
        (f"{HEADER}\nJBI-0001;2020-11-01;15;2020-11-02;TRF-1;batal", "paid atau returned"),
        (HEADER, "tidak ada baris"),
        ("\x00;\x00", "tidak ada kolom"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_says_where(finance, table, why):
    answer = send(finance, f"{DESK}/payouts/new", table=table)

    assert answer.status_code == 422
    assert why in answer.text


def test_tickets_come_into_stock_go_out_and_are_accounted_for(parts, treasurer, cash, city, budi):
    book = {"series": "a-2026", "year": "2026", "vehicle": "motorcycle", "amount": "2000",
            "first": "1", "last": "100", "received_on": "2026-01-02",
            "document": "BA 1"}  # fmt: skip
    today = business_day(parts.clock.now())
    for days in (1, -366, -40_000):
        odd = book | {"received_on": (today + timedelta(days=days)).isoformat()}
        assert send(treasurer, f"{DESK}/tickets/new", **odd).status_code == 422
    assert send(treasurer, f"{DESK}/tickets/new", **book).status_code == 303
    assert send(treasurer, f"{DESK}/tickets/new", **book).status_code == 422  # in stock already
    page = re.search(rf"{DESK}/tickets/\d+", treasurer.get(f"{DESK}/tickets").text)[0]
    move = {"attendant_id": city.budi, "moved_on": "2026-01-03", "document": "BA 2"}
    for day, why in (("2026-01-01", "baru diterima"), ("2099-01-01", "belum terjadi")):
        odd = move | {"moved_on": day}
        told = send(treasurer, page, kind="issued", first="1", last="50", **odd)
        assert told.status_code == 422
        assert why in told.text
    send(treasurer, page, kind="issued", first="1", last="50", **move)
    send(treasurer, page, kind="returned", first="41", last="50", **move)
    send(treasurer, page, kind="lost", first="40", last="40", **move)
    assert send(treasurer, page, kind="lost", first="60", last="60", **move).status_code == 422

    budi.post("/attendant/shifts", point_id=city.market)
    said = [{"series": "A-2026", "first": 1, "last": 10, "spoiled": 1}]
    budi.post("/attendant/shifts/close", cash=0, tickets=said)

    line = treasurer.get(f"{DESK}/tickets?format=csv").text.splitlines()[1]
    # in the office 41-100, with Budi 11-39, used 9, spoiled 1, lost 1; 9 of Rp2.000
    assert line == "A-2026,1–100,Motor,2000,60,29,9,1,1,18000"
    assert "Hilang 40" in treasurer.get(page).text
