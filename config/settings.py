"""Settings, read once from the environment and checked before anything starts."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.gateways import SANDBOX_KEYS
from config.rsa_pair import new_pair
from config.sources import SFTP, Source, problems_of, source

GATEWAY_KEY = "GATEWAY_KEY_"
GATEWAY_URL = "GATEWAY_URL_"
GATEWAY_PROFILE = "GATEWAY_PROFILE_"
RUNNING = "running.env"  # under var/, as long as a demo runs: what a shell beside it has to know
SHORTEST_SECRET = 32
SHIPPED_MAPPINGS = Path(__file__).parent / "mappings"


@dataclass(frozen=True, slots=True)
class Settings:
    environment: str  # "development", "demo" or "production"
    database_url: str  # the application's
    owner_url: str  # for migrations
    var: Path  # where the embedded database, watched folders and reports live
    secret_key: str = field(repr=False)
    pepper: str = field(repr=False)  # mixed into PINs and passwords before they are hashed
    # By the name a merchant account gives, with "__PART" for a further secret of it; several,
    # the newest first, while a key is exchanged.
    gateway_keys: Mapping[str, tuple[str, ...]] = field(repr=False)
    gateway_urls: Mapping[str, str]  # by key name, or by gateway in capitals; others: as published
    gateway_profiles: Mapping[str, Mapping[str, str]]  # by key name: how this account differs
    sources: tuple[Source, ...]  # SFTP servers that files are fetched from
    public_url: str  # as phones and gateways see us
    trusted_hosts: tuple[str, ...]  # empty: any, outside production
    proxy_count: int  # reverse proxies of our own in front of us
    metrics_token: str = field(repr=False)
    charge_validity_s: int  # how long a driver has to pay
    clock_file: Path | None  # the demo's driven clock
    dask_scheduler: str  # of the cluster on which days are reconciled; empty: on this machine
    log_level: str

    @property
    def is_demo(self) -> bool:
        return self.environment == "demo"

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def watched(self) -> Path:
        """Settlement files are picked up from <watched>/<gateway>/<account>/."""
        return self.incoming / "settlement"

    @property
    def watched_statements(self) -> Path:
        """Bank statements are picked up from <watched_statements>/<code of the account>/."""
        return self.incoming / "statement"

    @property
    def incoming(self) -> Path:
        """What is fetched goes to the watched folder of its kind below this."""
        return self.var / "incoming"

    @property
    def mapping_folders(self) -> tuple[Path, ...]:
        """Where settlement files are described; what an earlier folder holds wins."""
        return (self.var / "mappings", SHIPPED_MAPPINGS)

    @property
    def reports(self) -> Path:
        return self.var / "reports"


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process.

    Raises SystemExit naming everything that is missing or unsafe, not just the first
    (F107). Outside production, secrets that are not given are made once and kept
    under var/.
    """
    environment = environ.get("PARKING_ENV", "development")
    var = Path(environ.get("VAR_DIR", "var")).resolve()
    known = kept_environment(environ)
    problems = _problems(environment, known)
    if problems:
        raise SystemExit("This machine is not set up:\n" + "\n".join(f"- {p}" for p in problems))
    return Settings(
        environment=environment,
        database_url=known["DATABASE_URL"],
        owner_url=known.get("DATABASE_OWNER_URL") or known["DATABASE_URL"],
        var=var,
        secret_key=known["SECRET_KEY"],
        pepper=known["PEPPER"],
        gateway_keys=_gateway_keys(known),
        gateway_urls=_gateway_urls(known),
        gateway_profiles=_gateway_profiles(known),
        sources=tuple(source(name, words) for name, words in sorted(_sources(known).items())),
        public_url=known.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        trusted_hosts=tuple(known.get("TRUSTED_HOSTS", "").split()),
        proxy_count=int(known.get("PROXY_COUNT", "0")),
        metrics_token=known.get("METRICS_TOKEN", ""),
        charge_validity_s=int(known.get("CHARGE_VALIDITY_S", "300")),
        clock_file=Path(known["CLOCK_FILE"]) if known.get("CLOCK_FILE") else None,
        dask_scheduler=known.get("DASK_SCHEDULER", ""),
        log_level=known.get("LOG_LEVEL", "INFO").upper(),
    )


