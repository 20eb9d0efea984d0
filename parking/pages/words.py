"""How figures, days and states are written on every screen."""

from datetime import date, datetime

from flask import Flask

from parking.business_day import MONTHS, day_text, time_text, wib
from parking.money import rupiah_text


def short_day(day: date) -> str:
    """
    >>> short_day(date(2026, 11, 24))
    '24 Nov 2026'
    """
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def moment_text(moment: datetime) -> str:
    """'24 Nov 2026, 14.05 WIB'"""
    return f"{short_day(wib(moment).date())}, {time_text(moment)}"


def count_text(number: int) -> str:
    """
    >>> count_text(12345)
    '12.345'
    """
    return f"{number:,}".replace(",", ".")


def percent_text(bps: int) -> str:
    """Basis points as percent.

    >>> percent_text(4_000), percent_text(70), percent_text(3_333)
    ('40%', '0,7%', '33,33%')
    """
    return f"{bps / 100:.2f}".rstrip("0").rstrip(".").replace(".", ",") + "%"


def add_words(app: Flask) -> None:
    """Filters for the templates."""
    app.jinja_env.filters.update(
        rupiah=rupiah_text, day=day_text, short_day=short_day, time=time_text,
        moment=moment_text, count=count_text, percent=percent_text,
    )  # fmt: skip
