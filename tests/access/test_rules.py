"""The rules by themselves: waits, hashes, codes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.access import password, pin, totp
from parking.access.attempt import NETWORK, NEVER, PIN, USER, Attempts
from parking.access.origin import is_foreign
from parking.access.secrets import hash_secret, is_secret, new_code, new_password, new_token

from tests.conftest import NOON


@given(st.sampled_from([PIN, USER, NETWORK]), st.integers(0, 300))
def test_more_failures_never_make_a_shorter_wait_at_the_named_counts(rule, failures):
    counts = [count for count, _ in rule.locks]
    waits = [
        (Attempts(count - 1, NOON, None).failed(rule, NOON).locked_until or NOON) - NOON
        for count in counts
    ]

    assert waits == sorted(waits)
    after = Attempts(failures, NOON, None).failed(rule, NOON)
    assert after.failures == failures + 1
    assert (after.locked_until is not None) == (
        after.failures in counts or after.failures >= counts[-1]
    )


def test_old_failures_are_forgotten():
    later = NOON + PIN.forgotten_after + timedelta(seconds=1)

    assert Attempts(4, NOON, None).failed(PIN, later).failures == 1
    assert Attempts(14, NOON, None).failed(PIN, NOON).locked_until == NEVER


def test_a_hash_opens_to_its_secret_and_pepper_only():
    kept = hash_secret("482915", "pepper")

    assert is_secret("482915", kept, "pepper")
    assert not is_secret("482916", kept, "pepper")
    assert not is_secret("482915", kept, "another pepper")
    assert not is_secret("482915", None, "pepper")
    assert kept.startswith("$argon2id$")
    assert kept != hash_secret("482915", "pepper")


def test_what_we_draw_is_long_and_new_each_time():
    assert len({new_token() for _ in range(100)}) == 100
    assert len(new_token()) >= 43
    assert all(len(new_code()) == 10 for _ in range(100))
    assert all(password.problem_with(new_password(), "sri") is None for _ in range(100))


@given(st.integers(0, 999_999))
def test_a_pin_is_judged_without_an_error(number):
    text = f"{number:06}"
    day, month = number // 10_000, number // 100 % 100
    if 1 <= day <= 31 and 1 <= month <= 12:
        assert pin.problem_with(text)


@pytest.mark.parametrize("text", ["", "12345", "1234567", "48291a", "٤٨٢٩١٥", "482915\n"])
def test_a_pin_is_six_plain_digits(text):
    assert pin.problem_with(text) == "PIN harus 6 angka"


@pytest.mark.parametrize(
    "text",
    ["pendek", "a" * 40, "password1234", "Admin123456!", "bendahara2026", "sri" * 5, "x" * 201],
)
def test_a_password_that_is_tried_first_is_refused(text):
    assert password.problem_with(text, "sri")


def test_a_code_of_the_kept_seed_needs_the_pepper():
    seed = totp.new_seed()
    code = totp.authenticator(seed, "pepper").at(NOON)

    assert totp.step_of(code, seed, "pepper", NOON) == int(NOON.timestamp()) // 30
    assert totp.step_of(code, seed, "another", NOON) is None
    assert totp.step_of("", seed, "pepper", NOON) is None
    assert totp.step_of("１２３４５６", seed, "pepper", NOON) is None


@given(st.sampled_from(["GET", "HEAD", "OPTIONS"]), st.text(), st.text())
def test_reading_is_never_foreign(method, sender, site):
    assert not is_foreign(method, sender, site, {"parkir.example"})


@given(st.text())
def test_no_sender_but_our_own_host_may_change_anything(text):
    for sender in (
        text,
        f"https://{text}",
        f"https://parkir.example{text}",
        f"{text}parkir.example",
    ):
        ours = sender.endswith("://parkir.example") and sender.count("://") == 1
        assert is_foreign("POST", sender, None, {"parkir.example"}) is not ours
