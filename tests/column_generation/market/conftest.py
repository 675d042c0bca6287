"""Structures that the tests of markets share."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def two():
    """Return two classes: the second asks at one origin in one period, waits a period, and uses half the capacity.

    It uses no link.
    """
    return {
        "demand_class": [0, 0, 1],
        "demand_origin": [0, 1, 1],
        "demand_period": [0, 1, 0],
        "demand_amount": [10.0, 6.0, 4.0],
        "unserved_cost": [1000.0, 500.0],
        "window": [0, 1],
        "arc_class": [0, 0, 0, 1, 1],
        "arc_origin": [0, 0, 1, 1, 1],
        "arc_site": [0, 1, 1, 0, 1],
        "arc_cost": [1.0, 3.0, 1.0, 2.0, 4.0],
        "work_cost": [[5.0, 6.0], [7.0, 8.0]],
        "use": [[1.0, 1.0], [0.5, 0.5]],
        "draw": [[1.0, 1.0], [2.0, 2.0]],
        "link_use": [1.0, 0.0],
        "cap_work": np.zeros((0, 2, 2)),
    }


@pytest.fixture
def linked():
    """Return links: the first origin's routes share one."""
    return {"link_capacity": [8.0], "route_links": [[1.0], [1.0], [0.0], [0.0]]}
