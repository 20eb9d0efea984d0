"""What a business day holds, read in one snapshot as the frames that matching takes."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from parking.business_day import business_day, day_starts, day_text
from parking.database.frames import TEXT, WHOLE, Snapshot, snapshot
from parking.errors import BadInput
from parking.gateways import store as outages
from parking.money import Rupiah
from parking.reconciliation import (
    bank_day,
    cash_day,
    cash_store,
    people_store,
    treasury_store,
)
from parking.reconciliation import inputs as shape
from parking.reconciliation.bank_day import BankDay
from parking.reconciliation.cash_day import CashDay
from parking.reconciliation.inputs import MATTERS, File, Inputs, Terms, terms_at
from parking.registry import store as registry
from parking.registry.store import FeeRow, MerchantAccountRow

ONE_DAY = timedelta(days=1)
IDLE_WINDOW = timedelta(days=7)

CHARGES = """
SELECT c.id AS charge_id, c.ours, c.gateway, c.account, c.shift_id, c.attendant_id, c.point_id,
    c.device_id, c.vehicle, c.amount AS asked, c.created_at, c.state, c.business_day = $1 AS of_day,
    CASE WHEN c.business_day = $1 THEN 0 ELSE (
        SELECT count(*) FROM payment p
        WHERE p.charge_id = c.id AND p.effect = 'receipt' AND p.business_day < $1
    ) END AS receipts_before,
    CASE WHEN c.state IN ('creating', 'create_unknown', 'pending') THEN coalesce((
        SELECT true FROM payment p WHERE p.charge_id = c.id AND p.effect = 'receipt' LIMIT 1
    ), false) ELSE false END AS has_receipt
FROM charge c
"""
OF_DAY = CHARGES + "WHERE c.business_day = $1 ORDER BY c.id"
OF_OTHERS = CHARGES + "WHERE c.id = ANY($2::bigint[]) ORDER BY c.id"
RECEIPTS = """
SELECT p.id AS payment_id, concat_ws('/', p.gateway, p.account, p.payment_ref) AS chain,
    coalesce(p.charge_id, 0) AS charge_id, p.ours, p.gateway, p.amount AS paid, p.paid_at,
    p.source, p.late,
    CASE WHEN p.source = 'inquiry' THEN EXISTS (
        SELECT FROM evidence e WHERE e.ours = p.ours AND e.source = 'callback'
            AND e.state = 'paid' AND e.payment_ref = p.payment_ref
    ) ELSE p.source = 'callback' END AS heard,
    coalesce(r.amount, 0) AS returned
FROM payment p
LEFT JOIN (
    SELECT payment_id, sum(amount)::bigint AS amount FROM refund
    WHERE standing IN ('confirmed', 'transferred') GROUP BY payment_id
) r ON r.payment_id = p.id
WHERE p.business_day = $1 AND p.effect = 'receipt'
ORDER BY p.id
"""
# A line is of the day on which its payment was booked, should their clocks disagree with ours;
# without a payment it is of the day that it says. LIMIT keeps PostgreSQL from reading every
# payment for the few lines that have none.
LINES = """
SELECT concat_ws('/', l.gateway, l.account, l.payment_ref) AS chain, l.ours, l.gateway, l.account,
    l.gross, l.fee, l.settled_on, l.import_id, l.number::bigint,
    CASE WHEN p.id IS NULL
        THEN coalesce((SELECT c.id FROM charge c WHERE c.ours = l.ours), 0)
        ELSE coalesce(p.charge_id, 0) END AS charge_id
FROM settlement_line l
LEFT JOIN payment p ON p.gateway = l.gateway AND p.payment_ref = l.payment_ref
    AND p.account = l.account AND p.effect = 'receipt' AND p.business_day = $1
