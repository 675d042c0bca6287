"""The demand of an instance as an array."""

from __future__ import annotations

import numpy as np

from placer import DemandSets
from placer.synthetic.grid import demand_grid, rounded


def test_rows_have_their_places(instance):
    """Tests that every row stands at its workload, hub and hour, and what has no row is absent."""
    sparse = instance.replace(demand=instance.demand.iloc[1:])
    base = demand_grid(sparse)
    assert base.mtok.shape == (2, 4, 4)
    assert base.mtok.ravel()[base.cell].tolist() == sparse.demand["mtok"].tolist()
    assert base.present.sum() == len(sparse.demand)
    assert not base.present[0, 0, 0]


def test_regions_agents_and_days(instance):
    """Tests that hubs of one region share a number, calls of tools make an agent, and 4 steps of 6 h are a day."""
    base = demand_grid(instance)
    assert base.region[0] == base.region[1]
    assert len(set(base.region.tolist())) == 3
    assert base.agents.tolist() == [False, True]
    assert base.days == 1.0


def test_numbers_have_twelve_digits(instance):
    values = DemandSets(instance).demand(0)["mtok"]
    assert all(float(f"{value:.11e}") == value for value in values)
    rng = np.random.default_rng(0)
    drawn = np.append(10 ** rng.uniform(-8.9, 14.9, 2000), [0, 1e-9, 1, 10, 999999999999.6, 0.1, 123456789012.5])
    assert rounded(drawn).tolist() == [float(f"{value:.11e}") for value in drawn]
