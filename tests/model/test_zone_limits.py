"""Limits of power zones: all sites of a zone share what it gives, hour by hour."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import vstack

import placer
from placer.solve import to_program
from placer.solvers.highs import HiGHS
from tests.effort import tries
from tests.model.limits_by_hand import shared_wind


@pytest.mark.parametrize("weight", [1.0, 182.5])
@pytest.mark.parametrize("solver", [HiGHS(), placer.ColumnGeneration()], ids=["highs", "column generation"])
def test_sites_share_the_limit_of_a_power_zone(solver, weight):
    """Tests 3 and 5 MW of wind for 8 MWh in each of two hours: 8 MWh of grid, and rents of 50 USD a MWh of wind."""
    placement = placer.solve(shared_wind((3.0, 5.0), weight), solver)
    assert placement.certificate.proven
    assert placement.cost_usd == pytest.approx(weight * 8 * 50)
    zones = placement.power_zones
    assert zones.loc["wind", "mwh"].tolist() == pytest.approx([3 * weight, 5 * weight])
    assert zones.loc["wind", "limit_mwh"].tolist() == pytest.approx([3 * weight, 5 * weight])
    assert zones.loc["wind", "rent_usd_per_mwh"].tolist() == pytest.approx([50.0, 50.0])
    assert zones.loc["grid", "rent_usd_per_mwh"].tolist() == [0.0, 0.0]
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([50.0] * 4)
    assert placement.settlement["limits_rent"] == pytest.approx(weight * 8 * 50)
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-6)
    (scarce,) = placement.scarcities.reset_index().to_dict("records")
    assert scarce == {
        "limit": "power zone",
        "name": "wind",
        "hours": 2 * weight,
        "rent_usd": pytest.approx(weight * 8 * 50),
    }
    assert placement.limits.empty


def test_the_limit_of_a_power_zone_is_of_what_is_drawn_before_losses():
    """Tests that half of 3 MW arrives where half is lost on the way."""
    placement = placer.solve(shared_wind(3.0, loss=0.5))
    assert placement.cost_usd == pytest.approx(2 * (8 - 1.5) * 50)


def test_a_limit_of_nothing_is_an_outage():
    """Tests a zone of 0 MW: all power comes from the grid."""
    assert placer.solve(shared_wind(0.0)).cost_usd == pytest.approx(2 * 8 * 50)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_limits_of_power_zones_are_rows_added_by_hand(make_random_instance, seed):
    """Tests random limits of both zones against rows that are added to the exported program, in both solvers."""
    instance, random = make_random_instance(seed, cyclic=bool(seed % 2)), np.random.default_rng(seed)
    bought = placer.solve(instance).power_zones["mwh"].unstack().to_numpy()
    limit = random.uniform(0.3, 1.1, bought.shape) * bought
    limit[random.random(limit.shape) < 0.2] = np.inf
    zones = instance.power_zones.assign(limit_mw=pd.Series([tuple(row.tolist()) for row in limit], dtype=object))
    limited = instance.replace(power_zones=zones)
    program, names = to_program(instance), instance.power_zones["power_zone"].tolist()
    rows = []
    for zone, name in enumerate(names):
        for hour in np.flatnonzero(np.isfinite(limit[zone])).tolist():
            row = np.zeros(len(program.cost))
            for supply in np.flatnonzero(instance.supplies["power_zone"] == name).tolist():
                row[program.col_blocks["y"].start + supply * limit.shape[1] + hour] = 1.0
            rows.append(row)
    right = limit[np.isfinite(limit)]
    least = _least_cost(program, np.array(rows), right)
    for solver in (HiGHS(), placer.ColumnGeneration()):
        placement = placer.solve(limited, solver)
        assert placement.certificate.proven
        assert placement.cost_and_penalty_usd == pytest.approx(least, rel=1e-7)
        table = placement.power_zones
        assert (table["mwh"] <= table["limit_mwh"] * (1 + 1e-7) + 1e-7).all()
        np.testing.assert_allclose(table["rent_usd_per_mwh"][table["mwh"] < table["limit_mwh"] - 1e-5], 0, atol=1e-6)
        parts = placement.prices.filter(
            regex="(accelerators|operations|energy|carbon|transit|water|rent|unserved)_usd_per"
        )
        summed = parts.drop(columns="latency_rent_usd_per_mtok").sum(axis=1)
        asked = placement.prices["served_mtok"] + placement.prices["unserved_mtok"] > 0
        np.testing.assert_allclose(summed[asked], placement.prices["usd_per_mtok"][asked], rtol=1e-6, atol=1e-6)
        assert abs(placement.settlement["difference"]) <= 1e-6 * placement.settlement["payments"]


def _least_cost(program, rows, right):
    """Return the least cost of a program with rows of at most ``right`` added, by SciPy."""
    equal = program.row_lower == program.row_upper
    above, below = np.isfinite(program.row_upper) & ~equal, np.isfinite(program.row_lower) & ~equal
    matrix = program.matrix.tocsr()
    found = linprog(
        program.cost,
        A_ub=vstack([matrix[above], -matrix[below], rows]),
        b_ub=np.concatenate([program.row_upper[above], -program.row_lower[below], right]),
        A_eq=matrix[equal],
        b_eq=program.row_upper[equal],
        bounds=np.stack([program.col_lower, program.col_upper], axis=1),
    )
    assert found.status == 0
    return found.fun
