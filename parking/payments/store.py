"""The callback inbox, the evidence drawn from it, and the payments that evidence proves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from parking.charges.store import ChargeEventRow, ChargeRow
from parking.database.base import Base, RowId, RupiahColumn, append_only, updatable
from parking.database.bulk import add_rows, among, change_rows
from parking.gateways.protocol import Authenticated, Evidence, Level, Merchant, State, Trust
from parking.ledger.entry import Account
from parking.ledger.store import EntryRow, PostingRow
from parking.money import Rupiah
from parking.payments.line import Line, Told
from parking.payments.payment import BY_HAND, Brought, Origin, Payment, Ref, by_hand_reference


class CallbackRow(Base):
    """A callback as it came. The natural key makes two deliveries of one message one row."""

    __tablename__ = "callback"
    __table_args__ = append_only(UniqueConstraint("gateway", "account", "natural_key"))

    id: Mapped[RowId]
    gateway: Mapped[str]
    account: Mapped[str]
    natural_key: Mapped[str]
    level: Mapped[str]
    reason: Mapped[str]  # why it could not be believed or read; empty otherwise
    path: Mapped[str]  # as it was asked for: a signature may cover it
    headers: Mapped[str]  # JSON; without credentials
    body: Mapped[bytes] = mapped_column(LargeBinary)
    remote: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(index=True)


class CallbackRepeatRow(Base):
    """A further delivery of a callback that was kept already (D04)."""

    __tablename__ = "callback_repeat"
    __table_args__ = append_only()

    id: Mapped[RowId]
    callback_id: Mapped[int] = mapped_column(ForeignKey("callback.id"), index=True)
    received_at: Mapped[datetime]


class CallbackWorkRow(Base):
    """How far the work on a callback has come (reliability.md 5.1)."""

    __tablename__ = "callback_work"
    __table_args__ = (
        Index("ix_callback_work_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        updatable("state", "attempts", "due_at", "reason", "worked_at"),
    )

    callback_id: Mapped[int] = mapped_column(ForeignKey("callback.id"), primary_key=True)
    state: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime | None]  # None: nothing more to do by itself
    reason: Mapped[str]
    worked_at: Mapped[datetime | None]


class EvidenceRow(Base):
    """What a callback, an inquiry or a settlement line says of a payment."""

    __tablename__ = "evidence"
    __table_args__ = append_only(
        CheckConstraint("source IN ('callback', 'inquiry', 'settlement')", name="source"),
        CheckConstraint(
            "(source = 'callback') = (callback_id IS NOT NULL)"
            " AND (source = 'settlement') = (line_id IS NOT NULL)",
            name="origin",
        ),
        Index("ix_evidence_ours", "ours"),
        Index(
            "ix_evidence_callback_id", "callback_id",
            postgresql_where=text("callback_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[RowId]
    source: Mapped[str]
    callback_id: Mapped[int | None] = mapped_column(ForeignKey("callback.id"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_line.id"))
    gateway: Mapped[str]
    account: Mapped[str]
    ours: Mapped[str]
    payment_ref: Mapped[str]
    state: Mapped[str]
    amount: Mapped[RupiahColumn]
    refunded: Mapped[RupiahColumn]
    at: Mapped[datetime]
    trust: Mapped[str]
    issuer: Mapped[str]
    seen_at: Mapped[datetime]


class PaymentRow(Base):
    """Money that a gateway received for us, or gave back. Booked once, whoever said so (M2)."""

    __tablename__ = "payment"
    __table_args__ = append_only(
        UniqueConstraint("gateway", "payment_ref", "account", "effect"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payment_business_day_account", "business_day", "gateway", "account"),
        Index("ix_payment_charge_id", "charge_id"),
    )

    id: Mapped[RowId]
    gateway: Mapped[str]
    account: Mapped[str]
    payment_ref: Mapped[str]
    effect: Mapped[str]  # "receipt", "reversal", "refund:<total refunded>"
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"))
    ours: Mapped[str]  # as the gateway named it; may be no charge of ours
    amount: Mapped[RupiahColumn]
    paid_at: Mapped[datetime]
    business_day: Mapped[date]  # of paid_at, decided once (M21)
    source: Mapped[str]  # of the evidence that proved it first
    late: Mapped[bool]  # the charge had ended by then
    booked_at: Mapped[datetime]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))


@dataclass(frozen=True, slots=True)
class WaitingCallback:
    """A callback that somebody must work on, locked for this transaction."""

    id: int
    gateway: str
    account: str
    path: str
    headers: str
    body: bytes
    received_at: datetime
    state: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Worked:
    """How far the work on a callback has come."""

    callback_id: int
    state: str
    attempts: int
    due_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Due:
    """A charge whose gateway is to be asked."""

    ours: str
    theirs: str | None
    gateway: str
    account: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A callback at the door, with what its sender could prove."""

    account: tuple[str, str]  # gateway, account
    proved: Authenticated
    path: str
    headers: str
    body: bytes
    remote: str
    at: datetime


