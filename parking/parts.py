"""The parts of a running service, built once from its settings and handed to who needs them."""

from dataclasses import dataclass
from datetime import date

from config.settings import Settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from parking.clock import Clock, DrivenClock, SystemClock
from parking.database.engine import app_engine, sessions_of
from parking.gateways.connect import connect
from parking.gateways.find_mapping import Mappings
from parking.gateways.protocol import Access, Gateway
from parking.registry import store as registry
from parking.registry.facts import MerchantAccount


@dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    clock: Clock
    gateways: "Gateways"
    mappings: Mappings  # of settlement files


class Gateways:
    """The gateways of our merchant accounts, made when first asked for."""

    def __init__(self, settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._sessions = sessions
        self._made: dict[tuple[str, str], Gateway] = {}

    def find(self, gateway: str, account: str) -> Gateway | None:
        """The gateway of an account, also of one that has ended: its callbacks may still come."""
        if (gateway, account) not in self._made:
            with self._sessions() as session:
                found = registry.merchant_account(session, gateway, account)
            if found is None:
                return None
            self._made[gateway, account] = connect(
                found.merchant, access(found, self._settings, self._clock)
            )
        return self._made[gateway, account]

    def in_use(self, day: date) -> list[Gateway]:
        """The gateways through which charges may be issued on a day."""
        with self._sessions() as session:
            accounts = registry.merchant_accounts(session, day)
        found = [self.find(a.merchant.gateway, a.merchant.account) for a in accounts]
        return [gateway for gateway in found if gateway is not None]


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


def assemble(settings: Settings, *, pool_size: int = 5, statement_timeout_s: int = 5) -> Parts:
    """Build the parts. Nothing is connected until it is used."""
    engine = app_engine(
        settings.database_url, pool_size=pool_size, statement_timeout_s=statement_timeout_s
    )
    sessions = sessions_of(engine)
    clock = DrivenClock(settings.clock_file) if settings.clock_file else SystemClock()
    mappings = Mappings(settings.mapping_folders)
    return Parts(settings, engine, sessions, clock, Gateways(settings, sessions, clock), mappings)
