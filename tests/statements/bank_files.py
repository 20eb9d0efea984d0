"""Bank statements as banks write them, for tests. The bank and its customers are invented."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from config.settings import SHIPPED_MAPPINGS
from parking.business_day import WIB
from parking.gateways.find_mapping import Mappings
from parking.gateways.mapping_parts import NamedMapping, read_as
from parking.gateways.statement_mapping import StatementMapping
from parking.statements.bank_store import BankAccountRow

NUMBER = "3001234567"
MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)
FRIDAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=WIB)

ACCOUNT = {
    "code": "rkud", "bank": "Bank Contoh Jambi", "number": NUMBER, "name": "RKUD KOTA JAMBI",
    "kind": "treasury", "valid_from": date(2026, 11, 2), "ended_on": None, "entered_at": NOW,
    "entered_by": "user:admin",
}  # fmt: skip


@dataclass(frozen=True)
class Move:
    """What moves the account."""

    amount: int
    text: str = "SETORAN PARKIR"
    day: date = MONDAY
    reference: str = ""
    value_on: date | None = None


def add_account(session: Any, **other: Any) -> int:
    row = BankAccountRow(**ACCOUNT | other)
    session.add(row)
    session.flush()
    return row.id


def shipped(name: str) -> NamedMapping[StatementMapping]:
    return Mappings([SHIPPED_MAPPINGS / "statements"], StatementMapping).find(name)


def mapped(text: str) -> NamedMapping[StatementMapping]:
    return NamedMapping("test", read_as(StatementMapping, text), "0" * 64)


def mt940(
    *moves: Move, opening: int = 1_000_000, closing: int | None = None, first: date = MONDAY,
    last: date = MONDAY, number: str = NUMBER, pages: str = "FF",
) -> bytes:  # fmt: skip
    """One message; `first` is the day of the opening balance."""
    end = opening + sum(move.amount for move in moves) if closing is None else closing
    lines = [
        ":20:STMT0001", f":25:{number}", ":28C:00231/001",
        f":60{pages[0]}:{_balance(opening, first)}",
    ]  # fmt: skip
    for move in moves:
        value = move.value_on or move.day
        mark = "D" if move.amount < 0 else "C"
        lines += [
            f":61:{value:%y%m%d}{move.day:%m%d}{mark}{abs(move.amount)},00NTRFNONREF"
            + (f"//{move.reference}" if move.reference else ""),
            f":86:{move.text}",
        ]  # fmt: skip
    return ("\r\n".join([*lines, f":62{pages[1]}:{_balance(end, last)}", "-", ""])).encode()


def _balance(amount: int, day: date) -> str:
    return f"{'D' if amount < 0 else 'C'}{day:%y%m%d}IDR{abs(amount)},00"


def camt(
    *moves: Move, opening: int = 1_000_000, closing: int | None = None, first: date = MONDAY,
    last: date = MONDAY, version: str = "02", number: str = NUMBER, entries: str = "",
) -> bytes:  # fmt: skip
    """One statement; `entries` are further entries as XML."""
    end = opening + sum(move.amount for move in moves) if closing is None else closing
    body = "".join(entry(move, version) for move in moves)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">\n'
        "<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>\n<Stmt>"
        f"<Id>1</Id><Acct><Id><Othr><Id>{number}</Id></Othr></Id><Ccy>IDR</Ccy></Acct>\n"
        f"{_camt_balance('OPBD', opening, first)}{_camt_balance('CLBD', end, last)}\n"
        f"{body}{entries}</Stmt></BkToCstmrStmt></Document>\n"
    ).encode()


def entry(move: Move, version: str = "02", **told: str) -> str:
    status = told.get("status", "BOOK")
    shown = f"<Cd>{status}</Cd>" if version == "08" else status
    mark = told.get("mark") or ("DBIT" if move.amount < 0 else "CRDT")
    amount = told.get("amount") or f"{abs(move.amount)}.00"
    currency = told.get("currency", "IDR")
    reversal = "<RvslInd>true</RvslInd>" if told.get("reversal") else ""
    reference = f"<AcctSvcrRef>{move.reference}</AcctSvcrRef>" if move.reference else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>{reversal}'
        f"<Sts>{shown}</Sts><BookgDt><Dt>{move.day}</Dt></BookgDt>"
        f"<ValDt><Dt>{move.value_on or move.day}</Dt></ValDt>{reference}"
        f"<NtryDtls><TxDtls><RmtInf><Ustrd>{move.text}</Ustrd></RmtInf></TxDtls></NtryDtls>"
        "</Ntry>\n"
    )


def _camt_balance(code: str, amount: int, day: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="IDR">{abs(amount)}.00</Amt>'
        f"<CdtDbtInd>{'DBIT' if amount < 0 else 'CRDT'}</CdtDbtInd>"
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


PLAIN = """
of: statement
about: Rekening koran contoh
format: csv
columns:
  booked_on: Tanggal
  text: Keterangan
  debit: Debet
  credit: Kredit
  balance: Saldo
days: {formats: ["%d/%m/%Y", "%d/%m/%Y %H:%M:%S"]}
money: {decimal: ",", grouping: "."}
"""
TITLES = "Tanggal;Keterangan;Debet;Kredit;Saldo"


def csv_file(*moves: Move, opening: int = 1_000_000, head: Sequence[str] = ()) -> bytes:
    """As PLAIN describes it."""
    lines, reached = [*head, TITLES], opening
    for move in moves:
        reached += move.amount
        debit, credit = ("", _figure(move.amount))[:: -1 if move.amount < 0 else 1]
        lines.append(f"{move.day:%d/%m/%Y};{move.text};{debit};{credit};{_figure(reached)}")
    return ("\n".join(lines) + "\n").encode()


def _figure(amount: int) -> str:
    return f"{abs(amount):,}".replace(",", ".") + ",00"
