"""A day's rows as they lie in the tables when night comes: written straight into them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from parking.access.store import UserRow
from parking.business_day import WIB, business_day
from parking.charges.store import ChargeRow
from parking.database.base import Base
from parking.deposits.store import (
    HandoverEventRow,
    HandoverItemRow,
    HandoverRow,
    StsRow,
    StsTbpRow,
    TbpRow,
)
from parking.gateways.store import OutageRow
from parking.ledger.entry import Account, Entry, Posting, Source, Terms, cash, moved
from parking.ledger.post import post
from parking.money import Rupiah
from parking.parts import Parts
from parking.payments.store import (
    CallbackRepeatRow,
    CallbackRow,
    CallbackWorkRow,
    EvidenceRow,
    PaymentRow,
)
from parking.reconciliation.cases.store import CaseRow, ProposalRow
from parking.reconciliation.discrepancy import Discrepancy
from parking.reconciliation.run import reconcile_day
from parking.reconciliation.store import Run, Stored, Wanted, discrepancies
from parking.refunds.store import RefundRow
from parking.registry.store import AssignmentRow
from parking.shifts.store import CashCorrectionRow, CashRow, ShiftRow
from parking.statements.bank_store import BankAccountRow, StatementLineRow, StatementRow
from parking.statements.store import ImportRow, SettlementLineRow
from sqlalchemy import insert, select, text

from tests.builders import City

DAY = date(2026, 11, 23)  # a Monday
TUESDAY, WEDNESDAY, THURSDAY = (DAY + timedelta(days=n) for n in (1, 2, 3))
TAPPED = "SELECT coalesce(sum(amount), 0)::bigint FROM cash WHERE shift_id = :id"
GATEWAY = {"gateway": "midtrans", "account": "jambi"}


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """A moment on Jambi's clock."""
    return datetime.combine(day, time(hour, minute), WIB).astimezone(UTC)


def night_after(day: date) -> datetime:
    """When the job looks at a day."""
    return at(2, 30, day + timedelta(days=1))