WHERE l.kind = 'payment' AND l.paid_on BETWEEN $1::date - 1 AND $1::date + 1
    AND CASE WHEN p.id IS NULL THEN l.paid_on = $1 AND (
        SELECT o.id FROM payment o
        WHERE o.gateway = l.gateway AND o.payment_ref = l.payment_ref
            AND o.account = l.account AND o.effect = 'receipt' LIMIT 1
    ) IS NULL ELSE true END
    AND l.import_id NOT IN (SELECT supersedes FROM import_batch WHERE supersedes IS NOT NULL)
ORDER BY l.id
"""
# What went back on the day, beside all that went back of the payment and what we asked for of it.
REFUNDS = """
SELECT told.chain, told.charge_id, told.ours, told.gateway, told.back, told.is_booked,
    greatest(0, told.back + o.before - o.asked)::bigint AS unasked,
    CASE WHEN o.by_hand > 0 THEN greatest(
        0, told.back + o.before + o.by_hand - o.paid, least(told.back + o.before - o.asked, o.both)
    ) ELSE 0 END::bigint AS twice
FROM (
    SELECT concat_ws('/', gateway, account, payment_ref) AS chain, max(charge_id) AS charge_id,
        max(ours) AS ours, gateway, account, payment_ref, sum(back)::bigint AS back,
        bool_and(is_booked) AS is_booked
    FROM (
        SELECT p.gateway, p.account, p.payment_ref, coalesce(p.charge_id, 0) AS charge_id,
            p.ours, p.amount AS back, true AS is_booked
        FROM payment p WHERE p.business_day = $1 AND p.effect <> 'receipt'
        UNION ALL
        SELECT l.gateway, l.account, l.payment_ref,
            coalesce((SELECT c.id FROM charge c WHERE c.ours = l.ours), 0),
            l.ours, l.gross, false
        FROM settlement_line l
        WHERE l.kind = 'refund' AND l.paid_on = $1
            AND l.import_id NOT IN (
                SELECT supersedes FROM import_batch WHERE supersedes IS NOT NULL)
            AND NOT EXISTS (
                SELECT FROM payment p
                WHERE p.gateway = l.gateway AND p.payment_ref = l.payment_ref
                    AND p.account = l.account AND p.effect <> 'receipt'
            )
    ) back
    GROUP BY gateway, account, payment_ref
) told
JOIN LATERAL (
    SELECT coalesce(max(amount) FILTER (WHERE effect = 'receipt'), 0) AS paid,
        coalesce(sum(amount) FILTER (WHERE effect <> 'receipt' AND business_day < $1), 0) AS before,
        coalesce(sum(r.asked), 0) AS asked, coalesce(sum(r.by_hand), 0) AS by_hand,
        coalesce(sum(r.both), 0) AS both
    FROM payment p
    LEFT JOIN LATERAL (
        SELECT sum(amount) FILTER (WHERE standing IN ('sent', 'confirmed')) AS asked,
            sum(amount) FILTER (WHERE standing = 'transferred') AS by_hand,
            sum(amount) FILTER (WHERE standing = 'transferred' AND sent_at IS NOT NULL) AS both
        FROM refund WHERE payment_id = p.id
    ) r ON true
    WHERE p.gateway = told.gateway AND p.payment_ref = told.payment_ref
        AND p.account = told.account
) o ON true
ORDER BY told.chain
"""
SECONDS = """
SELECT DISTINCT c.ours, 'cash' AS by, k.id::text AS other, k.amount,
    CASE WHEN k.vehicle = c.vehicle THEN '' ELSE c.vehicle || '/' || k.vehicle END AS vehicles
FROM cash k
JOIN charge c ON c.ours = k.instead_of
JOIN payment p ON p.charge_id = c.id AND p.effect = 'receipt' AND p.business_day = $1
WHERE k.business_day BETWEEN $1::date - 1 AND $1::date + 1
    AND NOT EXISTS (SELECT FROM cash_correction x WHERE x.cash_id = k.id)
