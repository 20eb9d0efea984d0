"""Attendants' phones as a load: what the app sends, when the app would send it.

Run as a process of its own: `python -m parking.bench.street PLAN` prints one JSON object.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LOOK_S = 1.0  # as the app asks while a QR is young (charges/static/charge.js)
PAID = "paid"


class Line:
    """One connection that stays open; opened again when the server has closed it."""

    def __init__(self, url: str, headers: str) -> None:
        self._to = urlsplit(url)
        self._headers = headers
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """The status and the JSON of the answer, if it has any."""
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._to.netloc}\r\nAccept: application/json\r\n"
            f"{self._headers}Content-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        ).encode()
        for tries in range(3):
            try:
                return await self._exchange(head + content)
            except (ConnectionError, asyncio.IncompleteReadError):
                self._streams = None
                if tries == 2:
                    raise
        raise AssertionError("unreachable")

    async def _exchange(self, request: bytes) -> tuple[int, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._to.hostname, self._to.port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        length = head.partition("content-length: ")[2].partition("\r\n")[0]
        content = await reader.readexactly(int(length or 0))
        if "connection: close" in head:
            writer.close()
            self._streams = None
        return status, json.loads(content) if content else None


@dataclass(slots=True)
class Figures:
    taps_ms: list[float] = field(default_factory=list)
    lunas_ms: list[float] = field(default_factory=list)
    looks: int = 0
    missed: int = 0
    refused: dict[int, int] = field(default_factory=dict)


class Street:
    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._gateway = Line(plan["sandbox"], "")
        self.figures = Figures()
        self._random = random.Random(7)  # noqa: S311 - when invented drivers pay
        self._at_gateway = asyncio.Lock()

    async def run(self) -> Figures:
        plan = self._plan
        lines = [
            Line(plan["web"], f"Cookie: {cookies}\r\nX-CSRFToken: {plan['csrf']}\r\n")
            for cookies in plan["cookies"]
        ]
        began = time.perf_counter()
        asked = [
            asyncio.create_task(self._tap(line, number, began))
            for number, line in enumerate(lines[: plan["taps"]] if not plan["pay"] else lines)
        ]
        orders = await asyncio.gather(*asked)
        if plan["pay"]:
            paid_at = [self._random.uniform(0, plan["seconds"]) for _ in lines]
            await asyncio.gather(
                *(
                    self._shown(line, order, after)
                    for line, order, after in zip(lines, orders, paid_at, strict=True)
                    if order
                )
            )
        return self.figures

    async def _tap(self, line: Line, number: int, began: float) -> str | None:
        """One charge, at its place in an even row of taps."""
        await asyncio.sleep(max(0, began + number / self._plan["rate"] - time.perf_counter()))
        sent = time.perf_counter()
        body = {"vehicle": "motorcycle", "client_key": f"bench-{number:08}"}
        status, told = await line.send("POST", "/attendant/charges", body)
        if status != 201 or not told["svg"]:
            self.figures.refused[status] = self.figures.refused.get(status, 0) + 1
            return None
        self.figures.taps_ms.append((time.perf_counter() - sent) * 1000)
        return told["ours"]

    async def _shown(self, line: Line, order: str, after: float) -> None:
        """A QR on a screen until it says LUNAS; its driver pays after a while."""
        paid = asyncio.create_task(self._pays(order, after))
        until = time.perf_counter() + self._plan["seconds"] + 30
        await asyncio.sleep(self._random.uniform(0, LOOK_S))
        while time.perf_counter() < until:
            _, told = await line.send("GET", f"/attendant/charges/{order}?known=pending")
            self.figures.looks += 1
            if told and told["state"] == PAID:
                self.figures.lunas_ms.append((time.perf_counter() - await paid) * 1000)
                return
            await asyncio.sleep(LOOK_S)
        self.figures.missed += 1

    async def _pays(self, order: str, after: float) -> float:
        """When the gateway had the payment."""
        await asyncio.sleep(after)
        async with self._at_gateway:  # one connection
            status, told = await self._gateway.send("POST", "/_sim/pay", {"order_id": order})
        if status != 200:
            raise SystemExit(f"the sandbox refused to pay {order}: {status} {told}")
        return time.perf_counter()


if __name__ == "__main__":
    street = Street(json.loads(Path(sys.argv[1]).read_text()))
    figures = asyncio.run(street.run())
    print(json.dumps({name: getattr(figures, name) for name in Figures.__slots__}))
