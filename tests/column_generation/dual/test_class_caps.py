"""Typical coefficients of caps: of service, of arcs and of supply."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.capped_market import capped_market

from .test_capped_market import WATER

#: Work that counts as 5 at both sites, and one arc as 0.25.
COST = WATER | {
    "cap_work": [[[0.0, 0.0]], [[5.0, 5.0]]],
    "cap_send": [[0.0], [1.0]],
    "cap_route": [[0.0, 0.0], [0.0, 0.25]],
    "cap_arrival": np.ones((2, 2)),
}


@pytest.mark.parametrize(("work", "sent", "scale"), [(5.0, 0.25, 5.0), (0.125, 0.25, 0.25), (0.0, 0.25, 0.25)])
def test_larger_of_service_and_arcs(make_structure, work, sent, scale):
    """Tests that a cap is counted in what service counts or in what arcs do, whichever is more, not in their median."""
    own = {"cap_work": [[[0.0, 0.0]], [[work, work]]], "cap_route": [[0.0, 0.0], [0.0, sent]]}
    capped = capped_market(make_structure(**COST | own))
    assert capped.scale.tolist() == [scale]
    (only,) = capped.classes
    assert only.sent[0].ravel().tolist() == [0.0, sent / scale]


def test_per_unit_of_the_median_class(make_structure):
    """Tests that of three classes of weights 1, 2 and 4 that count 3, 6 and 40, the median per weight is 3."""
    three = {
        "demand_class": [0, 1, 2],
        "demand_origin": [0, 0, 0],
        "demand_period": [0, 0, 0],
        "demand_amount": [1.0, 1.0, 1.0],
        "unserved_cost": [100.0] * 3,
        "window": [0, 0, 0],
        "arc_class": [0, 1, 2],
        "arc_origin": [0, 0, 0],
        "arc_site": [0, 0, 0],
        "arc_cost": [0.0] * 3,
        "work_cost": np.zeros((3, 2)),
        "use": [[1.0, 1.0], [2.0, 2.0], [4.0, 4.0]],
        "draw": np.ones((3, 2)),
        "link_use": [0.0] * 3,
        "cap_work": [[[0.0, 0.0]] * 3, [[3.0, 0.0], [6.0, 0.0], [40.0, 0.0]]],
    }
    capped = capped_market(make_structure(**WATER | three))
    weight = np.array([group.weight for group in capped.market.groups])
    assert capped.scale == pytest.approx(np.median(np.array([3.0, 6.0, 40.0]) / weight))


def test_what_counts_nothing(make_structure):
    """Tests that a cap that counts nothing is counted in units of 1."""
    assert capped_market(make_structure(**WATER | {"cap_work": np.zeros((2, 1, 2))})).scale.tolist() == [1.0]
