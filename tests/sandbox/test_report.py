"""The settlement report: what was paid, to the rupiah, but for what a fault takes away or adds."""

import csv
import io
from datetime import date, timedelta

import pytest
from parking.errors import FileRefused

DAY = date(2026, 11, 23)


def rows(content):
    lines = content.decode().splitlines()
    *body, total = csv.reader(lines[2:])
    names = next(csv.reader([lines[1]]))
    return lines[0], [dict(zip(names, row, strict=True)) for row in body], total


@pytest.fixture
def paid(api, sandbox):
    for number, amount in enumerate((2_000, 3_000, 5_000), 1):
        api.charge(f"P-{number}", amount)
        sandbox.pay(f"P-{number}")
    api.charge("P-4")


def test_its_head_says_whose_and_which_it_is(sandbox, paid):
    head, _, _ = rows(sandbox.report(DAY, version=2))

    assert head == (
        "# Midtrans settlement report;merchant_id=G000000001;report_date=2026-11-23;version=2;"
        "timezone=Asia/Jakarta"
    )


def test_its_totals_are_those_of_the_transactions(sandbox, paid):
    _, lines, total = rows(sandbox.report(DAY))
    transactions = [t for t in sandbox.transactions() if t["status"] == "settlement"]

    assert {line["Transaction ID"] for line in lines} == {t["transaction_id"] for t in transactions}
    assert total == ["TOTAL", "3", *[""] * 6, "IDR", "10000.00", "0.00", "10000.00", "", ""]
    assert sum(t["amount"] for t in transactions) == 10_000
    assert {line["Payout Date"] for line in lines} == {"2026-11-24"}


def test_what_was_taken_back_is_in_the_report_of_that_day(api, sandbox, paid, clock):
    api.post("P-2/refund", {"refund_key": "R1", "amount": 1_000})
    clock.forward(days=1)
    sandbox.reverse("P-2")

    _, lines, total = rows(sandbox.report(DAY + timedelta(days=1)))

    assert [(line["Transaction Type"], line["Amount"]) for line in lines] == [
        ("Chargeback", "-2000.00")
    ]
    assert len(rows(sandbox.report(DAY))[1]) == 4, "paid on its day all the same"


def test_a_refund_that_failed_is_not_in_the_report(api, sandbox, paid, clock):
    sandbox.fault("refund_fails_later", "P-2")
    api.post("P-2/refund", {"refund_key": "R1"})
    clock.forward(seconds=60)
    sandbox.deliver_now()

    assert len(rows(sandbox.report(DAY))[1]) == 3


def test_a_payment_belongs_to_the_day_on_which_it_was_paid(api, sandbox, clock):
    clock.forward(hours=11, minutes=59)  # 23.59 WIB
    api.charge("P-1")
    sandbox.pay("P-1", at=clock.now() + timedelta(seconds=60))

    assert rows(sandbox.report(DAY))[1] == []
    assert len(rows(sandbox.report(DAY + timedelta(days=1)))[1]) == 1


def test_of_friday_to_sunday_it_is_paid_out_on_monday(api, sandbox, clock):
    clock.forward(days=4)
    api.charge("P-1")
    sandbox.pay("P-1")

    (line,) = rows(sandbox.report(DAY + timedelta(days=4)))[1]

    assert line["Payout Date"] == "2026-11-30"


def test_a_refund_is_a_line_of_its_own_day(api, sandbox, paid, clock):
    clock.forward(days=1)
    api.post("P-2/refund", {"refund_key": "R1", "amount": 1_000})

    (line,) = rows(sandbox.report(DAY + timedelta(days=1)))[1]

    assert (line["Order ID"], line["Transaction Type"]) == ("P-2", "Refund")
    assert (line["Amount"], line["Net Amount"]) == ("-1000.00", "-1000.00")
    assert len(rows(sandbox.report(DAY))[1]) == 3


