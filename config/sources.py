"""Where files are fetched from: SFTP servers of banks and gateways, by name."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SFTP = "SFTP_"
NEEDED = ("host", "user", "key", "host_key", "folder", "files")
KNOWN = {*NEEDED, "port", "pattern"}

# What the files are, hence the watched folder that they go to.
FILES = re.compile(r"(settlement):([a-z0-9_-]+)/([a-z0-9_-]+)|(statement):([a-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class Source:
    """One folder of one server."""

    name: str
    host: str
    port: int
    user: str
    key_file: Path  # our private key
    host_keys: tuple[bytes, ...]  # theirs, as they told us on paper; two while one is exchanged
    folder: str  # at theirs
    pattern: str  # of the names that are fetched
    into: PurePosixPath  # below incoming/: "settlement/midtrans/jambi", "statement/rkud"

    @property
    def kind(self) -> str:
        """What its files are: "settlement" or "statement"."""
        return self.into.parts[0]


def source(name: str, words: Mapping[str, str]) -> Source:
    """A source whose words have no problems."""
    return Source(
        name=name.lower(),
        host=words["host"],
        port=int(words.get("port", "22")),
        user=words["user"],
        key_file=Path(words["key"]),
        host_keys=tuple(base64.b64decode(key) for key in words["host_key"].split(",")),
        folder=words["folder"].rstrip("/") or "/",
        pattern=words.get("pattern", "*"),
        into=PurePosixPath(*re.split("[:/]", words["files"])),
    )


def problems_of(name: str, words: Mapping[str, str]) -> list[str]:
    """What keeps a source from being used, each naming its setting."""
    where = f"{SFTP}{name}"
    found = [f"{where}: {word}= is missing" for word in NEEDED if not words.get(word)]
    found += [f"{where}: {word}= is not known here" for word in sorted(set(words) - KNOWN)]
    if found:
        return found
    port = words.get("port", "22")
    if not (port.isdecimal() and 0 < int(port) < 65_536):
        found.append(f"{where}: port={port} is no port")
    if not all(_is_public_key(key) for key in words["host_key"].split(",")):
        found.append(
            f"{where}: host_key= is not the long middle part of a public key (AAAA…);"
            " `ssh-keyscan HOST` shows it, and the bank has to confirm it"
        )
    if not FILES.fullmatch(words["files"]):
        found.append(f"{where}: files= is settlement:<gateway>/<account> or statement:<account>")
    return found


def _is_public_key(text: str) -> bool:
    try:
        return base64.b64decode(text, validate=True)[4:].startswith((b"ssh-", b"ecdsa-"))
    except binascii.Error:
        return False
