"""What counts as an amount of rupiah in a gateway's JSON, and what is refused."""

from decimal import Decimal

import pytest
from parking.money import rupiah_told


@pytest.mark.parametrize("told", [2_000, "2000", "2000.0", "2000.00", Decimal("2000.00")])
def test_whole_rupiah_however_they_are_written(told):
    assert rupiah_told(told) == 2_000


@pytest.mark.fault("F63")
@pytest.mark.parametrize(
    "told",
    ["2.000", "2,000.00", "2000.50", Decimal("2000.5"), Decimal("2E+3"), -2_000, "-2000", True,
     None, "", " 2000", "２０００", [2_000]],
)  # fmt: skip
def test_anything_else_is_no_amount(told):
    with pytest.raises(ValueError, match="not an amount"):
        rupiah_told(told)
