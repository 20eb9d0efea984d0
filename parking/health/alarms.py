"""What a person must see to: silence, failures in a row, days and files that did not come. Pure.

A job that did not run leaves no trace by itself, so whoever looks for it is somebody else: the
web service, which reads the heart-beats (reliability.md 8, F57).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# So many failures in a row, over so long, are no hiccup of a gateway or of the database.
IN_A_ROW, FOR_S = 3, 60.0
# A restart may leave the lease to nobody for so long.
RESTART_S = 60.0
TOLD_FOR = timedelta(hours=24)  # that days were reconciled late
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Beat:
    """One look of the timetable, or one source of files."""

    look: str
    silent_s: float  # since it ended well, or since it was first to be looked at
    late_after_s: float
    failures: int  # in a row
    failing_s: float
    failure: str  # the last one in its words
    needs_person: bool


@dataclass(frozen=True, slots=True)
class FileMissing:
    """The settlement report, or the bank's statement, of one business day."""

    source: str  # "settlement:midtrans/jambi", "statement:rkud"
    day: date


@dataclass(frozen=True, slots=True)
class Silence:
    """What is read from the tables to judge whether everything ran."""

    lease_left_s: float | None  # negative when nobody holds it; None before the first time
    beats: Sequence[Beat] = ()
    days_overdue: Sequence[date] = ()  # without their daily run
    days_late: Sequence[date] = ()  # reconciled within the last day, and late
    files_missing: Sequence[FileMissing] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    name: str  # "late:inbox"
    says: str
    english: str
    do: str  # what to do, in Indonesian
    words: str = ""  # of the last failure: for people who signed in, not for probes


def alarms(silence: Silence) -> list[Alarm]:
    """The worst first."""
    left_s = silence.lease_left_s
    if left_s is None or left_s < -RESTART_S:
        # Every look is late then, and that is one alarm and not ten.
        found = [_not_running(left_s)]
    else:
        found = [alarm for beat in silence.beats if (alarm := _of_beat(beat))]
    if silence.days_overdue:
        found.append(_overdue(silence.days_overdue))
    if silence.days_late:
        found.append(_were_late(silence.days_late))
    return found + _missing(silence.files_missing)


def _not_running(left_s: float | None) -> Alarm:
    says, english = "Proses jobs belum pernah berjalan", "The jobs process has never run"
    if left_s is not None:
        says = f"Proses jobs tidak berjalan sejak {for_how_long(-left_s)} yang lalu"
        english = f"The jobs process has not run for {for_how_long(-left_s, 'en')}"
    return Alarm(
        "jobs", says, english,
        "Hidupkan lagi (parking jobs). Panggilan balik tetap disimpan dan diproses sesudahnya.",
    )  # fmt: skip


def _of_beat(beat: Beat) -> Alarm | None:
    is_failing = beat.failures >= IN_A_ROW and beat.failing_s >= FOR_S
    if beat.failures and (beat.needs_person or is_failing):
        says, english = f"Pekerjaan {beat.look} gagal", f"{beat.look} failed"
        if beat.failures > 1:
            says += f" {beat.failures} kali berturut-turut"
            english += f" {beat.failures} times in a row"
        return Alarm(f"failing:{beat.look}", says, english, _mend(beat), beat.failure)
    if beat.silent_s <= beat.late_after_s:
        return None
    how_long, english = for_how_long(beat.silent_s), for_how_long(beat.silent_s, "en")
    return Alarm(
        f"late:{beat.look}", f"Pekerjaan {beat.look} tidak selesai sejak {how_long} yang lalu",
        f"{beat.look} has not ended well for {english}",
        "Lihat log proses jobs, lalu hidupkan ulang: yang belum selesai diulang tanpa ganda.",
        beat.failure,
    )  # fmt: skip


def _mend(beat: Beat) -> str:
    for begins, whom, where in (
        ("fetch statement ", "bank", "Rekening koran (/finance/statements)"),
        ("fetch settlement ", "penyedia gerbang", "Impor (/finance/imports)"),
    ):
        if beat.look.startswith(begins):
            return (
                f"Hubungi {whom} lewat nomor yang sudah dikenal; sementara ini unggah sendiri di"
                f" {where}."
            )
    return "Lihat pesan di bawah dan log proses jobs; pekerjaan ini terus dicoba lagi."


def _overdue(days: Sequence[date]) -> Alarm:
    return Alarm(
        "overdue", f"Rekonsiliasi harian belum jalan untuk {_named(days)}",
        f"Not reconciled yet: {_named(days)}",
        f"Periksa proses jobs, atau jalankan parking reconcile --date {days[0]}.",
    )  # fmt: skip


def _were_late(days: Sequence[date]) -> Alarm:
    return Alarm(
        "were-late",
        f"Rekonsiliasi {_named(days)} terlambat dan kini sudah selesai",
        f"Reconciled late, and done by now: {_named(days)}",
        "Cari tahu mengapa proses jobs berhenti. Peringatan ini hilang sendiri setelah sehari.",
    )  # fmt: skip


def _missing(files: Sequence[FileMissing]) -> list[Alarm]:
    by_source: dict[str, list[date]] = {}
    for file in files:
        by_source.setdefault(file.source, []).append(file.day)
    return [_of_source(source, days) for source, days in by_source.items()]


def _of_source(source: str, days: Sequence[date]) -> Alarm:
    kind, _, whose = source.partition(":")
    if kind == "settlement":
        says, english = f"Laporan settlement {whose}", f"No settlement file of {whose}"
        do = "Unduh dari dasbor gateway dan unggah di Impor, atau tanyakan kepada mereka."
    else:
        says, english = f"Rekening koran {whose}", f"No bank statement of {whose}"
        do = "Minta kepada bank dan unggah di Rekening koran, atau jelaskan di Tutup hari."
    return Alarm(
        f"file:{source}", f"{says} belum datang untuk {_named(days)}",
        f"{english} for {_named(days)}", do,
    )  # fmt: skip


def _named(days: Sequence[date]) -> str:
    more = f" (+{len(days) - MOST_NAMED})" if len(days) > MOST_NAMED else ""
    return ", ".join(day.isoformat() for day in days[:MOST_NAMED]) + more


def for_how_long(seconds: float, language: str = "id") -> str:
    """
    >>> for_how_long(90), for_how_long(7300, "en"), for_how_long(300_000)
    ('1 menit', '2 hours', '3 hari')
    """
    for size, names in (
        (86_400, ("hari", "day")), (3_600, ("jam", "hour")), (60, ("menit", "minute")),
        (1, ("detik", "second")),
    ):  # fmt: skip
        count = int(seconds // size)
        if count and language == "id":
            return f"{count} {names[0]}"
        if count:
            return f"{count} {names[1]}{'s' if count > 1 else ''}"
    return "baru saja" if language == "id" else "a moment"
