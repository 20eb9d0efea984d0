"""What SNAP banks say, read strictly, and what we send (gateways.md 3.1, 3.6 to 3.8)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.errors import (
    GatewayRefused,
    GatewayUnauthorised,
    GatewayUnavailable,
    GatewayUnreadable,
)
from parking.gateways.protocol import QrRequest, Reference, RefundRequest, RefundState, State
from parking.gateways.snap import attempt_id
from parking.gateways.snap_answers import GENERATE, QUERY, TOKEN, said
from parking.gateways.snap_messages import (
    cancel_body,
    find_refund,
    generate_body,
    query_body,
    read_money,
    read_time,
    read_told,
    refund_body,
    time_text,
    written,
)
from parking.gateways.snap_profile import PROFILES
from parking.money import Rupiah

from tests.gateways.snap import vectors
from tests.gateways.snap.samples import BANKX

PLAIN, DANA = PROFILES["plain"], PROFILES["dana"]
AT = datetime(2026, 2, 14, 1, 15, 30, tzinfo=UTC)
ASKED = QrRequest(
    "PKR20260214000123", Rupiah(2_000), AT, AT + timedelta(minutes=15), "Parkir motor", "JBI001"
)


def told(**other):
    fields = {
        "originalReferenceNo": "REF1",
        "originalPartnerReferenceNo": "PKR1",
        "latestTransactionStatus": "00",
        "paidTime": "2026-02-14T08:16:02+07:00",
        "amount": {"value": "2000.00", "currency": "IDR"},
    } | other
    return {name: value for name, value in fields.items() if value is not None}


def refund(amount, status="00", **other):
    return {
        "partnerRefundNo": "RF1", "refundNo": "9", "refundStatus": status,
        "refundAmount": {"value": f"{amount}.00", "currency": "IDR"},
        "refundDate": "2026-02-15T09:00:00+07:00",
    } | other  # fmt: skip


class TestSent:
    def test_a_request_for_a_code_is_the_vector_to_the_byte(self):
        assert written(generate_body(ASKED, PLAIN, BANKX)) == vectors.S3_BODY.encode()

    def test_a_query_is_the_vector_to_the_byte(self):
        body = query_body(Reference("PKR20260214000123"), PLAIN, BANKX)

        assert written(body) == vectors.S4_BODY.encode()

    def test_what_a_bank_gave_us_is_sent_along(self):
        profile = replace(
            PROFILES["bri"], terminal_id="10049258", store_id="S1", sub_merchant_id="M2"
        )

        made = generate_body(ASKED, profile, BANKX)
        asked = query_body(Reference("PKR1", "REF1"), profile, BANKX)

        assert (made["terminalId"], made["storeId"], made["subMerchantId"]) == (
            "10049258", "S1", "M2",
        )  # fmt: skip
        assert made["validityPeriod"] == "2026-02-14T08:30:30.000+07:00"
        assert asked["additionalInfo"] == {"terminalId": "10049258"}
        assert (asked["serviceCode"], asked["originalReferenceNo"]) == ("17", "REF1")

    def test_texts_keep_within_their_lengths(self):
        long = "x" * 300
        wish = RefundRequest("RF1", Reference("PKR1"), "REF1", Rupiah(1), Rupiah(1), long)
        made = generate_body(replace(ASKED, terminal=long), PLAIN, BANKX)

        assert len(made["terminalId"]) == 16
        assert len(refund_body(wish, PLAIN, BANKX)["reason"]) == 256
        assert cancel_body(Reference("PKR1"), PLAIN, BANKX)["reason"]

    @pytest.mark.parametrize(
        ("how", "text"),
        [
            ("wib", "2026-02-14T08:15:30+07:00"), ("ms", "2026-02-14T08:15:30.123+07:00"),
            ("z", "2026-02-14T01:15:30Z"),
        ],
    )  # fmt: skip
    def test_a_time_is_written_as_the_bank_wants_it(self, how, text):
        assert time_text(AT.replace(microsecond=123_999), how) == text

    def test_the_number_of_an_attempt_is_a_number_and_its_own(self):
        numbers = [attempt_id() for _ in range(5_000)]

        assert len(set(numbers)) == 5_000
        assert all(each.isdecimal() and len(each) <= 36 for each in numbers)


class TestRead:
    @pytest.mark.parametrize(
        ("word", "plain", "dana"),
        [
            ("00", State.PAID, State.PAID), ("01", State.PENDING, State.PENDING),
            ("02", State.PENDING, State.PENDING), ("03", State.PENDING, State.PENDING),
            ("05", State.CANCELLED, State.EXPIRED), ("06", State.FAILED, State.FAILED),
            ("07", State.UNKNOWN, State.UNKNOWN), ("08", State.EXPIRED, State.EXPIRED),
            ("09", State.FAILED, State.FAILED), ("10", State.UNKNOWN, State.UNKNOWN),
            ("", State.UNKNOWN, State.UNKNOWN), ("0", State.UNKNOWN, State.UNKNOWN),
        ],
    )  # fmt: skip
    def test_each_word_has_its_state_and_an_unknown_one_is_never_failed(self, word, plain, dana):
        assert read_told(told(latestTransactionStatus=word), PLAIN).state is plain
        assert read_told(told(latestTransactionStatus=word), DANA).state is dana

    @pytest.mark.parametrize(
        ("word", "refunds", "state", "back"),
        [
            ("04", [refund(2000)], State.REFUNDED, 2_000),
            ("04", [refund(500)], State.PARTLY_REFUNDED, 500),
            ("04", [refund(500), refund(1500)], State.REFUNDED, 2_000),
            ("04", [refund(500), refund(1500, "06")], State.PARTLY_REFUNDED, 500),
            ("04", [refund(2000, "03")], State.PAID, 0),
            ("00", [refund(500)], State.PARTLY_REFUNDED, 500),
            ("00", [], State.PAID, 0),
        ],
    )
    def test_how_much_came_back_is_told_by_the_list_and_not_by_the_word(
        self, word, refunds, state, back
    ):
        for place in ({"refundHistory": refunds}, {"additionalInfo": {"refundHistory": refunds}}):
            read = read_told(told(latestTransactionStatus=word, **place), PLAIN)
            assert (read.state, read.refunded) == (state, back)

    def test_a_refund_happened_when_the_last_was_made(self):
        read = read_told(told(latestTransactionStatus="04", refundHistory=[refund(500)]), PLAIN)

        assert read.at == datetime(2026, 2, 15, 2, tzinfo=UTC)

    @pytest.mark.parametrize(
        "odd",
        [
            {"latestTransactionStatus": "04"},  # how much, is not said
            {"latestTransactionStatus": "04", "refundHistory": [refund(2001)]},
            {"latestTransactionStatus": 0}, {"latestTransactionStatus": None},
            {"originalReferenceNo": None}, {"originalReferenceNo": "a b"},
            {"originalReferenceNo": "x" * 65}, {"originalPartnerReferenceNo": ""},
            {"amount": "2000.00"}, {"amount": {"value": "2000.00"}},
            {"amount": {"value": "2000.00", "currency": "USD"}}, {"paidTime": "kemarin"},
        ],
    )  # fmt: skip
    def test_what_is_missing_or_malformed_is_not_guessed(self, odd):
        with pytest.raises((KeyError, TypeError, ValueError)):
            read_told(told(**odd), PLAIN)

    @pytest.mark.parametrize("text", ["2000", "2000.0", "2000.00"])
    def test_whole_rupiah_are_read(self, text):
        assert read_money({"value": text, "currency": "IDR"}) == 2_000

    @pytest.mark.fault("F50")
    @pytest.mark.parametrize(
        "text", ["2.000", "2,000.00", "2000.50", "-1.00", "2e3", "", "２０００", None, 2000.5, True]
    )
    def test_other_money_is_not(self, text):
        with pytest.raises((ValueError, TypeError)):
            read_money({"value": text, "currency": "IDR"})

    @pytest.mark.parametrize(
        "text",
        [
            "2026-02-14T08:15:30+07:00", "2026-02-14T01:15:30Z", "2026-02-14T08:15:30",
            "2026-02-14T01:15:30.000Z", "2026-02-14T08:15:30.000000+07:00",
            "2026-02-14T10:15:30+09:00",
        ],
    )  # fmt: skip
    def test_times_of_any_bank_are_read_and_without_a_zone_it_is_jakartas(self, text):
        assert read_time(text) == AT

    @pytest.mark.fault("F50")
    @pytest.mark.parametrize(
        "text",
        [
            "", "2026-02-14", "2026-02-14 08:15:30", "20260214T081530Z", "2026-02-30T00:00:00Z",
            "1999-01-01T00:00:00Z", "2026-02-14T08:15:30+0700", "2026-02-14T25:15:30Z", "0",
        ],
    )  # fmt: skip
    def test_other_times_are_not(self, text):
        with pytest.raises(ValueError):
            read_time(text)

    @given(st.dictionaries(st.sampled_from(sorted(told())), st.none() | st.text() | st.integers()))
    def test_whatever_stands_there_it_is_read_or_refused(self, odd):
        try:
            read = read_told(told(**odd), PLAIN)
        except (KeyError, TypeError, ValueError):
            return
        assert read.refunded <= max(read.amount, 0)

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("00", RefundState.DONE), ("03", RefundState.PENDING), ("06", RefundState.REFUSED),
            ("77", RefundState.PENDING), ("", RefundState.DONE),
        ],
    )  # fmt: skip
    def test_a_refund_is_found_by_our_key(self, status, state):
        fields = told(refundHistory=[refund(500, "06", partnerRefundNo="RF0"), refund(500, status)])

        assert find_refund(fields, "RF1").state is state
        assert find_refund(fields, "RF1").theirs == "9"
        assert find_refund(fields, "RF2").state is RefundState.UNKNOWN


class TestCodes:
    def error(self, code, status=200):
        return said("snap", status, {"responseCode": code}, GENERATE).error()

    @pytest.mark.fault("F25")
    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("2024700", GatewayUnavailable), ("4004701", GatewayRefused),
            ("4004702", GatewayRefused), ("4014700", GatewayUnauthorised),
            ("4014701", GatewayUnauthorised), ("4034700", GatewayRefused),
            ("4034701", GatewayUnauthorised), ("4034702", GatewayRefused),
            ("4034719", GatewayUnauthorised), ("4044700", GatewayUnavailable),
            ("4044708", GatewayUnauthorised), ("4044713", GatewayRefused),
            ("4044716", GatewayUnauthorised), ("4044718", GatewayUnavailable),
            ("4044719", GatewayRefused), ("4054700", GatewayRefused),
            ("4094700", GatewayUnavailable), ("4094701", GatewayUnavailable),
            ("4294700", GatewayUnavailable), ("5004700", GatewayUnavailable),
            ("5044700", GatewayUnavailable), ("2004799", GatewayUnreadable),
        ],
    )  # fmt: skip
    def test_each_is_named_by_what_we_should_do(self, code, kind):
        assert type(self.error(code)) is kind

    @pytest.mark.fault("F28")
    @pytest.mark.parametrize("odd", ["2005100", "200470", "20047000", "", None, 2004700, "9994700"])
    def test_the_code_of_another_call_or_of_none_is_not_read(self, odd):
        with pytest.raises(GatewayUnreadable):
            said("snap", 200, {"responseCode": odd}, GENERATE)

    def test_a_no_of_http_is_not_talked_away(self):
        assert said("snap", 409, {"responseCode": "2005100"}, QUERY).code == "40900"
        assert said("snap", 401, {}, QUERY).code == "40100"

    @pytest.mark.parametrize("fields", [{}, {"responseCode": "4040001"}, {"responseCode": "x"}])
    def test_a_page_that_is_not_there_says_nothing_of_a_payment(self, fields):
        assert said("snap", 404, fields, QUERY).code == "40499"

    def test_a_token_may_come_without_a_code(self):
        assert said("snap", 200, {"accessToken": "x"}, TOKEN).code == "20000"


def test_a_body_is_json_without_blanks_and_not_escaped():
    assert written({"a": "ruko – /", "b": 1}) == '{"a":"ruko – /","b":1}'.encode()
    assert json.loads(written({"a": '"'})) == {"a": '"'}
