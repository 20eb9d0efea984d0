"""Enter and end the bank accounts whose statements are read.

Each takes the transaction of its caller and writes who did it into the audit log.
"""

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy.orm import Session

from parking.audit import log
from parking.business_day import business_day
from parking.errors import Conflict
from parking.registry import rules
from parking.registry import store as registry
from parking.registry.add import TAKEN
from parking.registry.rules import NewBankAccount
from parking.statements import bank_store
from parking.statements.statement import account_key


def add(session: Session, new: NewBankAccount, actor: str, now: datetime) -> int:
    """Its id. Raises BadInput naming every field that is wrong.

    A number that another account has, however it is written there, is taken: a statement
    must say whose it is.
    """
    registry.lock(session)
    problems = rules.bank_account_problems(new, business_day(now))
    known = bank_store.accounts(session)
    if new.code in {account.code for account in known}:
        problems["code"] = TAKEN
    if account_key(new.number) in {account_key(account.number) for account in known}:
        problems["number"] = TAKEN
    rules.refuse("Rekening bank", problems)
    added = bank_store.add_account(session, **asdict(new), entered_at=now, entered_by=actor)
    told = asdict(new) | {"valid_from": str(new.valid_from)}
    log.record(session, now, actor, "bank_account.add", f"bank_account:{added}", told)
    return added


def end(
    session: Session, code: str, last_day: date, reason: str, actor: str, now: datetime
) -> None:
    """The last day of which a statement is expected; what comes later is still taken in.

    Raises NotFound, BadInput, and Conflict if there is a last day already.
    """
    registry.lock(session)
    found = bank_store.account(session, code)
    if found.ended_on is not None:
        raise Conflict(f"Rekening {code} sudah punya hari terakhir: {found.ended_on:%d-%m-%Y}")
    problems = rules.last_day_problems(last_day, found.valid_from, business_day(now), reason)
    rules.refuse("Akhir", problems)
    bank_store.end_account(session, found.id, last_day)
    what = f"bank_account:{found.id}"
    log.record(session, now, actor, "bank_account.end", what, {"last_day": str(last_day)}, reason)