UNION
SELECT c.ours, 'charge', n.ours, n.amount,
    CASE WHEN n.vehicle = c.vehicle THEN '' ELSE c.vehicle || '/' || n.vehicle END
FROM charge n
JOIN charge c ON c.ours = n.replaces
JOIN payment p ON p.charge_id = c.id AND p.effect = 'receipt' AND p.business_day = $1
WHERE n.business_day BETWEEN $1::date - 1 AND $1::date + 1 AND n.replaces IS NOT NULL
    AND EXISTS (SELECT FROM payment q WHERE q.charge_id = n.id AND q.effect = 'receipt')
ORDER BY 1, 2, 3
"""
# The numbers of a day's callbacks lie beside each other, and so does what was done with them:
# between these it is looked up, however much the years have left around it.
ENDS = """
WITH ends AS (
    SELECT min(id) AS first, max(id) AS last FROM (
        SELECT id FROM callback WHERE received_at >= $1 AND received_at < $2
        OFFSET 0 -- else the first is sought from the beginning of all
    ) today
)"""
# Those that came again, could not prove where they came from, or found nothing they belong to.
CALLBACKS = f"""
{ENDS}, odd AS (
    SELECT callback_id AS id FROM callback_repeat, ends WHERE callback_id BETWEEN first AND last
    UNION SELECT id FROM callback
    WHERE received_at >= $1 AND received_at < $2 AND level = 'none'
    UNION SELECT callback_id FROM callback_work, ends
    WHERE callback_id BETWEEN first AND last AND state IN ('REJECTED', 'ORPHAN', 'ESCALATED')
)
SELECT b.id AS callback_id, b.gateway, coalesce(e.ours, '') AS ours,
    coalesce((SELECT c.id FROM charge c WHERE c.ours = e.ours), 0) AS charge_id,
    coalesce(e.payment_ref, '') AS payment_ref, b.level, w.state,
    (SELECT count(*) FROM callback_repeat r WHERE r.callback_id = b.id) AS repeats,
    EXISTS (
        SELECT FROM payment p WHERE p.gateway = b.gateway AND p.payment_ref = e.payment_ref
            AND p.account = b.account
    ) AS is_booked
FROM odd
JOIN callback b ON b.id = odd.id AND b.received_at >= $1 AND b.received_at < $2
JOIN callback_work w ON w.callback_id = b.id
LEFT JOIN LATERAL (
    SELECT v.ours, v.payment_ref FROM evidence v WHERE v.callback_id = b.id LIMIT 1
) e ON true
ORDER BY b.id
"""  # noqa: S608 - ours
SHIFTS = """
SELECT s.id AS shift_id, s.attendant_id, s.point_id, s.closed_at IS NOT NULL AS is_closed,
    s.declared_cash, s.declared_qris,
    coalesce(k.taps, 0) AS taps, coalesce(k.tapped, 0) AS tapped,
    coalesce(q.qris, 0) AS qris, coalesce(q.lately, 0) AS qris_lately
FROM shift s
LEFT JOIN LATERAL (
    SELECT count(*) AS taps, sum(amount)::bigint AS tapped FROM cash
    WHERE shift_id = s.id
        AND NOT EXISTS (SELECT FROM cash_correction x WHERE x.cash_id = cash.id)
) k ON true
LEFT JOIN (
    SELECT shift_id, sum(amount)::bigint AS qris,
        (sum(amount) FILTER (WHERE paid_at > closed_at - interval '2 minutes'))::bigint AS lately
    FROM (
        SELECT c.shift_id, c.amount, o.closed_at, min(p.booked_at) AS paid_at
        FROM shift o
        JOIN charge c ON c.shift_id = o.id
        JOIN payment p ON p.charge_id = c.id AND p.effect = 'receipt'
            AND p.amount >= c.amount AND p.booked_at <= o.closed_at
        WHERE o.business_day = $1
        GROUP BY c.id, o.closed_at
    ) paid
    GROUP BY shift_id
) q ON q.shift_id = s.id
WHERE s.business_day = $1
ORDER BY s.id
"""
LETTERS = """
SELECT s.id AS shift_id, a.letter, a.valid_from AS letter_from, a.valid_to AS letter_to,
    a.ended_at AS letter_ended_at
