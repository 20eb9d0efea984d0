"""Attendants' phones: listed, and ended at once when lost."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from parking.access import store
from parking.access.account import Device
from parking.audit import log
from parking.errors import NotFound


def every_device(session: Session) -> Sequence[Device]:
    """All phones ever enrolled, the newest first."""
    return store.devices(session)


def end(session: Session, device_id: int, actor: str, now: datetime, reason: str = "") -> None:
    """From the commit on, no request of this phone is answered (F82).

    Ending one that has ended changes nothing. Raises NotFound.
    """
    if not store.devices(session, id=device_id):
        raise NotFound(f"Tidak ada perangkat nomor {device_id}")
    if store.end_devices(session, now, id=device_id):
        store.revoke_sessions(session, now, device_id=device_id)
        log.record(session, now, actor, "device.end", f"device:{device_id}", reason=reason)
