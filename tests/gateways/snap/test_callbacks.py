"""What a notification of a SNAP bank proves, by the variant of its signature (gateways.md 3.9)."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from parking.errors import CallbackNotAuthentic, GatewayUnreadable
from parking.gateways.protocol import Callback, Level, Receipt, State, Trust
from parking.gateways.snap_keys import private_key
from parking.gateways.snap_signature import hmac_fits

from tests.gateways.snap import vectors
from tests.gateways.snap.samples import (
    AT,
    BANKX,
    OLD_BANK_PAIR,
    REGISTERED,
    SPEC,
    account,
    asks_token,
    body,
    by_client,
    by_key,
    by_secret,
    notified,
    token_from,
)
from tests.snap_keys import BANKS, OURS

PLAIN = account()


def level(callback: Callback, gateway=PLAIN) -> Level:
    return gateway.authenticate(callback).level


def trust(callback: Callback, gateway=PLAIN) -> Trust:
    return gateway.read_callback(callback).trust


class TestVariantA:
    @pytest.mark.parametrize("signature", [vectors.S6_RSA, vectors.S7_RSA], ids=["spec", "ours"])
    def test_the_vectors_are_proved_over_either_path(self, signature):
        gateway = account(further={"PRIVATE": [OURS.private], "PROVIDER": [vectors.PUBLIC_KEY]})
        callback = notified(vectors.S6_BODY.encode(), signature)

        proved = gateway.authenticate(callback)
        told = gateway.read_callback(callback)

        assert (proved.level, proved.about) == (Level.FULL, "PKR20260214000123")
        assert (told.ours, told.payment_ref) == ("PKR20260214000123", "REF0000000000000001")
        assert (told.state, told.amount, told.issuer) == (State.PAID, 2_000, "TEST BANK")
        assert told.at == AT

    def test_the_published_notification_is_read(self):
        gateway = account(
            replace(BANKX, merchant_id="G099333790"),
            further={"PRIVATE": [OURS.private], "PROVIDER": [vectors.PUBLISHED_KEY]},
            words={"profile": "midtrans", "notify_path": "/v1.0/debit/notify"},
        )
        at = AT.replace(year=2024, month=5, day=2, hour=7, minute=43, second=9)
        callback = notified(
            vectors.P4_BODY.encode(), vectors.P4_RSA, "2024-05-02T14:43:08+07:00", at
        )

        told = gateway.read_callback(callback)

        assert (told.ours, told.amount) == ("GP24043015193402809", 102_800)
        assert (told.state, told.refunded, told.trust) == (State.PAID, 0, Trust.PROOF)

    def test_a_payment_that_names_us_is_proof(self):
        assert trust(by_key(body())) is Trust.PROOF

    @pytest.mark.fault("F15")
    def test_one_that_does_not_name_us_may_be_of_another_merchant_of_this_bank(self):
        """It may have had our reference signed for a code of its own: the bank is asked."""
        assert trust(by_key(body(merchantId=None))) is Trust.HEARSAY
        handed_back = {"merchantId": BANKX.merchant_id}
        unnamed = body(merchantId=None, additionalInfo=handed_back)
        assert trust(by_key(unnamed)) is Trust.HEARSAY
        with pytest.raises(GatewayUnreadable, match="is not ours"):
            PLAIN.read_callback(by_key(body(merchantId="00007100099999")))

    @pytest.mark.parametrize(
        "path", [SPEC, REGISTERED + SPEC, REGISTERED, "/parkir" + REGISTERED + SPEC]
    )
    def test_each_path_that_the_bank_may_have_been_told_is_tried(self, path):
        gateway = account(callback_url=f"https://kota.example/parkir{REGISTERED}")

        assert level(by_key(body(), path), gateway) is Level.FULL

    def test_a_path_below_their_prefix_is_tried_and_no_other(self):
        prefixed = account(words={"prefix": "/snap-adapter/b2b"})

        assert level(by_key(body(), "/snap-adapter/b2b" + SPEC), prefixed) is Level.FULL
        assert level(by_key(body(), "/snap-adapter/b2b" + SPEC)) is Level.NONE
        assert level(by_key(body(), "/callbacks/snap/other" + SPEC)) is Level.NONE

    def test_the_bytes_are_verified_as_they_came(self):
        for text in (
            '{"a":"ruko \\/ \\u2013","b":"{\\"x\\":\\"{\\\\\\"y\\\\\\":1}\\"}"}',
            '{\n  "a" : "ruko – A  B",\r\n\t"b": [1, 2]\n}\n',
        ):
            content = text.encode()
            assert level(by_key(content)) is Level.FULL
            anew = json.dumps(json.loads(text), separators=(",", ":")).encode()
            assert level(replace(by_key(content), body=anew)) is Level.NONE

    def test_a_body_that_was_signed_without_its_blanks_is_verified_so(self):
        wide = json.dumps(json.loads(body()), indent=4).encode()
        tight = json.dumps(json.loads(body()), separators=(",", ":")).encode()

        callback = replace(by_key(tight), body=wide)

        assert level(callback) is Level.FULL
        assert PLAIN.authenticate(callback).natural_key == (
            PLAIN.authenticate(by_key(tight)).natural_key
        )

    @pytest.mark.fault("F08")
    def test_a_key_of_nobody_proves_nothing(self):
        stranger = private_key(OLD_BANK_PAIR[0], "test")

        callback = by_key(body(), key=stranger)

        assert level(callback) is Level.NONE
        with pytest.raises(CallbackNotAuthentic):
            PLAIN.read_callback(callback)

    @pytest.mark.fault("F16")
    def test_both_keys_are_accepted_while_the_bank_exchanges_its_own(self):
        old = private_key(OLD_BANK_PAIR[0], "test")
        both = {"PRIVATE": [OURS.private], "PROVIDER": [BANKS.public, OLD_BANK_PAIR[1]]}

        assert level(by_key(body(), key=old), account(further=both)) is Level.FULL
        assert level(by_key(body()), account(further=both)) is Level.FULL
        assert level(by_key(body(), key=old)) is Level.NONE

    @pytest.mark.fault("F09")
    @pytest.mark.parametrize(
        "change",
        [
            {"latestTransactionStatus": "00"},
            {"amount": {"value": "9.00", "currency": "IDR"}},
            {"originalPartnerReferenceNo": "PKR20260214000999"},
        ],
    )
    def test_status_amount_and_order_are_signed(self, change):
        caught = by_key(body(latestTransactionStatus="03"))

        assert level(replace(caught, body=body(**change))) is Level.NONE

    @pytest.mark.fault("F10")
    @pytest.mark.fault("F11")
    def test_the_time_is_signed_too_and_has_its_form(self):
        caught = by_key(body())
        for stamp in ("2026-02-14T08:16:03+07:00", "", "kemarin", "2026-02-14", "2026-02-14T08"):
            told = caught.headers | {"X-TIMESTAMP": stamp}
            assert level(replace(caught, headers=told)) is Level.NONE

    @pytest.mark.fault("F11")
    def test_an_old_signature_is_no_proof_but_is_not_refused(self):
        """Whether a retry is signed anew no standard says."""
        late = by_key(body(), at=AT + timedelta(minutes=11))
        early = by_key(body(), at=AT - timedelta(minutes=11))

        for callback in (late, early):
            assert level(callback) is Level.FULL
            assert trust(callback) is Trust.HEARSAY
        assert trust(by_key(body(), at=AT + timedelta(minutes=9))) is Trust.PROOF

    def test_without_an_amount_it_is_hearsay_and_found_by_their_reference(self):
        told = PLAIN.read_callback(by_key(body(amount=None, originalPartnerReferenceNo=None)))

        assert (told.ours, told.payment_ref) == ("", "REF0000000000000001")
        assert (told.amount, told.trust) == (0, Trust.HEARSAY)

    @pytest.mark.fault("F50")
    def test_just_after_midnight_the_day_of_a_payment_is_asked_unless_it_is_told(self):
        stamp, at = "2026-02-15T00:03:00+07:00", AT.replace(hour=17, minute=3, second=0)

        assert trust(by_key(body(), stamp=stamp, at=at)) is Trust.HEARSAY
        told = body(paidTime="2026-02-14T23:59:58+07:00")
        evidence = PLAIN.read_callback(by_key(told, stamp=stamp, at=at))
        assert evidence.trust is Trust.PROOF
        assert evidence.at == AT.replace(hour=16, minute=59, second=58)

    @pytest.mark.fault("F20")
    def test_cut_off_anywhere_it_is_not_believed(self):
        whole = by_key(body())

        for cut in range(0, len(whole.body), 7):
            assert level(replace(whole, body=whole.body[:cut])) is Level.NONE

    @pytest.mark.fault("F20")
    def test_what_is_signed_and_no_json_is_malformed(self):
        for odd in (b"", b"[]", b"{", b'{"a":1,"a":2}', b"\xff"):
            assert level(by_key(odd)) is Level.MALFORMED
            with pytest.raises(GatewayUnreadable):
                PLAIN.read_callback(by_key(odd))

    @pytest.mark.fault("F18")
    @pytest.mark.parametrize("odd", ["", "é", "=" * 344, "A" * 20_000, "\x00" * 64, "AAAA" * 86])
    def test_odd_signatures_prove_nothing(self, odd):
        assert level(notified(body(), odd)) is Level.NONE


class TestNames:
    @pytest.mark.fault("F11")
    def test_sent_again_a_message_has_the_same_name_whatever_its_unsigned_number(self):
        caught = by_key(body())
        again = replace(caught, headers=caught.headers | {"X-EXTERNAL-ID": "8"})

        one, other = PLAIN.authenticate(caught), PLAIN.authenticate(again)

        assert one.natural_key == other.natural_key

    def test_two_messages_never_have_one_name(self):
        keys = {
            PLAIN.authenticate(each).natural_key
            for each in (
                by_key(body()),
                by_key(body(latestTransactionStatus="04")),
                by_key(body(), stamp="2026-02-14T08:16:03+07:00"),
                by_key(body() + b" "),
                notified(body(), "x"),
            )
        }

        assert len(keys) == 5


class TestVariantB:
    @pytest.fixture
    def doku(self):
        return account(words={"profile": "doku"})

    @pytest.mark.parametrize("encoding", ["base64", "hex"])
    @pytest.mark.parametrize("path", [SPEC, REGISTERED + SPEC, "/snap-adapter/b2b" + SPEC])
    def test_with_a_token_of_ours_a_payment_is_proof(self, doku, path, encoding):
        callback = by_secret(body(merchantId=None), token_from(doku), path, encoding)

        assert level(callback, doku) is Level.FULL
        assert trust(callback, doku) is Trust.PROOF

    def test_the_token_is_kept_with_it_because_it_is_signed(self, doku):
        """The door leaves the header Authorization out of what it stores."""
        callback = by_secret(body(), token_from(doku))
        headers = {k: v for k, v in callback.headers.items() if k != "Authorization"}

        kept = replace(callback, headers=headers | doku.authenticate(callback).keep)

        assert trust(kept, doku) is Trust.PROOF
        with pytest.raises(CallbackNotAuthentic):
            doku.read_callback(replace(callback, headers=headers))

    @pytest.mark.fault("F08")
    def test_another_secret_or_token_proves_nothing(self, doku):
        token = token_from(doku)
        other = account(replace(BANKX, account="other"), words={"profile": "doku"})

        assert level(by_secret(body(), token, secret="x"), doku) is Level.NONE
        assert level(by_secret(body(), "MERCHANT-ISSUED-TOKEN-1"), doku) is Level.NONE
        assert level(by_secret(body(), ""), doku) is Level.NONE
        assert level(by_secret(body(), token_from(other)), doku) is Level.NONE
        changed = ("B" if token[9] == "A" else "A").join([token[:9], token[10:]])
        assert level(by_secret(body(), changed), doku) is Level.NONE

    @pytest.mark.fault("F11")
    def test_a_token_ends_and_a_message_that_came_in_time_stays_proved(self, doku):
        callback = by_secret(body(), token_from(doku))

        late = replace(callback, at=AT + timedelta(minutes=15))

        assert level(late, doku) is Level.NONE
        assert json.loads(doku.reply(late, Receipt.TURNED_AWAY).body)["responseCode"] == "4015201"
        assert level(replace(callback, at=AT + timedelta(minutes=14)), doku) is Level.FULL

    @pytest.mark.fault("F16")
    def test_both_secrets_are_accepted_while_one_is_exchanged(self):
        both = account(keys=["new", "old"], words={"profile": "doku"})
        token = token_from(both)

        assert level(by_secret(body(), token, secret="old"), both) is Level.FULL
        assert level(by_secret(body(), token, secret="new"), both) is Level.FULL
        after = account(keys=["new"], words={"profile": "doku"})
        assert level(by_secret(body(), token, secret="old"), after) is Level.NONE

    @pytest.mark.fault("F17")
    def test_every_secret_is_compared_also_after_one_fits(self, monkeypatch):
        """So that the time taken does not tell which one it was."""
        compared = []
        monkeypatch.setattr(
            "parking.gateways.snap_door.hmac_fits",
            lambda secret, *of: compared.append(secret) or hmac_fits(secret, *of),
        )
        both = account(keys=["new", "old"], words={"profile": "doku"})

        assert level(by_secret(body(), token_from(both), secret="new"), both) is Level.FULL
        assert {"new", "old"} <= set(compared)


class TestVariantC:
    @pytest.fixture
    def bri(self):
        return account(words={"profile": "bri", "terminal_id": "10049258"})

    @pytest.mark.fault("F09")
    def test_any_body_fits_its_signature_so_all_of_it_is_hearsay(self, bri):
        token = token_from(bri)
        for content in (body(), body(amount={"value": "9.00", "currency": "IDR"})):
            callback = by_client(content, token)
            assert level(callback, bri) is Level.PARTIAL
            assert trust(callback, bri) is Trust.HEARSAY

    def test_the_vector_is_proved(self):
        bri = account(
            further={"PRIVATE": [OURS.private], "PROVIDER": [vectors.PUBLIC_KEY, BANKS.public]},
            words={"profile": "bri", "terminal_id": "10049258"},
        )
        stamp, token = "2026-02-14T08:16:02.000+07:00", token_from(bri)

        callback = notified(body(), vectors.S9_RSA, stamp, Authorization=f"Bearer {token}")

        assert level(callback, bri) is Level.PARTIAL

    @pytest.mark.fault("F08")
    def test_without_a_token_of_ours_it_proves_nothing(self, bri):
        assert level(by_client(body(), "x"), bri) is Level.NONE

    def test_variations_of_one_signature_are_counted_together(self, bri):
        """They could be written without end by whoever caught one."""
        token = token_from(bri)
        names = {
            bri.authenticate(by_client(body(originalPartnerReferenceNo=each), token)).about
            for each in ("PKR1", "PKR2")
        }

        assert len(names) == 1


class TestVariantD:
    @pytest.fixture
    def secretive(self):
        further = {"PRIVATE": [OURS.private]}
        return account(words={"notify": "D"}, further=further)

    def test_a_shared_secret_without_any_token_is_proof(self, secretive):
        assert trust(by_secret(body(), ""), secretive) is Trust.PROOF

    @pytest.mark.fault("F08")
    def test_another_secret_is_none(self, secretive):
        assert level(by_secret(body(), "", secret="x"), secretive) is Level.NONE
        assert level(by_key(body()), secretive) is Level.NONE


class TestTokens:
    @pytest.fixture
    def doku(self):
        return account(words={"profile": "doku"})

    def answer(self, gateway, callback):
        reply = gateway.serve(callback)
        return reply.status, json.loads(reply.body)

    def test_the_bank_is_given_one_that_ends(self, doku):
        status, told = self.answer(doku, asks_token())

        assert (status, told["responseCode"]) == (200, "2007300")
        assert (told["tokenType"], told["expiresIn"]) == ("Bearer", "900")
        assert told["accessToken"] != token_from(doku)
        assert doku.serve(asks_token()).headers["X-TIMESTAMP"] == "2026-02-14T08:16:02+07:00"

    @pytest.mark.fault("F08")
    def test_nobody_else_is(self, doku):
        stranger = private_key(OLD_BANK_PAIR[0], "test")
        other_time = replace(asks_token(), headers=asks_token().headers | {"X-TIMESTAMP": "x"})
        other_name = replace(asks_token(), headers=asks_token().headers | {"X-CLIENT-KEY": "c"})
        for callback in (
            asks_token(key=stranger), asks_token(client="somebody"), other_time, other_name,
            replace(asks_token(), headers={}),
            asks_token(at=AT + timedelta(minutes=11)),  # a request that was caught
        ):  # fmt: skip
            status, told = self.answer(doku, callback)
            assert (status, told["responseCode"]) == (401, "4017300")
            assert "accessToken" not in told

    @pytest.mark.parametrize("odd", [b"", b"{", b"{}", b'{"grantType":"password"}'])
    def test_of_a_wrong_request_the_bank_is_told_so(self, doku, odd):
        status, told = self.answer(doku, asks_token(content=odd))

        assert status == 400
        assert told["responseCode"] in ("4007300", "4007301")

    def test_a_bank_that_needs_none_is_given_none(self):
        assert PLAIN.serve(asks_token()) is None


class TestReplies:
    @pytest.mark.parametrize(
        ("receipt", "status", "code"),
        [
            (Receipt.KEPT, 200, "2005200"), (Receipt.REPEATED, 200, "2005200"),
            (Receipt.TURNED_AWAY, 401, "4015200"), (Receipt.UNREADABLE, 400, "4005201"),
            (Receipt.TOO_MANY, 429, "4295200"),
        ],
    )  # fmt: skip
    def test_each_receipt_has_its_code_and_the_time(self, receipt, status, code):
        reply = PLAIN.reply(by_key(body()), receipt)

        assert (reply.status, json.loads(reply.body)["responseCode"]) == (status, code)
        assert reply.headers["X-TIMESTAMP"] == "2026-02-14T08:16:02+07:00"