# One statement, so that it is one transaction and one round trip however many came in at once:
# the callbacks with their work, and what was there already or twice among them as repeats.
KEEP = text("""
WITH came AS (
    SELECT * FROM unnest(
        CAST(:gateways AS text[]), CAST(:accounts AS text[]), CAST(:keys AS text[]),
        CAST(:levels AS text[]), CAST(:reasons AS text[]), CAST(:paths AS text[]),
        CAST(:headers AS text[]),
        CAST(:bodies AS bytea[]), CAST(:remotes AS text[]), CAST(:moments AS timestamptz[]),
        CAST(:states AS text[]), CAST(:dues AS timestamptz[])
    ) WITH ORDINALITY
    AS came (gateway, account, natural_key, level, reason, path, headers, body, remote,
             received_at, state, due_at, number)
), kept AS (
    INSERT INTO callback (gateway, account, natural_key, level, reason, path, headers, body,
                          remote, received_at)
    SELECT gateway, account, natural_key, level, reason, path, headers, body, remote, received_at
    FROM came ORDER BY number
    ON CONFLICT (gateway, account, natural_key) DO NOTHING
    RETURNING id, gateway, account, natural_key
), work AS (
    INSERT INTO callback_work (callback_id, state, attempts, due_at, reason)
    SELECT DISTINCT ON (kept.id) kept.id, came.state, 0, came.due_at, came.reason
    FROM kept JOIN came USING (gateway, account, natural_key) ORDER BY kept.id, came.number
)
SELECT came.number FROM kept JOIN came USING (gateway, account, natural_key)
""")
REPEAT = text("""
INSERT INTO callback_repeat (callback_id, received_at)
SELECT id, :at FROM callback
WHERE gateway = :gateway AND account = :account AND natural_key = :natural_key
""")
# What can be worked on by itself. What proved nothing is kept to be seen, not to be believed.
STATE_AT_THE_DOOR = {Level.NONE: "REJECTED", Level.MALFORMED: "MALFORMED"}


def keep_callbacks(connection: Connection, arrived: Sequence[Arrived]) -> list[bool]:
    """Keep callbacks, or note that they came again; of each, whether it is new.

    The connection commits by itself. Raises what the database raises, and then none
    is kept.
    """
    values = {
        "gateways": [a.account[0] for a in arrived],
        "accounts": [a.account[1] for a in arrived],
        "keys": [a.proved.natural_key for a in arrived],
        "levels": [a.proved.level for a in arrived],
        "reasons": [a.proved.reason for a in arrived],
        "paths": [a.path for a in arrived],
        "headers": [a.headers for a in arrived],
        "bodies": [a.body for a in arrived],
        "remotes": [a.remote for a in arrived],
        "moments": [a.at for a in arrived],
        "states": [STATE_AT_THE_DOOR.get(a.proved.level, "RECEIVED") for a in arrived],
        "dues": [None if a.proved.level in STATE_AT_THE_DOOR else a.at for a in arrived],
    }
    found = {number for (number,) in connection.execute(KEEP, values)}
    seen: set[tuple[str, ...]] = set()
    news = []
    for number, each in enumerate(arrived, 1):
        key = (*each.account, each.proved.natural_key)
        news.append(number in found and key not in seen)
        seen.add(key)
        if not news[-1]:
            named = dict(zip(("gateway", "account", "natural_key"), key, strict=True))
            connection.execute(REPEAT, named | {"at": each.at})
    return news


def waiting_callbacks(
    session: Session, now: datetime, limit: int, only: int | None = None
) -> Sequence[WaitingCallback]:
    """Callbacks whose work is due and that nobody else holds, the oldest first."""
    work, row = CallbackWorkRow, CallbackRow
    query = (
        select(
            row.id, row.gateway, row.account, row.path, row.headers, row.body, row.received_at,
            work.state, work.attempts,
        )
        .join(work, work.callback_id == row.id)
        .where(work.due_at <= now)
        .order_by(work.due_at)
        .limit(limit)
        .with_for_update(of=work, skip_locked=True)
    )  # fmt: skip
    if only is not None:
        query = query.where(work.callback_id == only)
    return [WaitingCallback(*found) for found in session.execute(query)]


def due_callbacks(session: Session, now: datetime, limit: int) -> Sequence[tuple[int, int]]:
    """Ids and attempts of callbacks whose work is due, not locked."""
    work = CallbackWorkRow
    query = select(work.callback_id, work.attempts).where(work.due_at <= now)
    return [(i, n) for i, n in session.execute(query.order_by(work.due_at).limit(limit))]


