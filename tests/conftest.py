"""The ground under every test: a private PostgreSQL, a clock that is told the time, the parts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from config.settings import Settings, kept_environment, load_settings
from hypothesis import settings as hypothesis
from parking.database import migrate
from parking.database.embedded import embedded_postgres
from parking.database.engine import driver_url
from parking.parts import Parts, assemble
from sqlalchemy import Engine, create_engine, make_url, text

from tests.builders import City, a_city
from tests.phone import Phone
from tests.sandbox_process import KEYS, SandboxProcess
from tests.snap_banks import merchants

# A property is no stopwatch: how fast things are is measured by `parking bench`.
hypothesis.register_profile("suite", deadline=None)
hypothesis.load_profile("suite")

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # Monday, 12.00 WIB

# With triggers and foreign keys asleep, rows of add-only tables can be cleared away between tests.
CLEAR = """
DO $$
DECLARE t text; filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR t IN SELECT tablename FROM pg_tables
             WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', t) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM %I', t); END IF;
    END LOOP;
END $$;
"""


class ToldClock:
    """A clock that says what it was told, and passes it on to those who follow it."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment
        self.followers: list[Callable[[datetime], None]] = []

    @property
    def moment(self) -> datetime:
        return self._moment

    @moment.setter
    def moment(self, moment: datetime) -> None:
        self._moment = moment
        for follow in self.followers:
            follow(moment)

    def now(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> datetime:
        self.moment += timedelta(**by)
        return self.moment


@dataclass(frozen=True, slots=True)
class Superuser:
    """Somebody with the keys to the database itself."""

    url: str

    def does(self, *statements: str) -> None:
        """Past every trigger and foreign key."""
        engine = create_engine(driver_url(self.url), pool_size=1)
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The owner's URL of a server shared by all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    with embedded_postgres(shared / "postgres") as url:
        yield url


@pytest.fixture(scope="session")
def owner_url(postgres: str, worker_id: str) -> Iterator[str]:
    """The owner's URL of this worker's own database, with the schema in it."""
    name = f"test_{worker_id}"
    server = create_engine(driver_url(postgres), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(postgres).set(database=name).render_as_string(False)
    migrate.upgrade(url)
    yield url
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def superuser(owner_url: str) -> Superuser:
    return Superuser(owner_url)


@pytest.fixture(scope="session")
def cleaner(owner_url: str) -> Iterator[Engine]:
    """The owner's way into this worker's database, kept between tests."""
    owner = create_engine(driver_url(owner_url), pool_size=1, pool_pre_ping=True)
    yield owner
    owner.dispose()


@pytest.fixture
def database_url(owner_url: str, cleaner: Engine) -> str:
    """An empty database."""
    with cleaner.begin() as connection:
        connection.execute(text(CLEAR))
    return owner_url


@pytest.fixture
def clock() -> ToldClock:
    return ToldClock(NOON)


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path_factory.mktemp("sandbox"))
    yield process
    process.stop()


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, clock: ToldClock) -> Iterator[SandboxProcess]:
    """The gateway, empty, at the time of the told clock."""
    sandbox_process.clock.drive(clock.now())
    sandbox_process.reset()
    clock.followers.append(sandbox_process.clock.drive)
    yield sandbox_process
    clock.followers.clear()


@pytest.fixture(scope="session")
def banks_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A gateway that is several SNAP banks."""
    process = SandboxProcess(tmp_path_factory.mktemp("banks"), merchants=merchants())
    yield process
    process.stop()


@pytest.fixture
def banks(banks_process: SandboxProcess, clock: ToldClock) -> SandboxProcess:
    """They, empty, at the time of the told clock."""
    banks_process.clock.drive(clock.now())
    banks_process.reset()
    clock.followers.append(banks_process.clock.drive)
    return banks_process


@pytest.fixture(scope="session")
def kept_secrets(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The secrets of a development machine, made once: RSA keys take their time."""
    var = tmp_path_factory.mktemp("secrets")
    kept_environment({"VAR_DIR": str(var)})
    return (var / "secrets.env").read_text()


@pytest.fixture
def environment(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path, kept_secrets: str
) -> dict[str, str]:
    """What a process of ours needs in its environment, on an empty database.

    A test that asks for the sandbox too has it as its gateway.
    """
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secrets.env").write_text(kept_secrets)
    url = "http://127.0.0.1:9"  # nobody listens
    if "sandbox" in request.fixturenames:
        url = request.getfixturevalue("sandbox").url
    return {
        "PARKING_ENV": "development",
        "DATABASE_URL": database_url,
        "VAR_DIR": str(tmp_path / "var"),
        "SECRET_KEY": "s" * 48,
        "PEPPER": "p" * 48,
        **KEYS,
        "GATEWAY_URL_MIDTRANS": f"{url}/midtrans",
        "GATEWAY_URL_SNAP": f"{url}/snap/jambi",
        "GATEWAY_URL_XENDIT": f"{url}/xendit",
        "LOG_LEVEL": "WARNING",
    }


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return load_settings(environment)


@pytest.fixture
def parts(settings: Settings, clock: ToldClock) -> Iterator[Parts]:
    """The parts over an empty database, with the told clock."""
    made = assemble(settings, clock=clock)
    yield made
    made.engine.dispose()


@pytest.fixture
def city(parts: Parts) -> City:
    """Two attendants at two points, with letters, tariffs, a split and a merchant account."""
    with parts.sessions.begin() as session:
        return a_city(session)


@pytest.fixture
def budi(parts: Parts, city: City) -> Phone:
    """Budi's phone, signed in."""
    return Phone(parts, city.budi, city.budis_phone)


@pytest.fixture
def sari(parts: Parts, city: City) -> Phone:
    """Sari's phone, signed in."""
    return Phone(parts, city.sari, city.saris_phone)
