"""The schema, up and down, by Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from parking.database.engine import owner_engine


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["engine"] = engine
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the schema to a revision; nothing happens if it is there. `url` is the owner's."""
    engine = owner_engine(url)
    command.upgrade(_config(engine), revision)
    engine.dispose()


def downgrade(url: str, revision: str = "-1") -> None:
    """Take the schema back by one revision, or to the one named ("base": empty)."""
    engine = owner_engine(url)
    command.downgrade(_config(engine), revision)
    engine.dispose()


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly the schema of this code."""
    head = ScriptDirectory.from_config(_config(engine)).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head