FROM shift s
JOIN assignment a ON a.id = s.assignment_id
WHERE s.business_day BETWEEN $1::date - 1 AND $1
ORDER BY s.id
"""
TAPS = """
SELECT s.attendant_id, s.point_id, count(*) AS taps, sum(k.amount)::bigint AS tapped
FROM cash k
JOIN shift s ON s.id = k.shift_id
WHERE k.business_day = $1
    AND NOT EXISTS (SELECT FROM cash_correction x WHERE x.cash_id = k.id)
GROUP BY s.attendant_id, s.point_id
ORDER BY s.attendant_id, s.point_id
"""
DEVICES = "SELECT id AS device_id, attendant_id AS holder FROM device ORDER BY id"
ATTENDANCE = """
SELECT s.attendant_id, t.badge, s.business_day AS day, min(s.point_id) AS point_id,
    bool_or(EXISTS (
        SELECT FROM charge c JOIN payment p ON p.charge_id = c.id AND p.effect = 'receipt'
        WHERE c.shift_id = s.id
    )) AS has_paid,
    f.first_day
FROM shift s
JOIN attendant t ON t.id = s.attendant_id
JOIN parking_point n ON n.id = s.point_id AND n.has_qris
JOIN (SELECT attendant_id, min(business_day) AS first_day FROM shift GROUP BY attendant_id) f
    ON f.attendant_id = s.attendant_id
WHERE s.business_day BETWEEN $1 AND $2
GROUP BY s.attendant_id, t.badge, s.business_day, f.first_day
ORDER BY s.attendant_id, s.business_day
"""
FILES = """
SELECT id AS import_id, gateway, file_name, outcome, duplicate_of, line_count, gross,
    problems::text AS problems
FROM import_batch
WHERE outcome <> 'accepted' AND coalesce(report_day, $1::date) = $1
    AND (report_day IS NOT NULL OR at >= $2 AND at < $3)
