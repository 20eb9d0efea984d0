"""Connections: how the application, its owner and its reports reach PostgreSQL."""

from collections.abc import Callable
from time import sleep
from typing import TypeVar

from psycopg.types.array import ListBinaryDumper
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

APP_ROLE = "parking_app"  # may add to the book and never change it; migrations create it

# Serialization failure and deadlock: the whole unit of work may be tried again.
RETRIED = frozenset({"40001", "40P01"})
ALREADY_THERE = frozenset({"23505"})  # somebody else was first: looking again shows it
TRIES = 5

T = TypeVar("T")


def driver_url(url: str) -> str:
    """The URL as SQLAlchemy wants it, with psycopg 3 as the driver."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(False)


def app_engine(
    url: str, *, pool_size: int = 5, statement_timeout_s: int = 5, lock_timeout_s: int = 2
) -> Engine:
    """The application's connections: role `parking_app`, UTC, bounded waits.

    The role is taken up when a connection is made, so one DATABASE_URL serves the
    owner and the application; a login that is that role already stays what it is.
    """
    engine = create_engine(
        driver_url(url), pool_size=pool_size, max_overflow=0, pool_timeout=5, pool_pre_ping=True
    )

    @event.listens_for(engine, "connect")
    def take_up_role(connection, _record) -> None:
        # Arrays as they are in memory: written out as text they take three times as long.
        connection.adapters.register_dumper(list, ListBinaryDumper)
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {APP_ROLE}")
            cursor.execute("SET timezone TO 'UTC'")
            cursor.execute(f"SET statement_timeout TO '{int(statement_timeout_s)}s'")
            cursor.execute(f"SET lock_timeout TO '{int(lock_timeout_s)}s'")
            cursor.execute("SET idle_in_transaction_session_timeout TO '60s'")
        connection.commit()

    return engine


def owner_engine(url: str) -> Engine:
    """The owner's connection, for migrations only."""
    return create_engine(driver_url(url), pool_size=1, max_overflow=0)


def sessions_of(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose values stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


def retried(
    sessions: sessionmaker[Session],
    work: Callable[[Session], T],
    also: frozenset[str] = frozenset(),
) -> T:
    """Run one unit of work in a transaction, again if the database asks for it (F37, F38).

    `also` names more SQLSTATEs after which it is worth another try. `work` may run
    several times and must do nothing but use its session.
    """
    for attempt in range(1, TRIES + 1):
        try:
            with sessions.begin() as session:
                return work(session)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in RETRIED | also or attempt == TRIES:
                raise
            sleep(0.02 * 2**attempt)
    raise AssertionError("unreachable")


def is_down(error: BaseException) -> bool:
    """Whether the database went away: nobody's fault, and worth another try as it is."""
    if isinstance(error, OperationalError):
        return error.connection_invalidated or getattr(error.orig, "sqlstate", None) is None
    return isinstance(error, PoolTimeout)
