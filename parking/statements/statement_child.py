"""Reads one MT940 or CAMT.053 and exits: a program of its own, as `xlsx_child` is.

`read_statement` starts it with the file on stdin and its format as the only word. On stdout it
writes a line of JSON for each thing found, `[what, line, values]`, and `{"rows": n}` at the end,
or `{"refused": why, "problems": [where and what]}`:

    ["statement", 2, {"account", "currency", "opening", "closing", "from", "to", …}]
    ["line", 5, {"booked_on", "value_on", "mark", "amount", "text", "reference"}]
    ["skipped", 9, {"why"}]
    ["wrong", 7, {"field", "found", "why"}]

Marks are "C" and "D", as money moves: a reversal of a credit is a debit. Amounts are texts.

Of mt-940 we use what reads one field, and neither its files nor its collections: they keep the
balances of the last statement only (its issues 52, 86, 107), lose a line without a transaction
type to the next one, put what stands behind the closing balance into the last line (issue 2),
and count a reversed credit as money that came (issue 130).
"""

import json
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # -I: nothing of ours is found without it

from parking.gateways.xlsx_child import Refused, lower_limits, refuse

Told = tuple[str, int, dict[str, Any]]

MOST_LINES = 100_000
WIB = timezone(timedelta(hours=7))
VERSIONS = tuple(f"{n:02}" for n in range(2, 9))
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."


# MT940

_FIELD = re.compile(r":(?P<tag>[0-9]{2}[A-Z]?|NS):(?P<value>.*)")
_BLOCKS = re.compile(r"\{[1235]:[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\{4:|-\}")
_KNOWN = {"60F", "60M", "62F", "62M", "61", "86", "25", "25P", "20"}
# What the library lets pass: it takes "150.000,00" for 150 and the rest for a reference.
_SIGN_AND_AMOUNT = r"[A-Z]{0,3}[\n ]?[0-9]{1,15},[0-9]{0,2}(?![0-9.,'])"
_LINE = re.compile(rf"[0-9]{{6}}(?:[0-9]{{4}}|\s{{4}})?R?[DC]{_SIGN_AND_AMOUNT}", re.IGNORECASE)
_BALANCE = re.compile(rf"[DC][0-9]{{6}}{_SIGN_AND_AMOUNT}\s*\Z", re.IGNORECASE)
_MARKS = {"C": "C", "D": "D", "RC": "D", "RD": "C"}


def mt940(content: bytes) -> Iterator[Told]:
    """The statements and pages of a SWIFT file."""
    page: Page | None = None
    fields = list(_fields(_text(content)))
    lines = [number for number, tag, _ in fields if tag == "61"]
    if len(lines) > MOST_LINES:  # before any is read, which takes its time
        where = f"baris {lines[MOST_LINES]}"
        raise Refused("Terlalu panjang", f"{where}: lebih dari {MOST_LINES} mutasi")
    for number, tag, value in fields:
        if tag == "20":
            if page is not None:
                yield from page.end()
            page = Page(number)
        elif page is None:
            raise Refused("Bukan MT940", f"baris {number}: :{tag}: sebelum :20:")
        elif tag in _KNOWN:
            yield from page.take(number, tag, value)
    if page is None:
        raise Refused("Bukan MT940", "baris 1: tidak ada :20: di dalamnya")
    yield from page.end()


def _text(content: bytes) -> str:
    for name in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError as error:
            at, byte = error.start, content[error.start]
            continue
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            raise Refused("Berkas bukan teks", f"baris {line}: memuat karakter NUL")
        return text.replace("\r\n", "\n").replace("\r", "\n")
    line = content.count(b"\n", 0, at) + 1
    raise Refused("Berkas bukan UTF-8 atau cp1252", f"baris {line}: byte 0x{byte:02x}")


