"""What the gateway remembers: transactions, refunds, notifications, faults.

One SQLite file, and on purpose not the PostgreSQL of the system it serves: the sandbox
stands for somebody else's machine. A merchant cannot look into its gateway's books, and
no transaction spans the two; sharing a database would hide the very faults that the
sandbox is there to show.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from parking.money import Rupiah
from parking.sandbox.config import SandboxMerchant
from parking.sandbox.transactions import Refund, Transaction

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SCHEMA = """
CREATE TABLE IF NOT EXISTS transactions (
    number INTEGER PRIMARY KEY,
    transaction_id TEXT NOT NULL UNIQUE,
    order_id TEXT NOT NULL, gateway TEXT NOT NULL, account TEXT NOT NULL,
    asked INTEGER NOT NULL, amount INTEGER NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, paid_at INTEGER,
    acquirer TEXT NOT NULL, issuer TEXT NOT NULL, rrn TEXT NOT NULL,
    qr_text TEXT NOT NULL, label TEXT NOT NULL,
    extras TEXT NOT NULL, notify TEXT NOT NULL, reversed_at INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS transactions_order ON transactions (order_id);
CREATE UNIQUE INDEX IF NOT EXISTS transactions_label ON transactions (label) WHERE label <> '';
CREATE INDEX IF NOT EXISTS transactions_open ON transactions (expires_at) WHERE status = 'pending';
CREATE INDEX IF NOT EXISTS transactions_paid ON transactions (gateway, account, paid_at);
CREATE INDEX IF NOT EXISTS transactions_gateway ON transactions (gateway, number);
CREATE INDEX IF NOT EXISTS transactions_reversed ON transactions (gateway, account, reversed_at)
    WHERE reversed_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS refunds (
    id INTEGER PRIMARY KEY,
    transaction_id TEXT NOT NULL REFERENCES transactions (transaction_id),
    refund_key TEXT NOT NULL, amount INTEGER NOT NULL, reason TEXT NOT NULL,
    made_at INTEGER NOT NULL, confirmed_at INTEGER, failed_at INTEGER,
    fate TEXT NOT NULL,  -- confirmed, failed, or pending for ever
    UNIQUE (transaction_id, refund_key)
) STRICT;
CREATE INDEX IF NOT EXISTS refunds_open ON refunds (made_at)
    WHERE confirmed_at IS NULL AND failed_at IS NULL AND fate <> 'pending';
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY,
    gateway TEXT NOT NULL, account TEXT NOT NULL,
    transaction_id TEXT NOT NULL, order_id TEXT NOT NULL, kind TEXT NOT NULL,
    url TEXT NOT NULL, body TEXT NOT NULL, headers TEXT NOT NULL,
    state TEXT NOT NULL,  -- waiting, held, delivered, given_up, dropped
    due_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, fault TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS deliveries_order ON deliveries (order_id);
CREATE INDEX IF NOT EXISTS deliveries_transaction ON deliveries (transaction_id);
CREATE TABLE IF NOT EXISTS attempts (
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    at INTEGER NOT NULL, answer INTEGER, error TEXT NOT NULL, ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS attempts_delivery ON attempts (delivery_id);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL, gateway TEXT, order_id TEXT, times INTEGER, value TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS fault_uses (
    fault_id INTEGER NOT NULL REFERENCES faults (id), order_id TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

TABLES = (
    "attempts", "deliveries", "refunds", "transactions", "fault_uses", "faults", "idempotency",
    "settings",
)  # fmt: skip

VERSION = 2  # of the schema; what a sandbox of another one remembered is forgotten


class State:
    """One connection behind one lock: a statement takes tens of microseconds."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        # A power cut may lose the last moments, a crash of the process may not.
        self._db.execute("PRAGMA synchronous = NORMAL")
        if self._db.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            for table in TABLES:
                self._db.execute(f"DROP TABLE IF EXISTS {table}")
            self._db.execute(f"PRAGMA user_version = {VERSION}")
        self._db.executescript(SCHEMA)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; a `with` inside another joins the outer one."""
        with self.lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield self._db
            except BaseException:
                if self._depth == 1:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if self._depth == 1:
                    self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self.lock:
            return self._db.execute(query, values).fetchall()

    def reset(self) -> None:
        """Forget everything."""
        with self.writing() as db:
            for table in TABLES:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table names

    @staticmethod
    def micros(moment: datetime) -> int:
        return (moment - EPOCH) // timedelta(microseconds=1)

    @staticmethod
    def moment(micros: int) -> datetime:
        return EPOCH + timedelta(microseconds=micros)

    def _moment(self, micros: int | None) -> datetime | None:
        return None if micros is None else self.moment(micros)

    def _micros(self, moment: datetime | None) -> int | None:
        return None if moment is None else self.micros(moment)

    def find(self, name: str) -> Transaction | None:
        """By transaction id, or the latest by order id."""
        found = self._transactions(
            "WHERE transaction_id = ? OR order_id = ? ORDER BY number DESC LIMIT 1", (name, name)
        )
        return found[0] if found else None

    def find_of(self, merchant: SandboxMerchant, name: str) -> Transaction | None:
        """The same among one merchant's; order ids are a merchant's own."""
        found = self._transactions(
            "WHERE gateway = ? AND account = ? AND (transaction_id = ? OR order_id = ?)"
            " ORDER BY number DESC LIMIT 1",
            (merchant.gateway, merchant.account, name, name),
        )
        return found[0] if found else None

    def by_label(self, label: str) -> Transaction | None:
        found = self._transactions("WHERE label = ? AND label <> ''", (label,))
        return found[0] if found else None

    def of_order(self, order_id: str) -> list[Transaction]:
        return self._transactions("WHERE order_id = ? ORDER BY number", (order_id,))

    def latest(self, count: int) -> list[Transaction]:
        return self._transactions("ORDER BY number DESC LIMIT ?", (count,))

    def search(self, gateway: str, order: str, count: int) -> list[Transaction]:
        """The latest of a provider whose order ids contain these letters."""
        return self._transactions(
            "WHERE gateway = ? AND instr(order_id, ?) ORDER BY number DESC LIMIT ?",
            (gateway, order, count),
        )

    def count(self, gateway: str) -> int:
        query = "SELECT count(*) AS n FROM transactions WHERE gateway = ?"
        return int(self.rows(query, (gateway,))[0]["n"])

    def open_since(self, now: datetime, count: int) -> list[Transaction]:
        """Pending ones whose time has run out."""
        return self._transactions(
            "WHERE status = 'pending' AND expires_at <= ? LIMIT ?", (self.micros(now), count)
        )

    def paid_between(
        self, merchant: SandboxMerchant, start: datetime, end: datetime
    ) -> list[Transaction]:
        return self._transactions(
            "WHERE gateway = ? AND account = ? AND paid_at >= ? AND paid_at < ?"
            " ORDER BY paid_at, number",
            (merchant.gateway, merchant.account, self.micros(start), self.micros(end)),
        )

    def refunded_between(
        self, merchant: SandboxMerchant, start: datetime, end: datetime
    ) -> list[Transaction]:
        return self._transactions(
            "WHERE gateway = ? AND account = ? AND transaction_id IN"
            " (SELECT transaction_id FROM refunds WHERE made_at >= ? AND made_at < ?)"
            " ORDER BY number",
            (merchant.gateway, merchant.account, self.micros(start), self.micros(end)),
        )

    def reversed_between(
        self, merchant: SandboxMerchant, start: datetime, end: datetime
    ) -> list[Transaction]:
        return self._transactions(
            "WHERE gateway = ? AND account = ? AND reversed_at >= ? AND reversed_at < ?"
            " ORDER BY reversed_at, number",
            (merchant.gateway, merchant.account, self.micros(start), self.micros(end)),
        )

    def _transactions(self, where: str, values: Sequence[Any]) -> list[Transaction]:
        refunds = "SELECT 1 FROM refunds r WHERE r.transaction_id = transactions.transaction_id"
        query = f"SELECT *, EXISTS ({refunds}) AS was_refunded FROM transactions {where}"  # noqa: S608 - our own clauses
        with self.lock:
            return [self._transaction(row) for row in self.rows(query, values)]

    def _transaction(self, row: sqlite3.Row) -> Transaction:
        return Transaction(
            transaction_id=row["transaction_id"],
            order_id=row["order_id"],
            gateway=row["gateway"],
            account=row["account"],
            asked=Rupiah(row["asked"]),
            amount=Rupiah(row["amount"]),
            status=row["status"],
            created_at=self.moment(row["created_at"]),
            expires_at=self.moment(row["expires_at"]),
            paid_at=self._moment(row["paid_at"]),
            reversed_at=self._moment(row["reversed_at"]),
            acquirer=row["acquirer"],
            issuer=row["issuer"],
            rrn=row["rrn"],
            qr_text=row["qr_text"],
            label=row["label"],
            extras=json.loads(row["extras"]),
            notify=json.loads(row["notify"]),
            refunds=self._refunds(row["transaction_id"]) if row["was_refunded"] else (),
        )

    def _refunds(self, transaction_id: str) -> tuple[Refund, ...]:
        rows = self.rows(
            "SELECT * FROM refunds WHERE transaction_id = ? ORDER BY id", (transaction_id,)
        )
        return tuple(
            Refund(
                key=row["refund_key"],
                amount=Rupiah(row["amount"]),
                reason=row["reason"],
                chargeback_id=row["id"],
                made_at=self.moment(row["made_at"]),
                fate=row["fate"],
                confirmed_at=self._moment(row["confirmed_at"]),
                failed_at=self._moment(row["failed_at"]),
            )
            for row in rows
        )

    def add(self, new: Transaction) -> None:
        with self.writing() as db:
            db.execute(
                "INSERT INTO transactions (transaction_id, order_id, gateway, account, asked,"
                " amount, status, created_at, expires_at, paid_at, acquirer, issuer, rrn, qr_text,"
                " label, extras, notify) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    new.transaction_id, new.order_id, new.gateway, new.account, new.asked,
                    new.amount, new.status, self.micros(new.created_at),
                    self.micros(new.expires_at), self._micros(new.paid_at), new.acquirer,
                    new.issuer, new.rrn, new.qr_text, new.label, json.dumps(new.extras),
                    json.dumps(list(new.notify)),
                ),
            )  # fmt: skip

    def change(self, changed: Transaction) -> None:
        """Store what can change of a transaction: status, payment, refunds."""
        with self.writing() as db:
            db.execute(
                "UPDATE transactions SET status = ?, amount = ?, issuer = ?, rrn = ?, paid_at = ?,"
                " reversed_at = ? WHERE transaction_id = ?",
                (
                    changed.status, changed.amount, changed.issuer, changed.rrn,
                    self._micros(changed.paid_at), self._micros(changed.reversed_at),
                    changed.transaction_id,
                ),
            )  # fmt: skip
            for refund in changed.refunds:
                db.execute(
                    "INSERT INTO refunds VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE"
                    " SET confirmed_at = excluded.confirmed_at, failed_at = excluded.failed_at",
                    (
                        refund.chargeback_id, changed.transaction_id, refund.key, refund.amount,
                        refund.reason, self.micros(refund.made_at),
                        self._micros(refund.confirmed_at), self._micros(refund.failed_at),
                        refund.fate,
                    ),
                )  # fmt: skip

    def answer_to(self, account: str, key: str, since: datetime) -> Any:
        """The answer stored under an idempotency key, unless it is older; None if there is none."""
        rows = self.rows(
            "SELECT answer FROM idempotency WHERE account = ? AND key = ? AND at > ?",
            (account, key, self.micros(since)),
        )
        return json.loads(rows[0]["answer"]) if rows else None

    def keep_answer(self, account: str, key: str, answer: Any, now: datetime) -> None:
        with self.writing() as db:
            db.execute(
                "INSERT INTO idempotency VALUES (?,?,?,?) ON CONFLICT (account, key)"
                " DO UPDATE SET answer = excluded.answer, at = excluded.at",
                (account, key, json.dumps(answer), self.micros(now)),
            )

    def setting(self, name: str) -> str | None:
        rows = self.rows("SELECT value FROM settings WHERE name = ?", (name,))
        return rows[0]["value"] if rows else None

    def set(self, name: str, value: str) -> None:
        with self.writing() as db:
            db.execute(
                "INSERT INTO settings VALUES (?,?) ON CONFLICT (name)"
                " DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def next_refund_id(self) -> int:
        return int(self.rows("SELECT coalesce(max(id), 0) + 1 AS id FROM refunds")[0]["id"])

    def open_refunds(self, made_before: datetime) -> list[tuple[str, str]]:
        """Transaction id and key of refunds about which their bank is to say something."""
        rows = self.rows(
            "SELECT transaction_id, refund_key FROM refunds"
            " WHERE confirmed_at IS NULL AND failed_at IS NULL AND fate <> 'pending'"
            " AND made_at <= ?",
            (self.micros(made_before),),
        )
        return [(row["transaction_id"], row["refund_key"]) for row in rows]
