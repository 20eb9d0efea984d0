"""Write down who did what."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from parking.audit.store import AuditEventRow


def record(
    session: Session,
    at: datetime,
    actor: str,
    action: str,
    what: str,
    detail: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Add one event, in the transaction of what it tells about: both are kept, or neither.

    `actor` is "user:<username>", "attendant:<id>", "job:<name>", "shell:<login>" or
    "system"; `what` names the object, as in "tariff:7". No secrets and no personal
    data in `detail`.
    """
    session.execute(
        insert(AuditEventRow).values(
            at=at, actor=actor, action=action, object=what, detail=detail or {}, reason=reason
        )
    )
