"""Post entries: the one way anything comes into the book."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from parking.database.bulk import add_rows
from parking.ledger.entry import Entry
from parking.ledger.store import EntryRow, PostingRow


def post(session: Session, entry: Entry, at: datetime) -> None:
    """Post one entry, in the transaction of what it is about. See `post_all`."""
    post_all(session, [entry], at)


def post_all(session: Session, entries: Sequence[Entry], at: datetime) -> None:
    """Post entries with their postings, all in this transaction and none later.

    Raises IntegrityError if one of that kind and reference is booked already; the
    database refuses at commit what does not balance. No savepoint may stand around
    this: a posting must be of the very transaction of its entry.
    """
    ids = add_rows(
        session,
        EntryRow,
        [
            {
                "kind": e.kind, "reference": e.reference, "effective_on": e.effective_on,
                "posted_at": at, **e.source.named(),
            }
            for e in entries
        ],
    )  # fmt: skip
    add_rows(
        session,
        PostingRow,
        [
            {
                "entry_id": entry_id, "number": number, "account": p.account,
                "holder": p.holder, "amount": p.amount,
            }
            for entry_id, entry in zip(ids, entries, strict=True)
            for number, p in enumerate(entry.postings, 1)
        ],
    )  # fmt: skip
