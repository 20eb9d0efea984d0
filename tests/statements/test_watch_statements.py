"""Bank statements that lie in the folder of their account are taken in once, then put aside."""

import pytest
from jobs.timetable import Looking, at_statements_in_their_folder
from parking.errors import NeedsPerson
from parking.statements import watch_statements
from parking.statements.bank_store import StatementLineRow, StatementRow
from sqlalchemy import func, select

from tests.gateways.mapped_files import xlsx_file
from tests.statements.bank_files import (
    NOW,
    PLAIN,
    TUESDAY,
    Move,
    add_account,
    camt,
    csv_file,
    mt940,
)

IN = Move(150_000, "SETORAN STS 12")


@pytest.fixture
def folder(parts):
    with parts.sessions.begin() as session:
        add_account(session)
    place = parts.settings.watched_statements / "rkud"
    place.mkdir(parents=True)
    return place


@pytest.fixture
def look(parts):
    return lambda: watch_statements.take_in_folder(
        parts.sessions, parts.statement_mappings, parts.settings.watched_statements,
        "job:import", NOW,
    )  # fmt: skip


def lying(folder):
    """All files but the reasons beside refused ones."""
    files = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return sorted(name for name in files if not name.endswith(".sebab.txt"))


def count(parts, row=StatementLineRow):
    with parts.sessions() as session:
        return session.scalar(select(func.count()).select_from(row))


def test_statements_are_taken_in_in_the_order_of_their_names(parts, folder, look):
    tuesday = mt940(Move(7, day=TUESDAY), opening=1_150_000, last=TUESDAY)
    (folder / "2026-11-24.sta").write_bytes(tuesday)
    (folder / "2026-11-23.xml").write_bytes(camt(IN))

    one, other = look()

    assert [(t.format, t.outcome) for t in (one, other)] == [
        ("camt053", "accepted"), ("mt940", "accepted"),
    ]  # fmt: skip
    assert lying(folder) == [f"done/2026-11-23.{one.id}.xml", f"done/2026-11-24.{other.id}.sta"]
    assert look() == []


def test_the_jobs_process_looks_at_the_folder(parts, folder):
    (folder / "senin.sta").write_bytes(mt940(IN))

    at_statements_in_their_folder(Looking(parts, epoch=1))

    assert count(parts) == 1


def test_a_csv_is_read_by_the_mapping_of_the_account(parts, folder, look):
    own = parts.settings.var / "mappings" / "statements"
    own.mkdir(parents=True)
    (own / "rkud.yaml").write_text(PLAIN)
    (folder / "senin.csv").write_bytes(csv_file(IN))

    (taken,) = look()

    assert taken.outcome == "accepted", taken.problems


@pytest.mark.fault("F59")
def test_a_file_put_there_again_is_a_duplicate(parts, folder, look):
    (folder / "senin.sta").write_bytes(mt940(IN))
    (first,) = look()
    (folder / "senin.sta").write_bytes(mt940(IN))

    (again,) = look()

    assert (again.outcome, again.duplicate_of) == ("duplicate", first.id)
    assert count(parts) == 1


@pytest.mark.fault("F72")
def test_a_refused_file_that_is_put_there_again_is_looked_at_again(parts, folder, look):
    """What lacked then may have come meanwhile."""
    tuesday = mt940(Move(7, day=TUESDAY), opening=1_150_000, last=TUESDAY, first=TUESDAY)
    (folder / "0.sta").write_bytes(mt940())
    (folder / "selasa.sta").write_bytes(tuesday)
    _, refused = look()
    (folder / "senin.sta").write_bytes(mt940(IN))
    look()

    (folder / f"refused/selasa.{refused.id}.sta").rename(folder / "selasa.sta")
    (taken,) = look()

    assert (refused.outcome, taken.outcome) == ("rejected", "accepted")
    assert f"done/selasa.{taken.id}.sta" in lying(folder)