def kept_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, outside production with the secrets that are kept under var/, and while a
    demo runs there with the addresses of its gateways.
    """
    if environ.get("PARKING_ENV") == "production":
        return dict(environ)
    var = Path(environ.get("VAR_DIR", "var")).resolve()
    running = var / RUNNING
    told = _lines(running) if running.exists() else {}
    return _kept_secrets(var) | told | dict(environ)


def _problems(environment: str, known: Mapping[str, str]) -> list[str]:
    found = []
    if environment not in ("development", "demo", "production"):
        found.append(f"PARKING_ENV is {environment!r}: use development, demo or production")
    if not known.get("DATABASE_URL"):
        found.append("DATABASE_URL is not set; `parking serve` starts a private PostgreSQL itself")
    for name in ("SECRET_KEY", "PEPPER"):
        if len(known.get(name, "")) < SHORTEST_SECRET:
            found.append(f"{name} is missing or shorter than {SHORTEST_SECRET} characters")
    for name, lowest in (("PROXY_COUNT", 0), ("CHARGE_VALIDITY_S", 120)):
        if name in known and not (known[name].isdecimal() and int(known[name]) >= lowest):
            found.append(f"{name} is {known[name]!r}: a whole number from {lowest} on is needed")
    found += _odd_words(known)
    if known.get("CLOCK_FILE") and environment != "demo":
        found.append("CLOCK_FILE drives the clock and is allowed in the demo alone")
    return found + (_unsafe_in_production(known) if environment == "production" else [])


def _odd_words(known: Mapping[str, str]) -> list[str]:
    found = []
    for prefix in (GATEWAY_PROFILE, SFTP):
        for name, words in _beginning(known, prefix).items():
            if odd := [word for word in words.split() if "=" not in word.strip("=")]:
                found.append(f"{prefix}{name}: {odd[0]!r} is not of the form name=value")
    for name, of_source in _sources(known).items():
        found += problems_of(name, of_source)
    return found


def _unsafe_in_production(known: Mapping[str, str]) -> list[str]:
    found = []
    if not known.get("PUBLIC_URL", "").startswith("https://"):
        found.append("PUBLIC_URL must be the https:// address that phones and gateways use")
    for name, why in (
        ("TRUSTED_HOSTS", "the host names we answer to, separated by blanks"),
        ("PROXY_COUNT", "how many reverse proxies of our own stand in front"),
        ("METRICS_TOKEN", "what the scraper of /metrics shows"),
    ):
        if not known.get(name):
            found.append(f"{name} is not set: {why}")
    dask = known.get("DASK_SCHEDULER")
    if dask and not dask.startswith("tls://"):
        found.append("DASK_SCHEDULER must be a tls:// address: whoever reaches it runs any code")
    for name, url in _gateway_urls(known).items():
        if not url.startswith("https://") or "sandbox" in url.lower():
            found.append(f"{GATEWAY_URL}{name} must be an https:// address, and not of a sandbox")
    found += [
        f"{GATEWAY_KEY}{name} holds a sandbox key"
        for name, keys in _gateway_keys(known).items()
        if any(key.startswith(SANDBOX_KEYS) for key in keys)
    ]
    return found


def _beginning(known: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value
        for name, value in known.items()
        if name.startswith(prefix) and value.strip()
    }


def _gateway_keys(known: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(value.split()) for name, value in _beginning(known, GATEWAY_KEY).items()}


def _gateway_urls(known: Mapping[str, str]) -> dict[str, str]:
    return {n: value.strip().rstrip("/") for n, value in _beginning(known, GATEWAY_URL).items()}


def _gateway_profiles(known: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return _words(known, GATEWAY_PROFILE)


def _sources(known: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return _words(known, SFTP)


def _words(known: Mapping[str, str], prefix: str) -> dict[str, dict[str, str]]:
    """Settings of the form name=value name=value; a word that is not is a problem of its own."""
    return {
        name: dict(word.split("=", 1) for word in words.split() if "=" in word)
        for name, words in _beginning(known, prefix).items()
    }


def _kept_secrets(var: Path) -> dict[str, str]:
    """Secrets of a development machine or demo, made at the first start."""
    kept = var / "secrets.env"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        names = ("SECRET_KEY", "PEPPER")
        lines = [f"{name}={secrets.token_urlsafe(48)}" for name in names]
        lines.append(f"GATEWAY_KEY_MIDTRANS_JAMBI=SB-Mid-server-{secrets.token_urlsafe(18)}")
        lines.append(f"GATEWAY_KEY_XENDIT_JAMBI=xnd_development_{secrets.token_urlsafe(18)}")
        lines.append(f"GATEWAY_KEY_XENDIT_JAMBI__CALLBACK={secrets.token_urlsafe(18)}")
        lines.append(f"GATEWAY_KEY_DOKU_JAMBI=SK-sandbox-{secrets.token_urlsafe(18)}")
        lines += _bank_of_sandbox()
        partial = kept.with_name(f"secrets.{os.getpid()}")
        partial.touch(mode=0o600)
        partial.write_text("\n".join(lines) + "\n")
        with suppress(FileExistsError):
            os.link(partial, kept)  # the first of two processes that start at once decides
        partial.unlink()
    return _lines(kept)


def _lines(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def _bank_of_sandbox() -> list[str]:
    """What we and the sandbox's bank would have exchanged: a secret and two RSA pairs."""
    ours, banks = new_pair(), new_pair()
    return [
        f"GATEWAY_KEY_SNAP_JAMBI=SB-snap-{secrets.token_urlsafe(24)}",
        f"GATEWAY_KEY_SNAP_JAMBI__PRIVATE={ours[0]}",
        f"GATEWAY_KEY_SNAP_JAMBI__PROVIDER={banks[1]}",
        f"GATEWAY_KEY_SNAP_JAMBI__PROVIDER_PRIVATE={banks[0]}",
        "GATEWAY_PROFILE_SNAP_JAMBI="
        "profile=plain client_id=DEMO-CLIENT channel_id=95221 cancel=yes refund=yes",
    ]
