"""Files are fetched from a real SSH server: each once, whole, and from nobody else."""

import os
import socket
import stat
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from parking.statements import fetch, fetch_store, sftp
from parking.statements.fetch import Fetcher, TooLarge, local_name
from parking.statements.fetch_store import FetchedRow
from parking.statements.sftp import HostKeyRefused, NotLetIn, SourceAway, fingerprint, visiting
from sqlalchemy import func, select

from tests.conftest import NOON
from tests.sshd import Bank


@pytest.fixture(scope="module")
def one_bank(tmp_path_factory):
    made = Bank(tmp_path_factory.mktemp("bank"))
    yield made
    made.stop()


@pytest.fixture
def bank(one_bank):
    """With nothing laid out."""
    for path in one_bank.out.iterdir():
        path.unlink() if path.is_symlink() or path.is_file() else path.rmdir()
    return one_bank


@pytest.fixture
def watched(parts):
    return parts.settings.watched / "midtrans" / "jambi"


class Visitor:
    """A process that visits; a new one remembers nothing."""

    def __init__(self, parts, source):
        self._parts, self._fetcher = parts, Fetcher(source, parts.settings.var)

    def visit(self):
        return self._fetcher.visit(self._parts.sessions, 1, NOON)

    def visit_twice(self):
        return self.visit() + self.visit()


@pytest.fixture
def visitor(parts, bank):
    return Visitor(parts, bank.source())


