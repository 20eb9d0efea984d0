"""SNAP BI's QRIS MPM over HTTP, one address for each merchant: /snap/<account>/… (gateways.md 3).

A bank of its own behind each address: its prefix, its paths and its way of signing are
those of the merchant's options.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound

from parking.business_day import business_day
from parking.sandbox import change
from parking.sandbox.announce import number
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.courier import Courier
from parking.sandbox.parts import SandboxParts
from parking.sandbox.snap import answers
from parking.sandbox.snap.requests import (
    Denial,
    Fields,
    check_cancel,
    check_query,
    missing,
    read_generate,
    read_named,
    read_refund,
    wrong,
)
from parking.sandbox.snap.signing import by_secret, call_text, is_by_merchant
from parking.sandbox.snap.speech import Speech, speech_of
from parking.sandbox.snap.tokens import Tokens
from parking.sandbox.snap.wording import is_time
from parking.sandbox.transactions import Refusal, Transaction
from parking.sandbox.transport import around_create, struck

NAME = "snap"
TOKEN, GENERATE, QUERY, CANCEL, REFUND = "73", "47", "51", "77", "78"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

# What the core refuses, in SNAP's words: HTTP status and case.
WORDS = {
    404: (404, "01", "Transaction Not Found"),
    405: (405, "00", "Requested Function Is Not Supported"),
    406: (409, "01", "Duplicate partnerReferenceNo"),
    407: (404, "00", "Invalid Transaction Status"),
    412: (404, "00", "Invalid Transaction Status"),
    414: (404, "13", "Invalid Amount"),
}  # fmt: skip

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bank:
    """One merchant's bank, while it answers one call."""

    parts: SandboxParts
    courier: Courier
    tokens: Tokens
    merchant: SandboxMerchant
    speech: Speech
    service: str
    path: str  # below the prefix

    def refuse(self, status: int, message: str) -> Response:
        case = "01" if status == 403 else "00"
        return self.deny(Denial(status, case, message))

    def deny(self, why: Denial) -> Response:
        code = f"{why.status}{self.service}{why.case}"
        return self.answer(why.status, {"responseCode": code, "responseMessage": why.message})

    def answer(self, status: int, body: Mapping[str, Any]) -> Response:
        answer = jsonify(body)
        answer.status_code = status
        answer.headers["X-TIMESTAMP"] = answers.stamp(self.parts.now(), self.speech)
        return answer

    def done(self, body: Mapping[str, Any], status: int = 200) -> Response:
        message = "Successful" if status == 200 else "Request In Progress"
        head = {"responseCode": f"{status}{self.service}00", "responseMessage": message}
        return self.answer(status, head | dict(body))


def snap_api(parts: SandboxParts, courier: Courier) -> Blueprint:
    routes = Blueprint(NAME, __name__, url_prefix=f"/{NAME}")
    tokens = Tokens()

    @routes.post("/<account>/<path:below>")
    def call(account: str, below: str) -> Response:
        bank = _bank(parts, courier, tokens, account, f"/{below}")
        try:
            return ACTS[bank.service](bank)
        except Denial as why:
            return bank.deny(why)
        except Refusal as why:
            return bank.deny(Denial(*WORDS[why.code]))

    return routes


def _bank(parts: SandboxParts, courier: Courier, tokens: Tokens, account: str, below: str) -> Bank:
    """Raises NotFound for an address that no bank here has."""
    try:
        merchant = parts.merchant(NAME, account)
    except KeyError as error:
        raise NotFound from error
    speech = speech_of(merchant)
    path = below.removeprefix(speech.prefix)
    service = speech.services.get(path) if below.startswith(speech.prefix) else None
    if service is None:
        raise NotFound
    return Bank(parts, courier, tokens, merchant, speech, service, path)


def _give_token(bank: Bank) -> Response:
    speech, timestamp = bank.speech, request.headers.get("X-TIMESTAMP", "")
    faults = bank.parts.faults
    if fault := struck(bank.parts, bank.merchant.account, bank.refuse):
        return fault
    signed = f"{speech.client_id}|{timestamp}"
    is_theirs = request.headers.get("X-CLIENT-KEY") == speech.client_id and is_by_merchant(
        bank.merchant, signed, request.headers.get("X-SIGNATURE", "")
    )
    if not is_time(timestamp, speech):
        raise wrong("X-TIMESTAMP")
    if not is_theirs or faults.strike("snap_token_refused", bank.merchant.account):
        raise Denial(401, "00", "Unauthorized. [Signature]")
    if _fields().get("grantType") != "client_credentials":
        raise wrong("grantType")
    seconds = int(speech.expires_in)
    token = bank.tokens.give(bank.merchant.account, bank.parts.now(), timedelta(seconds=seconds))
    told = seconds if speech.expires_as == "number" else speech.expires_in
    return bank.done(
        {"accessToken": token, "tokenType": speech.token_type, "expiresIn": told,
         "additionalInfo": {}}
    )  # fmt: skip


def _generate(bank: Bank) -> Response:
    parts, fields = bank.parts, _proved(bank)
    order = _order(fields, "partnerReferenceNo")

    def make() -> Response:
        wish, now = read_generate(fields, bank.merchant, parts.now()), parts.now()
        if parts.state.find_of(bank.merchant, wish.order_id):
            raise Refusal(406, "")  # also of one that has ended
        url = parts.callback_url(bank.merchant)
        made = change.make(
            parts, bank.merchant, wish, [url] if url else [], now, answers.new_reference()
        )
        _overtake(bank, made)
        return bank.done(answers.generated(parts, made, bank.merchant, bank.speech))

    answer = around_create(parts, order, bank.refuse, make)
    return _instead(bank, order) or answer


