"""Which gateways serve the points of the demo's city."""

from parking.demo.city import ways_of

POINTS = ["P1", "P2", "P3", "P4", "P5", "P6"]


def test_points_take_turns_and_in_every_second_round_the_next_gateway_stands_in():
    assert ways_of(POINTS, ["midtrans", "xendit"]) == {
        "P1": ["midtrans", "xendit"], "P2": ["xendit", "midtrans"],
        "P3": ["midtrans"], "P4": ["xendit"],
        "P5": ["midtrans", "xendit"], "P6": ["xendit", "midtrans"],
    }  # fmt: skip


def test_with_one_gateway_the_city_needs_no_routes():
    assert ways_of(POINTS, ["midtrans"]) == {}
