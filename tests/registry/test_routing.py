"""Which account a tap asks first, and which next."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.registry.facts import MerchantAccount
from parking.registry.routing import Route, serving
from parking.registry.rules import NewRoute, route_problems

from tests.builders import MERCHANT

TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
MARKET, STREET = 1, 2


def account(name):
    return MerchantAccount(replace(MERCHANT, account=name), name.upper(), YESTERDAY, None)


NAMES = ("satu", "dua", "tiga")
ACCOUNTS = [account(name) for name in NAMES]


def route(name, rank=1, point=None, since=YESTERDAY, until=None):
    return Route(0, MERCHANT.gateway, name, point, rank, since, until)


def asked(routes, point=MARKET, accounts=ACCOUNTS, day=TODAY):
    return [a.merchant.account for a in serving(routes, accounts, point, day)]


@pytest.mark.parametrize(
    ("situation", "routes", "expected"),
    [
        ("no route at all", [], ["satu", "dua", "tiga"]),
        ("the city's, by rank", [route("tiga", 2), route("dua", 1)], ["dua", "tiga"]),
        ("the point's own", [route("satu"), route("dua", point=MARKET)], ["dua"]),
        ("another point's", [route("satu"), route("dua", point=STREET)], ["satu"]),
        ("only another point's", [route("dua", point=STREET)], ["satu", "dua", "tiga"]),
        ("over since yesterday", [route("dua", until=YESTERDAY)], ["satu", "dua", "tiga"]),
        ("its last day", [route("dua", until=TODAY)], ["dua"]),
        ("from tomorrow on", [route("dua", since=TOMORROW), route("satu", 2)], ["satu"]),
        ("to an account not in use", [route("empat"), route("dua", 2)], ["dua"]),
        ("the point's own is not in use", [route("empat", point=MARKET), route("dua")], ["dua"]),
    ],
)
def test_the_accounts_of_a_point(situation, routes, expected):
    assert asked(routes) == expected, situation


routes = st.lists(
    st.builds(
        route, st.sampled_from([*NAMES, "empat"]), st.integers(1, 9),
        st.sampled_from([None, MARKET, STREET]), st.sampled_from([YESTERDAY, TODAY, TOMORROW]),
        st.sampled_from([None, YESTERDAY, TODAY, TOMORROW]),
    ),
    max_size=10,
)  # fmt: skip


@given(routes, st.sampled_from([MARKET, STREET]))
def test_there_is_always_an_account_in_use_and_none_twice(given_routes, point):
    found = asked(given_routes, point)

    assert found
    assert len(set(found)) == len(found)
    assert set(found) <= set(NAMES)


@given(routes, routes, st.sampled_from([MARKET, STREET]))
def test_a_points_own_routes_are_all_that_count_for_it(others, own, point):
    citys = [replace(each, point_id=None) for each in others]
    mine = [replace(each, point_id=point) for each in own]
    if any(r.holds(TODAY) and r.account in NAMES for r in mine):
        assert asked([*citys, *mine], point) == asked(mine, point)


def test_without_accounts_nobody_is_asked():
    assert asked([route("satu")], accounts=[]) == []


def problems(new, *known):
    return set(route_problems(new, ACCOUNTS[0], None, known, TODAY))


def test_a_rank_of_a_place_is_given_once_at_a_time():
    new = NewRoute(1, None, 1, TODAY)

    assert problems(new) == set()
    assert problems(new, route("dua", 1)) == {"rank"}
    assert problems(new, route("dua", 1, until=YESTERDAY)) == set()
    assert problems(new, route("dua", 1, point=MARKET)) == set()
    assert problems(new, route("satu", 2)) == {"point_id"}
    assert problems(replace(new, rank=0)) == {"rank"}


def test_a_route_is_never_back_dated():
    assert problems(NewRoute(1, None, 1, YESTERDAY)) == {"valid_from"}
