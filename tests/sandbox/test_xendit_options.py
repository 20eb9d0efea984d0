"""Where Xendit's pages are silent or disagree, its dialect can be either (gateways.md 2.10)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from parking.errors import FileRefused
from parking.gateways.protocol import Reference, RefundRequest, RefundState, State
from parking.gateways.read_mapped import read_shipped
from parking.gateways.xendit import REPORT_MAPPINGS, Xendit
from parking.money import Rupiah
from parking.sandbox.config import default_merchants
from parking.sandbox.rows import Row, Style
from parking.sandbox.xendit.report import balance_csv, transactions_csv

from tests.conftest import NOON
from tests.gateways.contract.adapters import merchant_of
from tests.sandbox.caller import asked
from tests.sandbox.test_xendit import Api, wish
from tests.sandbox_process import XENDIT_KEY, XENDIT_TOKEN, SandboxProcess, listening

LATE = datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC)  # just after midnight in Jambi
PAID = Row(
    "P-1", "qr_11111111-2222-4333-8444-555555555501", "Payment", "settlement", LATE, LATE, 20_000,
    140, "gopay", "ID_DANA",
)  # fmt: skip


def read_report(content, merchant):
    return read_shipped(REPORT_MAPPINGS, content, merchant)


@pytest.fixture
def other(tmp_path, monkeypatch):
    """A sandbox whose Xendit is otherwise in all that is open."""
    told = "created=200 refund_product=refund webhook_id=each"
    monkeypatch.setenv("GATEWAY_PROFILE_XENDIT_JAMBI", told)
    process = SandboxProcess(tmp_path)
    process.clock.drive(NOON)
    yield process
    process.stop()


def test_our_adapter_reads_either(other):
    url = f"{other.url}/xendit"
    gateway = Xendit(merchant_of("xendit"), url, [XENDIT_KEY], [XENDIT_TOKEN])
    with listening() as merchant:
        other.notify(merchant.url)
        issued = gateway.issue_qr(asked("P-1", NOON))
        assert Api(other.url).post("qr_codes", wish("P-2")).status_code == 200
        other.fault("callback_duplicate", "P-1", value=2)
        other.pay("P-1")
        other.deliver_now()
        numbers = {each["headers"]["webhook-id"] for each in merchant.heard}
    reference = Reference("P-1", issued.theirs)
    (paid,) = gateway.inquire(reference)
    again = RefundRequest(
        "RF1", reference, paid.payment_ref, paid.amount, Rupiah(500), "bayar dua kali"
    )

    gateway.refund(again)
    other.clock.drive(NOON.replace(minute=2))
    other.deliver_now()

    assert len(numbers) == 2, "each delivery has a number of its own"
    (after,) = gateway.inquire(reference)
    assert (after.state, after.refunded) == (State.PARTLY_REFUNDED, 500)
    assert gateway.find_refund(again).state is RefundState.DONE


@pytest.mark.parametrize("write", [transactions_csv, balance_csv])
class TestReport:
    def merchant(self, **options):
        (one,) = default_merchants(["xendit"], {})
        return replace(one, options=options)

    def test_the_dashboard_writes_the_users_zone(self, write):
        ours = merchant_of("xendit")
        in_utc = read_report(write(self.merchant(), [PAID], Style()), ours)
        content = write(self.merchant(report_zone="WIB"), [PAID], Style())

        (report,) = read_report(content, ours)

        assert b"2026-11-23 00:00:01" in content
        assert [line.paid_at for line in report.lines] == [LATE]
        assert report.day == in_utc[0].day == date(2026, 11, 23)

    def test_what_is_not_paid_out_yet_is_no_line(self, write):
        content = write(self.merchant(settlement_status="PENDING"), [PAID], Style())

        with pytest.raises(FileRefused) as refused:
            read_report(content, merchant_of("xendit"))

        assert "dilewati" in refused.value.problems[0]
