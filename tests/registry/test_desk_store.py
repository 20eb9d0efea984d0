"""The lists of the registry's pages, asked of the tables."""

from datetime import timedelta

import pytest
from parking.registry import add, desk_store, end
from parking.registry.lines import Standing

from tests.conftest import NOON
from tests.registry.facts import ADMIN, TODAY, TOMORROW, new_letter

WHY = "Tidak menyetor tiga minggu"
AS_SHOWN = {
    "now": {Standing.NOW, Standing.SOON_OVER}, "soon_over": {Standing.SOON_OVER},
    "next": {Standing.NEXT}, "past": {Standing.OVER, Standing.REVOKED}, "": set(Standing),
}  # fmt: skip


@pytest.fixture
def letters(parts, city):
    """One of each kind, and those at the edges between kinds."""
    periods = [
        (TODAY, TODAY), (TODAY, TODAY + timedelta(days=30)), (TODAY, TODAY + timedelta(days=31)),
        (TOMORROW, None), (TODAY - timedelta(days=9), TODAY - timedelta(days=1)),
        (TODAY - timedelta(days=9), TODAY), (TOMORROW, TOMORROW), (TODAY, None),
    ]  # fmt: skip
    with parts.sessions.begin() as session:
        for number, (first, last) in enumerate(periods):
            name = f"SPT/9{number}/2026"
            values = vars_of(new_letter(city.budi, city.street, letter=name))
            made = desk_store.AssignmentRow(**values | {"valid_from": first, "valid_to": last})
            session.add(made)
        session.flush()
        end.letter(session, made.id, WHY, ADMIN, NOON)
        end.attendant(session, city.sari, TODAY + timedelta(days=30), WHY, ADMIN, NOON)
    return parts


def vars_of(new):
    return {name: getattr(new, name) for name in new.__slots__}


def shown(parts, show="", words=(), sort="letter", descending=False, offset=0, limit=100):
    question = desk_store.letters(NOON, show, words, sort, descending=descending)
    with parts.sessions() as session:
        return question.part(session, offset, limit)


@pytest.mark.parametrize("show", desk_store.SHOWN)
def test_the_table_is_asked_for_what_the_standing_says(letters, show):
    every, count = shown(letters)
    lines, total = shown(letters, show)

    assert {x.id for x in lines} == {x.id for x in every if x.standing(NOON) in AS_SHOWN[show]}
    assert total == len(lines)
    assert count == 11


def test_every_word_must_be_found_somewhere_and_none_is_a_pattern(letters):
    assert [x.letter for x in shown(letters, words=["sari", "bata"])[0]] == ["SPT/003/2026"]
    assert shown(letters, words=["%"])[1] == 0
    assert shown(letters, words=["S_T"])[1] == 0


@pytest.mark.parametrize("sort", sorted(desk_store.SORTED))
def test_each_column_sorts_both_ways_and_a_part_is_a_part(letters, sort):
    up, _ = shown(letters, sort=sort)
    down, total = shown(letters, sort=sort, descending=True, limit=3)

    values = [getattr(x, sort) for x in up]
    assert values == sorted(values, key=lambda v: (v is not None, v or ""))
    assert (len(down), total) == (3, 11)


def test_an_attendant_shows_where_the_letters_of_now_allow_to_stand(letters, city):
    with letters.sessions() as session:
        lines = {a.id: a for a in desk_store.attendants(session, NOON)}

    assert lines[city.sari].points == "PSR-01, SDR-01"
    assert lines[city.budi].letter_to == TODAY


def test_after_a_letter_was_taken_back_its_point_is_not_shown(parts, city):
    with parts.sessions.begin() as session:
        (letter,) = desk_store.letters_of(session, attendant_id=city.budi)
        end.letter(session, letter.id, WHY, ADMIN, NOON)
        lines = {a.id: a for a in desk_store.attendants(session, NOON)}
        points = {p.id: p for p in desk_store.points(session, NOON)}

    assert lines[city.budi].points == ""
    assert points[city.market].attendants == "JBI-0002"


def test_a_letter_of_tomorrow_lets_nobody_stand_today(parts, city):
    with parts.sessions.begin() as session:
        new = new_letter(city.budi, city.street, valid_from=TOMORROW)
        add.letter(session, new, ADMIN, NOON)
        lines = {a.id: a for a in desk_store.attendants(session, NOON)}

    assert lines[city.budi].points == "PSR-01"
