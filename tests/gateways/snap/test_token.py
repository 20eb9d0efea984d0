"""Tokens: theirs is fetched once and early, ours cannot be guessed (gateways.md 3.2, 3.9)."""

import threading
import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.errors import GatewayUnavailable, GatewayUnreadable
from parking.gateways.http import Limits
from parking.gateways.snap_answers import Said
from parking.gateways.snap_token import OurTokens, TheirToken

from tests.gateways.snap.samples import AT

SHORT = Limits(total_s=0.2)


def given_by(**other):
    fields = {"accessToken": "t-1", "tokenType": "Bearer", "expiresIn": "900"} | other
    return Said("snap", "20000", {k: v for k, v in fields.items() if v is not None})


@pytest.fixture
def monotonic(monkeypatch):
    """A clock that is told how much time has passed."""
    passed = [1_000.0]
    monkeypatch.setattr("parking.gateways.snap_token.time.monotonic", lambda: passed[0])
    return passed


class TestTheirs:
    @pytest.mark.parametrize("lasts", ["900", 900])
    @pytest.mark.parametrize("kind", ["Bearer", "BearerToken", "bearer", None])
    def test_it_is_kept_until_a_minute_before_its_end(self, monotonic, lasts, kind):
        asked = []

        def ask(_):
            asked.append(1)
            return given_by(expiresIn=lasts, tokenType=kind, accessToken=f"t-{len(asked)}")

        token = TheirToken(ask)
        assert token.get(SHORT) == "t-1"
        monotonic[0] += 839
        assert token.get(SHORT) == "t-1"
        monotonic[0] += 1
        assert token.get(SHORT) == "t-2"

    def test_one_that_they_do_not_accept_is_dropped_and_a_newer_one_is_not(self):
        asked = []
        token = TheirToken(lambda _: asked.append(1) or given_by(accessToken=f"t-{len(asked)}"))
        assert token.get(SHORT) == "t-1"

        token.drop("t-1")
        assert token.get(SHORT) == "t-2"
        token.drop("t-1")
        assert token.get(SHORT) == "t-2"

    def test_of_many_who_need_one_at_once_one_asks(self):
        asked, got = [], []

        def ask(_):
            asked.append(1)
            time.sleep(0.05)
            return given_by()

        token = TheirToken(ask)
        threads = [
            threading.Thread(target=lambda: got.append(token.get(Limits()))) for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (len(asked), got) == (1, ["t-1"] * 16)

    @pytest.mark.fault("F23")
    def test_nobody_waits_for_it_longer_than_their_own_limits(self):
        until = threading.Event()
        token = TheirToken(lambda _: until.wait(10) and given_by())
        first = threading.Thread(target=token.get, args=(Limits(),))
        first.start()

        started = time.monotonic()
        with pytest.raises(GatewayUnavailable):
            token.get(SHORT)
        assert time.monotonic() - started < 2

        until.set()
        first.join()

    def test_after_a_failure_it_is_asked_again(self):
        answers = [given_by(expiresIn="soon"), given_by()]
        token = TheirToken(lambda _: answers.pop(0))

        with pytest.raises(GatewayUnreadable):
            token.get(SHORT)
        assert token.get(SHORT) == "t-1"

    @pytest.mark.fault("F26")
    @pytest.mark.parametrize(
        "odd",
        [
            {"accessToken": None}, {"accessToken": ""}, {"accessToken": "a\r\nX-Other: b"},
            {"accessToken": "x" * 2_049}, {"accessToken": 7}, {"expiresIn": None},
            {"expiresIn": "0"}, {"expiresIn": "-1"}, {"expiresIn": True}, {"expiresIn": 1.5},
            {"tokenType": "mac"},
        ],
    )  # fmt: skip
    def test_what_is_no_token_is_not_used(self, odd):
        with pytest.raises(GatewayUnreadable):
            TheirToken(lambda _: given_by(**odd)).get(SHORT)


class TestOurs:
    @pytest.mark.fault("F98")
    def test_each_is_unlike_the_others_and_good_for_a_quarter_of_an_hour(self):
        ours = OurTokens(b"secret", "snap/bankx", "c-1")
        tokens = {ours.issue(AT) for _ in range(1_000)}

        assert len(tokens) == 1_000
        for token in list(tokens)[:20]:
            assert ours.is_valid(token, AT + timedelta(minutes=14, seconds=59))
            assert not ours.is_valid(token, AT + timedelta(minutes=15))

    @pytest.mark.fault("F98")
    @pytest.mark.fault("F15")
    @pytest.mark.parametrize(
        "other",
        [
            (b"another", "snap/bankx", "c-1"), (b"secret", "snap/other", "c-1"),
            (b"secret", "snap/bankx", "c-2"),
        ],
    )  # fmt: skip
    def test_it_is_good_for_one_account_and_client_of_this_installation(self, other):
        token = OurTokens(b"secret", "snap/bankx", "c-1").issue(AT)

        assert not OurTokens(*other).is_valid(token, AT)

    @pytest.mark.fault("F08")
    @given(st.integers(0, 73), st.sampled_from("AZaz09-_"))
    def test_not_a_character_of_it_can_be_changed(self, place, other):
        ours = OurTokens(b"secret", "snap/bankx", "c-1")
        token = ours.issue(AT)
        changed = token[:place] + other + token[place + 1 :]

        assert ours.is_valid(changed, AT) == (changed == token)

    @pytest.mark.fault("F18")
    @given(st.text(max_size=100))
    def test_nothing_else_is_a_token(self, odd):
        assert not OurTokens(b"secret", "snap/bankx", "c-1").is_valid(odd, AT)
