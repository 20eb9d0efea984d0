"""The answer does not depend on what arrived first, how often it was computed, or who was killed.

A random city of three days is built twice: once with everything there before the first run, and
once with callbacks, files, bank lines and papers in another order, with runs in between and one
that dies after it has stored what it found and before it commits.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from parking.access import users
from parking.access.policy import Role
from parking.database.engine import driver_url
from parking.parts import Parts
from parking.reconciliation import run as runs
from parking.reconciliation import store
from parking.reconciliation.result import Wanted
from parking.reconciliation.rule_store import RuleRow
from parking.reconciliation.run import reconcile_day
from parking.statements.bank_store import StatementLineRow
from sqlalchemy import create_engine, select, text

from tests.builders import a_city
from tests.conftest import CLEAR
from tests.reconciliation.scenes import DAY, Papers, Scene, at, night_after

DAYS = [DAY + timedelta(days=n) for n in range(3)]
NOW = night_after(DAY + timedelta(days=9))
RULES = (
    ("nomor-sts", "reference", {"days_late": 10}),
    ("batch", "amount", {"of": "batch", "words": ["{gateway}"], "days_late": 7}),
    ("gabungan", "combined", {"of": "batch", "words": ["QRIS"], "days_late": 7}),
    ("setoran", "amount", {"of": "sts", "days_late": 5}),
    ("kata", "deposit", {"words": ["SETORAN PARKIR"]}),
)
Arrival = Callable[[], Any]


class Killed(Exception):
    """A process that is no more."""


def a_random_city(parts: Parts, seed: int) -> tuple[Scene, dict[str, str], list[Arrival]]:
    """What stands from the beginning, names for its ids, and what is still to arrive."""
    random = Random(seed)
    with parts.sessions.begin() as session:
        city = a_city(session)
        users.add(
            session, "tuti", Role.TREASURER, "Tuti Contoh", "kata sandi panjang",
            parts.settings.pepper, "system", at(6),
        )  # fmt: skip
    scene = Scene(parts, city)
    for rank, (name, kind, terms) in enumerate(RULES, 1):
        scene.add(
            RuleRow, name=name, version=1, kind=kind, rank=rank, terms=terms, is_on=True,
            valid_from=date(2026, 1, 1), reason="", entered_at=at(6), entered_by="system",
        )  # fmt: skip
    papers, names, arrivals = Papers(scene), {}, []
    papers.account()
    for day in DAYS:
        _a_random_day(scene, papers, day, random, names, arrivals)
    return scene, names, arrivals


def _a_random_day(
    scene: Scene, papers: Papers, day: date, random: Random, names: dict[str, str],
    arrivals: list[Arrival],
) -> None:  # fmt: skip
    scene.day, later = day, day + timedelta(days=1)
    shift = papers.shift(*(random.choice([2_000, 3_000]) for _ in range(random.randint(1, 3))))
    names[f"shift:{shift}"] = f"shift of {day}"
    sold = [scene.charge(shift, amount=random.choice([2_000, 3_000, 5_000])) for _ in range(5)]
    paid, net, lines = {}, 0, []
    with scene.parts.sessions() as session:
        asked = dict(session.execute(text("SELECT ours, amount FROM charge")).all())
    for ours in sold:
        paid[ours] = asked[ours] + random.choice([0, 0, 0, 0, 500])
        if random.random() < 0.9:
            arrivals.append(_payment(scene, day, ours, paid[ours], heard=random.random() < 0.8))
        if random.random() < 0.9:
            lines.append((ours, paid[ours]))
            net += paid[ours]
    arrivals.append(_file(scene, day, later, lines))
    if random.random() < 0.9:
        credited = net - random.choice([0, 0, 250])
        words = random.choice(["MIDTRANS QRIS", "TRF MASUK"])
        arrivals.append(lambda: papers.credit(credited, words, later))
    if random.random() < 0.3:
        arrivals.append(lambda: papers.credit(7_777, "SETORAN PARKIR", later))
    arrivals.append(_papers(papers, day, shift, random.choice([0, 0, 500]), names))


def _payment(scene: Scene, day: date, ours: str, amount: int, *, heard: bool) -> Arrival:
    def arrive() -> None:
        scene.day = day
        scene.payment(ours, amount=amount, heard=heard)

    return arrive


def _file(scene: Scene, day: date, later: date, lines: Sequence[tuple[str, int]]) -> Arrival:
    def arrive() -> None:
        scene.day = day
        for ours, gross in lines:
            scene.line(ours, gross=gross, report=day, settled_on=later)

    return arrive


def _papers(papers: Papers, day: date, shift: int, short: int, names: dict[str, str]) -> Arrival:
    """A shift's cash goes on; what is short at the count stays with its giver."""

    def arrive() -> None:
        papers.scene.day = day
        with papers.scene.parts.sessions() as session:
            taken = session.scalar(
                text("SELECT sum(amount)::bigint FROM cash WHERE shift_id = :id"), {"id": shift}
            )
        handover = papers.hand(shifts=(shift,), received=taken - short)
        number = f"{day:%d}00/TBP/DISHUB/XI/2026"
        tbp = papers.receipt(handover, taken - short, number=number)
        dated = day + timedelta(days=1)
        slip = papers.slip(
            {tbp: taken - short}, dated=dated, number=f"{day:%d}00/STS/DISHUB/XI/2026"
        )
        names.update({
            f"handover:{handover}": f"handover of {day}", f"tbp:{tbp}": f"tbp of {day}",
            f"sts:{slip}": f"sts of {day}",
        })  # fmt: skip

    return arrive