def _fields(text: str) -> Iterator[tuple[int, str, str]]:
    """Each field with the line in which it begins. What goes on in further lines belongs to it."""
    found: tuple[int, str, list[str]] | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = _BLOCKS.sub("", raw).rstrip()
        begun = _FIELD.match(line)
        if begun is not None:
            if found is not None:
                yield found[0], found[1], "\n".join(found[2])
            found = number, begun["tag"], [begun["value"]]
        elif line.strip() not in ("", "-"):
            if found is None:
                raise Refused("Bukan MT940", f"baris {number}: {line[:40]!r} di luar sebuah :NN:")
            found[2].append(line)
    if found is not None:
        yield found[0], found[1], "\n".join(found[2])


class Page:
    """One message of the file: a statement, or a page of one."""

    def __init__(self, number: int) -> None:
        import mt940 as library  # after the limits

        self._tags = library.tags
        self._none = library.models.Transactions()
        self._number = number
        self._account = ""
        self._opening: tuple[date, dict[str, str]] | None = None
        self._closing: tuple[date, dict[str, str]] | None = None
        self._line: Told | None = None
        self._lines: list[Told] = []

    def take(self, number: int, tag: str, value: str) -> Iterator[Told]:
        if tag in ("25", "25P"):
            self._account = value.partition("\n")[0].strip()
        elif tag == "86":
            # Behind the closing balance it tells of the statement and of no line.
            if self._line is not None and self._closing is None:
                self._line[2]["text"] += "\n" + value
        else:
            try:
                self._read(number, tag, value)
            except (RuntimeError, ValueError, ArithmeticError) as error:
                why = str(error) if type(error) is ValueError else "tidak seperti SWIFT MT940"
                told = {"field": f":{tag}:", "found": value[:60], "why": why}
                yield "wrong", number, told

    def _read(self, number: int, tag: str, value: str) -> None:
        if tag == "61":
            self._line = "line", number, self._movement(value)
            self._lines.append(self._line)
            return
        balance = self._balance(self._tags.FinalOpeningBalance(), value)
        if tag.startswith("60"):
            if self._opening is not None:
                raise ValueError("saldo awal dua kali dalam satu bagian")
            self._opening = balance
        else:
            if self._closing is not None:
                raise ValueError("saldo akhir dua kali dalam satu bagian")
            self._closing = balance

    def _movement(self, value: str) -> dict[str, Any]:
        field = self._parsed(self._tags.Statement(), _LINE, value)
        mark = field["status"].upper()
        customer = (field["customer_reference"] or "").strip()
        texts = [customer if customer.upper() != "NONREF" else "", field.get("extra_details")]
        booked = field.get("entry_date") or field["date"]
        return {
            "booked_on": booked.isoformat(), "value_on": field["date"].isoformat(),
            "mark": _MARKS[mark], "amount": _amount(field["amount"]),
            "text": " ".join(text for text in texts if text),
            "reference": (field.get("bank_reference") or "").strip(),
        }  # fmt: skip

    def _balance(self, tag: Any, value: str) -> tuple[date, dict[str, str]]:
        told = self._parsed(tag, _BALANCE, value)["final_opening_balance"]
        amount = told.amount
        return told.date, {
            "mark": told.status.upper(), "amount": _amount(amount), "currency": amount.currency,
        }  # fmt: skip

    def _parsed(self, tag: Any, form: re.Pattern[str], value: str) -> dict[str, Any]:
        """By the library, which also takes the digits of other scripts for digits."""
        if not re.match(r"[\x20-\x7e\n]*\Z", value[:40]):
            raise ValueError("memuat huruf atau angka di luar ASCII")
        if not form.match(value):
            raise ValueError("tidak seperti SWIFT MT940, dengan jumlah seperti 150000,00")
        told: dict[str, Any] = tag(self._none, tag.parse(self._none, value))
        return told

    def end(self) -> Iterator[Told]:
        """The page, now that all of it is known."""
        for name, there in ((":60F:", self._opening), (":62F:", self._closing)):
            if there is None:
                told = {"field": name, "found": "", "why": "tidak ada; berkas mungkin terpotong"}
                yield "wrong", self._number, told
        if self._opening is None or self._closing is None:
            return
        (begun, opening), (ended, closing) = self._opening, self._closing
        # The opening balance bears the day of the closing before it, or that of its own.
        first = min(begun + timedelta(days=1), ended) if begun < ended else ended
        days = [date.fromisoformat(line["booked_on"]) for _, _, line in self._lines]
        yield "statement", self._number, {
            "account": self._account, "currency": {opening["currency"], closing["currency"]},
            "opening": opening, "closing": closing,
            "from": min([first, *days]).isoformat(), "to": ended.isoformat(),
            "begins_day": begun < min([first, *days]),
        }  # fmt: skip
        yield from self._lines


