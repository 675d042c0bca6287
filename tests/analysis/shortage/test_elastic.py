"""Limits that are amounts and could bind: where they stand, in units of their column, and changes by an amount."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from placer.analysis.shortage.elastic import elastic_limits
from placer.analysis.shortage.programs import shortage_program
from placer.analysis.shortage.state import State
from placer.model.formulation import formulate


@pytest.fixture
def limits_of():
    """Return a function from an instance to its elastic limits, by limit and name."""

    def find(instance):
        formulation = formulate(instance)
        structure = formulation.structure
        unlimited = replace(structure, tier_limit=np.full_like(structure.tier_limit, np.inf))
        program = shortage_program(unlimited, structure.tier_limit)
        found = elastic_limits(State(instance, formulation), program, structure.tier_limit, len(instance.supplies))
        return {(limit.limit, limit.name): limit for limit in found}

    return find


def _two_hours(make_instance, limit_mw, weight=1.0):
    demand = [{"workload": "w", "hub": hub, "hour": hour, "mtok": 5.0} for hub in "AB" for hour in range(2)]
    zones = [
        {"power_zone": "zx", "usd_per_mwh": 50.0, "limit_mw": limit_mw},
        {"power_zone": "zy", "usd_per_mwh": 20.0},
    ]
    periods = [{"hour": hour, "weight": weight, "block": "all"} for hour in range(2)]
    return make_instance(demand=demand, power_zones=zones, periods=periods)


def test_a_power_zone_of_one_limit(make_instance, limits_of):
    """Tests a zone of 3 MW in both hours, which weigh 10: one amount, whose rows a MW raises by 10 MWh."""
    (limit,) = limits_of(_two_hours(make_instance, 3.0, weight=10.0)).values()
    assert (limit.limit, limit.name, limit.key) == ("power zone", "zx", ("power_zones", 0, "limit_mw"))
    assert (limit.given, limit.size, limit.per_unit.tolist()) == (3.0, 3.0, [10.0, 10.0])
    assert limit.raised(2.0, 0.0).new == 5.0


def test_a_power_zone_by_the_hour(make_instance, limits_of):
    """Tests that every hour with a limit is raised by the same amount, and that one without stays without."""
    (limit,) = limits_of(_two_hours(make_instance, (math.inf, 3.0))).values()
    assert (limit.given, limit.size, len(limit.rows)) == ((math.inf, 3.0), 3.0, 1)
    change = limit.raised(2.0, 0.0)
    assert change.new == (math.inf, 5.0)
    assert change.amount == 2.0
    assert change.cure == "2 MW more of limit_mw of power zone zx"


def test_a_limit_of_ones_own_is_no_power_zone(make_instance, limits_of):
    """Tests a limit that is called as the row of a zone is: each stands in its own table."""
    own = {"limit": "limit_mw of zx", "kind": "tokens", "sense": "<=", "amount": 4.0}
    found = limits_of(_two_hours(make_instance, 3.0).replace(limits=[own]))
    assert {limit.key[0]: len(limit.rows) for limit in found.values()} == {"limits": 1, "power_zones": 2}