def lying(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def rows(parts):
    with parts.sessions() as session:
        return session.scalar(select(func.count()).select_from(FetchedRow))


def test_a_file_is_fetched_once_and_left_at_the_bank(bank, visitor, watched, parts):
    bank.lay_out("laporan.csv", b"satu;dua")
    before = lying(bank.out)

    (name,) = visitor.visit_twice()

    assert lying(watched) == {name: b"satu;dua"}
    assert (name[:8], name[-4:]) == ("laporan.", ".csv")
    assert visitor.visit_twice() == []
    assert Visitor(parts, bank.source()).visit_twice() == []
    assert lying(bank.out) == before
    assert list((parts.settings.var / "fetching" / "bank").iterdir()) == []


def test_a_file_that_still_grows_is_left_for_the_next_visit(bank, visitor, watched):
    for n in range(3):
        bank.lay_out("laporan.csv", b"line\n" * (n + 1))
        assert visitor.visit() == []

    (name,) = visitor.visit()
    assert lying(watched) == {name: b"line\n" * 3}


def test_one_that_grows_while_it_is_fetched_is_left_as_well(
    bank, visitor, watched, parts, monkeypatch
):
    bank.lay_out("laporan.csv", b"half")
    visitor.visit()
    write = fetch._write

    def write_slowly(remote, file, part):
        bank.lay_out("laporan.csv", b"half and half")
        return write(remote, file, part)

    monkeypatch.setattr(fetch, "_write", write_slowly)
    assert visitor.visit() == []
    monkeypatch.undo()

    assert (lying(watched), rows(parts)) == ({}, 0)
    (name,) = visitor.visit_twice()
    assert lying(watched)[name] == b"half and half"


def test_a_file_that_changed_is_a_re_issue_under_another_name(bank, visitor, watched):
    bank.lay_out("laporan.csv", b"first", 1_790_000_000)
    (first,) = visitor.visit_twice()
    bank.lay_out("laporan.csv", b"other", 1_790_000_060)  # as long as before

    (again,) = visitor.visit_twice()

    assert lying(watched) == {first: b"first", again: b"other"}


def test_one_whose_time_alone_changed_is_noted_and_not_placed_again(bank, visitor, watched, parts):
    bank.lay_out("laporan.csv", b"first", 1_790_000_000)
    visitor.visit_twice()
    bank.lay_out("laporan.csv", b"first", 1_790_000_060)

    assert visitor.visit_twice() == []
    assert visitor.visit_twice() == []
    assert (len(lying(watched)), rows(parts)) == (1, 2)


@pytest.mark.fault("F90")
@pytest.mark.parametrize(
    "name",
    [
        "a b;rm -rf $HOME.csv",
        "a%2f..%2fpasswd.csv",
        "-rf.csv",
        "日本.CSV",
        "a\nb.csv",
        "x" * 240 + ".csv",
    ],
)
def test_what_they_call_it_names_no_path_of_ours(bank, visitor, watched, name):
    bank.lay_out(name, b"x")

    (placed,) = visitor.visit_twice()

    assert list(lying(watched)) == [placed]
    assert placed.isascii()
    assert len(placed) < 110
    assert set(placed) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


def test_a_server_that_lists_paths_gets_none():
    assert local_name("../../etc/cron.d/x.csv", "0" * 64) == "etc_cron_d_x.000000000000.csv"
    assert local_name("/.csv", "0" * 64) == "file.000000000000.csv"


def test_what_is_no_report_is_left_there(bank, visitor, watched):
    for name in (".hidden.csv", "laporan.csv.part", "README", "laporan.csv.filepart", "x.mt940"):
        bank.lay_out(name, b"x")
    (bank.out / "old.csv").mkdir()
    (bank.out / "link.csv").symlink_to("/etc/passwd")

    assert visitor.visit_twice() == []
    assert lying(watched) == {}


def test_a_pattern_picks(parts, bank, watched):
    for name in ("settle-1.csv", "mutasi-1.csv"):
        bank.lay_out(name, b"x")

    (name,) = Visitor(parts, bank.source(pattern="settle-*")).visit_twice()

    assert name.startswith("settle-1.")


def test_statements_go_to_their_own_folder(parts, bank):
    bank.lay_out("mutasi.mt940", b"x")

    (name,) = Visitor(parts, bank.source(files="statement:rkud")).visit_twice()

    assert lying(parts.settings.var / "incoming" / "statement" / "rkud") == {name: b"x"}


@pytest.mark.fault("F67")
def test_a_file_too_large_is_an_alarm_and_holds_up_no_other(bank, visitor, watched, monkeypatch):
    monkeypatch.setattr(fetch, "LARGEST", 1_000)
    bank.lay_out("a.csv", b"x" * 1_001)
    bank.lay_out("b.csv", b"x" * 1_000)

    for _ in range(2):
        with pytest.raises(TooLarge, match=r"a\.csv"):
            visitor.visit()

    assert [len(content) for content in lying(watched).values()] == [1_000]


def test_ten_megabytes_come_whole(bank, visitor, watched):
    content = os.urandom(10 * 1024 * 1024)
    bank.lay_out("laporan.csv", content)

    (name,) = visitor.visit_twice()

    assert lying(watched)[name] == content


class TestWhoIsSpokenWith:
    def test_a_changed_host_key_is_refused_before_anything_is_told_or_fetched(
        self, parts, bank, watched
    ):
        bank.lay_out("laporan.csv", b"of somebody else")
        pinned = bank.host_key
        bank.stop()
        shown = bank.new_key("host")
        bank.start()
        try:
            with pytest.raises(HostKeyRefused) as told:
                Visitor(parts, bank.source()).visit()
        finally:
            bank.host_key = shown

        assert fingerprint(bank.source().host_keys[0]) in str(told.value)
        assert fingerprint(bank.source(host_key=pinned).host_keys[0]) in str(told.value)
        assert lying(watched) == {}

    def test_another_kind_of_key_is_refused_too(self, parts, bank):
        other = bank.new_key("other", "rsa")

        with pytest.raises(HostKeyRefused, match="ssh-ed25519"):
            Visitor(parts, bank.source(host_key=other)).visit()

    def test_while_a_host_key_is_exchanged_either_is_good(self, parts, bank):
        both = f"{bank.new_key('other', 'rsa')},{bank.host_key}"

        assert Visitor(parts, bank.source(host_key=both)).visit() == []

    def test_a_server_that_does_not_know_our_key(self, parts, bank):
        bank.let_in(bank.new_key("other"))
        try:
            with pytest.raises(NotLetIn, match="refused there"):
                Visitor(parts, bank.source()).visit()
        finally:
            bank.let_in(bank.our_key.with_suffix(".pub").read_text().split()[1])

    def test_our_key_is_ours_alone(self, parts, bank):
        bank.our_key.chmod(0o644)
        try:
            with pytest.raises(NotLetIn, match="chmod 600"):
                Visitor(parts, bank.source()).visit()
        finally:
            bank.our_key.chmod(0o600)

    @pytest.mark.parametrize("content", ["", "nonsense"])
    def test_a_key_that_is_none(self, parts, bank, tmp_path, content):
        path = tmp_path / "key"
        path.write_text(content)
        path.chmod(0o600)

        with pytest.raises(NotLetIn, match="cannot be used"):
            Visitor(parts, bank.source(key=path)).visit()
        with pytest.raises(NotLetIn, match="cannot be used"):
            Visitor(parts, bank.source(key=tmp_path / "none")).visit()

    def test_a_folder_that_is_gone(self, parts, bank):
        with pytest.raises(NotLetIn, match="gone"):
            Visitor(parts, bank.source(folder=bank.out / "nowhere")).visit()


@contextmanager
def peer(first=b""):
    """A server that says this and then nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        if first:

            def answer():
                line, _ = listener.accept()
                with line:
                    line.sendall(first)
                    time.sleep(5)

            threading.Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]


class TestAServerThatIsAway:
    def test_nobody_listens_and_it_comes_back(self, parts, bank, visitor, watched):
        bank.lay_out("laporan.csv", b"x")
        visitor.visit()
        bank.stop()
        with pytest.raises(SourceAway):
            visitor.visit()
        bank.start()

        assert len(visitor.visit()) == 1

    @pytest.mark.parametrize(
        "first", [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"SSH-2.0-x\r\n", b"\0" * 64]
    )
    def test_one_that_says_nothing_or_nonsense_is_left_in_time(
        self, parts, bank, monkeypatch, first
    ):
        monkeypatch.setattr(sftp, "ANSWER_S", 0.5)
        with peer(first) as port:
            begun = time.monotonic()
            with pytest.raises(SourceAway):
                Visitor(parts, bank.source(port=port)).visit()

        assert time.monotonic() - begun < 4

    def test_a_visit_ends_however_slowly_they_drip(self, bank, monkeypatch):
        monkeypatch.setattr(sftp, "VISIT_S", 0.5)
        bank.lay_out("laporan.csv", b"x")

        with visiting(bank.source()) as remote:
            (file,) = remote.files()
            time.sleep(0.8)
            with pytest.raises(SourceAway):
                b"".join(remote.read(file))


@pytest.mark.fault("F52")
@pytest.mark.parametrize("where", ["_write", "note", "before placing", "note_placed"])
def test_a_stop_anywhere_neither_loses_a_file_nor_places_it_twice(
    parts, bank, visitor, watched, monkeypatch, where
):
    def stop(*_, **__):
        raise KeyboardInterrupt

    bank.lay_out("laporan.csv", b"whole")
    visitor.visit()
    if where == "_write":
        monkeypatch.setattr(fetch, "_write", stop)
    elif where == "before placing":
        monkeypatch.setattr(Fetcher, "_place", stop)
    else:
        monkeypatch.setattr(fetch_store, where, stop)
    with pytest.raises(KeyboardInterrupt):
        visitor.visit()
    monkeypatch.undo()
    # The watched folder is looked at meanwhile: what lies there is taken in and put aside.
    taken = [path.unlink() or path.name for path in watched.iterdir()]

    successor = Visitor(parts, bank.source())
    successor.visit_twice()

    assert len(taken) + len(lying(watched)) == 1
    assert rows(parts) == 1
    assert successor.visit_twice() == []


def test_the_watched_file_is_a_plain_one(bank, visitor, watched):
    path = bank.lay_out("laporan.csv", b"x")
    path.chmod(0o4777)

    (name,) = visitor.visit_twice()

    mode = (watched / name).stat().st_mode
    assert stat.S_ISREG(mode)
    assert not mode & 0o111


def test_two_sources_share_nothing(parts, bank, watched):
    bank.lay_out("laporan.csv", b"x")
    one, other = (replace(bank.source(), name=name) for name in ("one", "other"))

    assert len(Visitor(parts, one).visit_twice()) == 1
    assert len(Visitor(parts, other).visit_twice()) == 1
    assert rows(parts) == 2