def test_our_reader_takes_it_in_to_the_rupiah(api, sandbox, gateway, paid):
    api.post("P-2/refund", {"refund_key": "R1", "amount": 1_000})
    sandbox.fault("report_fee", "P-1", value=14)

    (report,) = gateway.read_report(sandbox.report(DAY, version=2))

    assert (report.merchant_id, report.day, report.version) == ("G000000001", DAY, 2)
    told = sorted((line.ours, line.kind, line.gross, line.fee) for line in report.lines)
    assert told == [
        ("P-1", "payment", 2_000, 14),
        ("P-2", "payment", 3_000, 0),
        ("P-2", "refund", 1_000, 0),
        ("P-3", "payment", 5_000, 0),
    ]
    refs = {t["transaction_id"] for t in sandbox.transactions() if t["paid_at"]}
    assert {line.payment_ref for line in report.lines} == refs


def lines_by_ref(gateway, sandbox):
    (report,) = gateway.read_report(sandbox.report(DAY))
    return {line.payment_ref: line for line in report.lines}


@pytest.mark.parametrize(
    ("fault", "is_read"),
    [
        ("report_bom_semicolon", True),
        ("report_tz_utc", True),
        ("report_extra_row", True),
        ("report_test_row", True),
        ("report_indonesian_decimals", False),
        ("report_truncated", False),
    ],
)
def test_our_reader_refuses_what_it_must(sandbox, gateway, paid, fault, is_read):
    whole = lines_by_ref(gateway, sandbox)
    sandbox.fault(fault, str(DAY))

    if is_read:
        read = lines_by_ref(gateway, sandbox)
        assert whole.items() <= read.items()
    else:
        with pytest.raises(FileRefused):
            gateway.read_report(sandbox.report(DAY))


def lines_with(sandbox, name, order_id, value=None, day=DAY):
    sandbox.fault(name, order_id, value=value)
    _, lines, total = rows(sandbox.report(day))
    assert int(total[1]) == len(lines)
    assert total[9] == f"{sum(int(line['Amount'][:-3]) for line in lines)}.00"
    assert rows(sandbox.report(day))[1] == lines, "fetched again it says the same"
    return {(line["Order ID"], line["Amount"], line["Fee"]) for line in lines}


P1, P2, P3 = (("P-1", "2000.00", "0.00"), ("P-2", "3000.00", "0.00"), ("P-3", "5000.00", "0.00"))


@pytest.mark.parametrize(
    ("name", "order", "value", "expected"),
    [
        ("report_missing_row", "P-1", None, {P2, P3}),
        ("report_amount", "P-1", 1_000, {("P-1", "1000.00", "0.00"), P2, P3}),
        ("report_fee", "P-1", 14, {("P-1", "2000.00", "14.00"), P2, P3}),
        ("report_late", "P-1", 1, {P2, P3}),
        ("report_reversal", "P-1", None, {P1, ("P-1", "-2000.00", "0.00"), P2, P3}),
        ("report_extra_row", str(DAY), 7_000, {P1, P2, P3, ("EXTRA-20261123", "7000.00", "0.00")}),
        ("report_test_row", str(DAY), None, {P1, P2, P3, ("TEST-20261123", "1.00", "0.00")}),
        ("report_test_row", "2026-11-22", None, {P1, P2, P3}),
    ],
)
def test_a_fault_in_a_line(sandbox, paid, name, order, value, expected):
    assert lines_with(sandbox, name, order, value) == expected


def test_a_late_line_is_in_the_later_report(sandbox, paid):
    later = DAY + timedelta(days=2)

    assert lines_with(sandbox, "report_late", "P-1", 2, later) == {P1}


def test_faults_of_the_whole_file(sandbox, paid):
    whole = sandbox.report(DAY)
    sandbox.fault("report_truncated", str(DAY))
    assert whole.startswith(sandbox.report(DAY))
    sandbox.faultless()
    sandbox.fault("report_bom_semicolon", str(DAY))
    sandbox.fault("report_indonesian_decimals", str(DAY))
    sandbox.fault("report_tz_utc", str(DAY))

    text = sandbox.report(DAY).decode("utf-8-sig")

    assert "timezone=UTC" in text.splitlines()[0]
    first = next(csv.DictReader(io.StringIO(text.split("\r\n", 1)[1]), delimiter=";"))
    assert (first["Amount"], first["Settlement Time"]) == ("2.000,00", "2026-11-23 05:00:00")