ORDER BY id
"""
# All between these, less those that came on another day: few, where joining all takes seconds.
COUNTS = f"""
{ENDS}, counted AS (
    SELECT w.state, count(*) AS number FROM callback_work w, ends
    WHERE w.callback_id BETWEEN first AND last GROUP BY w.state
    UNION ALL
    SELECT w.state, -count(*) FROM ends
    JOIN callback b ON b.id BETWEEN first AND last
        AND NOT (b.received_at >= $1 AND b.received_at < $2)
    JOIN callback_work w ON w.callback_id = b.id GROUP BY w.state
)
SELECT 'callbacks ' || state AS name, sum(number)::bigint AS number
FROM counted GROUP BY state HAVING sum(number) > 0 ORDER BY 1
"""  # noqa: S608
FINGERPRINTS = """
SELECT day, of_charges.*, of_callbacks.*,
    (SELECT count(*) FROM payment WHERE business_day = day) AS payments,
    (SELECT count(*) + count(*) FILTER (WHERE r.standing = 'transferred')
        FROM refund r JOIN payment p ON p.id = r.payment_id
        JOIN payment b ON b.gateway = p.gateway AND b.payment_ref = p.payment_ref
            AND b.account = p.account AND b.business_day = day
        WHERE r.standing IN ('sent', 'confirmed', 'transferred')) AS refunds,
    (SELECT count(*) FROM refund r JOIN payment p ON p.id = r.payment_id
        WHERE p.business_day = day AND r.standing IN ('confirmed', 'transferred')) AS returned,
    (SELECT count(*) FROM payment p JOIN evidence e ON e.ours = p.ours
        WHERE p.business_day = day AND p.source = 'inquiry' AND e.source = 'callback') AS heard,
    (SELECT count(*) FROM settlement_line WHERE paid_on = day) AS lines,
    (SELECT count(*) FROM settlement_line l JOIN import_batch i ON i.supersedes = l.import_id
        WHERE l.paid_on = day) AS superseded,
    (SELECT count(*) FROM shift WHERE business_day = day) AS shifts,
    (SELECT count(closed_at) FROM shift WHERE business_day = day) AS closed,
    (SELECT count(*) FROM cash WHERE business_day = day) AS cash,
    (SELECT count(*) FROM cash k JOIN cash_correction x ON x.cash_id = k.id
        WHERE k.business_day = day) AS corrected,
    (SELECT count(*) FROM callback b JOIN callback_repeat r ON r.callback_id = b.id
        WHERE b.received_at >= starts AND b.received_at < ends) AS repeats,
    (SELECT count(*) FROM import_batch WHERE outcome <> 'accepted'
        AND coalesce(report_day, day) = day
        AND (report_day IS NOT NULL OR at >= ends AND at < files_until)) AS files,
    (SELECT count(*) FROM tariff WHERE valid_from <= day) AS tariffs,
    (SELECT count(*) FROM fee_term WHERE valid_from <= day) AS fees,
    (SELECT count(*) FROM assignment WHERE ended_at < ends) AS ended,
    (SELECT count(*) FROM share_payout WHERE earned_on = day) AS payouts,
    (SELECT count(*) FROM (SELECT FROM share_payout WHERE earned_on <= day LIMIT 1) p)
        AS pays_out,
    (SELECT count(*) + count(ended_on) FROM commitment WHERE valid_from <= day) AS commitments,
    (SELECT count(*) FROM fake_qr_report WHERE business_day = day) AS fake_qrs,
    (SELECT count(*) FROM (SELECT FROM handover WHERE business_day <= day LIMIT 1) h) AS hands_on,
    (SELECT count(*) FROM handover_event e JOIN handover h ON h.id = e.handover_id
        WHERE h.business_day = day OR h.id IN (
            SELECT i.handover_id FROM handover_item i JOIN shift s ON s.id = i.shift_id
            WHERE s.business_day = day)) AS handovers,
    (SELECT count(*) FROM handover_event e
        JOIN handover_item n ON n.handover_id = e.handover_id
        WHERE n.part_id IN (
            SELECT h.id FROM handover h WHERE h.business_day = day
            UNION SELECT i.handover_id FROM handover_item i JOIN shift s ON s.id = i.shift_id
            WHERE s.business_day = day)) AS handed_on,
    (SELECT count(*) FROM tbp WHERE received_on = day) AS receipts,
    (SELECT count(*) FROM tbp t JOIN sts_tbp p ON p.tbp_id = t.id
        JOIN sts_event e ON e.sts_id = p.sts_id WHERE t.received_on = day) AS deposits,
    (SELECT count(*) FROM sts WHERE (paid_in_at AT TIME ZONE 'Asia/Jakarta')::date = day)
        AS paid_in,
    (SELECT count(*) FROM shift_ticket t JOIN shift s ON s.id = t.shift_id
        WHERE s.business_day = day) AS tickets,
    (SELECT count(*) FROM ticket_move WHERE moved_on <= day) AS ticket_moves,
    (SELECT count(*) FROM ticket_book WHERE received_on <= day) AS ticket_books,
    (SELECT count(*) FROM ledger_entry WHERE effective_on = day AND proposal_id IS NOT NULL)
        AS corrections,
    (SELECT count(*) + count(ended_at) FROM outage WHERE began_at < matters_until
        AND (ended_at IS NULL OR ended_at > starts)
        AND (ended_at IS NULL OR ended_at - began_at >= interval '15 minutes')) AS outages
