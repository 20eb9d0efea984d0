"""How Xendit says no, and how the core's refusals look in its words (gateways.md 2.1, 2.8)."""

from collections.abc import Sequence

from flask import Response, jsonify

from parking.sandbox.transactions import Refusal

# Per endpoint and account, in test mode.
CALLS_A_MINUTE = 60
CODES = {
    400: "API_VALIDATION_ERROR",
    401: "INVALID_API_KEY",
    403: "REQUEST_FORBIDDEN_ERROR",
    404: "DATA_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "DUPLICATE_ERROR",
    429: "RATE_LIMIT_EXCEEDED",
    503: "CHANNEL_UNAVAILABLE",
}
# What the core refuses of a refund.
OF_REFUNDS = {
    405: (400, "REFUND_NOT_SUPPORTED"),
    412: (403, "INELIGIBLE_TRANSACTION"),
    414: (400, "MAXIMUM_REFUND_AMOUNT_REACHED"),
}


class Denied(Exception):
    """A no of the API: HTTP status, error code and words."""

    def __init__(
        self, status: int, message: str, code: str = "", problems: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or CODES.get(status, "SERVER_ERROR")
        self.problems = tuple(problems)


def denial(why: Denied) -> Response:
    body = {"error_code": why.code, "message": why.message}
    told = [{"message": problem} for problem in why.problems]
    answer = jsonify(body | ({"errors": told} if told else {}))
    answer.status_code = why.status
    if why.status == 429:
        answer.headers["Rate-Limit-Limit"] = str(CALLS_A_MINUTE)
        answer.headers["Rate-Limit-Remaining"] = "0"
        answer.headers["Rate-Limit-Reset"] = "42"
    return answer


def http_denial(status: int, message: str) -> Response:
    """An error of HTTP itself, and of the faults that strike any call."""
    return denial(Denied(status, message))


def of_refund(why: Refusal) -> Denied:
    """The core's no to a refund."""
    status, code = OF_REFUNDS[why.code]
    return Denied(status, why.message, code)
