"""Files that lie in the watched folder are taken in once, then put aside."""

from threading import Thread
from time import sleep

import pytest
from parking.statements import store, watch

from tests.reconciliation.scenes import DAY, Scene, at, night_after
from tests.statements.report_csv import Row, report


@pytest.fixture
def scene(parts, city):
    return Scene(parts, city)


@pytest.fixture
def folder(scene):
    place = scene.parts.settings.watched / "midtrans" / "jambi"
    place.mkdir(parents=True)
    return place


@pytest.fixture
def look(scene):
    def at_the_folder():
        parts = scene.parts
        return watch.take_in_folder(
            parts.sessions, watch.Doors(parts.gateways.find, parts.mappings),
            parts.settings.watched, "job:import", night_after(DAY),
        )  # fmt: skip

    return at_the_folder


@pytest.fixture
def content(scene):
    return report(Row(scene.charge(scene.shift()), at(12)), day=DAY)


def lying(folder):
    """All files but the reasons beside refused ones."""
    files = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return sorted(name for name in files if not name.endswith(".sebab.txt"))


def test_a_file_is_taken_in_and_put_aside(folder, look, content):
    (folder / "monday.csv").write_bytes(content)

    (taken,) = look()

    assert taken.outcome == "accepted"
    assert lying(folder) == [f"done/monday.{taken.id}.csv"]
    assert look() == []


def test_no_folder_and_an_empty_one_are_nothing_to_do(scene, look, folder):
    assert look() == []
    folder.rmdir()
    assert look() == []


@pytest.mark.fault("F59")
def test_a_file_put_there_again_is_a_duplicate_and_nothing_is_lost(folder, look, content):
    (folder / "monday.csv").write_bytes(content)
    (first,) = look()
    (folder / "monday.csv").write_bytes(content)

    (again,) = look()

    assert (again.outcome, again.duplicate_of) == ("duplicate", first.id)
    assert lying(folder) == [f"done/monday.{first.id}.csv", f"done/monday.{again.id}.csv"]


def test_a_refused_file_lies_apart_and_holds_up_nobody(folder, look, content):
    (folder / "a.csv").write_bytes(b"nonsense")
    (folder / "b.csv").write_bytes(content)

    refused, taken = look()

    assert (refused.outcome, taken.outcome) == ("rejected", "accepted")
    assert lying(folder) == [f"done/b.{taken.id}.csv", f"refused/a.{refused.id}.csv"]


def test_a_refused_file_that_is_put_there_again_is_looked_at_again(folder, look):
    (folder / "a.csv").write_bytes(b"")
    (first,) = look()

    (folder / f"refused/a.{first.id}.csv").rename(folder / "a.csv")
    (again,) = look()

    assert (again.outcome, again.id > first.id) == ("rejected", True)


def test_a_pdf_is_refused_with_the_reason(folder, look):
    (folder / "laporan.pdf").write_bytes(b"%PDF-1.7")

    (refused,) = look()

    assert "PDF" in refused.problems[0]
    assert lying(folder) == [f"refused/laporan.{refused.id}.pdf"]
    reasons = folder / f"refused/laporan.{refused.id}.pdf.sebab.txt"
    assert reasons.read_text().splitlines() == list(refused.problems)


def test_a_file_for_no_account_of_ours_is_refused(scene, folder, look, content):
    stranger = scene.parts.settings.watched / "midtrans" / "elsewhere"
    stranger.mkdir()
    (stranger / "x.csv").write_bytes(content)

    (refused,) = look()

    assert refused.outcome == "rejected"
    assert "elsewhere" in refused.problems[0]


def test_a_file_that_still_grows_is_left_for_the_next_look(folder, look, content):
    path = folder / "monday.csv"

    def write_slowly():
        with path.open("wb") as file:
            for byte in range(10):
                file.write(content[byte * 50 : (byte + 1) * 50])
                file.flush()
                sleep(0.05)
            file.write(content[500:])

    writer = Thread(target=write_slowly)
    writer.start()
    sleep(0.1)
    assert look() == []
    writer.join()

    (taken,) = look()
    assert taken.outcome == "accepted"


@pytest.mark.fault("F71")
def test_a_stop_between_storing_and_moving_neither_loses_nor_repeats(
    scene, folder, look, content, monkeypatch
):
    def stop(*_):
        raise KeyboardInterrupt

    (folder / "monday.csv").write_bytes(content)
    monkeypatch.setattr(watch, "put_aside", stop)
    with pytest.raises(KeyboardInterrupt):
        look()
    monkeypatch.undo()
    assert lying(folder) == ["monday.csv"]

    (taken,) = look()

    assert taken.outcome == "accepted"
    assert lying(folder) == [f"done/monday.{taken.id}.csv"]
    with scene.parts.sessions() as session:
        assert len(store.imports(session)) == 1


@pytest.mark.fault("F52")
def test_a_stop_before_a_refused_file_is_moved_refuses_it_once(scene, folder, look, monkeypatch):
    (folder / "a.csv").write_bytes(b"nonsense")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "put_aside", stop)
    with pytest.raises(KeyboardInterrupt):
        look()
    monkeypatch.undo()

    (refused,) = look()

    assert lying(folder) == [f"refused/a.{refused.id}.csv"]
    with scene.parts.sessions() as session:
        assert len(store.imports(session)) == 1


def test_other_files_are_left_alone(folder, look):
    (folder / "notes.txt").write_text("for the treasurer")
    (folder / "monday.csv.part").write_text("half")

    assert look() == []
    assert lying(folder) == ["monday.csv.part", "notes.txt"]
