"""S1: signed settlement notifications of Midtrans, beside a peer, and of the other gateways."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.orm import Session

from parking.bench import peer, store
from parking.bench.load import Post
from parking.bench.notifications import notifications
from parking.bench.our_service import WORKERS, Town, pending, serving
from parking.bench.pay_codes import pay_codes, posts
from parking.bench.rounds import Rounds, none_left, send
from parking.bench.servers import WEB, empty_database, free_port, running, wait_for_port
from parking.bench.shared_keys import KEY, PROVIDER, PROVIDER_PRIVATE, SECRETS, of_a_bank
from parking.bench.store import Pending
from parking.clock import SystemClock
from parking.errors import ParkingError
from parking.gateways.snap_keys import private_key, public_key
from parking.gateways.snap_signature import rsa_fits, rsa_signed
from parking.sandbox.config import SandboxConfig, default_merchants
from parking.sandbox.parts import SandboxParts, assemble
from parking.sandbox.providers import PROVIDERS

TURNS = 5
VERIFIED = 2_000  # RSA signatures, to know what one takes

Figures = dict[str, float | int | str]


def midtrans(server_url: str, var: Path, count: int, peer_count: int) -> Figures:
    """Ours and the peer's figures, on the same server, in turns.

    In turns, because another program on the machine would otherwise slow down one of
    them and not the other.
    """
    folder, now = _folder(var), SystemClock().now()
    ours, theirs = Rounds(), Rounds()
    with (
        pending(server_url, "midtrans", count, now) as town,
        serving(town, folder, SECRETS["midtrans"]) as our_url,
        _serving_peer(server_url, folder, peer_count) as (peer_url, peer_posts, processed),
    ):
        our_posts = _midtrans_posts(town.charges)
        for turn in range(TURNS):
            _play(town, our_url, our_posts[turn::TURNS], folder, ours, store.count_unworked)
            sent = send(peer_url, peer_posts[turn::TURNS], folder)
            theirs.add(sent, float(sent["ended"]))  # it works before it answers
        if processed() != peer_count:
            raise ParkingError(f"the peer processed {processed()} of {peer_count} notifications")
    return {
        **ours.figures(),
        "peer_per_s": round(theirs.per_s),
        "peer_ack_p99_ms": round(theirs.ack_ms(0.99), 1),
        "ratio": round(ours.per_s / theirs.per_s, 2),
    }


def snap(server_url: str, var: Path, count: int) -> Figures:
    """A plain bank's notifications, each signed with its RSA key (variant A).

    `verify_us`: what it takes to verify one signature, in this process. Around midnight
    they say too little of the day and are asked about, as in the street: run it later.
    """
    secrets = of_a_bank()
    rounds, _ = _told_by_sandbox("snap", server_url, var, count, secrets)
    return {"gateway": "snap", **rounds.figures(), "verify_us": _verify_us(secrets)}


def xendit(server_url: str, var: Path, count: int) -> Figures:
    """Callbacks that prove nothing: each causes an inquiry, which a sandbox answers."""
    rounds, asked = _told_by_sandbox("xendit", server_url, var, count, SECRETS["xendit"])
    per_s = round(asked / rounds.seconds, 1)
    return {"gateway": "xendit", **rounds.figures(), "inquiries_per_s": per_s}


def _told_by_sandbox(
    gateway: str, server_url: str, var: Path, count: int, shared: Mapping[str, str]
) -> tuple[Rounds, int]:
    """What came of payments at a sandbox that its provider tells of, and how many were asked about.

    Done is when every charge is paid. Callbacks that proved nothing wait some seconds more,
    until what they said is compared with the answer.
    """
    folder, now, rounds = _folder(var), SystemClock().now(), Rounds()
    port, log = free_port(), folder / "gateway.log"
    secrets = {f"GATEWAY_URL_{gateway.upper()}": f"http://127.0.0.1:{port}/{gateway}", **shared}
    sandbox = _sandbox(folder, secrets)
    command = ["-m", "parking.cli.main", "sandbox", "--port", str(port), "--state",
               str(sandbox.config.state)]  # fmt: skip
    env = secrets | {"VAR_DIR": str(folder / "var")}
    with pending(server_url, gateway, count, now) as town:
        merchant = sandbox.merchant(gateway, "jambi")
        paid = pay_codes(sandbox, merchant, town.charges, now)
        told = list(posts(sandbox, merchant, paid, SystemClock().now()))
        with running(command, env, log), serving(town, folder, secrets) as url:
            wait_for_port(port, log)
            _play(town, url, told, folder, rounds, store.count_unpaid)
        with Session(town.engine) as session:
            return rounds, store.count_inquiries(session)


def _folder(var: Path) -> Path:
    folder = var / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _play(
    town: Town, url: str, told: Sequence[Post], folder: Path, rounds: Rounds,
    count_left: Callable[[Session], int],
) -> None:  # fmt: skip
    """Send messages, and wait until all of them are posted."""
    sent = send(url, told, folder)
    with Session(town.engine) as session:
        rounds.add(sent, none_left(session, count_left))
    town.check_posted(rounds.count)


def _midtrans_posts(charges: Sequence[Pending]) -> list[Post]:
    now, headers = SystemClock().now(), {"User-Agent": "Veritrans"}
    return [Post(body, headers) for body in notifications(charges, KEY, now)]


def _sandbox(folder: Path, secrets: Mapping[str, str]) -> SandboxParts:
    """Gateways that remember nothing yet and notify nobody by themselves."""
    for left in folder.glob("sandbox.sqlite*"):
        left.unlink()
    merchants = default_merchants(PROVIDERS, secrets)
    config = SandboxConfig(folder / "sandbox.sqlite", merchants, "")
    return assemble(config, PROVIDERS)


def _verify_us(secrets: Mapping[str, str]) -> float:
    text, key = "POST:/v1.0/qr/qr-mpm-notify", public_key(secrets[PROVIDER], PROVIDER)
    signature = rsa_signed(private_key(secrets[PROVIDER_PRIVATE], PROVIDER_PRIVATE), text)
    begun = time.perf_counter()
    for _ in range(VERIFIED):
        if not rsa_fits(key, text, signature):
            raise ParkingError("a signature does not fit its own key")
    return round((time.perf_counter() - begun) / VERIFIED * 1_000_000, 1)


@contextmanager
def _serving_peer(
    server_url: str, folder: Path, count: int
) -> Iterator[tuple[str, list[Post], Callable[[], int]]]:
    """The peer over as many pending payments; the messages, and how to count what it did."""
    url = make_url(empty_database(server_url, "bench_peer"))
    python, port, log = peer.install(folder), free_port(), folder / "peer.log"
    charges = [Pending(f"PEER{n:08}X", f"trx-{n:09}", 2_000) for n in range(count)]
    env = peer.environment(url, KEY) | {"BIND": f"127.0.0.1:{port}"} | WORKERS
    peer.prepare(python, env, charges, folder)
    with running([*WEB, "peer_site:application"], env, log, python=str(python)):
        wait_for_port(port, log)
        to = f"http://127.0.0.1:{port}/midtrans/notification/"
        yield to, _midtrans_posts(charges), lambda: peer.processed(python, env)
