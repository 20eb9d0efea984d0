"""From flags to discrepancies: what each flagged row is called, and what it rests on. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from parking.business_day import time_text, wib
from parking.charges.charge import STATE_TEXT, ChargeState
from parking.gateways.outage import covering
from parking.reconciliation.discrepancy import About, Discrepancy, count, named
from parking.reconciliation.field_work import newly_idle
from parking.reconciliation.inputs import Inputs, Terms
from parking.reconciliation.matching import flagged, positions, taken
from parking.registry.facts import VEHICLE_TEXT, Vehicle

Row = Mapping[str, Any]
FORGED, UNKNOWN = "REJECTED", ("ORPHAN", "ESCALATED")


def of_chains(chains: pd.DataFrame, terms: Terms) -> Iterator[Discrepancy]:
    """The discrepancies of payments and their settlement lines."""
    rows = _rows(chains[flagged(chains, NAME_OF_CHAIN)])
    for code, name in NAME_OF_CHAIN.items():
        yield from (name(code, row, terms) for row in rows if row[code])


def over_the_year(chains: pd.DataFrame, terms: Terms) -> Iterator[Discrepancy]:
    """What was paid in one year and paid out in the next, by batch (D37)."""
    later = chains[(chains.settled_on >= date(terms.day.year + 1, 1, 1)).fillna(False)]
    account = later.chain.str.split("/", n=2).str[:2].str.join("/")
    for (name, settled_on), rows in later.groupby([account, later.settled_on], sort=True):
        batch = f"{name}/{settled_on}"
        about = About(f"batch:{batch}", int(rows.gross.sum()), gateway=str(name).partition("/")[0])
        yield named(
            "D37", "batch", about, terms, {"batch": batch, "payments": len(rows)},
            batch=batch, settled_on=settled_on, count=count(len(rows)),
        )  # fmt: skip


def of_charges(charges: pd.DataFrame, terms: Terms) -> Iterator[Discrepancy]:
    rows = _rows(charges[flagged(charges, ("D01", "D35", "D28", "D29"))])
    for code in ("D01", "D35"):
        yield from (_undecided(code, row, terms) for row in rows if row[code])
    for row in (row for row in rows if row["D28"]):
        yield named(
            "D28", "other", _charge(row, abs(row["asked"] - row["price"])), terms, _rests(row),
            asked=row["asked"], price=row["price"], decree=row["decree"],
            vehicle=VEHICLE_TEXT[Vehicle(row["vehicle"])].lower(),
        )  # fmt: skip
    for row in (row for row in rows if row["D29"]):
        variant = "device" if row["is_foreign"] else "letter"
        rests = _rests(row) | {"letter": row["letter"], "device": row["device_id"]}
        yield named("D29", variant, _charge(row), terms, rests, letter=row["letter"])


def _undecided(code: str, row: Row, terms: Terms) -> Discrepancy:
    account = f"{row['gateway']}/{row['account']}"
    state = STATE_TEXT[ChargeState(row["state"])].lower()
    out = _outage(account, row["created_at"], terms) if code == "D35" else {}
    rests = _rests(row) | _window(out)
    return named(code, "undecided", _charge(row), terms, rests, account, state=state, **out)


def of_refunds(inputs: Inputs) -> Iterator[Discrepancy]:
    """Money given back that nobody of ours asked for, or that was paid by hand as well."""
    refunds = inputs.refunds
    is_odd = (refunds.unasked > 0) | (refunds.twice > 0)
    for row in _rows(_with_places(refunds[(refunds.charge_id > 0) & is_odd], inputs)):
        about = _placed(f"payment:{row['chain']}", row, row["twice"] or row["back"])
        if row["twice"]:
            rests = {"payment_ref": row["chain"], "charge": row["ours"]}
            yield named("D36", "twice", about, inputs.terms, rests, payment_ref=row["chain"])
            continue
        variant = "booked" if row["is_booked"] else "unbooked"
        rests = {"payment_ref": row["chain"], "charge": row["ours"]}
        yield named("D09", variant, about, inputs.terms, rests, payment_ref=row["chain"])


def of_callbacks(inputs: Inputs) -> Iterator[Discrepancy]:
    callbacks, terms = _with_places(inputs.callbacks, inputs), inputs.terms
    doubted = (callbacks.level == "none") & ~callbacks.state.isin(["APPLIED", "DUPLICATE"])
    forged = doubted | (callbacks.state == FORGED)
    lost = callbacks.state.isin(UNKNOWN) & (callbacks.charge_id == 0) & ~callbacks.is_booked
    for variant, mine in (("forged", forged), ("unknown", lost & ~forged)):
        for row in _rows(callbacks[mine]):
            about = _placed(f"callback:{row['callback_id']}", row, 0)
            yield named(
                "D03", variant, about, terms, _callback(row),
                number=str(row["callback_id"]), regarding=_regarding(row),
            )  # fmt: skip
    yield from _repeats(callbacks[(callbacks.repeats > 0) & ~forged], terms)


def _repeats(repeated: pd.DataFrame, terms: Terms) -> Iterator[Discrepancy]:
    """One for each charge, however many of its messages came again."""
    of_subject: dict[str, list[Row]] = {}
    for row in _rows(repeated.sort_values("callback_id")):
        ours, number = row["ours"], row["callback_id"]
        of_subject.setdefault(f"charge:{ours}" if ours else f"callback:{number}", []).append(row)
    for name, rows in sorted(of_subject.items()):
        about = _placed(name, rows[0], 0)
        rests = {"callbacks": [row["callback_id"] for row in rows]}
        yield named(
            "D04", "repeated", about, terms, rests,
            regarding=_regarding(rows[0]), times=count(sum(row["repeats"] for row in rows)),
        )  # fmt: skip


def of_shifts(shifts: pd.DataFrame, terms: Terms) -> Iterator[Discrepancy]:
    for row in _rows(shifts[shifts.D16]):
        said, server = row["declared_qris"], row["qris"]
        if said < server:
            server = max(said, server - row["qris_lately"])
        yield named(
            "D16", "over" if said > server else "under", _shift(row, abs(said - server)), terms,
            {"shift": row["shift_id"]}, declared=said, server=server,
        )  # fmt: skip
    for row in _rows(shifts[shifts.D17]):
        said, tapped = row["declared_cash"], row["tapped"]
        yield named(
            "D17", "over" if said > tapped else "short", _shift(row, abs(said - tapped)), terms,
            {"shift": row["shift_id"]}, declared=said, taps=tapped, count=count(row["taps"]),
        )  # fmt: skip


def of_attendants(inputs: Inputs) -> Iterator[Discrepancy]:
    day = inputs.terms.day
    for row in newly_idle(inputs.attendance, day):
        about = About(
            f"attendant:{row['attendant_id']}", 0,
            attendant_id=row["attendant_id"], point_id=row["point_id"],
        )  # fmt: skip
        since = day - pd.Timedelta(days=6)
        yield named(
            "D19", "idle", about, inputs.terms, {"attendant": row["badge"], "days": row["days"]},
            badge=row["badge"], since=since, days=count(row["days"]),
        )  # fmt: skip


def of_files(inputs: Inputs) -> Iterator[Discrepancy]:
    for file in inputs.files:
        about = About(f"import:{file.import_id}", file.gross, gateway=file.gateway)
        rests = {"import": file.import_id, "file": file.file_name}
        if file.outcome == "duplicate":
            yield named(
                "D31", "duplicate", about, inputs.terms, rests | {"original": file.duplicate_of},
                file=file.file_name, original=str(file.duplicate_of),
                count=count(file.line_count),
            )  # fmt: skip
        else:
            yield named(
                "D32", "rejected", about, inputs.terms, rests | {"problems": list(file.problems)},
                file=file.file_name, count=count(len(file.problems)), first=file.problems[0],
            )  # fmt: skip


def _chain(row: Row, amount: int | None = None) -> About:
    paid = row["paid"] if row["paid"] is not None else row["gross"]
    return _placed(f"payment:{row['chain']}", row, amount if amount is not None else paid)


def _charge(row: Row, amount: int | None = None) -> About:
    return _placed(f"charge:{row['ours']}", row, amount if amount is not None else row["asked"])


def _placed(subject: str, row: Row, amount: int) -> About:
    return About(subject, amount, row["ours"], row["attendant_id"], row["point_id"], row["gateway"])


def _with_places(frame: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Beside rows that name a charge: who asked for it, and where."""
    frame = frame.reset_index(drop=True)
    charge = positions(frame.charge_id, inputs.charges.charge_id)
    places = taken(inputs.charges, charge, ["attendant_id", "point_id"])
    return pd.concat([frame, places], axis=1)


