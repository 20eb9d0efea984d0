"""A bank that lays out files: OpenSSH's own server, as an ordinary process on a free port."""

import base64
import getpass
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from config.sources import Source, source

from tests.sandbox_process import free_port

SETTINGS = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/let_in
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
"""
STARTS_WITHIN_S = 20


class Bank:
    """The server, its key, the key that it lets in, and the folder in which it lays out files."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if program is None:
            pytest.skip("needs an SSH server: apt-get install openssh-server")
        self._program, self._folder = program, folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.out = folder / "out"
        self.out.mkdir()
        self.our_key = folder / "ours"
        self.our_key.touch(mode=0o600)
        self.let_in(self.new_key("ours"))
        self.host_key = self.new_key("host")
        (folder / "sshd_config").write_text(SETTINGS.format(port=self.port, folder=folder))
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # root's sshd insists on it
        self.start()

    def new_key(self, name: str, kind: str = "ed25519") -> str:
        """A new pair in the place of the one of this name; its public half as base64."""
        path = self._folder / name
        path.unlink(missing_ok=True)
        subprocess.run(
            ["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)], check=True, input=b"y\n",
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return path.with_suffix(".pub").read_text().split()[1]

    def let_in(self, public_key: str) -> None:
        kind = base64.b64decode(public_key)[4:15].decode()
        (self._folder / "let_in").write_text(f"{kind} {public_key}\n")

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-D", "-e", "-f", str(self._folder / "sshd_config")],
            stderr=(self._folder / "log").open("ab"),
        )
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until and self._process.poll() is None:
            if b"Server listening" in (self._folder / "log").read_bytes():
                return
            time.sleep(0.05)
        raise RuntimeError((self._folder / "log").read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None
            (self._folder / "log").write_bytes(b"")

    def lay_out(self, name: str, content: bytes, modified_s: int | None = None) -> Path:
        path = self.out / name
        path.write_bytes(content)
        if modified_s is not None:
            os.utime(path, (modified_s, modified_s))
        return path

    def words(self, **other: Any) -> dict[str, str]:
        """The source as a setting names it."""
        usual = {
            "host": "127.0.0.1", "port": str(self.port), "user": getpass.getuser(),
            "key": str(self.our_key), "host_key": self.host_key, "folder": str(self.out),
            "files": "settlement:midtrans/jambi",
        }  # fmt: skip
        return usual | {name: str(value) for name, value in other.items()}

    def setting(self) -> str:
        """The same as it stands in the environment."""
        return " ".join(f"{name}={value}" for name, value in self.words().items())

    def source(self, **other: Any) -> Source:
        return source("BANK", self.words(**other))