FROM (
    SELECT day, day::timestamp AT TIME ZONE 'Asia/Jakarta' AS starts,
        (day + 1)::timestamp AT TIME ZONE 'Asia/Jakarta' AS ends,
        (day + 2)::timestamp AT TIME ZONE 'Asia/Jakarta' AS files_until,
        (day + 21)::timestamp AT TIME ZONE 'Asia/Jakarta' AS matters_until
    FROM unnest(CAST(:days AS date[])) AS day
) asked
CROSS JOIN LATERAL (
    SELECT count(*) AS charges, count(*) FILTER (
        WHERE state IN ('creating', 'create_unknown', 'pending')
    ) AS open
    FROM charge WHERE business_day = day
) of_charges
CROSS JOIN LATERAL (
    SELECT count(*) AS callbacks, (
        SELECT count(*) FROM callback_work w JOIN callback c ON c.id = w.callback_id
        WHERE w.callback_id BETWEEN min(b.id) AND max(b.id)
            AND w.state IN ('REJECTED', 'ORPHAN', 'ESCALATED')
            AND c.received_at >= starts AND c.received_at < ends
    ) AS doubted
    FROM callback b WHERE b.received_at >= starts AND b.received_at < ends
) of_callbacks
"""


def read_day(session: Session, day: date, now: datetime, *, beside: bool = True) -> Inputs:
    """Everything about a business day, as it is now; the session must be fresh.

    `beside` is as in `snapshot`. Raises BadInput for a day that is not over.
    """
    if day >= business_day(now):
        raise BadInput(f"{day_text(day)} belum selesai")
    with snapshot(session, beside=beside) as at:
        # The large ones, one after another: what is small is read beside them.
        mine = at.soon(OF_DAY, shape.CHARGES, [day])
        coming_lines = at.soon(LINES, shape.LINES, [day])
        coming_receipts = at.soon(RECEIPTS, shape.RECEIPTS, [day])
        refunds = at.frame(REFUNDS, shape.REFUNDS, [day])
        callbacks = at.frame(CALLBACKS, shape.CALLBACKS, _moments(day))
        shifts = at.frame(SHIFTS, shape.SHIFTS, [day])
        counts = _counts(at, day)
        terms = terms_of(session, day, now)
        seen = fingerprints(session, [day])[day]
        lines, receipts = coming_lines(), coming_receipts()
        told_of = [frame.charge_id for frame in (receipts, lines, refunds, callbacks)]
        charges = _charges(at, day, mine(), told_of)
        devices = at.frame(DEVICES, shape.DEVICES)
        return Inputs(
            terms=terms,
            seen=seen,
            charges=charges,
            receipts=receipts,
            lines=lines,
            refunds=refunds,
            seconds=at.frame(SECONDS, shape.SECONDS, [day]),
            callbacks=callbacks,
            shifts=shifts,
            letters=at.frame(LETTERS, shape.LETTERS, [day]),
            taps=at.frame(TAPS, shape.TAPS, [day]),
            devices=_those(devices, "device_id", charges),
            attendance=at.frame(ATTENDANCE, shape.ATTENDANCE, [day - IDLE_WINDOW, day]),
            files=_files(at, day),
            tariffs=[t for t in registry.tariffs(session) if t.valid_from <= day],
            points=registry.points_by_id(session, charges.point_id.unique().tolist()),
            counts=counts,
            bank=_bank(session, terms, business_day(now)),
            cash=_cash(session, terms, business_day(now)),
            people=people_store.people_of(session, terms, business_day(now)),
        )


def _bank(session: Session, terms: Terms, today: date) -> BankDay:
    """What a day has to do with the bank, by all that is known of every day."""
    facts = treasury_store.facts(session)
    found = bank_day.by_day(facts, facts.matched()).get(terms.day, BankDay())
    return replace(found, due=bank_day.due_of(found, today, terms.days_off))


def _cash(session: Session, terms: Terms, today: date) -> CashDay:
    found = cash_store.cash_of(session, terms.day)
    return replace(found, due=cash_day.due_of(found, today, terms.leave))


def read_attendance(session: Session, day: date) -> pd.DataFrame:
    """Who worked at QRIS points in the eight days up to a day, and who was paid by QRIS.

    The session must be fresh.
    """
    with snapshot(session) as at:
        return at.frame(ATTENDANCE, shape.ATTENDANCE, [day - IDLE_WINDOW, day])


def fingerprints(session: Session, days: Collection[date]) -> dict[date, dict[str, int]]:
    """By day, counts that change when a fact is added to it: cheap enough to look often."""
    found = session.execute(text(FINGERPRINTS), {"days": sorted(days)}).mappings()
    return {
        row["day"]: {name: int(count or 0) for name, count in row.items() if name != "day"}
        for row in found
    }


def terms_of(session: Session, day: date, now: datetime) -> Terms:
    """What holds for a day, and what time has made of it by now."""
    leave = registry.collective_leave(session)
    found = outages.between(session, day_starts(day), day_starts(day + MATTERS))
    fees = _fees(session, day)
    bps = {name: fee for name, (fee, _) in fees.items()}
    return terms_at(day, leave, now, found, bps, {name: days for name, (_, days) in fees.items()})


def _those(frame: pd.DataFrame, column: str, used: pd.DataFrame) -> pd.DataFrame:
    """The rows that are used: facts about others are none of this day's."""
    return frame[frame[column].isin(used[column].unique())].reset_index(drop=True)


