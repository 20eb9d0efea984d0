"""Who may use a route. Every route says so, or the application does not start."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, g

from parking.errors import NotAllowed, NotSignedIn

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    ADMIN = "admin"
    AUDITOR = "auditor"
    TREASURER = "treasurer"
    FINANCE = "finance"
    SUPERVISOR = "supervisor"
    COLLECTOR = "collector"  # takes cash over in the field, on a phone
    LEADERSHIP = "leadership"
    ATTENDANT = "attendant"  # on an enrolled phone, never at a desk


# Roles that touch money or rights sign in with a one-time code as well.
TWO_FACTORS = frozenset({Role.ADMIN, Role.AUDITOR, Role.TREASURER, Role.FINANCE, Role.COLLECTOR})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is signed in."""

    role: Role
    id: int  # of the user, or of the attendant
    name: str
    username: str  # the user's, or the attendant's badge
    device_id: int | None  # the attendant's phone
    session_hash: bytes

    @property
    def label(self) -> str:
        """How the audit log names them."""
        if self.role is Role.ATTENDANT:
            return f"attendant:{self.id}"
        return f"user:{self.username}"


def public(view: View) -> View:
    """Everybody, signed in or not."""
    view.policy = frozenset()  # type: ignore[attr-defined]
    return view


def needs(*roles: Role) -> Callable[[View], View]:
    """Only these roles: others are told to sign in (401) or that it is not theirs (403)."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            actor: Actor | None = g.get("actor")
            if actor is None:
                raise NotSignedIn("Silakan masuk dulu")
            if actor.role not in roles:
                raise NotAllowed("Halaman ini bukan untuk peran Anda")
            return view(*args, **kwargs)

        guarded.policy = frozenset(roles)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guard


def check_every_route(app: Flask) -> None:
    """Raises SystemExit naming the routes that do not say who may use them."""
    silent = sorted(
        name
        for name, view in app.view_functions.items()
        if not (hasattr(view, "policy") or name.endswith(".static"))
    )
    if silent:
        raise SystemExit(f"routes without a policy: {', '.join(silent)}")
