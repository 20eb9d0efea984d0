"""The demo's sign-ins, told on its front page. They exist in the demo alone."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from parking.access import store as people
from parking.access.totp import authenticator
from parking.demo.city import SignIn
from parking.parts import Parts

HOME = {
    "admin": "/admin/attendants", "auditor": "/audit/", "treasurer": "/audit/discrepancies",
    "finance": "/finance/imports", "supervisor": "/admin/attendants", "leadership": "/audit/",
}  # fmt: skip


def keep(folder: Path, sign_ins: Sequence[SignIn]) -> None:
    """For the web process, which is another one."""
    file = folder / "sign-ins.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps([asdict(sign_in) for sign_in in sign_ins]))


def told(parts: Parts, now: datetime) -> list[dict[str, str]]:
    """Each with its role, name, password, the code of this moment if it needs one, and its page."""
    file = parts.settings.var / "demo" / "sign-ins.json"
    if not file.exists():
        return []
    with parts.sessions() as session:
        return [
            sign_in
            | {
                "totp_now": _code(people.credentials(session, sign_in["username"]), parts, now),
                "url": HOME[sign_in["role"]],
            }
            for sign_in in json.loads(file.read_text())
        ]


def _code(found: people.Credentials | None, parts: Parts, now: datetime) -> str:
    if found is None or found.totp_seed is None:
        return ""
    return authenticator(found.totp_seed, parts.settings.pepper).at(int(now.timestamp()))
