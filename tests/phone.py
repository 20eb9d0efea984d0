"""An attendant's phone in a test: what it sends is JSON, as the app sends it."""

from typing import Any

from parking.parts import Parts
from werkzeug.test import TestResponse

from tests.people import attendant_client


class Phone:
    """An enrolled phone on which the attendant has just signed in."""

    def __init__(self, parts: Parts, attendant_id: int, device_id: int) -> None:
        self.browser = attendant_client(parts, attendant_id, device_id)

    def get(self, path: str) -> TestResponse:
        return self.browser.get(path, headers={"Accept": "application/json"})

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self.browser.post(path, json=fields)
