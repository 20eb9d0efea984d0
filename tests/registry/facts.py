"""Ordinary new facts, right in every field; a test changes the one that it is about."""

from dataclasses import replace
from datetime import date
from typing import Any

from parking.registry.rules import (
    NewAccount,
    NewAttendant,
    NewFee,
    NewLetter,
    NewPoint,
    NewSplit,
    NewTariff,
)

TODAY = date(2026, 11, 23)
TOMORROW = date(2026, 11, 24)
ADMIN = "user:ratna"


def new_attendant(**changed: Any) -> NewAttendant:
    return replace(NewAttendant("JBI-0100", "Rina Contoh", TODAY), **changed)


def new_point(**changed: Any) -> NewPoint:
    usual = NewPoint(
        "SKH-01", "Deretan bengkel", "Jl. Soekarno Hatta", "Soekarno-Hatta", "street", True, TODAY
    )
    return replace(usual, **changed)


def new_letter(attendant_id: int, point_id: int, **changed: Any) -> NewLetter:
    return replace(NewLetter("SPT/100/2026", attendant_id, point_id, TODAY, None), **changed)


def new_tariff(**changed: Any) -> NewTariff:
    return replace(NewTariff("motorcycle", "", 3_000, TOMORROW, "Perda 9/2026"), **changed)


def new_split(**changed: Any) -> NewSplit:
    return replace(NewSplit(5_000, TOMORROW, "Perwal 9/2026"), **changed)


def new_account(**changed: Any) -> NewAccount:
    usual = NewAccount(
        "midtrans", "pasar", "G000000002", "ID1020000000020", "936001150000000222",
        "PARKIR PASAR JAMBI", "KOTA JAMBI", "sandbox", "MIDTRANS_PASAR", TODAY, 30, "PKS 7/2026",
    )  # fmt: skip
    return replace(usual, **changed)


def new_fee(**changed: Any) -> NewFee:
    return replace(NewFee(70, TOMORROW, "PKS 8/2026"), **changed)