def _shift(row: Row, amount: int) -> About:
    return About(
        f"shift:{row['shift_id']}", amount, attendant_id=row["attendant_id"],
        point_id=row["point_id"],
    )  # fmt: skip


def _rests(row: Row) -> dict[str, Any]:
    return {"charge": row["ours"], "shift": row["shift_id"]}


def _evidence(row: Row) -> dict[str, Any]:
    """A payment's row by what it rests on: the payment, the line of a file, the charge."""
    names = ("chain", "payment_id", "source", "import_id", "number", "charge_id")
    return {name: row[name] for name in names if row[name] not in (None, 0)}


def _callback(row: Row) -> dict[str, Any]:
    return {"callback": row["callback_id"], "level": row["level"], "state": row["state"]}


def _regarding(row: Row) -> str:
    return f" untuk {row['ours']}" if row["ours"] else ""


def _plain(variant: str) -> Callable[[str, Row, Terms], Discrepancy]:
    """A discrepancy about all that was paid."""

    def name(code: str, row: Row, terms: Terms) -> Discrepancy:
        return named(
            code, variant, _chain(row), terms, _evidence(row), account_of(row["chain"]),
            payment_ref=row["chain"], paid_on=terms.day,
        )  # fmt: skip

    return name


def account_of(chain: str) -> str:
    """
    >>> account_of("midtrans/jambi/9ae1/3")
    'midtrans/jambi'
    """
    return "/".join(chain.split("/")[:2])


