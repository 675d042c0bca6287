"""Random instances of several days that differ much."""

from __future__ import annotations

import pytest

from placer.instance.problem import Instance
from tests.random_tables import random_days


@pytest.fixture(scope="session")
def make_days():
    """Return a function that makes a random instance of days of five hours, each a block."""

    def make(seed, days=4, **settings):
        return Instance.from_tables(random_days(seed, days), **settings)

    return make