def _amount(amount: Any) -> str:
    """As the library has it, without the sign that it gives."""
    return str(abs(amount.amount))


# CAMT.053


def camt053(content: bytes) -> Iterator[Told]:
    """The statements of an ISO 20022 document, of the versions 02 to 08."""
    from lxml import etree  # after the limits

    if (at := content.find(b"<!DOCTYPE")) >= 0:
        raise _declares(content.count(b"\n", 0, at) + 1)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        where = f"baris {error.lineno or 1}"
        raise Refused("XML terpotong atau rusak", f"{where}: {error.msg}"[:300]) from error
    if root.getroottree().docinfo.doctype:  # in an encoding of two bytes a letter
        raise _declares(1)
    version = etree.QName(root).namespace or ""
    if not version.startswith(NAMESPACE) or version.removeprefix(NAMESPACE) not in VERSIONS:
        found = version.rpartition(":")[2] or etree.QName(root).localname
        raise Refused(
            "Bukan CAMT.053 versi 02 sampai 08",
            f"baris {root.sourceline}: {found[:60]!r}; minta camt.053.001.02 sampai .08 dari bank",
        )
    statements = root.findall("{*}BkToCstmrStmt/{*}Stmt")
    if not statements:
        raise Refused("CAMT.053 tanpa rekening koran", f"baris {root.sourceline}: tidak ada Stmt")
    for statement in statements:
        yield from _stmt(statement)


def _declares(line: int) -> Refused:
    return Refused(
        "Berkas memuat entitas XML",
        f"baris {line}: <!DOCTYPE> tidak ada di CAMT.053 yang sah; minta berkas lain dari bank",
    )


def _stmt(of: Any) -> Iterator[Told]:
    balances = {_code(each.find("{*}Tp")): each for each in of.findall("{*}Bal")}
    opening = next((balances[c] for c in ("OPBD", "PRCD") if c in balances), None)
    closing = balances.get("CLBD")
    for name, there in (("Bal OPBD", opening), ("Bal CLBD", closing)):
        if there is None:
            yield "wrong", of.sourceline, {"field": name, "found": "", "why": "tidak ada"}
    if opening is None or closing is None:
        return
    ends = [_camt_balance(each) for each in (opening, closing)]
    # The balance of a day before bears that day; the period, where it is told, is the last word.
    first, last = _period(of)
    begun = ends[0]["day"]
    if _code(opening.find("{*}Tp")) == "PRCD" and begun:
        begun = (date.fromisoformat(begun) + timedelta(days=1)).isoformat()
    yield "statement", of.sourceline, {
        "account": _told(of, "Acct/Id/IBAN") or _told(of, "Acct/Id/Othr/Id"),
        "currency": {end["currency"] for end in ends},
        "opening": ends[0], "closing": ends[1],
        "from": first or min(begun, ends[1]["day"]), "to": last or ends[1]["day"],
        "begins_day": True,
    }  # fmt: skip
    for count, entry in enumerate(of.iterfind("{*}Ntry"), 1):
        if count > MOST_LINES:
            raise Refused("Terlalu panjang", f"baris {entry.sourceline}: lebih dari {MOST_LINES}")
        yield _entry(entry)


