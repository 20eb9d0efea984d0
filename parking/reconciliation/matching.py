"""Does it all agree? Charges, payments and settlement lines beside each other. Pure.

A row for each payment at a gateway with everything that is known of it, and a row for each
charge of the day; every discrepancy is a column of flags. Every charge, receipt and line that
comes in is in exactly one row.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from parking.charges.charge import ChargeState
from parking.database.frames import FLAG, WHOLE
from parking.money import BPS
from parking.reconciliation.catalogue import ALONE, EXPLAINED_BY
from parking.reconciliation.inputs import Inputs, Terms
from parking.statements.settlement import TEST_AMOUNTS, TEST_PREFIX

FEE_TOLERANCE = 1  # rupiah a payment: gateways round in their own ways
UNDECIDED = (ChargeState.CREATING, ChargeState.CREATE_UNKNOWN, ChargeState.PENDING)
SETTLED = ("gross", "fee", "agreed", "settled_on", "import_id", "number", "line_count")
ASKED = ("asked", "state", "attendant_id", "point_id", "receipts_before")
GIVEN_BACK = (ChargeState.REFUNDED, ChargeState.REVERSED)


@dataclass(frozen=True, slots=True)
class Matched:
    chains: pd.DataFrame  # a payment at a gateway with its lines and its charge
    charges: pd.DataFrame  # the charges of the day


def match(inputs: Inputs) -> Matched:
    """Lay everything side by side and flag what does not agree.

    Raises ValueError if a charge or a receipt is there twice.
    """
    chains = chains_of(inputs)
    chains["in_outage"] = _in_outage(chains.chain, chains.paid_at, inputs.terms)
    for code, applies in CHAIN_CODES.items():
        chains[code] = applies(chains, inputs.terms).fillna(False).astype(FLAG)
    explain(chains)
    named = is_claimable(chains, inputs.terms) | frozen_now(chains, inputs.terms)
    chains["waits"] = (chains.paid.notna() & chains.gross.isna() & ~named).astype(FLAG)
    return Matched(chains, _undecided(inputs))


def _undecided(inputs: Inputs) -> pd.DataFrame:
    """The charges of the day, with those of which it should be known by now what they came to."""
    terms = inputs.terms
    charges = inputs.charges[inputs.charges.of_day].reset_index(drop=True)
    is_open = charges.state.isin(list(UNDECIDED)) & ~charges.has_receipt
    is_overdue, in_outage = _flags(charges, terms.is_overdue), _flags(charges, False)
    if terms.frozen:
        names = charges.gateway + "/" + charges.account + "/"
        in_outage = _in_outage(names, charges.created_at, terms)
        for name, frozen in terms.frozen.items():
            is_overdue = is_overdue.mask(names == f"{name}/", frozen.is_overdue)
    charges["D35"] = is_open & in_outage & terms.is_overdue
    charges["D01"] = is_open & is_overdue & ~in_outage
    charges["waits"] = is_open & ~charges.D01 & ~charges.D35
    return charges


def _in_outage(names: pd.Series, moments: pd.Series, terms: Terms) -> pd.Series:
    """Whether each moment lies in an outage of the account with which its name begins."""
    found = _flags(names, False)
    for name, frozen in terms.frozen.items():
        mine = names.str.startswith(f"{name}/")
        for window in frozen.windows:
            # A settlement line of no payment has no moment: it lies in no outage.
            inside = mine & (moments >= window.began_at).fillna(False).astype(FLAG)
            if window.ended_at is not None:
                inside &= (moments < window.ended_at).fillna(False).astype(FLAG)
            found |= inside.fillna(False)
    return found


def _flags(rows: pd.Series | pd.DataFrame, value: bool) -> pd.Series:
    return pd.Series(value, index=rows.index, dtype=FLAG)


def is_claimable(c: pd.DataFrame, terms: Terms) -> pd.Series:
    """Whether it should have been paid out by now: later where its account was out."""
    found = _flags(c, terms.is_claimable)
    for name, frozen in terms.frozen.items():
        found = found.mask(c.chain.str.startswith(f"{name}/"), frozen.is_claimable)
    return found


def chains_of(inputs: Inputs) -> pd.DataFrame:
    """One row per payment at a gateway: its receipt, its settlement lines, its charge."""
    of_receipt, of_line = numbered(inputs.receipts.chain, inputs.lines.chain)
    receipts = _unique(inputs.receipts, of_receipt, "chain", "receipt")
    charges = _unique(inputs.charges, inputs.charges.charge_id, "charge_id", "charge")
    lines = settled_sums(inputs.lines.assign(payment=of_line), inputs.terms)
    line = positions(of_receipt, lines.payment)
    alone = np.ones(len(lines), dtype=bool)
    alone[line[line >= 0]] = False
    of_lines = lines[alone].reindex(columns=[*receipts.columns, *SETTLED])
    chains = pd.concat([receipts, taken(lines, line, SETTLED)], axis=1)
    chains = pd.concat([chains, of_lines.astype(chains.dtypes.to_dict())], ignore_index=True)
    charge = positions(chains.charge_id, charges.charge_id)
    chains = pd.concat([chains, taken(charges, charge, ASKED)], axis=1)
    chains["nth"] = _nth_receipt(chains)
    return _with_seconds(chains, inputs.seconds)


def numbered(*columns: pd.Series) -> list[pd.Series]:
    """The texts of several columns as numbers: equal ones are equal, in whatever column.

    Looking up a million texts is most of what matching costs, so it is done once.
    """
    whole = pa.concat_arrays([_arrow(column) for column in columns])
    numbers = whole.dictionary_encode().indices.cast(pa.int64())
    ends = np.cumsum([len(column) for column in columns])
    each = zip(columns, ends, strict=True)
    return [_whole(numbers.slice(end - len(column), len(column))) for column, end in each]


def _whole(numbers: pa.Array) -> pd.Series:
    return pd.Series(numbers, dtype=WHOLE)


def positions(keys: pd.Series, among: pd.Series) -> np.ndarray:
    """Where each key stands among others that differ; -1 where it does not."""
    # Arrow's own hash table: a merge of pandas sorts or factorizes a million strings for it.
    found = pc.index_in(_arrow(keys), value_set=_arrow(among))
    return found.fill_null(-1).to_numpy(zero_copy_only=False)


def taken(frame: pd.DataFrame, rows: np.ndarray, columns: Sequence[str]) -> pd.DataFrame:
    """These rows of a frame, missing where the position is -1."""
    return pd.DataFrame({name: frame[name].array.take(rows, allow_fill=True) for name in columns})


def _arrow(keys: pd.Series) -> pa.Array:
    array = pa.array(keys)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def settled_sums(lines: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """The settlement lines of each payment as one: sums, and the latest day it was paid out.

    A payment that was settled twice, or in parts, shows by its sum. Lines of one have
    the same number in the column `payment`.
    """
    lines = lines.assign(agreed=agreed_fee(lines, terms))
    lines["line_count"] = lines.import_id * 0 + 1
    repeated = lines.payment.duplicated(keep=False)
    if not repeated.any():
        return lines
    in_order = lines[repeated].sort_values(["import_id", "number"])
    how = {name: "first" for name in lines.columns if name != "payment"}
    how |= {"gross": "sum", "fee": "sum", "agreed": "sum", "line_count": "sum"}
    sums = in_order.groupby("payment", as_index=False).agg(how | {"settled_on": "max"})
    whole = [lines[~repeated], sums[lines.columns].astype(lines.dtypes.to_dict())]
    return pd.concat(whole, ignore_index=True)


def agreed_fee(lines: pd.DataFrame, terms: Terms) -> pd.Series:
    """What the gateway may keep of each line by contract; nothing where there is none."""
    agreed = lines.gross * 0
    for name, bps in terms.fee_bps.items():
        gateway, _, account = name.partition("/")
        mine = (lines.gateway == gateway) & (lines.account == account)
        agreed = agreed.mask(mine, (lines.gross * bps + BPS // 2) // BPS)
    return agreed


def _nth_receipt(chains: pd.DataFrame) -> pd.Series:
    """1 for the first receipt of a charge, 2 for the next; missing where there is no charge."""
    of_charge = chains.paid.notna() & (chains.charge_id > 0)
    nth = (chains.receipts_before + 1).where(of_charge)
    several = of_charge & chains.charge_id.where(of_charge).duplicated(keep=False)
    if several.any():
        here = chains[several].sort_values("payment_id")
        more = here.groupby("charge_id").cumcount().astype(WHOLE)
        nth = nth.add(more.reindex(chains.index).fillna(0))
    return nth


def _with_seconds(chains: pd.DataFrame, seconds: pd.DataFrame) -> pd.DataFrame:
    """Beside a receipt: the cash or the charge that was paid for the vehicle as well."""
    first = seconds.sort_values(["ours", "by", "other"]).drop_duplicates("ours")
    names = {"by": "second_by", "other": "second", "amount": "second_amount"}
    names["vehicles"] = "second_vehicles"
    beside = taken(first, positions(chains.ours, first.ours), list(names))
    return pd.concat([chains, beside.rename(columns=names)], axis=1)


def _unique(frame: pd.DataFrame, key: pd.Series, column: str, what: str) -> pd.DataFrame:
    twice = key.duplicated()
    if twice.any():
        raise ValueError(f"{what} given twice: {frame.loc[twice, column].iloc[0]}")
    return frame


def is_ours(c: pd.DataFrame) -> pd.Series:
    return c.charge_id > 0


def is_test(c: pd.DataFrame) -> pd.Series:
    """The bank's own test: never what names a charge of ours."""
    named = c.ours.str.upper().str.startswith(TEST_PREFIX)
    return ~is_ours(c) & (named | c.paid.fillna(c.gross).isin(list(TEST_AMOUNTS)))


