"""Xendit's two reports, as our reader takes them in (gateways.md 2.9, 2.10)."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from parking.errors import FileRefused
from parking.gateways.protocol import Reference, RefundRequest
from parking.gateways.xendit import Xendit
from parking.money import Rupiah

from tests.gateways.contract.adapters import merchant_of
from tests.sandbox.caller import asked
from tests.sandbox_process import XENDIT_KEY, XENDIT_TOKEN

DAY, BEFORE = date(2026, 11, 23), date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, 17, tzinfo=UTC)  # of WIB

pytestmark = pytest.mark.parametrize("kind", ["transactions", "balance"])


@pytest.fixture
def gateway(sandbox):
    url = f"{sandbox.url}/xendit"
    return Xendit(merchant_of("xendit"), url, [XENDIT_KEY], [XENDIT_TOKEN])


@pytest.fixture
def pay(gateway, sandbox, clock):
    """A driver pays a code at a moment; how the payment is called."""

    def act(ours, amount=2_000, at=None):
        clock.moment = at or clock.now()
        theirs = gateway.issue_qr(asked(ours, clock.now(), amount)).theirs
        sandbox.pay(ours)
        (paid,) = gateway.inquire(Reference(ours, theirs))
        return paid

    return act


@pytest.fixture
def report(gateway, sandbox, kind):
    def read(day=DAY):
        return gateway.read_report(file(sandbox, kind, day))

    return read


def file(sandbox, kind, day=DAY):
    return sandbox.report(day, gateway="xendit", kind=kind)


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def told(reports):
    return [
        (line.kind, line.ours, line.gross, line.fee, line.net)
        for report in reports
        for line in report.lines
    ]


def test_a_payment_is_found_by_the_name_that_the_inquiry_gave_it(pay, report, sandbox, kind):
    paid = pay("P-1")

    ((only,),) = [each.lines for each in report()]

    (whole,) = report()
    assert (whole.day, whole.version, whole.merchant_id) == (DAY, None, paid.merchant_id)
    assert (only.payment_ref, only.paid_at) == (paid.payment_ref, paid.at)
    assert (only.ours, only.gross, only.settled_on) == ("P-1", 2_000, date(2026, 11, 25))
    assert {row["Product ID"] for row in rows(file(sandbox, kind))} == {
        paid.payment_ref.removeprefix("qrpy_")
    }


def test_the_day_ends_at_midnight_of_jambi_and_not_of_london(pay, report, sandbox, kind, clock):
    pay("P-1", at=MIDNIGHT.replace(hour=16, minute=59, second=59))
    pay("P-2", at=MIDNIGHT)

    assert [each.day for each in report(BEFORE)] == [BEFORE]
    assert told(report(BEFORE))[0][1] == "P-1"
    assert told(report(DAY))[0][1] == "P-2"
    assert any("17:00:00" in cell for row in rows(file(sandbox, kind)) for cell in row.values())


def test_fee_and_vat_are_one_cost_to_us(pay, report, sandbox, kind):
    sandbox.fault("report_fee", "P-1", value=111)
    pay("P-1", 20_000)

    assert told(report()) == [("payment", "P-1", 20_000, 111, 19_889)]
    if kind == "balance":
        lines = [(row["Line Type"], row["Amount"]) for row in rows(file(sandbox, kind))]
        assert lines == [("TRANSACTION", "20000"), ("FEE", "100"), ("VAT", "11")]
        assert len({row["Transaction ID"] for row in rows(file(sandbox, kind))}) == 1


def test_what_was_given_back(pay, report, gateway, sandbox, clock):
    paid = pay("P-1", 20_000)
    clock.forward(minutes=1)
    reference = Reference("P-1", paid.payment_ref)
    gateway.refund(
        RefundRequest("RF1", reference, paid.payment_ref, paid.amount, Rupiah(500), "ganda")
    )

    assert told(report()) == [
        ("payment", "P-1", 20_000, 0, 20_000), ("refund", "P-1", 500, 0, 500),
    ]  # fmt: skip
    assert {line.payment_ref for each in report() for line in each.lines} == {paid.payment_ref}


def test_what_was_taken_back(pay, report, sandbox, kind, clock):
    pay("P-1", 20_000)
    clock.forward(minutes=1)

    sandbox.reverse("P-1")

    assert told(report()) == [
        ("payment", "P-1", 20_000, 0, 20_000), ("refund", "P-1", 20_000, 0, 20_000),
    ]  # fmt: skip
    words = {row.get("Status") or row["Line Type"] for row in rows(file(sandbox, kind))}
    assert words & {"REVERSED", "TRANSACTION_REVERSAL"}


def test_saved_by_a_spreadsheet_it_says_the_same(pay, report, sandbox):
    pay("P-1", 20_000)
    before = report()

    sandbox.fault("report_bom_semicolon", str(DAY))

    assert report() == before


def test_a_zone_that_is_not_true_shifts_every_payment(pay, report, sandbox):
    """Nothing in the file tells; that the inquiry knew another time does."""
    paid = pay("P-1", 20_000)
    sandbox.fault("report_tz_utc", str(DAY), value="unannounced")

    ((line,),) = [each.lines for each in report()]

    assert (paid.at - line.paid_at).total_seconds() == 7 * 3600


@pytest.mark.parametrize("fault", ["report_indonesian_decimals", "report_truncated"])
def test_what_can_not_be_read_is_refused_with_its_line(pay, report, sandbox, fault):
    pay("P-1", 20_000)
    sandbox.fault(fault, str(DAY))

    with pytest.raises(FileRefused) as refused:
        report()

    assert refused.value.problems[0].startswith("baris ")


def test_a_file_of_another_kind_is_refused_by_its_titles(gateway, kind):
    with pytest.raises(FileRefused, match="Kolom tidak lengkap"):
        gateway.read_report(b"Order ID,Amount\nP-1,2000\n")