def _in_outage(code: str, row: Row, terms: Terms) -> Discrepancy:
    account = account_of(row["chain"])
    out = _outage(account, row["paid_at"], terms)
    rests = _evidence(row) | _window(out)
    return named(code, "unsettled", _chain(row), terms, rests, account, **out)


def _outage(account: str, moment: datetime, terms: Terms) -> dict[str, str]:
    """Which account was out, and when, in words."""
    window = covering(terms.frozen[account].windows, moment)
    assert window is not None  # noqa: S101 - what was flagged lies in one
    until = _moment(window.ended_at) if window.ended_at else "sekarang"
    return {"account": account, "window": f"{_moment(window.began_at)} sampai {until}"}


def _moment(moment: datetime) -> str:
    return f"{wib(moment):%d-%m-%Y} pukul {time_text(moment)}"


def _window(out: Mapping[str, str]) -> dict[str, str]:
    return {"outage": f"{out['account']}: {out['window']}"} if out else {}


def _other_amount(code: str, row: Row, terms: Terms) -> Discrepancy:
    over = row["paid"] - row["asked"]
    variant = "over" if over > 0 else "under"
    if 0 < over <= row["returned"]:
        variant = "returned"
    return named(
        code, variant, _chain(row, abs(over)), terms, _evidence(row),
        asked=row["asked"], paid=row["paid"],
    )  # fmt: skip


def _recovered(code: str, row: Row, terms: Terms) -> Discrepancy:
    variant = "unbooked" if row["paid"] is None else "recovered"
    return _plain(variant)(code, row, terms)


def _settled_otherwise(code: str, row: Row, terms: Terms) -> Discrepancy:
    rests = _evidence(row) | {"lines": row["line_count"]}
    if row["gross"] != row["paid"]:
        about = _chain(row, abs(row["gross"] - row["paid"]))
        return named(code, "gross", about, terms, rests, gross=row["gross"], paid=row["paid"])
    about = _chain(row, abs(row["fee"] - row["agreed"]))
    return named(
        code, "fee", about, terms, rests,
        fee=row["fee"], agreed=row["agreed"], paid=row["paid"],
    )  # fmt: skip


def _paid_twice(code: str, row: Row, terms: Terms) -> Discrepancy:
    if row["returned"] >= row["paid"]:
        return named(code, "returned", _chain(row), terms, _evidence(row))
    if row["nth"] > 1:
        return named(code, "receipts", _chain(row), terms, _evidence(row))
    rests = _evidence(row) | {row["second_by"]: row["second"]}
    if row["second_by"] == "cash":
        return named(code, "cash", _chain(row), terms, rests, cash=row["second_amount"])
    return named(code, "replaced", _chain(row), terms, rests, other=row["second"])


def _of_another_kind(code: str, row: Row, terms: Terms) -> Discrepancy:
    first, second = (VEHICLE_TEXT[Vehicle(v)].lower() for v in row["second_vehicles"].split("/"))
    rests = _evidence(row) | {row["second_by"]: row["second"]}
    variant = "returned" if row["returned"] >= row["paid"] else "replaced"
    return named(
        code, variant, _chain(row), terms, rests, first=first, second=second,
        other=row["second_amount"],
    )  # fmt: skip


def _settled_late(code: str, row: Row, terms: Terms) -> Discrepancy:
    return named(
        code, "later", _chain(row), terms, _evidence(row),
        paid_on=terms.day, settled_on=row["settled_on"],
        due=terms.due_of("/".join(row["chain"].split("/", 2)[:2])),
    )  # fmt: skip


def _test(code: str, row: Row, terms: Terms) -> Discrepancy:
    return _plain("payment" if row["gross"] is None else "line")(code, row, terms)


NAME_OF_CHAIN: dict[str, Callable[[str, Row, Terms], Discrepancy]] = {
    "D01": _plain("inquiry"),
    "D02": _plain("late"),
    "D03": _plain("orphan"),
    "D05": _other_amount,
    "D06": _plain("missing"),
    "D07": _recovered,
    "D08": _settled_otherwise,
    "D10": _paid_twice,
    "D14": _settled_late,
    "D27": _of_another_kind,
    "D33": _test,
    "D35": _in_outage,
}


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values, a missing one as None."""
    if frame.empty:
        return []
    return pa.Table.from_pandas(frame, preserve_index=False).to_pylist()
