"""A day of the smallest city as an auditor finds it: paid, late, lost, repeated, cash, wrong."""

from dataclasses import dataclass
from datetime import date, timedelta

from parking.business_day import business_day
from parking.charges.charge import ChargeState
from parking.gateways.protocol import Evidence, ReportLine, State, Trust
from parking.parts import Parts
from parking.payments import work
from parking.payments.apply import apply, apply_lines
from parking.payments.payment import Brought, Origin
from parking.reconciliation.store import DiscrepancyRow, RunRow
from parking.registry.facts import Vehicle
from parking.shifts.cash import CashTap, take_cash
from parking.statements.store import ImportRow, SettlementLineRow
from sqlalchemy import insert

from tests.builders import MERCHANT, City
from tests.payments.messages import notification
from tests.payments.scenes import a_charge, a_shift
from tests.people import browser

PATH = "/callbacks/midtrans/jambi"


@dataclass(frozen=True)
class Day:
    day: date
    run: int
    discrepancies: dict[str, int]  # ids by code
    settlement_import: int


def a_day(parts: Parts, city: City) -> Day:
    """A day with a run whose discrepancies are written by hand, one of each status."""
    now = parts.clock.now()
    batch = what_happened(parts, city)
    return Day(business_day(now), *_run(parts, city, now), batch)


def what_happened(parts: Parts, city: City) -> int:
    """Six charges, two cash taps and a settlement file; the id of its import.

    PKR-1 paid, told twice. PKR-2 paid by an altered amount. PKR-3 paid, but only the
    settlement file knows. PKR-4 paid after it had expired. PKR-5 expired. PKR-6 is
    open. And money came for PKR-X, which nobody asked.
    """
    now = parts.clock.now()
    with parts.sessions.begin() as session:
        shift = a_shift(session, city, now)
        for number, state in enumerate(["pending", "pending", "expired", "expired", "expired"], 1):
            a_charge(
                session, city, shift, f"PKR-{number}", now + timedelta(minutes=number),
                state=ChargeState(state),
            )  # fmt: skip
        a_charge(session, city, shift, "PKR-6", now + timedelta(hours=2))
    paid_at = now + timedelta(minutes=6)
    _callbacks(parts, paid_at)
    with parts.sessions.begin() as session:
        for key in ("cash-1", "cash-2"):
            take_cash(session, _cash_tap(city, key), now + timedelta(hours=1))
    lines = [_line(n, ours, paid_at) for n, ours in enumerate(["PKR-1", "PKR-3"], 2)]
    return _file(parts, lines, now)


def _callbacks(parts: Parts, at) -> None:
    gateway = browser(parts).application.test_client()
    for body in (
        notification("PKR-1", at), notification("PKR-1", at),
        notification("PKR-2", at, amount=20_000), notification("PKR-4", at),
        notification("PKR-X", at), notification("PKR-1", at, key="wrong"),
    ):  # fmt: skip
        gateway.post(PATH, data=body, content_type="application/json")
    find = parts.gateways.find
    work.work_through(parts.sessions, find, at)
    told = Evidence(
        "midtrans", "jambi", "PKR-2", "trx-PKR-2", State.PAID, 20_000, at, Trust.PROOF
    )  # what the gateway says when it is asked about the amount
    with parts.sessions.begin() as session:
        apply(session, Brought(told, Origin.INQUIRY), at + timedelta(minutes=1))
    for later in (timedelta(minutes=20), timedelta(minutes=40)):
        work.work_through(parts.sessions, find, at + later)


def _cash_tap(city: City, key: str) -> CashTap:
    return CashTap(city.budi, Vehicle.MOTORCYCLE, key)


def _line(number: int, ours: str, at) -> ReportLine:
    ref = f"trx-{ours}"
    return ReportLine(
        number, f"{ref}|payment|1", "payment", ours, ref, 2_000, 14, 1_986, at,
        business_day(at) + timedelta(days=1),
    )  # fmt: skip


def _file(parts: Parts, lines: list[ReportLine], now) -> int:
    with parts.sessions.begin() as session:
        batch = session.scalar(
            insert(ImportRow).values(
                gateway="midtrans", account="jambi", file_name="settlement-uji.csv", sha256="a",
                content=b"x", at=now + timedelta(hours=14), actor="job:import", outcome="accepted",
                report_day=business_day(now), version=1, line_count=len(lines), gross=4_000, fee=28,
                net=3_972, problems=[],
            ).returning(ImportRow.id)
        )  # fmt: skip
        stored = []
        for line in lines:
            values = insert(SettlementLineRow).values(
                import_id=batch, number=line.number, line_key=line.line_key, kind=line.kind,
                gateway="midtrans", account="jambi", ours=line.ours, payment_ref=line.payment_ref,
                gross=line.gross, fee=line.fee, net=line.net, paid_at=line.paid_at,
                paid_on=business_day(line.paid_at), settled_on=line.settled_on,
            )  # fmt: skip
            stored.append((session.scalar(values.returning(SettlementLineRow.id)), line))
        apply_lines(session, MERCHANT, stored, now + timedelta(hours=14))
    return batch


FOUND = (
    # code, subject, status, severity, owner, amount, ours, explanation
    ("D05", "payment:midtrans/jambi/trx-PKR-2", "selisih", "tinggi", "auditor", 18_000, "PKR-2",
     "Dibayar Rp20.000, ditagih Rp2.000"),
    ("D03", "payment:midtrans/jambi/trx-PKR-X", "selisih", "kritis", "admin", 2_000, "PKR-X",
     "Rp2.000 diterima untuk PKR-X yang tidak pernah kami tagih"),
    ("D14", "payment:midtrans/jambi/trx-PKR-1", "beda_waktu", "rendah", "system", 2_000, "PKR-1",
     "Rp2.000 untuk PKR-1 baru masuk sehari kemudian"),
    ("D07", "payment:midtrans/jambi/trx-PKR-3", "selesai", "tinggi", "system", 2_000, "PKR-3",
     "Pemberitahuan tidak datang; berkas settlement menyebutnya"),
)  # fmt: skip


def _run(parts: Parts, city: City, now) -> tuple[int, dict[str, int]]:
    with parts.sessions.begin() as session:
        run = session.scalar(
            insert(RunRow).values(
                business_day=business_day(now), as_of=now + timedelta(hours=14), input_hash="i",
                result_hash="r", finished_at=now + timedelta(hours=14, minutes=1), summary={},
            ).returning(RunRow.id)
        )  # fmt: skip
        ids = {}
        for code, subject, status, severity, owner, amount, ours, explanation in FOUND:
            is_ours = ours != "PKR-X"
            values = insert(DiscrepancyRow).values(
                run_id=run, business_day=business_day(now), code=code, subject=subject,
                status=status, severity=severity, owner=owner,
                due_on=business_day(now) + timedelta(days=3), amount=amount, ours=ours,
                attendant_id=city.budi if is_ours else None,
                point_id=city.market if is_ours else None, gateway="midtrans",
                explanation=explanation, evidence={"charge": ours, "import_id": 1, "number": 2},
            )  # fmt: skip
            ids[code] = session.scalar(values.returning(DiscrepancyRow.id))
    return run, ids
