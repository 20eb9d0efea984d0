"""The mappings of this installation: those that come with it, and the operator's own."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from parking.errors import NotFound
from parking.gateways.mapping_parts import BadMapping, M, NamedMapping, read_as

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True)
class Mappings(Generic[M]):
    """Folders of mappings of one kind, of which an earlier one wins over a later one."""

    folders: Sequence[Path]
    kind: type[M]

    def names(self) -> list[str]:
        """In the order of the alphabet."""
        paths = (path for folder in self.folders for path in folder.glob("*.yaml"))
        return sorted({path.stem for path in paths if NAME.fullmatch(path.stem)})

    def path(self, name: str) -> Path | None:
        """Where a mapping lies. A name that is none, such as a path, is not found."""
        if not NAME.fullmatch(name):
            return None
        places = (folder / f"{name}.yaml" for folder in self.folders)
        return next((place for place in places if place.is_file()), None)

    def find(self, name: str) -> NamedMapping[M]:
        """Raises NotFound, BadMapping."""
        path = self.path(name)
        if path is None:
            raise NotFound(f"Tidak ada pemetaan {name[:60]!r}; ada {', '.join(self.names())}")
        return mapping_in(path, self.kind)

    def of_account(self, gateway: str, account: str) -> NamedMapping[M] | None:
        """The mapping named after an account; None: its adapter reads its reports itself.

        Raises BadMapping: a mapping that is there and wrong is not passed over.
        """
        name = f"{gateway}-{account}".lower()
        return self.find(name) if self.path(name) is not None else None


def mapping_in(path: Path, kind: type[M]) -> NamedMapping[M]:
    """The mapping of a kind in a file. Raises BadMapping."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadMapping(f"{path.name} is not UTF-8", [str(error)]) from error
    try:
        mapping = read_as(kind, text)
    except BadMapping as error:
        raise BadMapping(f"{path.name}: {error}", error.problems) from error
    return NamedMapping(path.stem, mapping, hashlib.sha256(content).hexdigest())
