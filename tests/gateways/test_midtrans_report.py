"""The settlement report: whole or not at all, and each wrong line by its number."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from parking.business_day import add_working_days
from parking.errors import FileRefused
from parking.gateways.midtrans_report import read_report
from parking.sandbox.midtrans.report import report_csv
from parking.sandbox.rows import Row, Style, reversal_row, stray_row

OURS = "G000000001"
DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)


def row(number=1, amount=2_000, fee=14, at=NOON):
    return Row(
        f"PKR20261123AAAA{number:03}A", f"tid-{number:04}", "Payment", "settlement",
        at - timedelta(minutes=1), at, amount, fee, "gopay", "gopay",
    )  # fmt: skip


def text(*rows, style=None, version=1):
    return report_csv(OURS, DAY, version, rows or (row(1), row(2)), style).decode("utf-8-sig")


def refused(content):
    content = content.encode() if isinstance(content, str) else content
    with pytest.raises(FileRefused) as error:
        read_report(content, OURS)
    return error.value.problems


def changed(old, new, *, line):
    """The report with one line changed; lines are counted from 1."""
    lines = text().split("\r\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return "\r\n".join(lines)


rows = st.lists(
    st.tuples(
        st.integers(1, 10_000_000), st.integers(0, 70_000), st.integers(0, 86_399), st.booleans()
    ),
    max_size=12,
)


@given(rows)
def test_what_the_gateway_writes_is_read_back(drawn):
    written = []
    for number, (amount, fee, second, is_taken_back) in enumerate(drawn):
        at = datetime(2026, 11, 22, 17, tzinfo=UTC) + timedelta(seconds=second)
        written.append(row(number, amount, fee, at))
        if is_taken_back:
            written.append(reversal_row(written[-1]))

    report = read_report(report_csv(OURS, DAY, 3, written), OURS)

    assert (report.merchant_id, report.day, report.version) == (OURS, DAY, 3)
    told = [
        (line.payment_ref, line.kind, line.gross, line.fee, line.net, line.paid_at)
        for line in report.lines
    ]
    assert told == [
        (r.transaction_id, r.kind.lower(), abs(r.amount), r.fee, abs(r.amount) - r.fee,
         r.settled_at)
        for r in written
    ]  # fmt: skip
    assert {line.settled_on for line in report.lines} <= {add_working_days(DAY, 1)}
    assert len({line.line_key for line in report.lines}) == len(written)


@pytest.mark.fault("F58")
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_anything_else_is_refused_with_reasons(content):
    with pytest.raises(FileRefused) as error:
        read_report(content, OURS)

    assert error.value.problems


@pytest.mark.fault("F58")
@given(st.integers(1, 700))
@example(493)  # right behind the first line
def test_a_report_that_was_cut_off_is_never_taken(cut):
    whole = text().rstrip("\r\n").encode()

    assert refused(whole[:-cut] if cut < len(whole) else b"")


@pytest.mark.fault("F61")
def test_a_payment_that_stands_twice_is_named_with_its_first_line():
    problems = refused(text(row(1), row(2), row(1)))

    assert problems[0] == "baris 5: tid-0001 sudah ada di baris 3"


@pytest.mark.fault("F62")
def test_another_encoding_is_refused_by_the_line_it_shows_in():
    content = text().replace("gopay", "gop\u00e4y", 1).encode("cp1252")

    assert refused(content) == ["baris 3: byte 0xe4 bukan UTF-8"]
    assert refused(text().encode("utf-16"))


@pytest.mark.fault("F63")
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("2000.00", "2.000.00", "amount"), ("2000.00", '"2.000,00"', "amount"),
        ("2000.00", "2E3", "amount"), ("tid-0001", "1.23E+11", "rusak oleh Excel"),
        ("1986.00", "1985.00", "net amount"), ("IDR", "USD", "currency"),
        ("Payment", "Bonus", "transaction type"), ("2026-11-24", "24/11/2026", "payout date"),
        ("12:00:00", "12:00:60", "settlement time"), ("2026-11-23 12:00:00", "noon", "time"),
        ("2026-11-23 12:00:00", "2026-01-01 12:00:00", "hari dari tanggal laporan"),
        ("PKR20261123AAAA001A", "<script>", "order id"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_with_its_line_and_column(old, new, why):
    problems = refused(changed(old, new, line=3))

    assert problems[0].startswith("baris 3: ")
    assert why in problems[0]


@pytest.mark.fault("F65")
@pytest.mark.parametrize("amount", ["0.00", "-2000.00", "2000.50", "٢٠٠٠", "2_000", ""])
def test_an_amount_that_is_none_is_refused(amount):
    assert "baris 3: " in refused(changed("2000.00", amount, line=3))[0]


def test_a_line_keeps_its_number_behind_a_cell_of_two_lines():
    content = text(row(1), row(2, amount=3_000, fee=0)).replace("gopay", '"go\npay"', 1)

    assert refused(content.replace("3000.00", "3.000.00", 1))[0].startswith("baris 5: amount")


def test_every_wrong_line_is_named_at_once():
    broken = text(*(row(n) for n in range(1, 4))).replace("IDR", "USD")

    assert [problem.split(":")[0] for problem in refused(broken)] == [
        "baris 3", "baris 4", "baris 5",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("TOTAL,2", "TOTAL,3", "jumlah baris 3, dihitung 2"),
        ("4000.00", "4001.00", "amount 4001, dihitung 4000"),
        ("28.00", "27.00", "fee 27, dihitung 28"),
        ("3972.00", "3971.00", "net amount 3971, dihitung 3972"),
    ],
)
def test_a_control_total_that_does_not_fit_is_told_beside_ours(old, new, why):
    assert refused(changed(old, new, line=5)) == [f"baris TOTAL: {why}"]


@pytest.mark.fault("F64")
def test_columns_may_stand_in_another_order_among_others():
    lines = [line.split(",") for line in text(row(1)).strip().split("\r\n")[1:3]]
    turned = [",".join([*reversed(cells), "more"]) for cells in lines]
    head = text().split("\r\n")[0]
    names = turned[0].split(",")
    cells = [""] * len(names)
    for name, value in (("Amount", "2000.00"), ("Fee", "14.00"), ("Net Amount", "1986.00")):
        cells[names.index(name)] = value
    cells[0], cells[1] = "TOTAL", "1"

    report = read_report("\n".join([head, *turned, ",".join(cells)]).encode(), OURS)

    assert [line.gross for line in report.lines] == [2000]


@pytest.mark.parametrize("titles", ["", " ", '"Order ID', "\x0b", ";;;"])
def test_titles_that_are_none_are_refused(titles):
    assert refused(f"{text().splitlines()[0]}\n{titles}\n")[0].startswith("baris 2")


@pytest.mark.fault("F64")
def test_a_column_that_is_missing_is_named():
    assert refused(text().replace("Payout Date", "Payday")) == ["baris 2: tidak ada payout date"]


def test_semicolons_a_byte_order_mark_and_utc_times_are_read_as_announced():
    plain = read_report(report_csv(OURS, DAY, 1, [row()]), OURS)
    for style in (Style(semicolons=True), Style(utc=True)):
        assert read_report(report_csv(OURS, DAY, 1, [row()], style), OURS) == plain


def test_a_report_of_another_merchant_is_refused():
    with pytest.raises(FileRefused) as error:
        read_report(report_csv("G999", DAY, 1, [row()]), OURS)

    assert error.value.problems == ["baris 1: merchant_id 'G999', bukan 'G000000001'"]


def test_a_line_that_the_bank_left_for_a_test_is_read_like_any_other():
    report = read_report(report_csv(OURS, DAY, 1, [stray_row("TEST", DAY, 1)]), OURS)

    assert [line.gross for line in report.lines] == [1]


def test_an_empty_day_is_a_report_too():
    assert read_report(report_csv(OURS, DAY, 1, []), OURS).lines == []
