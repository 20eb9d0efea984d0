"""Say why an expected file is absent, so that its day need not wait for it."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.errors import BadInput, NotFound
from parking.registry.store import collective_leave
from parking.statements import expected_store
from parking.statements.expected_store import ExpectedFile


def missing_file(session: Session, day: date, source: str) -> ExpectedFile:
    """A file that is expected for a day and is not there. Raises NotFound."""
    files = expected_store.expected_files(session, [day], collective_leave(session))
    for file in files:
        if file.source == source and file.is_missing:
            return file
    raise NotFound("Berkas itu tidak sedang ditunggu untuk hari ini")


def explain(session: Session, file: ExpectedFile, reason: str, actor: str, now: datetime) -> None:
    """Keep the reason. Raises BadInput when it is empty, NotFound when the file is not missing."""
    reason = reason.strip()
    if not reason:
        raise BadInput("Sebab wajib diisi", {"reason": "wajib diisi"})
    missing_file(session, file.day, file.source)
    expected_store.add_absence(
        session, source=file.source, day=file.day, reason=reason, at=now, actor=actor
    )
    what = f"file:{file.source}:{file.day}"
    record(session, now, actor, "file.absence", what, reason=reason)
