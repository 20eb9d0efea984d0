"""S1 at gateways that no peer speaks with: a SNAP bank that signs by RSA, and Xendit, which signs
nothing, so that each payment is read again before it counts.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import requests
from config.invented import INVENTED
from config.rsa_pair import new_pair
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from parking.bench import store
from parking.bench.callbacks import CONNECTIONS, DRAINS_WITHIN_S, WORKERS, Load, send
from parking.bench.load import Message
from parking.bench.servers import WEB, empty_database, free_port, running, wait_for_port
from parking.bench.store import Pending
from parking.business_day import wib
from parking.clock import SystemClock
from parking.database import migrate
from parking.database.engine import driver_url
from parking.errors import ParkingError
from parking.gateways.connect import connect
from parking.gateways.protocol import Access, Merchant, QrRequest
from parking.gateways.snap_keys import private_key, public_key
from parking.gateways.snap_signature import asymmetric, digest, rsa_fits, rsa_signed

NOTIFY = "/v1.0/qr/qr-mpm-notify"
VERIFIED = 300  # signatures of which one verification is timed
SECRET, XENDIT_KEY, TOKEN = "measured-never-deployed", "xnd_development_measured", "measured"
VALID = timedelta(minutes=30)


def measure_snap(server_url: str, var: Path, count: int) -> dict[str, object]:
    """Settlements that a plain bank has signed by RSA: proof as they stand, so booked at once."""
    folder = _folder(var)
    ours, banks = new_pair(), new_pair()
    env = {
        "GATEWAY_URL_SNAP_JAMBI": "http://127.0.0.1:9",  # nobody is asked
        "GATEWAY_KEY_SNAP_JAMBI": SECRET, "GATEWAY_KEY_SNAP_JAMBI__PRIVATE": ours[0],
        "GATEWAY_KEY_SNAP_JAMBI__PROVIDER": banks[1],
        "GATEWAY_PROFILE_SNAP_JAMBI": "profile=plain client_id=MEASURED channel_id=95221",
    }  # fmt: skip
    with _serving("snap", server_url, folder, count, env) as (url, charges, engine):
        key, path = private_key(banks[0], "the bank's"), f"/callbacks/snap/jambi{NOTIFY}"
        now = SystemClock().now()
        messages = [of_bank(charge, key, path, now) for charge in charges]
        load = _loaded(url + NOTIFY, messages, folder, engine)
    return _told("snap", load) | {"verify_us": _verification(banks[1], messages, path)}


def measure_xendit(server_url: str, var: Path, count: int) -> dict[str, object]:
    """Payments that Xendit tells of under a static token: each is read again at the sandbox."""
    folder = _folder(var)
    sandbox_port, log = free_port(), folder / "sandbox.log"
    base = f"http://127.0.0.1:{sandbox_port}"
    env = {
        "GATEWAY_KEY_XENDIT_JAMBI": XENDIT_KEY, "GATEWAY_KEY_XENDIT_JAMBI__CALLBACK": TOKEN,
        "GATEWAY_URL_XENDIT": f"{base}/xendit",
    }  # fmt: skip
    state = folder / "sandbox.sqlite"
    state.unlink(missing_ok=True)
    nobody = "http://127.0.0.1:9/{gateway}/{account}"
    command = ["-m", "parking.cli.main", "sandbox", "--port", str(sandbox_port),
               "--state", str(state), "--notify-url", nobody]  # fmt: skip
    with (
        running(command, env | {"VAR_DIR": str(folder / "var")}, log),
        _serving("xendit", server_url, folder, count, env) as (url, charges, engine),
    ):
        wait_for_port(sandbox_port, log)
        theirs = _paid_at_sandbox(base, charges)
        with Session(engine) as session, session.begin():
            store.name_by_theirs(session, theirs)
        messages = [of_xendit(c, theirs[c.ours], SystemClock().now()) for c in charges]
        load = _loaded(url, messages, folder, engine)
    return _told("xendit", load)


def _folder(var: Path) -> Path:
    folder = var / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _serving(
    gateway: str, server_url: str, folder: Path, count: int, keys: Mapping[str, str]
) -> Iterator[tuple[str, Sequence[Pending], Engine]]:
    """Our web and jobs processes over pending charges of one gateway's account."""
    url = empty_database(server_url, f"bench_{gateway}")
    migrate.upgrade(url)
    engine = create_engine(driver_url(url), pool_size=1)
    with Session(engine) as session, session.begin():
        charges = store.add_pending(session, count, SystemClock().now(), gateway)
    port, web, inbox = free_port(), folder / "web.log", folder / "jobs.log"
    env = {
        "PARKING_ENV": "development", "DATABASE_URL": url, "VAR_DIR": str(folder / "var"),
        "BIND": f"127.0.0.1:{port}", "LOG_LEVEL": "WARNING", **WORKERS, **keys,
    }  # fmt: skip
    with running([*WEB, "wsgi:app"], env, web), running(["-m", "jobs"], env, inbox):
        wait_for_port(port, web)
        yield f"http://127.0.0.1:{port}/callbacks/{gateway}/jambi", charges, engine
    engine.dispose()