def _entry(of: Any) -> Told:
    """An entry moves the account once, also when it is a batch of several transactions.

    CdtDbtInd says how the account moves, also of a reversal: RvslInd tells only that it is one
    (ISO 20022). Whoever means it otherwise is found by the balances.
    """
    status = _told(of, "Sts/Cd") or _told(of, "Sts")
    if status != "BOOK":
        return "skipped", of.sourceline, {"why": f"status {status[:20] or 'kosong'}, bukan BOOK"}
    amount = of.find("{*}Amt")
    reversal = _told(of, "RvslInd").lower() in ("true", "1")
    return "line", of.sourceline, {
        "booked_on": _day(of.find("{*}BookgDt")), "value_on": _day(of.find("{*}ValDt")),
        "mark": {"CRDT": "C", "DBIT": "D"}.get(_told(of, "CdtDbtInd"), ""),
        "amount": (amount.text or "").strip() if amount is not None else "",
        "currency": amount.get("Ccy", "") if amount is not None else "",
        "text": " ".join([*(["REVERSAL"] if reversal else []), *_texts(of)]),
        "reference": _told(of, "AcctSvcrRef"),
    }  # fmt: skip


def _texts(of: Any) -> Iterator[str]:
    """What an entry and its transactions say for people, each word once."""
    wanted = (
        "AddtlNtryInf", "NtryDtls/TxDtls/RmtInf/Ustrd", "NtryDtls/TxDtls/RmtInf/Strd//Ref",
        "NtryDtls/TxDtls/AddtlTxInf", "NtryDtls/TxDtls/Refs/EndToEndId",
        "NtryDtls/TxDtls/RltdPties/Dbtr//Nm", "NtryDtls/TxDtls/RltdPties/Cdtr//Nm", "NtryRef",
    )  # fmt: skip
    seen = set()
    for path in wanted:
        for each in of.iterfind(_path(path)):
            text = (each.text or "").strip()
            if text and text.upper() != "NOTPROVIDED" and text not in seen:
                seen.add(text)
                yield text


def _path(path: str) -> str:
    return "/".join(f"{{*}}{step}" if step else "" for step in path.split("/"))


def _told(of: Any, path: str) -> str:
    found = of.find(_path(path))
    return (found.text or "").strip() if found is not None else ""


def _code(kind: Any) -> str:
    return _told(kind, "CdOrPrtry/Cd") if kind is not None else ""


def _day(of: Any) -> str:
    """The day of a date, or of a moment on Jambi's clock."""
    return _wib_day(_told(of, "Dt") or _told(of, "DtTm")) if of is not None else ""


def _wib_day(told: str) -> str:
    """A moment without a zone is one of the bank's, which is in WIB."""
    try:
        moment = datetime.fromisoformat(told) if len(told) > 10 else None
    except ValueError:
        return told[:40]  # what it is not is told by who reads it
    if moment is None:
        return told
    return (moment.astimezone(WIB) if moment.tzinfo else moment).date().isoformat()


def _camt_balance(of: Any) -> dict[str, str]:
    amount = of.find("{*}Amt")
    return {
        "mark": {"CRDT": "C", "DBIT": "D"}.get(_told(of, "CdtDbtInd"), ""),
        "amount": (amount.text or "").strip() if amount is not None else "",
        "currency": amount.get("Ccy", "") if amount is not None else "",
        "day": _day(of.find("{*}Dt")),
    }  # fmt: skip


def _period(of: Any) -> tuple[str, str]:
    """The first and the last day, where it is told; one that ends at midnight ends before it."""
    first, last = _told(of, "FrToDt/FrDtTm"), _told(of, "FrToDt/ToDtTm")
    is_midnight = last[10:19] == "T00:00:00"
    first, last = _wib_day(first), _wib_day(last)
    if is_midnight and last > first:
        last = (date.fromisoformat(last) - timedelta(days=1)).isoformat()
    return first, last


READERS = {"mt940": mt940, "camt053": camt053}


def main() -> None:
    lower_limits()
    content = sys.stdin.buffer.read()
    try:
        count = 0
        for told in READERS[sys.argv[1]](content):
            sys.stdout.write(json.dumps(told, default=sorted) + "\n")
            count += 1
        sys.stdout.write(json.dumps({"rows": count}) + "\n")
    except Refused as refusal:
        refuse(refusal)


if __name__ == "__main__":
    main()
