"""JSON from outside, read once and strictly."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.errors import BadInput
from parking.gateways.json_text import DEPTH, LIMIT, read_object

ordinary = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def storable(value):
    text = json.dumps(value, ensure_ascii=False)
    return "\\u0000" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


@given(st.dictionaries(st.text(max_size=8), ordinary, max_size=6).filter(storable))
def test_what_json_writes_is_read_back(value):
    assert read_object(json.dumps(value).encode()) == value


@pytest.mark.fault("F74")
@given(st.binary(max_size=200))
def test_any_bytes_give_an_object_or_a_clear_no(raw):
    try:
        read = read_object(raw)
    except BadInput:
        return
    assert isinstance(read, dict)


@pytest.mark.fault("F74")
@pytest.mark.parametrize(
    "raw",
    [
        b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1, "a": 2}', b"[1]", b'"text"', b"1", b"",
        b'{"a": "\\u0000"}', b'{"a": "\\ud800"}', b'{"\\ud800": 1}', b'\xff{"a": 1}',
        b'{"a": "\x00"}', b'{"a": ' + b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1) + b"}",
        b'{"a": "' + b"x" * LIMIT + b'"}', b'{"a": 1e999999999999999999999}', b'{"a": 1} {}',
    ],
)  # fmt: skip
def test_what_a_lenient_reader_would_let_pass_is_refused(raw):
    with pytest.raises(BadInput):
        read_object(raw)


def test_brackets_in_a_text_are_no_depth():
    assert read_object(b'{"a": "' + b"[" * 100 + b'"}') == {"a": "[" * 100}


def test_a_fraction_is_exact():
    assert read_object(b'{"a": 0.1}') == {"a": Decimal("0.1")}
