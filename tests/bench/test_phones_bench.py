"""The measurement of phones, with few of them."""

from parking.bench import phones


def test_every_phone_that_pays_shows_lunas(owner_url, tmp_path):
    figures = phones.lunas(owner_url, tmp_path, phones=4, seconds=2, rate=10)

    assert (figures["paid"], figures["missed"], figures["refused"]) == (4, 0, {})
    assert 0 < figures["lunas_p50_ms"] <= figures["lunas_p95_ms"] <= figures["lunas_max_ms"]


def test_a_tap_is_measured_without_the_gateways_part(owner_url, tmp_path):
    figures = phones.taps(owner_url, tmp_path, rate=10, seconds=1)

    assert (figures["charges"], figures["refused"]) == (10, {})
    assert figures["p95_ms"] < figures["with_gateway_p95_ms"]