def due(parts: Parts) -> list[date]:
    with parts.sessions() as session:
        return store.days_due(session, NOW.date(), NOW)


def reconcile(parts: Parts) -> None:
    """As the job does in a night."""
    for day in due(parts):
        reconcile_day(parts.sessions, day, NOW)


def killed(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night in which the process dies with its first run stored and not yet committed."""
    keep = store.add_run

    def die(*given: Any) -> None:
        keep(*given)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(runs.store, "add_run", die)
        with pytest.raises(Killed):
            reconcile_day(parts.sessions, due(parts)[0], NOW)


def answer(parts: Parts, names: dict[str, str]) -> str:
    """What holds of every day, with names in place of ids."""
    last = DAYS[-1] + timedelta(days=5)
    with parts.sessions() as session:
        lines = session.execute(
            select(StatementLineRow.id, StatementLineRow.booked_on, StatementLineRow.amount)
        ).all()
        known = names | {f"line:{i}": f"line {day} {amount}" for i, day, amount in lines}
        found = [
            [str(each.business_day), each.what.code,
             known.get(each.what.subject, each.what.subject),
             str(each.what.status), each.what.amount, str(each.what.due_on)]
            for each in store.discrepancies(session, Wanted(DAY, last))
        ]  # fmt: skip
        days = []
        for run in store.latest_runs(session, DAY, last):
            equations = [
                [e["number"], e["difference"], e["standing"], e["waiting"],
                 [[c["code"], c["amount"]] for c in e["covered"]]]
                for e in run.summary["equations"]
            ]  # fmt: skip
            days.append([str(run.business_day), run.summary["totals"], equations])
    return json.dumps([sorted(found), days], indent=1)


@pytest.mark.parametrize("seed", range(3))
def test_the_answer_is_the_same_whatever_came_first(parts, owner_url, monkeypatch, seed):
    scene, names, arrivals = a_random_city(parts, seed)
    for arrive in arrivals:
        arrive()
    reconcile(parts)
    at_once = answer(parts, names)

    with create_engine(driver_url(owner_url)).begin() as owner:
        owner.execute(text(CLEAR))
    scene, names, arrivals = a_random_city(parts, seed)
    random = Random(seed + 1_000)
    random.shuffle(arrivals)
    for number, arrive in enumerate(arrivals):
        arrive()
        if number % 4 == 0:
            killed(parts, monkeypatch)
            reconcile(parts)
    reconcile(parts)
    reconcile(parts)

    assert answer(parts, names) == at_once
    assert '"broken"' not in at_once  # whatever is wrong has a name


def test_a_city_has_something_to_disagree_about(parts):
    """Else the property above would hold of nothing."""
    _, names, arrivals = a_random_city(parts, 1)
    for arrive in arrivals:
        arrive()
    reconcile(parts)

    codes = {found[1] for found in json.loads(answer(parts, names))[0]}
    assert len(codes) > 3