@dataclass
class Scene:
    parts: Parts
    city: City
    day: date = DAY
    numbers: Any = field(default_factory=lambda: count(1))
    imported: dict[date, int] = field(default_factory=dict)

    def add(self, table: type[Base], **values: Any) -> int:
        """A row; its id."""
        key = next(iter(table.__table__.primary_key))
        with self.parts.sessions.begin() as session:
            return session.execute(insert(table).values(values).returning(key)).scalar_one()

    def shift(self, **other: Any) -> int:
        """Budi's shift at the market, closed in the evening with nothing declared wrong."""
        with self.parts.sessions() as session:
            letter = session.scalar(
                select(AssignmentRow.id).where(AssignmentRow.attendant_id == self.city.budi)
            )
        opened = other.pop("opened_at", at(6, 0, self.day))
        values = {
            "attendant_id": self.city.budi, "point_id": self.city.market,
            "assignment_id": letter, "device_id": self.city.budis_phone, "opened_at": opened,
            "business_day": business_day(opened), "closed_at": at(22, 0, business_day(opened)),
        }  # fmt: skip
        return self.add(ShiftRow, **values | other)

    def charge(self, shift: int, **other: Any) -> str:
        """A paid motorcycle; our reference for it."""
        ours = f"PKR-{next(self.numbers):04}"
        created = other.pop("created_at", at(9, 0, self.day))
        values = {
            "ours": ours, **GATEWAY, "shift_id": shift, "attendant_id": self.city.budi,
            "point_id": self.city.market, "device_id": self.city.budis_phone, "client_key": ours,
            "vehicle": "motorcycle", "tariff_id": self.city.tariffs["motorcycle"],
            "amount": 2_000, "city_bps": 4_000, "created_at": created,
            "business_day": business_day(created), "state": "paid", "late": False,
            "expires_at": created + timedelta(minutes=5), "inquiries": 0,
        }  # fmt: skip
        self.add(ChargeRow, **values | other)
        return ours

    def evidence(self, ours: str, **other: Any) -> int:
        values = {
            "source": "inquiry", **GATEWAY, "ours": ours, "payment_ref": f"trx-{ours}",
            "state": "paid", "amount": 2_000, "refunded": 0, "at": at(9, 1, self.day),
            "trust": "proof", "issuer": "", "seen_at": at(9, 1, self.day),
        }  # fmt: skip
        return self.add(EvidenceRow, **values | other)

    def callback(self, ours: str, *, state: str = "APPLIED", repeats: int = 0, **other: Any) -> int:
        """A callback that was worked through, with the evidence drawn from it."""
        level = other.pop("level", "partial")
        received = other.pop("received_at", at(9, 1, self.day))
        callback = self.add(
            CallbackRow, **GATEWAY, natural_key=f"key {next(self.numbers)}", level=level,
            reason="", headers="{}", body=b"{}", path="", remote="127.0.0.1", received_at=received,
        )  # fmt: skip
        self.add(
            CallbackWorkRow, callback_id=callback, state=state, attempts=0, reason="",
            worked_at=received,
        )  # fmt: skip
        for _ in range(repeats):
            self.add(CallbackRepeatRow, callback_id=callback, received_at=received)
        if level != "none":
            self.evidence(ours, source="callback", callback_id=callback, **other)
        return callback

    def payment(self, ours: str, *, heard: bool = True, **other: Any) -> int:
        """A receipt that a callback told of, unless nobody was `heard`."""
        ref = other.pop("payment_ref", f"trx-{ours}")
        if heard:
            self.callback(ours, payment_ref=ref)
        with self.parts.sessions() as session:
            charge = session.scalar(select(ChargeRow.id).where(ChargeRow.ours == ours))
        paid = other.pop("paid_at", at(9, 1, self.day))
        values = {
            **GATEWAY, "payment_ref": ref, "effect": "receipt", "charge_id": charge, "ours": ours,
            "amount": 2_000, "paid_at": paid, "business_day": business_day(paid),
            "source": "callback" if heard else "inquiry", "late": False, "booked_at": paid,
            "evidence_id": self.evidence(ours, payment_ref=ref),
        }  # fmt: skip
        return self.add(PaymentRow, **values | other)

    def refund(self, ref: str, amount: int, standing: str) -> int:
        """A refund case of the receipt under a reference, as far as it has come."""
        with self.parts.sessions() as session:
            payment = session.scalar(
                select(PaymentRow.id).where(
                    PaymentRow.payment_ref == ref, PaymentRow.effect == "receipt"
                )
            )
        asked = at(8, 0, TUESDAY)
        return self.add(
            RefundRow, key=f"RF{next(self.numbers)}", payment_id=payment, amount=amount,
            reason="paid_twice", note="", code="", subject="", requested_by="user:a",
            requested_at=asked, standing=standing, decided_by="user:b", decided_at=asked,
            sends=1, looks=1, theirs="", why="", document="SP2D 1",
        )  # fmt: skip

    def line(self, ours: str, *, report: date | None = None, **other: Any) -> int:
        """A settlement line in a report, of the day itself unless another is named."""
        day = report or self.day
        if day not in self.imported:
            self.imported[day] = self.file(report_day=day)
        paid = other.pop("paid_at", at(9, 1, self.day))
        number = next(self.numbers)
        values = {
            "import_id": self.imported[day], "number": number, "line_key": f"{ours} {number}",
            "kind": "payment", **GATEWAY, "ours": ours, "payment_ref": f"trx-{ours}",
            "gross": 2_000, "fee": 0, "paid_at": paid, "paid_on": business_day(paid),
            "settled_on": TUESDAY,
        } | other  # fmt: skip
        return self.add(SettlementLineRow, **values, net=values["gross"] - values["fee"])

    def file(self, **other: Any) -> int:
        values = {
            **GATEWAY, "file_name": "settlement.csv", "sha256": f"{next(self.numbers):064}",
            "content": b"", "at": night_after(self.day), "actor": "system", "outcome": "accepted",
            "report_day": self.day, "version": 1, "line_count": 0, "gross": 0, "fee": 0, "net": 0,
            "problems": [],
        }  # fmt: skip
        return self.add(ImportRow, **values | other)

    def outage(self, began_at: datetime, ended_at: datetime | None, **other: Any) -> int:
        """An outage of the account, as somebody has entered it."""
        values = {
            **GATEWAY, "began_at": began_at, "ended_at": ended_at, "noticed": "hand",
            "reason": "Bank tutup", "noted_at": began_at, "noted_by": "user:ratna",
        }  # fmt: skip
        return self.add(OutageRow, **values | other)

    def cash(self, shift: int, *, corrected: bool = False, **other: Any) -> int:
        taken = other.pop("at", at(10, 0, self.day))
        values = {
            "shift_id": shift, "client_key": f"cash {next(self.numbers)}",
            "vehicle": "motorcycle", "tariff_id": self.city.tariffs["motorcycle"],
            "amount": 2_000, "at": taken, "business_day": business_day(taken),
        }  # fmt: skip
        cash = self.add(CashRow, **values | other)
        if corrected:
            self.add(CashCorrectionRow, cash_id=cash, at=taken)
        return cash

    def sale(self, shift: int, **other: Any) -> str:
        """A motorcycle that was asked, paid, told of and settled as it should be."""
        ours = self.charge(shift, **other)
        self.payment(ours)
        self.line(ours)
        return ours

    def case(self) -> int:
        """A case that somebody traces."""
        number = next(self.numbers)
        return self.add(
            CaseRow, code="D20", subject=f"handover:{number}", first_day=self.day,
            last_day=self.day, state="tracing", owner="collector", severity="sedang", amount=0,
            ours="", gateway="", explanation="", opened_at=night_after(self.day),
            due_on=self.day, level=0, reason="", document="", note="",
        )  # fmt: skip

    def proposal(self, case: int) -> int:
        """A correction of a case that two persons decided."""
        return self.add(
            ProposalRow, case_id=case, kind="correction", terms={}, reason="", document="",
            proposed_by="user:a", proposed_at=at(8, 0, WEDNESDAY), proposed_in="a",
            standing="approved", decided_by="user:b", decided_at=at(9, 0, WEDNESDAY),
            decided_in="b", why="",
        )  # fmt: skip

    def book(
        self, kind: str, reference: str, day: date, sides: tuple[Posting, ...], source: Source,
        posted_at: datetime | None = None,
    ) -> None:  # fmt: skip
        with self.parts.sessions.begin() as session:
            entry = Entry(kind, reference, day, sides, source)
            post(session, entry, posted_at or at(9, 0, day))

    def run(self, now: datetime | None = None) -> Run:
        return reconcile_day(self.parts.sessions, self.day, now or night_after(self.day))

    def found(self, now: datetime | None = None) -> list[Discrepancy]:
        """What the run of the day names."""
        self.run(now)
        return [stored.what for stored in self.stored()]

    def stored(self) -> list[Stored]:
        with self.parts.sessions() as session:
            return list(discrepancies(session, Wanted(self.day, self.day)))

    def codes(self, now: datetime | None = None) -> list[str]:
        return [discrepancy.code for discrepancy in self.found(now)]


