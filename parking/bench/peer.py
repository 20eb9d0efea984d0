"""The peer that callbacks are measured against, in a throw-away environment under var/."""

import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import URL

from parking.bench.store import Pending

PEER = "django-payment-midtrans==1.0.0"


def install(folder: Path) -> Path:
    """The peer's Python, with the peer and the web server and driver that we use ourselves."""
    venv = folder / "peer"
    python = venv / "bin" / "python"
    wanted = [PEER, *(f"{name}=={importlib.metadata.version(name)}" for name in ("gunicorn",)),
              f"psycopg[binary]=={importlib.metadata.version('psycopg')}"]  # fmt: skip
    done = venv / "installed"
    if not (done.exists() and done.read_text().splitlines() == wanted):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *wanted], check=True, stdout=sys.stderr)
        done.write_text("\n".join(wanted))
    return python


def environment(url: URL, key: str) -> dict[str, str]:
    """What the peer's site needs in its environment."""
    return {
        "PYTHONPATH": str(Path(__file__).parent),
        "PEER_DATABASE": url.database or "",
        "PEER_HOST": url.host or str(url.query.get("host", "")),
        "PEER_PORT": str(url.port or ""),
        "PEER_USER": url.username or "",
        "PEER_PASSWORD": url.password or "",
        "PEER_SERVER_KEY": key,
    }


def prepare(python: Path, env: Mapping[str, str], charges: Sequence[Pending], folder: Path) -> None:
    """Make the peer's tables with a pending payment for each charge."""
    rows = folder / "peer.tsv"
    rows.write_text("".join(f"{c.ours}\t{c.amount}\n" for c in charges))
    _run(python, env, f"peer_site.prepare({str(rows)!r})")


def processed(python: Path, env: Mapping[str, str]) -> int:
    """How many notifications the peer has worked on."""
    return int(_run(python, env, "print(peer_site.processed())"))


def _run(python: Path, env: Mapping[str, str], code: str) -> str:
    return subprocess.run(
        [str(python), "-c", f"import peer_site; {code}"],
        env={**os.environ, **env}, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
