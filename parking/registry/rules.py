"""What a new fact must be like. Each rule names everything that is wrong, by field, at once."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from parking.business_day import business_day
from parking.errors import BadInput
from parking.money import BPS, QRIS_LIMIT, rupiah_text
from parking.registry.facts import (
    Assignment,
    Attendant,
    MerchantAccount,
    Point,
    Split,
    Tariff,
    Vehicle,
)
from parking.registry.routing import Route

AREA_TYPES = ("street", "market", "special")
ENVIRONMENTS = ("sandbox", "production")
BANK_ACCOUNT_KINDS = ("treasury", "holding")
EARLIEST = date(2000, 1, 1)  # a year typed with a digit too few
FURTHEST = timedelta(days=5 * 366)  # and one with a digit too many
LONGEST_NAME = 80
LONGEST_DECREE = 200
SLOWEST_SETTLING = 10  # working days
HIGHEST_FEE_BPS = 1_000  # ten percent; QRIS has 0 to 70
SHORTEST_REASON = 5
LAST_RANK = 9

BACK_DATED = "Tanggal ini sudah berjalan. Pilih paling awal besok, atau centang berlaku surut"

Problems = dict[str, str]


@dataclass(frozen=True, slots=True)
class NewAttendant:
    badge: str
    name: str
    joined_on: date


@dataclass(frozen=True, slots=True)
class NewPoint:
    code: str
    name: str
    road: str
    zone: str
    area_type: str
    has_qris: bool
    opened_on: date


@dataclass(frozen=True, slots=True)
class NewLetter:
    letter: str
    attendant_id: int
    point_id: int
    valid_from: date
    valid_to: date | None  # the last day; open when none


@dataclass(frozen=True, slots=True)
class NewTariff:
    vehicle: str
    zone: str  # empty: every zone that has none of its own
    amount: int
    valid_from: date
    decree: str
    is_back_dated: bool = False  # said expressly: charges at the old price become D28


@dataclass(frozen=True, slots=True)
class NewSplit:
    city_bps: int
    valid_from: date
    decree: str
    is_back_dated: bool = False


@dataclass(frozen=True, slots=True)
class NewAccount:
    gateway: str
    account: str
    merchant_id: str
    nmid: str
    pan: str  # as in the QRIS: 18 digits without the check digit, or 19 with it
    name: str
    city: str
    environment: str
    key_name: str  # the key itself is in the environment, as GATEWAY_KEY_<key_name>
    valid_from: date
    fee_bps: int
    contract: str
    settles_in: int = 1  # working days until it pays out


@dataclass(frozen=True, slots=True)
class NewFee:
    """What the acquirer may keep from a day on."""

    fee_bps: int
    valid_from: date
    contract: str
    is_back_dated: bool = False
    settles_in: int = 1  # working days until it pays out


@dataclass(frozen=True, slots=True)
class NewRoute:
    """From a day on a merchant account serves a point, or the whole city."""

    merchant_account_id: int
    point_id: int | None
    rank: int  # 1 is asked first
    valid_from: date


@dataclass(frozen=True, slots=True)
class NewBankAccount:
    """An account whose statements are expected of every working day from one on."""

    code: str  # "rkud": names its folder and its mapping
    bank: str
    number: str  # as statements name it
    name: str
    kind: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class NewLeave:
    day: date
    decree: str


def refuse(what: str, problems: Problems) -> None:
    """Raises BadInput naming every problem, if there is one."""
    if problems:
        raise BadInput(f"{what} belum dapat disimpan: periksa isian yang ditandai", problems)


def attendant_problems(new: NewAttendant, today: date) -> Problems:
    return _found(
        badge=_unlike(r"[A-Z]{2,5}-[0-9]{3,6}", new.badge, "seperti JBI-0123"),
        name=_no_text(new.name, LONGEST_NAME),
        joined_on=_odd_day(new.joined_on, today),
    )


def point_problems(new: NewPoint, today: date) -> Problems:
    return _found(
        code=_unlike(r"[A-Z]{2,5}-[0-9]{2,4}[A-Z]?", new.code, "seperti PSR-01"),
        name=_no_text(new.name, LONGEST_NAME),
        road=_no_text(new.road, LONGEST_NAME),
        zone=_no_text(new.zone, LONGEST_NAME),
        area_type=_not_among(AREA_TYPES, new.area_type),
        opened_on=_odd_day(new.opened_on, today),
    )


def letter_problems(
    new: NewLetter,
    attendant: Attendant | None,
    point: Point | None,
    letters: Sequence[Assignment],
    today: date,
) -> Problems:
    """`letters` are all letters that the attendant has or had."""
    return _found(
        letter=_no_text(new.letter, LONGEST_NAME),
        attendant_id=_cannot_serve(new, attendant),
        point_id=_cannot_be_served(new, point) or _overlap(new, letters),
        valid_from=_odd_day(new.valid_from, today),
        valid_to=_not_after(new.valid_to, new.valid_from),
    )


def tariff_problems(
    new: NewTariff, tariffs: Sequence[Tariff], zones: Collection[str], today: date
) -> Problems:
    """`tariffs` are all there ever were; a zone of its own must be one that has points."""
    return _found(
        vehicle=_not_among([v.value for v in Vehicle], new.vehicle),
        zone=None if new.zone in ("", *zones) else "Zona ini tidak punya titik. Periksa ejaannya",
        amount=_odd_amount(new.amount),
        valid_from=_odd_day(new.valid_from, today)
        or _back_dated(new.valid_from, new.is_back_dated, today)
        or _same_tariff(new, tariffs),
        decree=_no_text(new.decree, LONGEST_DECREE),
    )


def split_problems(new: NewSplit, splits: Sequence[Split], today: date) -> Problems:
    return _found(
        city_bps=None if 0 <= new.city_bps <= BPS else "Bagian daerah dari 0 sampai 100 persen",
        valid_from=_odd_day(new.valid_from, today)
        or _back_dated(new.valid_from, new.is_back_dated, today)
        or _same_split(new, splits),
        decree=_no_text(new.decree, LONGEST_DECREE),
    )


def account_problems(new: NewAccount, gateways: Collection[str], today: date) -> Problems:
    """`gateways` are those that we have an adapter for."""
    return _found(
        gateway=_not_among(gateways, new.gateway),
        account=_unlike(r"[a-z0-9][a-z0-9-]{1,29}", new.account, "huruf kecil, seperti jambi"),
        merchant_id=_no_text(new.merchant_id, LONGEST_NAME),
        nmid=_unlike(r"ID[0-9]{13}", new.nmid, "ID dan 13 angka"),
        pan=_unlike(r"9360[0-9]{14,15}", new.pan, "9360 dan 14 atau 15 angka"),
        name=_no_text(new.name, 25),  # what QRIS has room for
        city=_no_text(new.city, 15),
        environment=_not_among(ENVIRONMENTS, new.environment),
        key_name=_unlike(r"[A-Z][A-Z0-9_]{1,39}", new.key_name, "seperti MIDTRANS_JAMBI"),
        valid_from=_odd_day(new.valid_from, today),
        fee_bps=_odd_fee(new.fee_bps),
        settles_in=_odd_settling(new.settles_in),
        contract=_no_text(new.contract, LONGEST_DECREE),
    )


def fee_problems(new: NewFee, known: Collection[date], today: date) -> Problems:
    """`known` are the days from which the account has a fee already."""
    taken = "Dari tanggal ini sudah ada biaya; kontrak baru berlaku dari tanggal lain"
    return _found(
        fee_bps=_odd_fee(new.fee_bps),
        settles_in=_odd_settling(new.settles_in),
        valid_from=_odd_day(new.valid_from, today)
        or _back_dated(new.valid_from, new.is_back_dated, today)
        or (taken if new.valid_from in known else None),
        contract=_no_text(new.contract, LONGEST_DECREE),
    )


def route_problems(
    new: NewRoute,
    account: MerchantAccount | None,
    point: Point | None,
    routes: Sequence[Route],
    today: date,
) -> Problems:
    """`routes` are all there ever were. A route begins today at the earliest: which way a charge
    went that is made already cannot be changed.
    """
    begun = "Paling awal hari ini: tagihan yang sudah dibuat tidak berpindah akun"
    return _found(
        merchant_account_id=_cannot_route(new, account),
        point_id=_cannot_be_routed(new, point) or _route_twice(new, account, routes),
        rank=(None if 1 <= new.rank <= LAST_RANK else f"Dari 1 sampai {LAST_RANK}")
        or _rank_taken(new, routes),
        valid_from=_odd_day(new.valid_from, today) or (begun if new.valid_from < today else None),
    )


def bank_account_problems(new: NewBankAccount, today: date) -> Problems:
    """A first day in the past is usual: statements of days that are over are taken in too."""
    return _found(
        code=_unlike(r"[a-z0-9][a-z0-9-]{1,29}", new.code, "huruf kecil, seperti rkud"),
        bank=_no_text(new.bank, LONGEST_NAME),
        number=_unlike(r"[0-9A-Z](?:[ .-]?[0-9A-Z]){4,33}", new.number, "seperti 300-123-4567"),
        name=_no_text(new.name, LONGEST_NAME),
        kind=_not_among(BANK_ACCOUNT_KINDS, new.kind),
        valid_from=_odd_day(new.valid_from, today),
    )


def leave_problems(new: NewLeave, known: Collection[date], today: date) -> Problems:
    return _found(
        day=_odd_day(new.day, today)
        or ("Hari ini sudah tercatat sebagai cuti bersama" if new.day in known else None),
        decree=_no_text(new.decree, LONGEST_DECREE),
    )


def last_day_problems(last_day: date, first_day: date, today: date, reason: str) -> Problems:
    """An end lies ahead: one in the past would make right what was collected since wrong."""
    early = "Paling awal hari ini. Untuk menghentikan seketika, cabut SPT atau akhiri perangkat"
    return _found(
        last_day=(early if last_day < max(today, first_day) else None) or _odd_day(last_day, today),
        reason=no_reason(reason),
    )


def no_reason(reason: str) -> str | None:
    """Why a text is not a reason that another person could follow."""
    if len(reason.strip()) < SHORTEST_REASON:
        return "Tulis alasannya, supaya orang lain dapat memahaminya nanti"
    return _no_text(reason, LONGEST_DECREE)


def _found(**problems: str | None) -> Problems:
    return {field: why for field, why in problems.items() if why}


def _no_text(text: str, longest: int) -> str | None:
    if not text.strip():
        return "Wajib diisi"
    if len(text) > longest:
        return f"Paling panjang {longest} huruf, ini {len(text)}"
    if not text.isprintable():
        return "Hanya huruf, angka dan tanda baca dalam satu baris"
    return None


def _unlike(pattern: str, text: str, example: str) -> str | None:
    return None if re.fullmatch(pattern, text, re.ASCII) else f"Bentuknya harus {example}"


def _not_among(known: Collection[str], text: str) -> str | None:
    return None if text in known else f"Pilih salah satu: {', '.join(known)}"


def _odd_day(day: date, today: date) -> str | None:
    if EARLIEST <= day <= today + FURTHEST:
        return None
    return "Periksa tahunnya: tanggal terlalu jauh"


def _not_after(last: date | None, first: date) -> str | None:
    if last is None or last >= first:
        return None
    return "Hari terakhir mendahului hari pertama. Periksa kedua tanggal"


def _back_dated(day: date, is_said: bool, today: date) -> str | None:
    return BACK_DATED if day <= today and not is_said else None


def _odd_amount(amount: int) -> str | None:
    if 1 <= amount <= QRIS_LIMIT:
        return None
    return f"Dari {rupiah_text(1)} sampai {rupiah_text(QRIS_LIMIT)}, rupiah bulat"


def _odd_settling(days: int) -> str | None:
    return None if 0 <= days <= SLOWEST_SETTLING else f"Dari 0 sampai {SLOWEST_SETTLING} hari kerja"


def _odd_fee(fee_bps: int) -> str | None:
    return None if 0 <= fee_bps <= HIGHEST_FEE_BPS else "Dari 0 sampai 10 persen"


def _same_tariff(new: NewTariff, tariffs: Sequence[Tariff]) -> str | None:
    """A repeated submit changes nothing; another amount for the same day is a correction."""
    same_day = [
        t
        for t in tariffs
        if (t.vehicle, t.zone, t.valid_from) == (new.vehicle, new.zone, new.valid_from)
    ]
    last = max(same_day, key=lambda t: t.entered_at, default=None)
    return _recorded(last is not None and last.amount == new.amount)


def _same_split(new: NewSplit, splits: Sequence[Split]) -> str | None:
    same_day = [s for s in splits if s.valid_from == new.valid_from]
    last = max(same_day, key=lambda s: s.entered_at, default=None)
    return _recorded(last is not None and last.city_bps == new.city_bps)


def _recorded(is_known: bool) -> str | None:
    return "Sudah tercatat: dari tanggal ini angkanya memang begitu" if is_known else None


def _cannot_serve(new: NewLetter, attendant: Attendant | None) -> str | None:
    if attendant is None:
        return "Juru parkir ini tidak ada. Pilih dari daftar"
    if new.valid_from < attendant.joined_on:
        return f"{attendant.name} baru bergabung {attendant.joined_on:%d-%m-%Y}"
    return _beyond(new, attendant.ended_on, attendant.name)


def _cannot_be_served(new: NewLetter, point: Point | None) -> str | None:
    if point is None:
        return "Titik ini tidak ada. Pilih dari daftar"
    if new.valid_from < point.opened_on:
        return f"{point.name} baru dibuka {point.opened_on:%d-%m-%Y}"
    return _beyond(new, point.ended_on, point.name)


def _beyond(new: NewLetter, ended_on: date | None, name: str) -> str | None:
    if ended_on is None or (new.valid_to is not None and new.valid_to <= ended_on):
        return None
    return f"{name} berakhir {ended_on:%d-%m-%Y}. SPT paling lama sampai hari itu"


def _overlap(new: NewLetter, letters: Sequence[Assignment]) -> str | None:
    for held in letters:
        if held.point_id == new.point_id and _meet(new, held):
            return f"Sudah ada SPT {held.letter} untuk titik ini pada masa itu. Cabut dulu"
    return None


def _meet(new: NewLetter, held: Assignment) -> bool:
    """Whether they share a day. A letter may be taken back before its first day: it has none."""
    first = max(new.valid_from, held.valid_from)
    return all(last is None or first <= last for last in (new.valid_to, _blocks_until(held)))


def _blocks_until(held: Assignment) -> date | None:
    """The last day that belongs to a letter; the day it was taken back is free for another."""
    ended = held.ended_at and business_day(held.ended_at) - timedelta(days=1)
    return min((day for day in (held.valid_to, ended) if day), default=None)


def _cannot_route(new: NewRoute, account: MerchantAccount | None) -> str | None:
    if account is None:
        return "Akun ini tidak ada. Pilih dari daftar"
    if new.valid_from < account.valid_from:
        return f"Akun ini baru dipakai dari {account.valid_from:%d-%m-%Y}"
    if account.ended_on is not None and account.ended_on < new.valid_from:
        return f"Akun ini berakhir {account.ended_on:%d-%m-%Y}"
    return None


def _cannot_be_routed(new: NewRoute, point: Point | None) -> str | None:
    if new.point_id is None:
        return None
    if point is None:
        return "Titik ini tidak ada. Pilih dari daftar"
    if point.ended_on is not None and point.ended_on < new.valid_from:
        return f"{point.name} berakhir {point.ended_on:%d-%m-%Y}"
    return None


def _rank_taken(new: NewRoute, routes: Sequence[Route]) -> str | None:
    taken = any(r.rank == new.rank for r in _beside(new, routes))
    return "Sudah ada jalur dengan urutan ini pada masa itu. Akhiri dulu" if taken else None


def _route_twice(
    new: NewRoute, account: MerchantAccount | None, routes: Sequence[Route]
) -> str | None:
    if account is None:
        return None
    name = (account.merchant.gateway, account.merchant.account)
    twice = any((r.gateway, r.account) == name for r in _beside(new, routes))
    return "Akun ini sudah melayani tempat itu pada masa itu" if twice else None


def _beside(new: NewRoute, routes: Sequence[Route]) -> list[Route]:
    """Routes of the same place that hold on a day on which the new one would."""
    return [
        r for r in routes
        if r.point_id == new.point_id and (r.ended_on is None or r.ended_on >= new.valid_from)
    ]  # fmt: skip


def named(kind: str, name: str, problems: Mapping[str, str]) -> Problems:
    """Problems of one of many facts, told apart by its name: "points PSR-01: zone"."""
    return {f"{kind} {name}: {field}": why for field, why in problems.items()}
