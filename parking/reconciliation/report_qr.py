"""Keep a QR that a driver was shown: whether it is ours is judged by reconciliation (D34)."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day
from parking.errors import BadInput
from parking.reconciliation import evidence_file, rule_store

LONGEST = 1_000  # letters of a payload, of a note
OLDEST = timedelta(days=366)


def report_qr(
    session: Session, seen_at: datetime, point_id: int, payload: str, note: str, photo: bytes,
    actor: str, now: datetime,
) -> int:  # fmt: skip
    """Keep what was read from a QR, and a picture of it (b"": none); the id of the report.

    Raises BadInput by field.
    """
    problems = {}
    if not now - OLDEST <= seen_at <= now:
        problems["seen_at"] = "dalam setahun terakhir, bukan yang akan datang"
    if not 1 <= len(payload.strip()) <= LONGEST:
        problems["payload"] = f"isi QR, paling banyak {LONGEST} huruf"
    if len(note) > LONGEST:
        problems["note"] = f"paling banyak {LONGEST} huruf"
    if photo and (fault := evidence_file.fault_of(photo, evidence_file.PICTURES)):
        problems["photo"] = fault
    if problems:
        raise BadInput("Laporan belum dapat dicatat: periksa isian yang ditandai", problems)
    added = rule_store.add_fake_qr(
        session, seen_at=seen_at, business_day=business_day(seen_at), point_id=point_id,
        payload=payload.strip(), note=note.strip(), photo=photo or None,
        photo_type=evidence_file.media_type_of(photo), noted_at=now, noted_by=actor,
    )  # fmt: skip
    record(session, now, actor, "fake_qr.report", f"fake-qr:{added}", {"point": point_id})
    return added
