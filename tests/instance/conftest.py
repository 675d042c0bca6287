"""Tables that the tests of instances share."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.instance.tables.cleaning import clean


@pytest.fixture(scope="session")
def only_violation():
    """Return a function that cleans a table with a single violation, and returns it."""

    def only(frame, table):
        _, violations = clean(frame, table)
        (violation,) = violations
        return violation

    return only


@pytest.fixture(scope="session")
def zones():
    """Return a function that makes a table of power zones from prices of any kind."""

    def table(*prices):
        names = [f"z{place}" for place in range(len(prices))]
        return pd.DataFrame({"power_zone": names, "usd_per_mwh": pd.Series(prices, dtype=object)})

    return table
