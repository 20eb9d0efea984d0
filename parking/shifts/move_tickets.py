"""Take books of tickets into stock, and move tickets out to attendants and back."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.business_day import business_day
from parking.errors import BadInput
from parking.money import Rupiah
from parking.registry.facts import Vehicle
from parking.shifts import ticket_store as store
from parking.shifts.tickets import LARGEST, SERIES, Book, Move, Numbers, check_move, meet, odd_day


def add_book(
    session: Session, series: str, year: int, vehicle: Vehicle, amount: int, numbers: Numbers,
    received_on: date, document: str, actor: str, now: datetime,
) -> Book:  # fmt: skip
    """A book that was printed and perforated. Raises BadInput, also for numbers in stock."""
    store.lock_stock(session)
    first, last = numbers
    problems = {}
    if not SERIES.fullmatch(series):
        problems["series"] = "huruf besar, angka dan garis, seperti A-2026"
    if not 2000 <= year <= 2100:
        problems["year"] = "seperti 2026"
    if not 0 < amount <= 1_000_000:
        problems["amount"] = "harus lebih dari Rp0"
    if not 0 < first <= last <= LARGEST:
        problems["last"] = "lebih kecil dari nomor pertama"
    if not 3 <= len(document.strip()) <= 80:
        problems["document"] = "3 sampai 80 huruf"
    if wrong := odd_day(received_on, business_day(now)):
        problems["received_on"] = wrong
    if any(meet(each.numbers, numbers) for each in store.books(session, {series})):
        problems["first"] = "sebagian nomor ini sudah ada di stok"
    if problems:
        raise BadInput("Buku karcis belum benar", problems)
    made = store.add(
        session, store.TicketBookRow, series=series, year=year, vehicle=vehicle,
        amount=Rupiah(amount), first=first, last=last, received_on=received_on,
        document=document.strip(), entered_at=now, entered_by=actor,
    )  # fmt: skip
    detail = {"series": series, "numbers": [first, last], "amount": amount}
    record(session, now, actor, "ticket.book", f"ticket_book:{made}", detail)
    return store.book(session, made)


def move_tickets(
    session: Session, book_id: int, kind: Move, attendant_id: int, numbers: Numbers,
    moved_on: date, document: str, actor: str, now: datetime,
) -> None:  # fmt: skip
    """Raises NotFound, and BadInput if these numbers cannot move so."""
    book = store.book(session, book_id, lock=True)
    if not 3 <= len(document.strip()) <= 80:
        raise BadInput("Dokumen belum ada", {"document": "3 sampai 80 huruf"})
    if wrong := odd_day(moved_on, business_day(now), book.received_on):
        raise BadInput("Tanggal belum benar", {"moved_on": wrong})
    check_move(
        book, kind, numbers, store.moves(session, book_id=book_id, attendant_id=attendant_id),
        store.moves(session, book_id=book_id),
        [each.numbers for each in store.torn_of(session, book)],
    )  # fmt: skip
    first, last = numbers
    store.add(
        session, store.TicketMoveRow, book_id=book_id, kind=kind, attendant_id=attendant_id,
        first=first, last=last, moved_on=moved_on, document=document.strip(), at=now, actor=actor,
    )  # fmt: skip
    detail = {"kind": kind, "attendant": attendant_id, "numbers": [first, last]}
    record(session, now, actor, "ticket.move", f"ticket_book:{book_id}", detail)