def _fees(session: Session, day: date) -> dict[str, tuple[int, int]]:
    """What each account may keep, and in how many working days it pays out."""
    account, fee = MerchantAccountRow, FeeRow
    terms = session.execute(
        select(account.gateway, account.account, fee.fee_bps, fee.settles_in)
        .join(fee, fee.merchant_account_id == account.id)
        .where(fee.valid_from <= day)
        .order_by(fee.valid_from)
    )
    return {f"{gateway}/{name}": (bps, days) for gateway, name, bps, days in terms}


def _charges(
    at: Snapshot, day: date, mine: pd.DataFrame, told_of: Sequence[pd.Series]
) -> pd.DataFrame:
    """The charges of a day, and those of other days that something of this day is about."""
    told = pd.concat(told_of, ignore_index=True)
    others = sorted(i for i in told[~told.isin(mine.charge_id)].unique() if i)
    if not others:
        return mine
    older = at.frame(OF_OTHERS, shape.CHARGES, [day, others])
    return pd.concat([mine, older], ignore_index=True)


def _files(at: Snapshot, day: date) -> list[File]:
    """Files that say no day are taken to report the day before they came."""
    columns = {
        "import_id": WHOLE, "gateway": TEXT, "file_name": TEXT, "outcome": TEXT,
        "duplicate_of": WHOLE, "line_count": WHOLE, "gross": WHOLE, "problems": TEXT,
    }  # fmt: skip
    found = at.frame(FILES, columns, [day, *_moments(day + ONE_DAY)])
    return [_file(row) for row in found.to_dict("records")]


def _file(row: Mapping[Any, Any]) -> File:
    original = row["duplicate_of"]
    return File(
        row["import_id"], row["gateway"], row["file_name"], row["outcome"],
        None if pd.isna(original) else int(original), row["line_count"], Rupiah(row["gross"]),
        tuple(json.loads(row["problems"])),
    )  # fmt: skip


def _counts(at: Snapshot, day: date) -> dict[str, int]:
    found = at.frame(COUNTS, {"name": TEXT, "number": WHOLE}, _moments(day))
    return dict(zip(found.name.tolist(), found.number.tolist(), strict=True))


def _moments(day: date) -> list[datetime]:
    return [day_starts(day), day_starts(day + ONE_DAY)]