def unheard_of(c: pd.DataFrame, terms: Terms) -> pd.Series:
    """Only asking the gateway proved it."""
    return (c.source == "inquiry") & ~c.heard.fillna(True)


def late(c: pd.DataFrame, terms: Terms) -> pd.Series:
    """The charge had ended when the money came."""
    return c.late


def of_no_charge(c: pd.DataFrame, terms: Terms) -> pd.Series:
    """Money for something that we never asked for."""
    return ~is_ours(c) & ~is_test(c)


def paid_other_amount(c: pd.DataFrame, terms: Terms) -> pd.Series:
    return c.paid.notna() & (c.paid != c.asked)


def not_settled(c: pd.DataFrame, terms: Terms) -> pd.Series:
    """Paid, and by now it should have been paid out."""
    return _missing(c) & is_claimable(c, terms) & ~c.in_outage


def frozen_now(c: pd.DataFrame, terms: Terms) -> pd.Series:
    """Paid while its account was out, and not paid out though it would be time by the calendar."""
    return _missing(c) & c.in_outage & terms.is_claimable


def _missing(c: pd.DataFrame) -> pd.Series:
    return c.paid.notna() & c.gross.isna() & ~c.state.isin(list(GIVEN_BACK)).fillna(False)


def told_by_the_line(c: pd.DataFrame, terms: Terms) -> pd.Series:
    """Neither callback nor inquiry told of it; the settlement line did."""
    return (c.source == "settlement") | c.paid.isna()


