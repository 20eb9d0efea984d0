"""S2 and S3: how long a phone waits, for its QR and for LUNAS."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from parking.access import cookies, sessions
from parking.bench import store
from parking.bench.servers import WEB, empty_database, free_port, running, wait_for_port
from parking.bench.shared_keys import SECRETS
from parking.clock import SystemClock
from parking.database import migrate
from parking.database.engine import driver_url
from parking.errors import ParkingError

VALIDITY_S = 900
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
# What the gateway took of a tap, by the events that are stored before and after it asked.
ASKED = """
SELECT extract(epoch FROM answered.at - asked.at) * 1000
FROM charge_event asked JOIN charge_event answered USING (charge_id)
WHERE asked.cause = 'asked' AND answered.cause = 'answered'
"""


@dataclass(frozen=True, slots=True)
class Town:
    """Web, jobs and sandbox over attendants whose shifts are open."""

    web: str
    sandbox: str
    cookies: Sequence[str]  # of each phone
    csrf: str
    database: str


def lunas(
    server_url: str, var: Path, phones: int, seconds: int, rate: float, gateway: str = "midtrans"
) -> dict[str, Any]:
    """From the payment at the gateway to LUNAS on the phone (S2), milliseconds."""
    with _town(server_url, var / "bench", phones, gateway) as town:
        out = _play(town, var / "bench", taps=phones, rate=rate, seconds=seconds, pay=True)
    if not out["lunas_ms"]:
        raise ParkingError(f"no phone showed LUNAS: {out}")
    return {
        "phones": phones,
        "paid": len(out["lunas_ms"]),
        "missed": phones - len(out["lunas_ms"]),
        "lunas_p50_ms": _share(out["lunas_ms"], 0.5),
        "lunas_p95_ms": _share(out["lunas_ms"], 0.95),
        "lunas_max_ms": _share(out["lunas_ms"], 1),
        "looks_per_s": round(out["looks"] / seconds, 1),
        "refused": out["refused"],
    }


def taps(server_url: str, var: Path, rate: float, seconds: int) -> dict[str, Any]:
    """From the tap to the QR's bytes (S3), milliseconds, with and without the gateway's part."""
    count = round(rate * seconds)
    with _town(server_url, var / "bench", count, "midtrans") as town:
        out = _play(town, var / "bench", taps=count, rate=rate, seconds=seconds, pay=False)
        engine = create_engine(driver_url(town.database))
        with engine.connect() as connection:
            gateway = [float(ms) for (ms,) in connection.execute(text(ASKED))]
        engine.dispose()
    typical = _share(gateway, 0.5)
    return {
        "charges": len(out["taps_ms"]),
        "rate_per_s": rate,
        "p50_ms": round(_share(out["taps_ms"], 0.5) - typical, 1),
        "p95_ms": round(_share(out["taps_ms"], 0.95) - typical, 1),
        "max_ms": _share(out["taps_ms"], 1),
        "with_gateway_p95_ms": _share(out["taps_ms"], 0.95),
        "gateway_p50_ms": typical,
        "refused": out["refused"],
    }


def _share(figures: Sequence[float], share: float) -> float:
    ordered = sorted(figures)
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 1)


def _play(town: Town, folder: Path, **how: Any) -> dict[str, Any]:
    """The street's figures, from a process of its own."""
    plan = folder / "street.json"
    told = {"web": town.web, "sandbox": town.sandbox, "csrf": town.csrf}
    plan.write_text(json.dumps(told | {"cookies": list(town.cookies)} | how))
    command = [sys.executable, "-m", "parking.bench.street", str(plan)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    plan.unlink()
    return json.loads(done.stdout)


@contextmanager
def _town(server_url: str, folder: Path, count: int, gateway: str) -> Iterator[Town]:
    folder.mkdir(parents=True, exist_ok=True)
    url = empty_database(server_url, "bench_phones")
    migrate.upgrade(url)
    tokens = _attendants(url, count, gateway)
    port, gateway_port = free_port(), free_port()
    web, there = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{gateway_port}"
    env = {
        "PARKING_ENV": "development", "DATABASE_URL": url, "VAR_DIR": str(folder / "var"),
        f"GATEWAY_URL_{gateway.upper()}": f"{there}/{gateway}", **SECRETS[gateway],
        "BIND": f"127.0.0.1:{port}", "LOG_LEVEL": "WARNING", "WEB_WORKERS": "2",
        "WEB_THREADS": "8", "CHARGE_VALIDITY_S": str(VALIDITY_S),
    }  # fmt: skip
    state = folder / "sandbox.sqlite"
    for left in folder.glob("sandbox.sqlite*"):
        left.unlink()
    sandbox = ["-m", "parking.cli.main", "sandbox", "--port", str(gateway_port), "--state",
               str(state), "--notify-url", f"{web}/callbacks/{{gateway}}/{{account}}"]  # fmt: skip
    logs = {name: folder / f"{name}.log" for name in ("web", "jobs", "gateway")}
    with (
        running(sandbox, env, logs["gateway"]),
        running([*WEB, "wsgi:app"], env, logs["web"]),
        running(["-m", "jobs"], env, logs["jobs"]),
    ):
        wait_for_port(gateway_port, logs["gateway"])
        wait_for_port(port, logs["web"])
        yield _signed_in(web, there, tokens, url)


def _attendants(url: str, count: int, gateway: str) -> list[str]:
    """Store the attendants; the tokens of their phones."""
    engine = create_engine(driver_url(url), pool_size=1)
    now = SystemClock().now()
    with Session(engine) as session, session.begin():
        people = store.add_attendants(session, count, now, gateway)
        tokens = [sessions.start_for_attendant(session, *person, now) for person in people]
    engine.dispose()
    return tokens


def _signed_in(web: str, gateway: str, tokens: Sequence[str], url: str) -> Town:
    """One browser's CSRF cookie serves them all: it is bound to the browser, not to the person."""
    browser = requests.Session()
    page = browser.get(f"{web}/attendant/sign-in", timeout=30)
    found = CSRF.search(browser.get(f"{web}/sign-in", timeout=30).text)
    if not page.ok or found is None:
        raise ParkingError(f"no form at {web}/sign-in")
    shared = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    phones = [f"{shared}; {cookies.PHONE}={token}" for token in tokens]
    return Town(web, gateway, phones, found[1], url)
