"""What is wrong between attendants and the city: D15, D26, and fake QR codes, D34. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from parking.money import Rupiah, share_of
from parking.qris.inspection import inspect
from parking.reconciliation.discrepancy import About, Discrepancy, named
from parking.reconciliation.inputs import Inputs, Terms
from parking.reconciliation.people_day import Commitment, PeopleDay, Share, ShownQr


def of_people(people: PeopleDay, taken: Mapping[int, int], terms: Terms) -> Iterator[Discrepancy]:
    """`taken` is what each attendant took on the day, by QRIS and in cash."""
    for share in people.shares:
        yield from _paid_out(share, people, terms)
    for commitment in people.commitments:
        yield from _promised(commitment, taken.get(commitment.attendant_id, 0), people, terms)
    for shown in people.shown:
        yield _shown(shown, people, terms)


def taken_by(chains: pd.DataFrame, inputs: Inputs) -> Mapping[int, int]:
    """What each attendant took on the day; empty where nobody asks for it."""
    if not inputs.people.commitments:
        return {}
    paid = chains[chains.paid.notna() & chains.attendant_id.notna()]
    both = pd.concat([
        paid[["attendant_id", "paid"]].set_axis(["who", "amount"], axis=1),
        inputs.taps[["attendant_id", "tapped"]].set_axis(["who", "amount"], axis=1),
    ])  # fmt: skip
    sums = both.groupby("who", as_index=False).amount.sum()
    return dict(zip(sums.who.tolist(), sums.amount.tolist(), strict=True))


def _paid_out(share: Share, people: PeopleDay, terms: Terms) -> Iterator[Discrepancy]:
    """A share that was not paid in time, came back, or is another amount (D15)."""
    arrived = share.paid - share.returned
    apart = share.computed - arrived
    if not apart:
        return
    about = About(f"attendant:{share.attendant_id}", abs(apart), attendant_id=share.attendant_id)
    rests = {"attendant": share.badge, "payouts": list(share.references)}
    told: dict[str, Any] = {
        "badge": share.badge, "computed": share.computed, "paid": arrived,
        "returned": share.returned, "due": people.due.on,
    }  # fmt: skip
    if not share.paid:
        if share.computed > 0 and people.due.is_over:
            yield named("D15", "missing", about, terms, rests, **told)
    elif share.returned and apart > 0:
        yield named("D15", "returned", about, terms, rests, **told)
    else:
        variant = "other" if share.computed else "unearned"
        yield named("D15", variant, about, terms, rests, **told)


def _promised(
    commitment: Commitment, taken: int, people: PeopleDay, terms: Terms
) -> Iterator[Discrepancy]:
    """What was promised a day beside the city's share of what was taken (D26)."""
    share = share_of(Rupiah(taken), people.city_bps)
    apart = share - commitment.daily
    if apart:
        about = About(
            f"attendant:{commitment.attendant_id}", abs(apart),
            attendant_id=commitment.attendant_id,
        )  # fmt: skip
        yield named(
            "D26", "surplus" if apart > 0 else "arrears", about, terms,
            {"attendant": commitment.badge, "commitment": commitment.id},
            badge=commitment.badge, daily=commitment.daily, taken=taken, share=share,
        )  # fmt: skip


def _shown(shown: ShownQr, people: PeopleDay, terms: Terms) -> Discrepancy:
    """A QR that a driver was shown: ours, another's, or none at all (D34)."""
    verdict = inspect(shown.payload)
    nmid = verdict.fields.get("nmid", "")
    about = About(
        f"fake-qr:{shown.id}", 0, attendant_id=shown.attendant_id, point_id=shown.point_id
    )
    rests = {"report": shown.id, "nmid": nmid, "attendant": shown.badge}
    working = f"saat itu {shown.badge} bertugas di sana" if shown.badge else "tanpa giliran terbuka"
    if not verdict.ok:
        return named(
            "D34", "unreadable", about, terms, rests, fault=verdict.errors[0], working=working
        )
    variant = "ours" if nmid in people.nmids else "foreign"
    return named(
        "D34", variant, about, terms, rests, nmid=nmid or "(kosong)", working=working,
        name=verdict.fields.get("merchant_name", "(kosong)"),
    )  # fmt: skip