def _loaded(url: str, messages: Sequence[Message], folder: Path, engine: Engine) -> Load:
    load = Load()
    sent = send(url, messages, folder)
    with Session(engine) as session:
        load.add(sent, _posted(session, len(messages)))
    return load


def _posted(session: Session, count: int) -> float:
    """The moment at which all was posted. Raises ParkingError if it is not."""
    until = time.monotonic() + DRAINS_WITHIN_S
    while store.count_posted(session) < count:
        session.rollback()
        if time.monotonic() > until:
            raise ParkingError("not everything was posted after two minutes")
        time.sleep(0.05)
    return time.time()


def _told(gateway: str, load: Load) -> dict[str, object]:
    return {
        "gateway": gateway,
        "callbacks": load.count,
        "connections": CONNECTIONS,
        "ours_per_s": round(load.per_s),
        "ours_ack_per_s": round(load.count / load.ack_seconds),
        "ack_p50_ms": round(load.ack_ms(0.50), 1),
        "ack_p99_ms": round(load.ack_ms(0.99), 1),
    }


def of_bank(charge: Pending, key: object, path: str, at: datetime) -> Message:
    """Variant A: the bank's key over method, path, body and time (gateways.md 3.9)."""
    stamp = f"{wib(at):%Y-%m-%dT%H:%M:%S}+07:00"
    body = json.dumps(
        {
            "originalReferenceNo": charge.theirs, "originalPartnerReferenceNo": charge.ours,
            "merchantId": INVENTED["snap"][0], "latestTransactionStatus": "00",
            "transactionStatusDesc": "SUCCESS", "paidTime": stamp,
            "amount": {"value": f"{charge.amount}.00", "currency": "IDR"},
        },
        separators=(",", ":"),
    )  # fmt: skip
    signed = rsa_signed(key, asymmetric("POST", path, digest(body.encode()), stamp))  # type: ignore[arg-type]
    headers = {
        "X-TIMESTAMP": stamp, "X-SIGNATURE": signed, "X-PARTNER-ID": "MEASURED",
        "X-EXTERNAL-ID": charge.theirs.removeprefix("trx-"), "CHANNEL-ID": "95221",
    }  # fmt: skip
    return Message(body, headers)


def _verification(public: str, messages: Sequence[Message], path: str) -> int:
    """Microseconds that one verification takes."""
    key = public_key(public, "the bank's")
    signed = [
        (asymmetric("POST", path, digest(m.body.encode()), m.headers["X-TIMESTAMP"]), m)
        for m in messages[:VERIFIED]
    ]
    started = time.perf_counter()
    if not all(rsa_fits(key, text, m.headers["X-SIGNATURE"]) for text, m in signed):
        raise ParkingError("a signature that was made for the measurement does not fit")
    return round((time.perf_counter() - started) / len(signed) * 1_000_000)


def of_xendit(charge: Pending, theirs: str, at: datetime) -> Message:
    """gateways.md 2.4; only what an inquiry confirms will count."""
    moment = f"{at:%Y-%m-%dT%H:%M:%S}Z"
    paid = {
        "id": f"qrpy_{theirs.removeprefix('qr_')}", "business_id": INVENTED["xendit"][0],
        "currency": "IDR", "amount": charge.amount, "status": "SUCCEEDED", "created": moment,
        "qr_id": theirs, "reference_id": charge.ours, "type": "DYNAMIC",
    }  # fmt: skip
    body = {
        "event": "qr.payment", "api_version": "2022-07-31", "created": moment,
        "business_id": INVENTED["xendit"][0], "data": paid,
    }  # fmt: skip
    headers = {"x-callback-token": TOKEN, "webhook-id": charge.ours}
    return Message(json.dumps(body), headers)


def _paid_at_sandbox(base: str, charges: Sequence[Pending]) -> dict[str, str]:
    """Each charge's code at the sandbox, paid: their name of it by ours."""
    merchant_id, nmid, pan, _ = INVENTED["xendit"]
    merchant = Merchant(
        "xendit", "jambi", merchant_id, nmid, pan, "PEMKOT JAMBI PARKIR", "KOTA JAMBI", "sandbox"
    )
    gateway = connect(merchant, Access(f"{base}/xendit", [XENDIT_KEY], {"CALLBACK": [TOKEN]}))
    now = SystemClock().now()

    def pay(charge: Pending) -> tuple[str, str]:
        wish = QrRequest(charge.ours, charge.amount, now, now + VALID, "Parkir", "PTK-0001")  # type: ignore[arg-type]
        theirs = gateway.issue_qr(wish).theirs
        paid = requests.post(f"{base}/_sim/pay", json={"order_id": charge.ours}, timeout=30)
        paid.raise_for_status()
        return charge.ours, theirs

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return dict(pool.map(pay, charges))
