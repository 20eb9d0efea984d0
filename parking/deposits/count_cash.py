"""Count a holder's cash by surprise, before a witness, and keep it beside the book (C14)."""

from datetime import datetime

from sqlalchemy.orm import Session

from parking.audit.log import record
from parking.deposits import balance_store, count_store, handover_store
from parking.deposits.count_store import CashCount
from parking.deposits.handover import LONGEST_NOTE, Holder, check_amount
from parking.errors import BadInput


def count_cash(
    session: Session, client_key: str, holder: Holder, counted: int, witness: str, document: str,
    note: str, actor: str, now: datetime,
) -> CashCount:  # fmt: skip
    """The count, with what the book said at that moment; sent twice, it is the same one.
    It changes nothing in the book.

    Raises BadInput.
    """
    amount = check_amount(counted, "counted")
    problems = {
        name: "3 sampai 80 huruf"
        for name, said in (("witness", witness), ("document", document))
        if not 3 <= len(said.strip()) <= 80
    }
    if len(note) > LONGEST_NOTE:
        problems["note"] = f"paling banyak {LONGEST_NOTE} huruf"
    if problems:
        raise BadInput("Opname belum lengkap", problems)
    if not 8 <= len(client_key) <= 64:
        raise BadInput("Muat ulang halaman ini, lalu isi lagi")
    count_store.lock(session, client_key)
    before = count_store.by_key(session, client_key)
    if before is not None:
        return _again(before, (holder, amount, actor, witness.strip(), document.strip(), note))
    handover_store.lock(session, holder)
    made = count_store.add(
        session, client_key, holder, amount, balance_store.booked(session, holder), now, actor,
        witness.strip(), document.strip(), note,
    )  # fmt: skip
    detail = {"counted": amount, "booked": made.booked, "witness": made.witness}
    record(session, now, actor, "cash.count", f"cash_count:{made.id}", detail)
    return made


def _again(before: CashCount, said: tuple[Holder, int, str, str, str, str]) -> CashCount:
    """Raises BadInput if what is said with its key is another count."""
    of = before
    if said != (of.holder, of.counted, of.actor, of.witness, of.document, of.note):
        raise BadInput("Halaman ini sudah dipakai untuk opname lain. Muat ulang, lalu isi lagi")
    return before
