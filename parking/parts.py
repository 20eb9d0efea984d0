"""The parts of a running service, built once from its settings and handed to who needs them."""

from dataclasses import dataclass
from datetime import date, datetime

from config.settings import Settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from parking.clock import Clock, DrivenClock, SystemClock
from parking.database.engine import app_engine, sessions_of
from parking.errors import ParkingError
from parking.gateways.breaker import Standing
from parking.gateways.connect import connect
from parking.gateways.find_mapping import Mappings
from parking.gateways.guard import Guard, Guarded
from parking.gateways.protocol import Access, Gateway
from parking.gateways.report_mapping import Mapping
from parking.gateways.statement_mapping import StatementMapping
from parking.registry import store as registry
from parking.registry.facts import MerchantAccount


@dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    clock: Clock
    gateways: "Gateways"
    mappings: Mappings[Mapping]  # of settlement files
    statement_mappings: Mappings[StatementMapping]


class Gateways:
    """The gateways of our merchant accounts, made when first asked for and guarded by breakers."""

    def __init__(self, settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._sessions = sessions
        self._guard = Guard(sessions, clock)
        self._made: dict[tuple[str, str], Gateway] = {}

    def find(self, gateway: str, account: str) -> Gateway | None:
        """The gateway of an account, also of one that has ended: its callbacks may still come.

        Raises ParkingError if it cannot be connected, or is not for this machine.
        """
        if (gateway, account) not in self._made:
            with self._sessions() as session:
                found = registry.merchant_account(session, gateway, account)
            if found is None:
                return None
            raw = connected(found, self._settings, self._clock)
            self._made[gateway, account] = Guarded(raw, self._guard)
        return self._made[gateway, account]

    def in_use(self, day: date) -> list[Gateway]:
        """The gateways through which charges may be issued on a day."""
        with self._sessions() as session:
            accounts = registry.merchant_accounts(session, day)
        found = [self.find(a.merchant.gateway, a.merchant.account) for a in accounts]
        return [gateway for gateway in found if gateway is not None]

    def standing(self, gateway: str, account: str) -> Standing:
        """Whether an account answers these days."""
        return self._guard.standing((gateway, account))

    def again_at(self, gateway: str, account: str) -> datetime | None:
        """When an account that is out is next worth a call; None: nobody knows."""
        return self._guard.again_at((gateway, account))


def connected(account: MerchantAccount, settings: Settings, clock: Clock) -> Gateway:
    """The gateway of an account, without a guard. Raises ParkingError if it cannot be connected,
    or is not for this machine: play money must not be taken for money, nor the reverse (F107).
    """
    merchant = account.merchant
    if (merchant.environment == "production") is not settings.is_production:
        raise ParkingError(
            f"{merchant.gateway}/{merchant.account} is an account of the {merchant.environment}"
            f" environment, and this machine is set up for {settings.environment}"
        )
    return connect(merchant, access(account, settings, clock))


def access(account: MerchantAccount, settings: Settings, clock: Clock) -> Access:
    """What the environment says of a merchant account."""
    merchant, name = account.merchant, account.key_name
    urls, keys = settings.gateway_urls, settings.gateway_keys
    return Access(
        url=urls.get(name) or urls.get(merchant.gateway.upper(), ""),
        keys=keys.get(name, ()),
        further={
            full.removeprefix(f"{name}__"): of_part
            for full, of_part in keys.items()
            if full.startswith(f"{name}__")
        },
        profile=settings.gateway_profiles.get(name, {}),
        callback_url=f"{settings.public_url}/callbacks/{merchant.gateway}/{merchant.account}",
        token_secret=f"gateway token {settings.secret_key}".encode(),
        clock=clock,
    )


def assemble(
    settings: Settings,
    *,
    pool_size: int = 5,
    statement_timeout_s: int = 5,
    clock: Clock | None = None,
) -> Parts:
    """Build the parts. Nothing is connected until it is used; a clock may be given."""
    engine = app_engine(
        settings.database_url, pool_size=pool_size, statement_timeout_s=statement_timeout_s
    )
    sessions = sessions_of(engine)
    if clock is None:
        clock = DrivenClock(settings.clock_file) if settings.clock_file else SystemClock()
    gateways = Gateways(settings, sessions, clock)
    folders = settings.mapping_folders
    return Parts(
        settings, engine, sessions, clock, gateways, Mappings(folders, Mapping),
        Mappings([folder / "statements" for folder in folders], StatementMapping),
    )  # fmt: skip