def settled_otherwise(c: pd.DataFrame, terms: Terms) -> pd.Series:
    """Paid out, but not what was paid, or for another fee than agreed."""
    other_fee = (c.fee - c.agreed).abs() > FEE_TOLERANCE
    return c.paid.notna() & c.gross.notna() & ((c.gross != c.paid) | other_fee)


def paid_twice(c: pd.DataFrame, terms: Terms) -> pd.Series:
    """A further receipt, or the first receipt of a vehicle that was paid for again."""
    return (c.nth > 1) | ((c.nth == 1) & (c.second_vehicles == ""))


def of_another_kind(c: pd.DataFrame, terms: Terms) -> pd.Series:
    """The first receipt of a vehicle that was then asked again, and paid, as another kind."""
    return (c.nth == 1) & (c.second_vehicles != "")


def settled_late(c: pd.DataFrame, terms: Terms) -> pd.Series:
    late_here = c.settled_on > terms.settles_on
    for name, due in terms.settles.items():
        if due != terms.settles_on:
            mine = c.chain.str.startswith(f"{name}/")
            late_here = late_here.mask(mine, c.settled_on > due)
    return late_here


def test_money(c: pd.DataFrame, terms: Terms) -> pd.Series:
    return is_test(c)


# Numbered as in the discrepancy catalogue.
CHAIN_CODES: dict[str, Callable[[pd.DataFrame, Terms], pd.Series]] = {
    "D01": unheard_of,
    "D02": late,
    "D03": of_no_charge,
    "D05": paid_other_amount,
    "D06": not_settled,
    "D07": told_by_the_line,
    "D08": settled_otherwise,
    "D10": paid_twice,
    "D14": settled_late,
    "D27": of_another_kind,
    "D33": test_money,
    "D35": frozen_now,
}


def flagged(rows: pd.DataFrame, codes: Iterable[str]) -> pd.Series:
    """Whether a row has one of these flags: `any(axis=1)` takes a hundred times as long."""
    return reduce(or_, (rows[code] for code in codes))


def explain(chains: pd.DataFrame) -> None:
    """Take out the flags that another discrepancy of the same payment explains."""
    alone = flagged(chains, ALONE)
    for code in CHAIN_CODES:
        explained = alone if code not in ALONE else alone & False
        for other in EXPLAINED_BY.get(code, ()):
            if other in chains:
                explained = explained | chains[other]
        chains[code] &= ~explained
