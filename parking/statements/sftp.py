"""Another party's SFTP server, as far as fetching needs it: it is only ever read.

Its host key is pinned, because whoever sits in between could hand us a settlement file of
his own. Every wait is bounded, a visit as a whole as well.
"""

import base64
import hashlib
import logging
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import paramiko
from config.sources import Source

from parking.errors import NeedsPerson, ParkingError

ANSWER_S = 15.0  # one answer of theirs
VISIT_S = 600.0  # all of a visit: one that drips a byte at a time answers for ever
CHUNK = 64 * 1024
AT_ONCE = 16  # chunks under way
MOST_LISTED = 20_000

# They log with a traceback what they also raise.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class SourceAway(ParkingError):
    """No answer, or one that makes no sense: worth another try later."""


class HostKeyRefused(NeedsPerson):
    """The server shows another key than the pinned one: it is not spoken with."""


class NotLetIn(NeedsPerson):
    """Our key is not accepted there, cannot be read here, or the folder is not open to us."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the server lists it."""

    name: str
    size: int
    modified_s: int  # since 1970, by their clock


class Remote:
    """A server that let us in."""

    def __init__(self, client: paramiko.SFTPClient, source: Source) -> None:
        self._client, self._source = client, source

    def files(self) -> list[Listed]:
        """The plain files of the folder; no folders, no links."""
        found = []
        with _asking(self._source):
            for each in self._client.listdir_iter(self._source.folder, read_aheads=10):
                if stat.S_ISREG(each.st_mode or 0):
                    found.append(Listed(each.filename, each.st_size or 0, each.st_mtime or 0))
                if len(found) > MOST_LISTED:
                    raise NotLetIn(f"{self._source.name}: more than {MOST_LISTED} files lie there")
        return found

    def read(self, file: Listed) -> Iterator[bytes]:
        """The bytes of a file, at most one chunk more than it was listed with."""
        with _asking(self._source):
            opened = self._client.open(f"{self._source.folder}/{file.name}", "rb")
        with opened:
            opened.prefetch(file.size, max_concurrent_requests=AT_ONCE)
            left = file.size + CHUNK
            while left > 0:
                with _asking(self._source):
                    chunk = opened.read(min(CHUNK, left))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk

    def looks_the_same(self, file: Listed) -> bool:
        """Whether a file is as it was listed."""
        with _asking(self._source):
            now = self._client.stat(f"{self._source.folder}/{file.name}")
        return (now.st_size, now.st_mtime) == (file.size, file.modified_s)


@contextmanager
def visiting(source: Source) -> Iterator[Remote]:
    """A server while the block runs.

    Raises HostKeyRefused, NotLetIn, SourceAway.
    """
    key = _our_key(source)
    with _asking(source):
        line = socket.create_connection((source.host, source.port), timeout=ANSWER_S)
        transport = paramiko.Transport(line)
    watchdog = threading.Timer(VISIT_S, transport.close)
    watchdog.daemon = True
    watchdog.start()
    try:
        with _asking(source):
            _prefer_pinned(transport, source)
            transport.banner_timeout = transport.auth_timeout = ANSWER_S
            transport.start_client(timeout=ANSWER_S)
            shown = transport.get_remote_server_key()
        _check(shown, source)
        yield Remote(_let_in(transport, source, key), source)
    finally:
        watchdog.cancel()
        transport.close()


def fingerprint(public_key: bytes) -> str:
    """As `ssh-keygen -l` shows it."""
    digest = base64.b64encode(hashlib.sha256(public_key).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"


def _our_key(source: Source) -> paramiko.PKey:
    try:
        if source.key_file.stat().st_mode & 0o077:
            raise NotLetIn(f"{source.name}: others can read our private key: chmod 600")
        return paramiko.PKey.from_path(source.key_file)
    except (OSError, ValueError, TypeError, paramiko.SSHException) as error:
        why = f"{type(error).__name__}: {error}"
        raise NotLetIn(f"{source.name}: our private key cannot be used: {why}") from error


def _prefer_pinned(transport: paramiko.Transport, source: Source) -> None:
    """A server has several keys and shows the one that we ask for first."""
    pinned = {_kind(key) for key in source.host_keys}
    options = transport.get_security_options()
    options.key_types = sorted(options.key_types, key=lambda kind: _family(kind) not in pinned)


def _kind(public_key: bytes) -> str:
    length = int.from_bytes(public_key[:4], "big")
    return _family(public_key[4 : 4 + length].decode("ascii", "replace"))


def _family(algorithm: str) -> str:
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm


def _check(shown: paramiko.PKey, source: Source) -> None:
    if shown.asbytes() not in source.host_keys:
        pinned = ", ".join(fingerprint(key) for key in source.host_keys)
        raise HostKeyRefused(
            f"{source.name}: {source.host} shows {shown.get_name()}"
            f" {fingerprint(shown.asbytes())}, and {pinned} is pinned"
        )


def _let_in(
    transport: paramiko.Transport, source: Source, key: paramiko.PKey
) -> paramiko.SFTPClient:
    with _asking(source):
        try:
            transport.auth_publickey(source.user, key)
        except paramiko.AuthenticationException as error:
            if transport.is_active():
                raise NotLetIn(f"{source.name}: {source.user} is refused there: {error}") from error
            raise
        if not transport.is_authenticated():
            raise NotLetIn(f"{source.name}: they want more than our key")
        client = paramiko.SFTPClient.from_transport(transport)
    if client is None:
        raise SourceAway(f"{source.name}: no SFTP there")
    channel = client.get_channel()
    if channel is not None:
        channel.settimeout(ANSWER_S)
    return client


@contextmanager
def _asking(source: Source) -> Iterator[None]:
    """What goes wrong while we ask them, in our words."""
    try:
        yield
    except PermissionError as error:
        raise NotLetIn(f"{source.name}: {source.folder} is closed to us: {error}") from error
    except FileNotFoundError as error:
        raise NotLetIn(f"{source.name}: {source.folder} or a file in it is gone") from error
    except (OSError, EOFError, paramiko.SSHException, UnicodeDecodeError) as error:
        why = f"{type(error).__name__}: {error}".rstrip(": ")
        raise SourceAway(f"{source.name}: {source.host}:{source.port}: {why}") from error
