"""Two countries by hand: home makes at 3 USD, abroad at 1 USD and 0.5 for transit."""

from __future__ import annotations

import pytest

from tests.home_and_abroad import home_and_abroad


@pytest.fixture(scope="session")
def two():
    """Return 60 Mtok of users at home, worth 4 USD for 50 of them and 2 USD for 10, and 45 accelerators abroad."""
    return home_and_abroad([{"mtok": 50, "value_usd_per_mtok": 4}, {"mtok": 10, "value_usd_per_mtok": 2}], abroad=45)