def _overtake(bank: Bank, made: Transaction) -> None:
    if overtaking := bank.parts.faults.strike("callback_overtakes_create", made.order_id):
        if overtaking.value == "settlement":
            change.pay(bank.parts, made, change.Payment(), bank.parts.now())
        bank.courier.deliver_now()


def _instead(bank: Bank, order: str) -> Response | None:
    """What is answered although it was done."""
    if bank.parts.faults.strike("snap_conflict", order):
        return bank.deny(Denial(409, "00", "Conflict"))
    if bank.parts.faults.strike("snap_in_progress", order):
        return bank.done({}, 202)
    return None


def _query(bank: Bank) -> Response:
    parts, fields = bank.parts, _proved(bank)
    found, fault = _found(bank, fields)
    if fault is not None:
        return fault
    check_query(fields, bank.speech)
    if found is None:
        raise Refusal(404, "")
    told = change.as_told(parts, found, parts.now())
    body = answers.described(parts, told, bank.speech)
    unseen = parts.faults.holds("snap_query_07", found.order_id)
    if unseen and (parts.now() - found.created_at).total_seconds() < number(unseen.value, 10):
        body = answers.unknown(found)
    return bank.done(body)


def _cancel(bank: Bank) -> Response:
    parts, fields = bank.parts, _proved(bank)
    found, fault = _found(bank, fields)
    if fault is not None:
        return fault
    if bank.speech.cancel == "no":
        raise Refusal(405, "")
    check_cancel(fields, bank.merchant)
    if found is None:
        raise Refusal(404, "")
    ended = change.cancel(parts, found, parts.now())
    answer = bank.done(answers.cancelled(parts, ended, bank.speech))
    return _instead(bank, found.order_id) or answer


def _refund(bank: Bank) -> Response:
    """Taken at once; that the driver's bank has it an inquiry tells later."""
    parts, fields = bank.parts, _proved(bank)
    found, fault = _found(bank, fields)
    if fault is not None:
        return fault
    if bank.speech.refund == "no":
        raise Refusal(405, "")
    key, amount, reason = read_refund(fields, bank.merchant)
    if found is None:
        raise Refusal(404, "")
    after, agreed = change.refund(parts, found, key, amount, reason, parts.now())
    if not agreed:
        raise Denial(403, "05", "Do Not Honor")
    return bank.done(answers.refunded(after, bank.speech), 202)


ACTS: Mapping[str, Callable[[Bank], Response]] = {
    TOKEN: _give_token, GENERATE: _generate, QUERY: _query, CANCEL: _cancel, REFUND: _refund,
}  # fmt: skip


def _found(bank: Bank, fields: Fields) -> tuple[Transaction | None, Response | None]:
    """The QR of a call, which both names must fit if both are told, or what strikes instead."""
    named = read_named(fields)
    name = named.theirs or named.ours
    found = change.find(bank.parts, name, bank.parts.now(), bank.merchant)
    order = found.order_id if found else named.ours or name
    if fault := struck(bank.parts, order, bank.refuse):
        return None, fault
    if found and named.ours and found.order_id != named.ours:
        return None, None
    return found, None


def _proved(bank: Bank) -> Fields:
    """The body of a call whose token, signature and headers are right. Raises Denial."""
    speech, headers = bank.speech, request.headers
    timestamp = headers.get("X-TIMESTAMP", "")
    if not is_time(timestamp, speech):
        raise wrong("X-TIMESTAMP")
    _check_signature(bank, timestamp)
    partner = speech.partner_id or speech.client_id
    for name, form in (
        ("X-PARTNER-ID", re.escape(partner)), (speech.channel_header, r"[!-~]{1,5}"),
        (speech.external_header, r"[!-~]{1,36}" if speech.external == "ours" else r"\d{1,36}"),
    ):  # fmt: skip
        if name not in headers:
            raise missing(name)
        if not re.fullmatch(form, headers[name], re.ASCII):
            raise wrong(name)
    fields = _fields()
    if speech.external == "numeric":
        _use(bank, headers[speech.external_header])
    return fields


def _check_signature(bank: Bank, timestamp: str) -> None:
    speech, given = bank.speech, request.headers.get("X-SIGNATURE", "")
    path, body = speech.signed(bank.path), request.get_data(cache=True)
    if speech.signing == "asymmetric":
        text = call_text("POST", path, None, body, timestamp)
        is_right = is_by_merchant(bank.merchant, text, given)
    else:
        account = bank.merchant.account
        if bank.parts.faults.strike("snap_token_lost", account):
            bank.tokens.forget(account)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not bank.tokens.is_valid(token, account, bank.parts.now()):
            raise Denial(401, "01", "Invalid Token (B2B)")
        text = call_text("POST", path, token, body, timestamp)
        is_right = given == by_secret(bank.merchant.server_key, text, speech.hmac)
    if not is_right:
        raise Denial(401, "00", "Unauthorized. [Signature]")


def _use(bank: Bank, external: str) -> None:
    """Each number once in a calendar day, whatever it was for."""
    state, now = bank.parts.state, bank.parts.now()
    day = f"{bank.merchant.path} {business_day(now)}"
    with state.writing():
        if state.answer_to(day, external, LONG_AGO) is not None:
            raise Denial(409, "00", "Conflict")
        state.keep_answer(day, external, True, now)


def _fields() -> Fields:
    try:
        body = request.get_json(force=True)
    except BadRequest as error:
        raise Denial(400, "00", "Bad Request") from error
    if not isinstance(body, dict):
        raise Denial(400, "00", "Bad Request")
    return body


def _order(fields: Fields, name: str) -> str:
    text = fields.get(name)
    return text if isinstance(text, str) else ""
