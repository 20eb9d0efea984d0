"""Judging any text: what is refused, what is survived, and why."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.qris import remarks
from parking.qris.payload import crc, inspect, luhn_digit

from tests.qris.examples import DYNAMIC, STATIC, edited, sealed

PAN = "936001150000000123"


def test_crc_is_ccitt_false_zero_padded():
    assert crc("123456789") == "29B1"
    assert crc("") == "FFFF"
    assert crc("11") == "0DD9"  # the leading zero is kept


def test_lengths_count_characters_and_the_crc_counts_bytes():
    # The sample of EMVCo MPM v1.1, with name and city in Chinese.
    sample = (
        "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802"
        "CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233"
        "030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A"
    )

    verdict = inspect(sample)

    assert (verdict.kind, verdict.crc_ok) == ("emv-other", True)
    assert verdict.fields["city"] == "BEIJING"
    assert "not-ascii" in verdict.warnings


def test_luhn_digit_of_an_18_digit_pan():
    assert luhn_digit(PAN) == "5"
    assert luhn_digit("7992739871") == "3"
    with pytest.raises(ValueError, match="not digits"):
        luhn_digit("93600115000000012٣")


@given(st.text(max_size=700))
def test_no_text_makes_it_raise(text):
    verdict = inspect(text)

    assert verdict.ok == (not verdict.errors)
    json.dumps(verdict.as_dict())


@given(
    st.text(alphabet="0123456789", max_size=300)
    | st.lists(
        st.sampled_from(["00", "01", "26", "51", "54", "62", "63", "04", "A", "٣", "\0"])
    ).map("".join)
)
def test_no_text_that_resembles_a_payload_makes_it_raise(text):
    inspect(text)
    assert not inspect("000201" + text).ok


@given(at=st.integers(0, len(DYNAMIC) - 1), letter=st.characters(codec="utf-8"))
def test_any_one_changed_character_is_noticed(at, letter):
    if letter.upper() == DYNAMIC[at]:
        return  # the same character, or the CRC in small letters
    damaged = DYNAMIC[:at] + letter + DYNAMIC[at + 1 :]

    verdict = inspect(damaged)

    assert not verdict.ok
    if letter.isascii():
        assert not verdict.crc_ok


@given(at=st.integers(0, len(DYNAMIC) - 2))
def test_two_swapped_neighbours_are_noticed(at):
    a, b = DYNAMIC[at], DYNAMIC[at + 1]
    if a != b:
        assert not inspect(DYNAMIC[:at] + b + a + DYNAMIC[at + 2 :]).crc_ok


@given(st.integers(0, len(DYNAMIC) - 1))
def test_a_cut_payload_is_refused(length):
    assert not inspect(DYNAMIC[:length]).ok


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \r\n", "empty"),
        ("hQVDUFYwMWFKTwegAAAGAiAg", "CPM"),
        ("0" * 100_000, "100000 characters"),
        ("000201\x00", "control character U+0000 at 6"),
        ("000201\ud800", "no UTF-8 form"),
        ("https://example.org/pay", "non-numeric id or length at 0"),
        (STATIC + "5802ID", "crc element missing or not last"),
        (STATIC[:-4], "value shorter than its length"),
        (STATIC[:-4] + "ZZZZ", "crc is not four hex digits"),
        (STATIC[:-8], "crc element missing or not last"),
        (sealed(STATIC[6:-8]), "(00) missing or not first"),
        (sealed(STATIC[:-8] + "5802ID"), "duplicate id 58"),
        (edited(STATIC, {"26": "0016ID.CO.CONTOH"}), "template 26 is not parsable"),
        (edited(STATIC, {"51": "x"}), "template 51 is not parsable"),
        (edited(STATIC, {"27": "0703A0"}), "template 27 is not parsable"),
        (edited(STATIC, {"51": "0004ABCD0004ABCD"}), "duplicate id 00"),
        (edited(STATIC, {"52": None}), "mcc (52) missing"),
        (edited(STATIC, {"52": "75A3"}), "not four digits"),
        (edited(STATIC, {"59": None}), "merchant name (59) missing"),
        (edited(STATIC, {"59": "   "}), "merchant name (59) missing"),
        (edited(STATIC, {"60": None}), "city (60) missing"),
        # It ends like a CRC, and a right one, but inside the object before it.
        (sealed(STATIC[:-8] + "6408"), "crc element missing or not last"),
    ],
)  # fmt: skip
def test_what_no_reader_should_accept_is_malformed_and_says_why(text, reason):
    verdict = inspect(text)

    assert (verdict.ok, verdict.kind) == (False, "malformed")
    assert reason in " | ".join(verdict.errors)


@pytest.mark.fault("F75")
@pytest.mark.parametrize(
    "amount",
    ["5,000", "5_000", "-5", "+5", "5e3", " 5", "5 ", "1.000.000", ".5", "Rp5", "0x10"]
    + ["٥٠٠٠", "５", "12345678901234"],
)  # fmt: skip
def test_an_amount_that_is_no_plain_figure_is_refused(amount):
    verdict = inspect(edited(DYNAMIC, {"54": amount}))

    assert verdict.kind == "malformed"
    assert "amount (54)" in verdict.errors[0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"58": "MY"}, "country (58) is 'MY'"),
        ({"58": None}, "country (58) is None"),
        ({"53": "702"}, "currency (53) is '702'"),
        ({"00": "02"}, "payload format indicator (00) is '02'"),
        ({"26": "0004ABCD0104ABCD", "51": None}, "no account"),
        ({"26": None, "51": None, "40": "0004ABCD"}, "a transfer code"),
        ({"26": None, "51": "0004ABCD"}, "no account"),
    ],
)
def test_a_sound_code_that_is_not_a_qris_merchants_is_emv_other(changes, reason):
    verdict = inspect(edited(STATIC, changes))

    assert (verdict.ok, verdict.kind, verdict.crc_ok) == (False, "emv-other", True)
    assert reason in verdict.errors[0]


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        ({"01": None}, "no-initiation-method"),
        ({"01": "13"}, "initiation-other"),
        ({"54": "2000"}, remarks.STATIC_WITH_AMOUNT),
        ({"01": "12"}, remarks.DYNAMIC_WITHOUT_AMOUNT),
        ({"01": "12", "54": "0.00"}, remarks.AMOUNT_ZERO),
        ({"01": "12", "54": "10000000.01"}, remarks.AMOUNT_WITH_CENTS),
        ({"01": "12", "54": "10000001"}, remarks.AMOUNT_OVER_LIMIT),
        ({"01": "12", "54": "2000."}, "amount-with-decimals"),
        ({"55": "02"}, "tip-inconsistent"),
        ({"59": "A" * 26}, "name-over-25"),
        ({"59": "DISHUB "}, "name-edge-blank"),
        ({"60": "A" * 16}, "city-over-15"),
        ({"61": None}, "no-postal-code"),
        ({"51": None}, "no-tag-51"),
        ({"26": None}, None),  # an NMID alone names a merchant too
        ({"51": "0017ID.CO.BANKBJB.WWW0215ID1020000000012"}, "tag-51-guid-other"),
        ({"51": "0014ID.CO.QRIS.WWW"}, "nmid-missing"),
        ({"51": "0014ID.CO.QRIS.WWW0209123456789"}, "nmid-not-ID+13-digits"),
        ({"27": "0004ABCD0118936009140000000001"}, "several-acquirer-templates"),
        ({"26": "0118936001150000000123" + "0004ABCD"}, "subtag-order-26"),
        ({"26": f"0004ABCD0119{PAN}4"}, "pan-check-digit"),
        ({"26": f"0004ABCD0119{PAN}5"}, "pan-length-19"),
        ({"26": "0004ABCD0118936099990000000001"}, "unknown-nns"),
        ({"62": "0700"}, "62.07-empty"),
        ({"62": "0703A0"}, remarks.ADDITIONAL_BROKEN),  # says nothing of where the money goes
        ({"62": "5003abc"}, "62.50-proprietary"),
        ({"62": "0804DMCT"}, remarks.TRANSFER_PURPOSE),
        ({"59": "PARKIR JAMBI É"}, "not-ascii"),
        ({"65": "kept"}, None),
        ({"80": "not tlv"}, None),
    ],
)
def test_what_is_only_odd_is_survived_and_remarked_on(changes, remark):
    verdict = inspect(edited(STATIC, changes))

    assert verdict.ok
    assert remark is None or remark in verdict.warnings
    assert all(remarks.in_words(word) for word in verdict.warnings)


def test_white_space_around_a_payload_and_a_crc_in_small_letters_are_forgiven():
    verdict = inspect("\ufeff" + STATIC[:-4] + "a53b \r\n")

    assert verdict.ok
    assert set(verdict.warnings) == {remarks.OUTER_SPACE, "lower-case-crc"}


def test_objects_in_any_order_are_read():
    first, *middle = [STATIC[:6], STATIC[6:12], STATIC[12:-8]]

    verdict = inspect(sealed(first + "".join(reversed(middle))))

    assert verdict.ok
    assert "ids-not-ascending" in verdict.warnings
