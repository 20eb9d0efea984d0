"""Building a payload, making a dynamic one of a static one, and the check before showing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.errors import BadPayload
from parking.qris import tlv
from parking.qris.payload import build, check_shown, inspect, luhn_digit, to_dynamic

from tests.qris.examples import DYNAMIC, PARTS, STATIC, edited

NMID, PAN = PARTS["nmid"], PARTS["merchant_pan"]


def printable(longest):
    letters = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    return st.text(letters, min_size=1, max_size=longest).filter(lambda t: t == t.strip())


digits = st.text("0123456789", min_size=14, max_size=14)
parts = st.fixed_dictionaries(
    {
        "merchant_name": printable(25),
        "city": printable(15),
        "postal_code": st.from_regex(r"[0-9]{5}", fullmatch=True),
        "acquirer_guid": printable(25),
        "merchant_pan": digits.map(lambda d: f"9360{d}")
        | digits.map(lambda d: f"9360{d}{luhn_digit(f'9360{d}')}"),
        "nmid": st.from_regex(r"ID[0-9]{13}", fullmatch=True),
    },
    optional={
        "merchant_id": printable(15),
        "mcc": st.from_regex(r"[0-9]{4}", fullmatch=True),
        "criteria": st.sampled_from(["UMI", "UKE", "UME", "UBE", "URE", "PSO", "BLU"]),
        "bill_number": printable(25),
        "reference_label": printable(25),
        "terminal_label": printable(25),
    },
)
amounts = st.integers(1, 10_000_000)


@given(parts, st.none() | amounts)
def test_what_is_built_is_read_back(fields, amount):
    verdict = inspect(build(amount, **fields))

    assert verdict.ok
    assert verdict.kind == ("qris-static" if amount is None else "qris-dynamic")
    assert fields.items() <= verdict.fields.items()
    assert verdict.fields.get("amount") == (None if amount is None else str(amount))


@given(parts, amounts)
def test_what_is_built_for_us_may_be_shown(fields, amount):
    assert (
        check_shown(build(amount, **fields), amount, fields["nmid"], fields["merchant_pan"]) == []
    )


@given(parts, amounts)
def test_a_static_code_made_dynamic_is_the_dynamic_code(fields, amount):
    assert to_dynamic(build(None, **fields), amount) == build(amount, **fields)


def test_the_worked_examples_come_out_to_the_letter():
    assert build(**PARTS) == STATIC
    assert build(2_000, bill_number="JBI261124000123", **PARTS) == DYNAMIC
    assert to_dynamic(STATIC, 2_000, bill_number="JBI261124000123") == DYNAMIC


def test_every_field_at_fault_is_named_at_once():
    wrong = PARTS | {"merchant_name": "A" * 26, "nmid": "ID12", "merchant_pan": PAN + "4"}
    del wrong["city"]

    with pytest.raises(BadPayload) as refused:
        build(10_000_001, colour="red", **wrong)

    said = "\n".join(refused.value.reasons)
    assert all(word in said for word in ("city", "colour", "merchant_name", "nmid", "amount"))
    with pytest.raises(BadPayload, match="check digit"):
        build(**PARTS | {"merchant_pan": PAN + "4"})


def test_labels_that_do_not_fit_together_are_refused():
    labels = dict.fromkeys(("bill_number", "store_label", "reference_label", "purpose"), "A" * 25)

    with pytest.raises(BadPayload, match="template 62 has 123 characters"):
        build(2_000, **PARTS | labels)
    with pytest.raises(BadPayload, match="template 62"):
        to_dynamic(
            build(**PARTS | {"store_label": "B" * 25, "purpose": "C" * 25}), 2_000,
            bill_number="A" * 25, reference_label="D" * 25,
        )  # fmt: skip


@pytest.mark.fault("F75")
@pytest.mark.parametrize("amount", [0, -1, 10_000_001])
def test_an_amount_that_qris_does_not_carry_is_not_built(amount):
    with pytest.raises(BadPayload, match="amount"):
        build(amount, **PARTS)
    with pytest.raises(BadPayload, match="amount"):
        to_dynamic(STATIC, amount)


def test_what_a_converter_does_not_know_it_keeps_in_its_place():
    unknown = edited(STATIC, {"62": "5003abc", "65": "5802ID", "80": "0004XXXX", "54": "1"})

    root = dict(tlv.read(to_dynamic(unknown, 5_000, reference_label="R1")))

    assert list(root)[-1] == "63"
    assert list(root)[:-1] == sorted(set(root) - {"63"})
    assert (root["01"], root["54"], root["65"], root["80"]) == ("12", "5000", "5802ID", "0004XXXX")
    assert root["62"] == "0502R15003abc"


def test_a_label_is_not_put_into_what_cannot_be_read():
    broken = edited(STATIC, {"62": "0703A0"})

    assert inspect(to_dynamic(broken, 2_000)).ok
    with pytest.raises(BadPayload, match="template 62 holds no objects"):
        to_dynamic(broken, 2_000, bill_number="1")


def test_a_levy_asks_for_no_tip():
    tipping = edited(STATIC, {"55": "02", "56": "500"})

    assert to_dynamic(tipping, 2_000) == to_dynamic(STATIC, 2_000)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (STATIC[:-1] + "C", "crc mismatch"),
        (DYNAMIC, "not a static code"),
        (edited(STATIC, {"26": None, "51": None, "40": "0004ABCD"}), "a transfer code"),
        (edited(STATIC, {"58": "SG"}), "country"),
        ("", "empty"),
    ],
)
def test_damage_is_not_repaired_and_another_code_is_not_converted(payload, reason):
    with pytest.raises(BadPayload, match=reason):
        to_dynamic(payload, 2_000)


@pytest.mark.parametrize(
    ("nmid", "pan"), [(NMID, PAN), (NMID, None), (None, PAN), (NMID, PAN + "5")]
)
def test_our_code_may_be_shown(nmid, pan):
    assert check_shown(DYNAMIC, 2_000, nmid, pan) == []


@pytest.mark.parametrize("text", ["2000", "2000.", "2000.0", "2000.00"])
def test_an_amount_with_empty_decimals_is_the_same_amount(text):
    assert check_shown(edited(DYNAMIC, {"54": text}), 2_000, NMID, PAN) == []


def test_a_pan_with_its_check_digit_is_the_same_pan():
    with_digit = build(2_000, **PARTS | {"merchant_pan": PAN + "5"})

    assert check_shown(with_digit, 2_000, None, PAN) == []
    assert check_shown(DYNAMIC, 2_000, None, PAN + "5") == []


@pytest.mark.fault("F32")
@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ("", "Bukan QRIS"),
        (DYNAMIC[:-1] + "D", "crc mismatch"),
        (DYNAMIC + "\n", "spasi"),
        (STATIC, "statis"),
        (edited(DYNAMIC, {"54": "20000"}), "nominal di QRIS 20000, yang diminta 2000"),
        (edited(DYNAMIC, {"54": "2000.50"}), "nominal"),
        (edited(DYNAMIC, {"54": None}), "kosong"),
        (edited(DYNAMIC, {"51": "0014ID.CO.QRIS.WWW0215ID1020000000013"}), "NMID"),
        (edited(DYNAMIC, {"26": "0004ABCD0118936001150000000124"}), "PAN"),
        (edited(DYNAMIC, {"26": f"0004ABCD0119{PAN}4"}), "PAN"),  # its check digit is wrong
        (edited(DYNAMIC, {"27": "0004ABCD0118936009140000000001"}), "PAN"),  # a second account
        (edited(DYNAMIC, {"26": None, "51": "0014ID.CO.QRIS.WWW"}), "dapat dibandingkan"),
        (edited(DYNAMIC, {"55": "01"}), "tip"),
        (edited(DYNAMIC, {"62": "0804DMCT"}), "transfer"),
        (edited(DYNAMIC, {"62": "0703A0"}), "rusak"),
        (edited(DYNAMIC, {"58": "SG"}), "Bukan QRIS"),
        ("hQVDUFYwMWFKTwegAAAGAiAg", "CPM"),
    ],
)
def test_a_code_that_is_not_what_we_asked_for_is_not_shown(payload, problem):
    assert problem in " | ".join(check_shown(payload, 2_000, NMID, PAN))


def test_a_merchant_of_whom_nothing_is_known_is_never_ours():
    assert check_shown(DYNAMIC, 2_000, None, "") != []
