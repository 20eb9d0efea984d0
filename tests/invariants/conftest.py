from tests.deposits.conftest import cash
from tests.payments.conftest import scene

__all__ = ["cash", "scene"]