def mark_worked(session: Session, worked: Sequence[Worked], at: datetime) -> None:
    change_rows(
        session,
        CallbackWorkRow,
        ["callback_id"],
        [
            {
                "callback_id": w.callback_id, "state": w.state, "attempts": w.attempts,
                "due_at": w.due_at, "reason": w.reason, "worked_at": at,
            }
            for w in worked
        ],
    )  # fmt: skip


def look_up_by_key(session: Session) -> None:
    """For the rest of this transaction, find rows by index.

    Everything here is looked up by key. Just after many rows came, the planner still
    believes the tables to be small and would read them whole, for every batch again.
    """
    session.execute(text("SET LOCAL enable_seqscan = off"))


def add_evidence(session: Session, brought: Sequence[Brought], seen_at: datetime) -> list[int]:
    """Keep evidence; its ids, in the order given."""
    rows = [
        {
            "source": b.origin, "callback_id": b.callback_id, "line_id": b.line_id,
            "gateway": b.evidence.gateway, "account": b.evidence.account,
            "ours": b.evidence.ours, "payment_ref": b.evidence.payment_ref,
            "state": b.evidence.state, "amount": b.evidence.amount,
            "refunded": b.evidence.refunded, "at": b.evidence.at, "trust": b.evidence.trust,
            "issuer": b.evidence.issuer, "seen_at": seen_at,
        }
        for b in brought
    ]  # fmt: skip
    return add_rows(session, EvidenceRow, rows)


def payments_about(
    session: Session, charge_ids: Collection[int], refs: Collection[Ref]
) -> Sequence[Payment]:
    """Payments of charges, and those under references, in booking order."""
    row = PaymentRow
    by_charge = select(row).where(among(row.charge_id, charge_ids))
    by_ref = select(row).where(
        among(row.payment_ref, {ref for _, _, ref in refs}),
        among(row.gateway, {gateway for gateway, _, _ in refs}),
        among(row.account, {account for _, account, _ in refs}),
    )
    found = {r.id: r for query in (by_charge, by_ref) for r in session.scalars(query)}
    return [_payment(found[row_id]) for row_id in sorted(found)]


def paid_back_by_hand(session: Session, refs: Collection[Ref]) -> dict[Ref, Rupiah]:
    """Of these payments, what was given back outside their gateway; the others are left out."""
    if not refs:
        return {}
    entry, side = EntryRow, PostingRow
    wanted = {by_hand_reference(ref, ""): ref for ref in refs}
    query = (
        select(entry.reference, side.amount)
        .join(side, side.entry_id == entry.id)
        .where(
            entry.kind == BY_HAND, side.account == Account.REFUNDED_BY_HAND,
            or_(*(entry.reference.startswith(name, autoescape=True) for name in wanted)),
        )
    )  # fmt: skip
    found: dict[Ref, Rupiah] = {}
    for reference, amount in session.execute(query):
        ref = wanted.get(reference.rpartition("/")[0] + "/")
        if ref is not None:  # a longer reference may begin alike
            found[ref] = Rupiah(found.get(ref, 0) - amount)
    return found


def refs_told_of(session: Session, ours: Collection[str]) -> set[Ref]:
    """Every payment reference under which a gateway has spoken of these orders."""
    row = EvidenceRow
    query = select(row.gateway, row.account, row.payment_ref).where(among(row.ours, ours))
    return {(gateway, account, ref) for gateway, account, ref in session.execute(query.distinct())}


def add_payments(session: Session, payments: Sequence[Payment], at: datetime) -> None:
    """Raises IntegrityError if one of them is booked already (M2)."""
    rows = [
        {
            "gateway": p.gateway, "account": p.account, "payment_ref": p.payment_ref,
            "effect": p.effect, "charge_id": p.charge_id, "ours": p.ours, "amount": p.amount,
            "paid_at": p.paid_at, "business_day": p.business_day, "source": p.source,
            "late": p.late, "booked_at": at, "evidence_id": p.evidence_id,
        }
        for p in payments
    ]  # fmt: skip
    add_rows(session, PaymentRow, rows)


def kept_evidence(session: Session, callback_id: int, ours: str) -> tuple[int, datetime] | None:
    """The id of the evidence drawn from a callback before, and when."""
    row = EvidenceRow
    query = select(row.id, row.seen_at).where(row.ours == ours, row.callback_id == callback_id)
    found = session.execute(query.order_by(row.id).limit(1)).first()
    return (found.id, found.seen_at) if found else None


def answers_after(session: Session, ours: str, evidence_id: int) -> Sequence[Evidence]:
    """What the gateway itself said of an order after some evidence was kept."""
    row = EvidenceRow
    query = select(row).where(row.ours == ours, row.id > evidence_id, row.source != Origin.CALLBACK)
    return [_evidence(found) for found in session.scalars(query.order_by(row.id))]


