"""Look at a settlement file before it is taken in; nothing is stored."""

from sqlalchemy.orm import Session, sessionmaker

from parking.errors import FileRefused
from parking.gateways.mapping_parts import NamedMapping
from parking.gateways.protocol import Gateway
from parking.gateways.report_mapping import Mapping
from parking.statements.preview import Preview, preview_of, refused
from parking.statements.read_file import read_file
from parking.statements.take_in import Attempt, foresee


def look(
    sessions: sessionmaker[Session],
    gateway: Gateway,
    attempt: Attempt,
    mapping: NamedMapping[Mapping] | None,
) -> Preview:
    """How the file is understood, what is wrong in it, and what would become of each day."""
    name = mapping.name if mapping is not None else ""
    try:
        reading = read_file(gateway, mapping, attempt.content, attempt.file_name)
    except FileRefused as error:
        return refused(name, str(error), error.problems)
    with sessions() as session:
        return preview_of(name, reading, foresee(session, attempt, reading.reports))
