"""Notifications on their way to the merchant, with every attempt and its answer."""

import json
import sqlite3
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from parking.sandbox.provider import Delivery, Message
from parking.sandbox.state import State
from parking.sandbox.transactions import Transaction

WAITING, HELD, DELIVERED, GIVEN_UP, DROPPED = "waiting", "held", "delivered", "given_up", "dropped"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending it once; `answer` is None when there was none."""

    at: datetime
    answer: int | None
    error: str
    ms: int


class Outbox:
    def __init__(self, state: State) -> None:
        self._state = state
        self.wake = threading.Event()  # something may be due

    def put(
        self,
        transaction: Transaction,
        message: Message,
        due_at: datetime,
        state: str = WAITING,
        fault: str = "",
    ) -> None:
        """One delivery to each address of the transaction."""
        headers = json.dumps(dict(message.headers))
        with self._state.writing() as db:
            for url in transaction.notify:
                db.execute(
                    "INSERT INTO deliveries (gateway, account, transaction_id, order_id, kind,"
                    " url, body, headers, state, due_at, fault) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                    (
                        transaction.gateway, transaction.account, transaction.transaction_id,
                        transaction.order_id, message.kind, url + message.tail, message.body,
                        headers, state, self._state.micros(due_at), fault,
                    ),
                )  # fmt: skip

    def has_held(self, transaction_id: str) -> bool:
        return bool(
            self._state.rows(
                "SELECT 1 FROM deliveries WHERE transaction_id = ? AND state = 'held'",
                (transaction_id,),
            )
        )

    def due(
        self, now: datetime, busy: Collection[str], down: Sequence[str], limit: int
    ) -> list[Delivery]:
        """Those to send now, at most one of each transaction so that none overtakes another.

        `busy`: transactions, `down`: providers that are left out.
        """
        rows = self._state.rows(
            "SELECT id, gateway, account, transaction_id, url, body, headers, fault, attempts"
            " FROM deliveries WHERE state = 'waiting' AND due_at <= ?"
            " AND gateway NOT IN (SELECT value FROM json_each(?)) ORDER BY due_at, id LIMIT ?",
            (self._state.micros(now), json.dumps(list(down)), limit),
        )
        chosen: dict[str, Delivery] = {}
        for row in rows:
            if row["transaction_id"] not in busy:
                told = dict(row) | {"headers": json.loads(row["headers"])}
                chosen.setdefault(row["transaction_id"], Delivery(**told))
        return list(chosen.values())

    def record(self, delivery: Delivery, attempt: Attempt, wait: timedelta | None) -> None:
        """Note an attempt; `wait` until the next one, None when it was the last."""
        micros = self._state.micros
        delivered = attempt.answer is not None and 200 <= attempt.answer < 300
        over = DELIVERED if delivered else GIVEN_UP
        with self._state.writing() as db:
            db.execute(
                "INSERT INTO attempts VALUES (?,?,?,?,?)",
                (delivery.id, micros(attempt.at), attempt.answer, attempt.error, attempt.ms),
            )
            db.execute(
                "UPDATE deliveries SET attempts = attempts + 1, state = ?, due_at = ? WHERE id = ?",
                (
                    over if wait is None else WAITING,
                    micros(attempt.at + (wait or timedelta(0))),
                    delivery.id,
                ),
            )
            # What was held back so that another one overtakes it may go now.
            db.execute(
                "UPDATE deliveries SET state = 'waiting', due_at = ?"
                " WHERE transaction_id = ? AND state = 'held' AND id <> ?",
                (micros(attempt.at), delivery.transaction_id, delivery.id),
            )

    def hasten(self, order: str | None, now: datetime) -> None:
        """Make due what waits or is held, of one order or of all, whatever its time."""
        with self._state.writing() as db:
            db.execute(
                "UPDATE deliveries SET state = 'waiting', due_at = min(due_at, ?)"
                " WHERE state IN ('waiting', 'held') AND (? IS NULL OR order_id = ?)",
                (self._state.micros(now), order, order),
            )

    def listing(self, order: str | None, limit: int) -> list[dict[str, Any]]:
        """The latest deliveries with their attempts, oldest first."""
        rows = self._state.rows(
            "SELECT * FROM (SELECT * FROM deliveries WHERE ? IS NULL OR order_id = ?"
            " ORDER BY id DESC LIMIT ?) ORDER BY id",
            (order, order, limit),
        )
        return [self._shown(row) for row in rows]

    def search(self, order: str, limit: int) -> list[dict[str, Any]]:
        """The latest about orders that contain these letters, the latest first."""
        rows = self._state.rows(
            "SELECT * FROM deliveries WHERE instr(order_id, ?) ORDER BY id DESC LIMIT ?",
            (order, limit),
        )
        return [self._shown(row) for row in rows]

    def _shown(self, row: sqlite3.Row) -> dict[str, Any]:
        attempts = self._state.rows(
            "SELECT at, answer, error, ms FROM attempts WHERE delivery_id = ? ORDER BY rowid",
            (row["id"],),
        )
        return {
            "id": row["id"],
            "gateway": row["gateway"],
            "order_id": row["order_id"],
            "transaction_id": row["transaction_id"],
            "transaction_status": row["kind"],
            "url": row["url"],
            "state": row["state"],
            "due_at": self._state.moment(row["due_at"]).isoformat(),
            "fault": row["fault"],
            "body": json.loads(row["body"]),
            "attempts": [
                dict(attempt) | {"at": self._state.moment(attempt["at"]).isoformat()}
                for attempt in attempts
            ],
        }

    def counts(self) -> dict[str, int]:
        rows = self._state.rows("SELECT state, count(*) AS n FROM deliveries GROUP BY state")
        return {row["state"]: row["n"] for row in rows}
