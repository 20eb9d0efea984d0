"""The demo's sign-ins, told on its front page. They exist in the demo alone."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from parking.access import store as people
from parking.access.account import Credentials
from parking.access.policy import Role
from parking.access.totp import authenticator
from parking.demo.city import SignIn, pin_of
from parking.demo.demand import Worker
from parking.errors import NotFound
from parking.parts import Parts

HOME = {
    "admin": "/admin/attendants", "auditor": "/audit/", "treasurer": "/audit/discrepancies",
    "finance": "/finance/imports", "supervisor": "/admin/attendants", "leadership": "/audit/",
    "collector": "/field/cash",
}  # fmt: skip
LENT = 3  # phones that visitors may borrow


def keep(folder: Path, sign_ins: Sequence[SignIn], workers: Sequence[Worker]) -> None:
    """For the web process, which is another one."""
    phones = [SignIn(Role.ATTENDANT, worker.badge, pin_of(worker)) for worker in workers[:LENT]]
    file = folder / "sign-ins.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps([asdict(sign_in) for sign_in in (*sign_ins, *phones)]))


def pin_to_borrow(parts: Parts, badge: str) -> str:
    """The PIN of a phone that is lent. Raises NotFound."""
    lent = (one for one in _kept(parts) if one["role"] == Role.ATTENDANT)
    found = next((one["password"] for one in lent if one["username"] == badge), None)
    if found is None:
        raise NotFound(f"Ponsel {badge} tidak dipinjamkan")
    return found


def told(parts: Parts, now: datetime) -> list[dict[str, str]]:
    """Each with its role, name, password, the code of this moment if it needs one, and its page."""
    with parts.sessions() as session:
        return [
            one
            | {
                "totp_now": _code(people.credentials(session, one["username"]), parts, now),
                "url": HOME.get(one["role"], f"/demo/phones/{one['username']}"),
            }
            for one in _kept(parts)
        ]


def _kept(parts: Parts) -> list[dict[str, str]]:
    file = parts.settings.var / "demo" / "sign-ins.json"
    return json.loads(file.read_text()) if file.exists() else []


def _code(found: Credentials | None, parts: Parts, now: datetime) -> str:
    if found is None or found.totp_seed is None:
        return ""
    return authenticator(found.totp_seed, parts.settings.pepper).at(int(now.timestamp()))