def test_a_file_that_cannot_be_put_aside_is_not_looked_at(parts, folder, look):
    """Else it would be stored as refused at every look."""
    (folder / "refused").write_text("in the way")
    (folder / "senin.sta").write_bytes(mt940(IN)[:-40])

    with pytest.raises(NeedsPerson, match="refused tidak dapat dibuat"):
        look()

    assert count(parts, StatementRow) == 0


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HOSTILE = [
    pytest.param(b"", "x.sta", "Berkas kosong", marks=pytest.mark.fault("F70")),
    pytest.param(OLE + b"x", "x.xls", "Excel lama", marks=pytest.mark.fault("F70")),
    pytest.param(OLE + "EncryptedPackage".encode("utf-16-le"), "x.xlsx", "kata sandi",
                 marks=pytest.mark.fault("F70")),
    pytest.param(b"a;b\n1;2\n", "x.csv", "tidak punya pemetaan", marks=pytest.mark.fault("F64")),
    pytest.param(xlsx_file([["a"]]), "x.xlsx", "tidak punya pemetaan",
                 marks=pytest.mark.fault("F64")),
    pytest.param(b"<html><table>", "x.xml", "baris 1", marks=pytest.mark.fault("F69")),
    pytest.param(b"<svg onload='x'/>", "x.xml", "HTML atau XML", marks=pytest.mark.fault("F69")),
    pytest.param(b"%PDF-1.7", "x.pdf", "minta MT940", marks=pytest.mark.fault("F70")),
    pytest.param(b"<html><table>", "x.html", "HTML", marks=pytest.mark.fault("F69")),
    pytest.param(mt940(IN)[:-40], "x.sta", "terpotong", marks=pytest.mark.fault("F58")),
]  # fmt: skip


@pytest.mark.parametrize(("content", "name", "why"), HOSTILE)
def test_a_refused_file_lies_apart_and_holds_up_nobody(parts, folder, look, content, name, why):
    (folder / f"a-{name}").write_bytes(content)
    (folder / "b.sta").write_bytes(mt940(IN))

    refused, taken = look()

    assert (refused.outcome, taken.outcome) == ("rejected", "accepted")
    assert why in " ".join(refused.problems)
    stem, _, suffix = name.rpartition(".")
    assert lying(folder) == [
        f"done/b.{taken.id}.sta", f"refused/a-{stem}.{refused.id}.{suffix}",
    ]  # fmt: skip


@pytest.mark.fault("F67")
def test_a_file_of_one_gigabyte_is_refused_and_what_is_kept_of_it_is_small(parts, folder, look):
    with (folder / "besar.sta").open("wb") as file:
        file.truncate(1024**3)

    (refused,) = look()

    assert "lebih besar dari 20 MiB" in refused.problems[0]
    with parts.sessions() as session:
        assert session.scalar(select(func.length(StatementRow.content))) <= 20 * 1024**2


def test_a_folder_of_no_account_calls_somebody_and_holds_up_no_other(parts, folder, look):
    strange = folder.parent / "rkdu"
    strange.mkdir()
    (strange / "senin.sta").write_bytes(mt940(IN))
    (folder / "senin.sta").write_bytes(mt940(IN))

    with pytest.raises(NeedsPerson, match="Tidak ada rekening bank rkdu"):
        look()

    assert count(parts) == 1
    assert lying(strange) == ["senin.sta"]


@pytest.mark.fault("F71")
@pytest.mark.parametrize(
    ("content", "outcome", "place"),
    [(mt940(IN), "accepted", "done"), (b"nonsense", "rejected", "refused")],
)
def test_a_stop_between_storing_and_moving_neither_loses_nor_repeats(
    parts, folder, look, monkeypatch, content, outcome, place
):
    def stop(*_):
        raise KeyboardInterrupt

    (folder / "senin.sta").write_bytes(content)
    monkeypatch.setattr(watch_statements, "put_aside", stop)
    with pytest.raises(KeyboardInterrupt):
        look()
    monkeypatch.undo()

    (taken,) = look()

    assert taken.outcome == outcome
    assert lying(folder) == [f"{place}/senin.{taken.id}.sta"]
    assert count(parts, StatementRow) == 1
