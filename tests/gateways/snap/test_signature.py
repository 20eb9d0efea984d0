"""What is signed in SNAP BI, against computed and published vectors (gateways.md 3.4, 8.3)."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from parking.gateways.snap_keys import public_key
from parking.gateways.snap_signature import (
    asymmetric,
    digest,
    hmac_fits,
    hmac_signed,
    minified,
    of_client,
    rsa_fits,
    rsa_signed,
    symmetric,
)

from tests.gateways.snap import vectors as vector

CLIENT, SECRET = "TESTCLIENT-JAMBI-0001", "TESTSECRET-not-real-9f2c"
TOKEN = "TESTTOKEN.abc123"
OURS = public_key(vector.PUBLIC_KEY, "test")
PUBLISHED = public_key(vector.PUBLISHED_KEY, "test")
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (of_client(CLIENT, "2026-02-14T08:15:30+07:00"), vector.S1_STRING),
        (of_client(CLIENT, "2026-02-14T08:15:30.123+07:00"), vector.S2_STRING),
        (
            symmetric(
                "POST", "/v1.0/qr/qr-mpm-generate", TOKEN, digest(vector.S3_BODY.encode()),
                "2026-02-14T08:15:31+07:00",
            ),
            vector.S3_STRING,
        ),
        (
            symmetric(
                "POST", "/v1.0/qr/qr-mpm-query", TOKEN, digest(vector.S4_BODY.encode()),
                "2026-02-14T08:20:00+07:00",
            ),
            vector.S4_STRING,
        ),
        (
            symmetric(
                "GET", "/v1.0/qr/status?merchantId=00007100010926&page=0", TOKEN, digest(b""),
                "2026-02-14T08:20:00+07:00",
            ),
            vector.S5_STRING,
        ),
        (
            asymmetric(
                "POST", "/v1.0/qr/qr-mpm-notify", digest(vector.S6_BODY.encode()),
                "2026-02-14T08:16:02+07:00",
            ),
            vector.S6_STRING,
        ),
        (
            asymmetric(
                "POST", "/callbacks/snap/bankx/v1.0/qr/qr-mpm-notify",
                digest(vector.S6_BODY.encode()), "2026-02-14T08:16:02+07:00",
            ),
            vector.S7_STRING,
        ),
        (
            symmetric(
                "POST", "/v1.0/qr/qr-mpm-notify", "MERCHANT-ISSUED-TOKEN-1",
                digest(vector.S6_BODY.encode()), "2026-02-14T08:16:02+07:00",
            ),
            vector.S8_STRING,
        ),
        (of_client(CLIENT, "2026-02-14T08:16:02.000+07:00"), vector.S9_STRING),
    ],
)  # fmt: skip
def test_what_is_signed_comes_out_to_the_character(made, text):
    assert made == text


@pytest.mark.parametrize("name", ["S3", "S4", "S5", "S8"])
def test_a_shared_secret_signs_in_base64_or_in_hexadecimal(name):
    text, as_hex = getattr(vector, f"{name}_STRING"), getattr(vector, f"{name}_HEX")
    as_base64 = getattr(vector, f"{name}_BASE64")

    assert hmac_signed(SECRET, text) == as_base64
    assert hmac_signed(SECRET, text, "hex") == as_hex
    assert hmac_fits(SECRET, text, as_base64)
    assert hmac_fits(SECRET, text, as_hex.upper())
    assert not hmac_fits("another", text, as_base64)
    assert not hmac_fits(SECRET, text + " ", as_hex)


@pytest.mark.parametrize("name", ["S1", "S2", "S6", "S7", "S9"])
def test_signatures_of_the_pair_that_was_thrown_away_verify(name):
    text, signature = getattr(vector, f"{name}_STRING"), getattr(vector, f"{name}_RSA")

    assert rsa_fits(OURS, text, signature)
    assert not rsa_fits(OURS, text + "\n", signature)
    assert not rsa_fits(PUBLISHED, text, signature)


def test_a_pair_of_our_own_signs_what_its_other_half_verifies():
    key = rsa.generate_private_key(65537, 2048)

    signature = rsa_signed(key, vector.S6_STRING)

    assert rsa_fits(key.public_key(), vector.S6_STRING, signature)
    assert rsa_signed(key, vector.S6_STRING) == signature  # deterministic
    assert not rsa_fits(OURS, vector.S6_STRING, signature)


@pytest.mark.fault("F18")
@pytest.mark.parametrize("odd", ["", "=", "é", "x" * 344, "a" * 343, "AAAA", "\x00"])
def test_a_signature_that_is_none_fits_nothing(odd):
    assert not rsa_fits(OURS, vector.S1_STRING, odd)
    assert not hmac_fits(SECRET, vector.S3_STRING, odd)


def test_bodies_have_the_digests_of_the_vectors():
    for name in ("S3", "S4", "S6", "P3", "P4"):
        body = getattr(vector, f"{name}_BODY").encode()
        assert digest(body) == getattr(vector, f"{name}_SHA256"), name
        assert minified(body) == body, name
    assert digest(b"") == EMPTY


@pytest.mark.parametrize(
    ("how", "wrong"),
    [
        (
            {"separators": (", ", ": ")},
            "4b0577ada3a468559c769d7daebbd4435537ef41d21b4e801c0b031b8f8feada",
        ),
        (
            {"indent": 2},
            "e1692779484631bc559a1c11f8b8d73055c8d950135b89ce1fee476ba7fc8908",
        ),
    ],
)
def test_blanks_change_the_digest_and_taking_them_out_brings_it_back(how, wrong):
    spaced = json.dumps(json.loads(vector.S3_BODY), **how).encode()

    assert digest(spaced) == wrong
    assert digest(minified(spaced)) == vector.S3_SHA256


@pytest.mark.parametrize(
    ("body", "right"),
    [
        (
            '{"reason":"Salah nominal / dobel – Pak Zainal"}',
            "2a0807e35c6b661733ab86cba9dec058fc81f5cd8322612eb606769338a64bc7",
        ),
        (
            '{"reason":"Salah nominal / dobel \\u2013 Pak Zainal"}',
            "283ea44f41ce90cb4812c40da5af596cddf3163dd5f2b6ba1e1b84d550cc437c",
        ),
        (
            '{"reason":"Salah nominal \\/ dobel – Pak Zainal"}',
            "18886efc65fbe80df252506c4f61e490c268cb68553a5761f7459d1d975dcf41",
        ),
    ],
)
def test_escapes_are_signed_as_they_stand(body, right):
    """S10: one document, three forms; reading and writing it anew would make them one."""
    assert digest(minified(body.encode())) == right
    assert digest(minified(body.replace(":", " :\r\n\t").encode())) == right


@given(st.recursive(st.text() | st.integers() | st.none(), lambda x: st.lists(x) | st.dictionaries(
    st.text(), x)), st.booleans())  # fmt: skip
def test_whatever_the_document_only_its_blanks_go(value, is_ascii):
    tight = json.dumps(value, ensure_ascii=is_ascii, separators=(",", ":"))
    wide = json.dumps(value, ensure_ascii=is_ascii, indent=3)

    assert minified(wide.encode("utf-8", "surrogatepass")) == tight.encode("utf-8", "surrogatepass")


class TestPublished:
    def test_p1_a_token_request(self):
        text = "G1234325-SNAP|2023-07-31T07:10:00+07:00"

        assert of_client("G1234325-SNAP", "2023-07-31T07:10:00+07:00") == text
        assert rsa_fits(PUBLISHED, text, vector.P1_RSA)

    def test_p2_a_symmetric_call(self):
        secret = "fdppqbF5wq7vVegyvsV1CROMv646nJ7A"

        assert hmac_signed(secret, vector.P2_STRING) == vector.P2_BASE64

    def test_p3_a_symmetric_call_with_its_body(self):
        text = symmetric(
            "POST", "/v1.0/qr/qr-mpm-generate", "myaccesstoken",
            digest(vector.P3_BODY.encode()), "2024-03-05T10:37:16.196Z",
        )  # fmt: skip

        assert hmac_signed("myclientsecret", text) == vector.P3_BASE64

    def test_p4_a_notification(self):
        text = asymmetric(
            "POST", "/v1.0/debit/notify", digest(vector.P4_BODY.encode()),
            "2024-05-02T14:43:08+07:00",
        )  # fmt: skip

        assert rsa_fits(PUBLISHED, text, vector.P4_RSA)
