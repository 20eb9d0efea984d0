"""The chart of a day: vehicles by the hour, and how they paid."""

from collections.abc import Sequence
from functools import lru_cache

import altair as alt
import vl_convert

from parking.reconciliation.figures import Hour

# By luminance as well as by hue, so that print and colour-blind eyes tell them apart.
KINDS = {"QRIS lunas": "#0b4f4a", "Tunai": "#d89b1d", "QRIS tidak dibayar": "#c9ced3"}
WIDE, NARROW = 980, 330  # pixels: a desk, and a phone


def svg(hours: Sequence[Hour], *, narrow: bool = False) -> str:
    """The chart as an SVG picture. Hours without vehicles are shown as such."""
    return _svg(tuple(hours), narrow)


def spoken(hours: Sequence[Hour]) -> str:
    """The chart in one sentence, for who does not see it."""
    if not hours:
        return "Tidak ada kendaraan pada hari ini."
    busiest = max(hours, key=lambda h: h.qris + h.cash)
    return (
        f"Kendaraan per jam, {sum(h.qris for h in hours)} lunas lewat QRIS,"
        f" {sum(h.cash for h in hours)} tunai, {sum(h.unpaid for h in hours)} QR tidak dibayar;"
        f" paling ramai pukul {busiest.hour:02}.00 dengan {busiest.qris + busiest.cash} kendaraan."
    )


@lru_cache(maxsize=64)
def _svg(hours: tuple[Hour, ...], narrow: bool) -> str:
    return vl_convert.vegalite_to_svg(_spec(hours, narrow).to_json())


def _spec(hours: tuple[Hour, ...], narrow: bool) -> alt.Chart:
    rows = [
        {"jam": f"{h.hour:02}", "cara": kind, "kendaraan": count, "urutan": order}
        for h in hours
        for order, (kind, count) in enumerate(zip(KINDS, (h.qris, h.cash, h.unpaid), strict=True))
    ]
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("jam:O", title="Jam (WIB)", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("sum(kendaraan):Q", title="Kendaraan", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "cara:N",
                title=None,
                scale=alt.Scale(domain=list(KINDS), range=list(KINDS.values())),
                legend=alt.Legend(orient="top", columns=1 if narrow else 3),
            ),
            order=alt.Order("urutan:Q"),
        )
        .properties(
            width=(NARROW if narrow else WIDE) - 70,
            height=200 if narrow else 220,
            background="white",
        )
        .configure(font="sans-serif")
        .configure_view(strokeOpacity=0)
    )