@dataclass
class Papers:
    """Cash on its way: handovers, receipts and slips of a scene, written straight into tables."""

    scene: Scene
    numbers: Any = field(default_factory=lambda: count(1))

    def shift(self, *amounts: int, **other: Any) -> int:
        """A shift that took this cash, booked and declared."""
        shift = self.scene.shift(declared_cash=sum(amounts), declared_qris=0, **other)
        opened = other.get("opened_at", at(6, 0, self.scene.day))
        for amount in amounts:
            taken = self.scene.cash(shift, amount=amount, at=opened + timedelta(hours=1))
            sides = cash(Rupiah(amount), Terms(self.scene.city.budi, 4_000))
            self._book("cash", taken, business_day(opened), sides, Source(cash_id=taken))
        return shift

    def hand(
        self, *, shifts: tuple[int, ...] = (), parts: tuple[int, ...] = (), to: str = "treasurer",
        given: int | None = None, received: int | None = None, when: datetime | None = None,
        is_counted: bool = True, **other: Any,
    ) -> int:  # fmt: skip
        """Cash of shifts or of earlier handovers that goes on; counted as given unless told."""
        when = when or at(22, 30, self.scene.day)
        with self.scene.parts.sessions() as session:
            holds = {s: session.scalar(text(TAPPED), {"id": s}) for s in shifts}
            holds |= {
                -p: session.scalar(select(HandoverRow.received).where(HandoverRow.id == p))
                for p in parts
            }
            who = session.scalar(select(UserRow.id).limit(1))
            letter = session.scalar(
                select(AssignmentRow.id).where(AssignmentRow.attendant_id == self.scene.city.budi)
            )
        given = sum(holds.values()) if given is None else given
        received = given if received is None and is_counted else received
        giver = {"giver_kind": "attendant", "giver_id": self.scene.city.budi}
        if parts:
            giver = {"giver_kind": "collector", "giver_id": who}
        handover = self.scene.add(
            HandoverRow,
            **{
                "client_key": f"hand {next(self.numbers)}", **giver, "receiver_kind": to,
                "receiver_id": who, "given": given, "given_at": when,
                "business_day": business_day(when), "assignment_id": letter,
                "standing": "received" if received == given else "differs", "received": received,
                "received_at": when if is_counted else None, "receiver_note": "", "giver_note": "",
            }
            | other,
        )  # fmt: skip
        for of, amount in holds.items():
            item = {"shift_id": of} if of > 0 else {"part_id": -of}
            self.scene.add(HandoverItemRow, handover_id=handover, amount=amount, **item)
        self.scene.add(
            HandoverEventRow, handover_id=handover, at=when, from_standing="", to_standing="x",
            actor="user:a", amount=0, note="",
        )  # fmt: skip
        return handover

    def receipt(self, handover: int, amount: int, day: date | None = None, **other: Any) -> int:
        number = next(self.numbers)
        values = {
            "number": f"{number:04}/TBP/DISHUB/XI/2026", "handover_id": handover,
            "amount": amount, "received_on": day or self.scene.day,
            "issued_at": at(23, 0, self.scene.day), "issued_by": "user:a",
        }  # fmt: skip
        return self.scene.add(TbpRow, **values | other)

    def slip(self, parts: dict[int, int], **other: Any) -> int:
        """A slip of the next day that was paid in the same day, unless told otherwise."""
        number, amount = next(self.numbers), sum(parts.values())
        dated = other.get("dated", TUESDAY)
        values = {
            "number": f"{number:04}/STS/DISHUB/XI/2026", "account_code": "rkud", "dated": dated,
            "amount": amount, "note": "", "drafted_at": at(8, 0, dated), "drafted_by": "user:a",
            "standing": "paid_in", "paid_in": amount, "paid_in_at": at(10, 0, dated),
            "bank_reference": "", "void_reason": "",
        } | other  # fmt: skip
        slip = self.scene.add(StsRow, **values)
        for tbp, part in parts.items():
            self.scene.add(StsTbpRow, sts_id=slip, tbp_id=tbp, part=part)
        if values["paid_in"]:
            held, bank = Account.CASH_WITH_TREASURER, Account.CASH_IN_TRANSIT
            sides = moved(values["paid_in"], values["paid_in"], (held, None), (bank, None))
            day = business_day(values["paid_in_at"])
            self._book("sts", slip, day, sides, Source(sts_id=slip))
        return slip

    def account(self) -> int:
        """The treasury's account, whose statements are read since long ago."""
        with self.scene.parts.sessions() as session:
            known = session.scalar(select(BankAccountRow.id))
        return known or self.scene.add(
            BankAccountRow, code="rkud", bank="Bank Jambi", number="1001", name="RKUD",
            kind="treasury", valid_from=date(2026, 1, 1), entered_at=at(6), entered_by="user:a",
        )  # fmt: skip

    def credit(self, amount: int, words: str, day: date = TUESDAY) -> int:
        """A line of the treasury's account."""
        account = self.account()
        number = next(self.numbers)
        statement = self.scene.add(
            StatementRow, account_id=account, format="csv", file_name="x", sha256=str(number),
            content=b"", at=at(6, 0, day), actor="user:a", outcome="accepted", line_count=1,
            added=1, problems=[],
        )  # fmt: skip
        return self.scene.add(
            StatementLineRow, statement_id=statement, account_id=account, number=1,
            line_key=f"{number:04}", booked_on=day, value_on=day, amount=amount, text=words,
            reference="",
        )  # fmt: skip

    def _book(self, kind: str, of: int, day: date, sides: Any, source: Source) -> None:
        self.scene.book(kind, str(of), day, sides, source)
