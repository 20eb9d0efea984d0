"""What can go wrong, named by what the caller should do about it."""


class ParkingError(Exception):
    """Any refusal of ours. The message is for the person at the screen, in Indonesian."""


class NotFound(ParkingError):
    """No such thing, or not yours: the two look the same from outside."""


class NotAllowed(ParkingError):
    """You are known, but this is not yours to do."""


class NotSignedIn(ParkingError):
    """Sign in first."""


class BadInput(ParkingError):
    """What was sent cannot be used; `problems` names each field and why."""

    def __init__(self, message: str, problems: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or {}


class Conflict(ParkingError):
    """The state of things does not allow it now; the message says what to do instead."""


class TooManyAttempts(ParkingError):
    """Wait; `retry_after_s` says how long."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class GatewayError(ParkingError):
    """Something between us and a payment gateway."""


class GatewayUnavailable(GatewayError):
    """No answer, or a 5xx. Whether they did it is unknown: ask before trying again."""


class GatewayOut(GatewayUnavailable):
    """Known not to answer, so it was not asked: nothing was sent, so nothing came of it."""


class GatewayRefused(GatewayError):
    """A clear no: trying the same request again will not help."""


class GatewayUnauthorised(GatewayRefused):
    """They do not accept our keys: an alarm, and nothing that a retry could mend."""


class GatewayUnreadable(GatewayError):
    """An answer that makes no sense: a person must look."""


class CallbackNotAuthentic(GatewayError):
    """The sender could not prove to be the gateway."""


class BadPayload(ParkingError):
    """A QR payload that no reader should accept; `reasons` says why."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class FileRefused(ParkingError):
    """A file that was not taken in at all; `problems` names each line and why."""

    def __init__(self, message: str, problems: list[str]) -> None:
        super().__init__(message)
        self.problems = problems


class NeedsPerson(ParkingError):
    """No later try mends it: whoever runs this service is called at once."""