def not_known_since(session: Session, ours: str, moment: datetime) -> bool:
    """Whether the gateway, asked since a moment, knew of no payment for an order."""
    event, charge = ChargeEventRow, ChargeRow
    query = select(event.id).join(charge, charge.id == event.charge_id)
    query = query.where(charge.ours == ours, event.cause == "not_known", event.at >= moment)
    return session.scalar(query.limit(1)) is not None


def count_waiting(session: Session, state: str, up_to: int) -> int:
    """How many callbacks wait in a state, counted up to a number."""
    work = CallbackWorkRow
    waiting = select(work.callback_id).where(work.due_at.is_not(None), work.state == state)
    return session.scalar(select(func.count()).select_from(waiting.limit(up_to).subquery())) or 0


def order_of(session: Session, gateway: str, account: str, payment_ref: str) -> str | None:
    """The order under which a payment is booked; None if it is not."""
    row = PaymentRow
    query = select(row.ours).where(
        row.gateway == gateway, row.account == account, row.payment_ref == payment_ref
    )
    return session.scalar(query.order_by(row.id).limit(1))


def refs_in_doubt(session: Session, ours: Collection[str]) -> Mapping[str, set[str]]:
    """By order, the payment references that callbacks name and nobody has confirmed yet."""
    row, work = EvidenceRow, CallbackWorkRow
    query = (
        select(row.ours, row.payment_ref)
        .join(work, work.callback_id == row.callback_id)
        .where(among(row.ours, ours), work.state == "UNVERIFIED")
    )
    found: dict[str, set[str]] = {}
    for order, ref in session.execute(query):
        found.setdefault(order, set()).add(ref)
    return found


def due_charges(
    session: Session, now: datetime, limit: int, without: Collection[tuple[str, str]] = ()
) -> Sequence[Due]:
    """Charges to be asked about, those whose QR nobody has seen first. None is locked.

    `without` are accounts (gateway, account) that are not to be asked now.
    """
    row = ChargeRow
    lost_first = row.state.in_(("create_unknown", "creating")).desc()
    query = (
        select(row.ours, row.theirs, row.gateway, row.account)
        .where(row.inquire_at <= now, tuple_(row.gateway, row.account).not_in(without))
        .order_by(lost_first, row.inquire_at)
        .limit(limit)
    )
    return [Due(*found) for found in session.execute(query)]


def evidence_of_lines(session: Session, lines: Sequence[Line]) -> dict[int, int]:
    """By line id, the id of the evidence drawn from it; lines never applied are left out."""
    row, ids = EvidenceRow, [line_id for line_id, _ in lines]
    query = select(row.line_id, row.id).where(
        among(row.ours, {line.ours for _, line in lines}), among(row.line_id, ids)
    )
    return {found.line_id: found.id for found in session.execute(query)}


def told_of(session: Session, merchant: Merchant, refs: Collection[str], without: set[int]) -> Told:
    """What is booked of an account's payments, and what settlement lines said was given back.

    `without` are line ids that do not count any more.
    """
    pay, row = PaymentRow, EvidenceRow
    receipts = select(pay.payment_ref, pay.amount).where(
        pay.gateway == merchant.gateway, pay.account == merchant.account,
        among(pay.payment_ref, refs), pay.effect == "receipt",
    )  # fmt: skip
    received = {ref: Rupiah(amount) for ref, amount in session.execute(receipts)}
    lines = (
        select(row.payment_ref, func.max(row.refunded))
        .join(pay, pay.ours == row.ours)
        .where(
            pay.gateway == merchant.gateway, pay.account == merchant.account,
            row.account == merchant.account,
            among(pay.payment_ref, refs), row.payment_ref == pay.payment_ref,
            row.source == Origin.SETTLEMENT, row.refunded > 0, row.line_id.not_in(without),
        )
        .group_by(row.payment_ref)
    )  # fmt: skip
    return Told(received, {ref: Rupiah(total) for ref, total in session.execute(lines)})


def _payment(row: PaymentRow) -> Payment:
    return Payment(
        row.gateway, row.account, row.payment_ref, row.effect, row.charge_id, row.ours,
        Rupiah(row.amount), row.paid_at, row.business_day, Origin(row.source), row.late,
        row.evidence_id,
    )  # fmt: skip


def _evidence(row: EvidenceRow) -> Evidence:
    return Evidence(
        row.gateway, row.account, row.ours, row.payment_ref, State(row.state),
        Rupiah(row.amount), row.at, Trust(row.trust), Rupiah(row.refunded), issuer=row.issuer,
    )  # fmt: skip
