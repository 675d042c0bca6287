"""A master that is moved to other limits of its structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.deadline import Deadline
from placer.column_generation.generation import generate, solve_moved
from placer.column_generation.opening import move_master
from placer.column_generation.parameters import DEFAULTS, ColumnGenerationParameters, WarmStartParameters
from placer.model.formulation import formulate_stored
from placer.termination import Reason
from tests.batteries_by_hand import powered
from tests.column_generation.costs import GAP
from tests.effort import tries

#: The cheap site has room for 12 of 16 units, then for 3 of 6.
SCARCE = {"capacity": [[np.inf, np.inf], [12.0, 3.0]]}
MOVED = {"capacity": [[np.inf, np.inf], [11.0, 4.0]]}
LIMITS = ("capacity", "intake", "tier_limit", "link_capacity")


def _changed(structure, random):
    """Return the structure with every finite limit above 0 larger or smaller by up to a fifth."""
    changes = {name: getattr(structure, name) for name in LIMITS}
    return replace(structure, **{name: old * random.uniform(0.8, 1.2, old.shape) for name, old in changes.items()})


def test_by_hand(make_structure):
    """Tests 11 and 4 units at the cheap site after 12 and 3: one unit dearer by 28, and one cheaper."""
    first, other = make_structure(**SCARCE), make_structure(**MOVED)
    kept = generate(first, GAP, Deadline()).opening
    found = solve_moved(other, kept, GAP, Deadline())
    # First period: 6 at 21, 5 at 23, 5 at 51. Second: 2 at 21, 2 at 23, 2 at 51.
    assert found.best.point.objective == pytest.approx(6 * 21 + 5 * 23 + 5 * 51 + 2 * 21 + 2 * 23 + 2 * 51)
    assert found.bound == pytest.approx(found.best.point.objective)


@pytest.mark.slow
def test_cost_is_that_of_the_whole_program(make_random_structure, solve_whole):
    """Tests up to three moves in a row against HiGHS; where limits of 0 or idle limits come or go, there is no move."""
    moves, count = 0, tries(20, 80)
    for seed in range(count):
        structure, random = make_random_structure(100 + seed, cyclic=seed % 2 == 0), np.random.default_rng(seed)
        kept = generate(structure, GAP, Deadline()).opening
        for _ in range(3):
            other = _changed(structure, random)
            found = solve_moved(other, kept, GAP, Deadline())
            if found is None:
                break
            _, least = solve_whole(other)
            assert found.reason is Reason.OPTIMAL
            assert found.best.point.objective == pytest.approx(least, rel=1e-7, abs=1e-7)
            assert found.bound == pytest.approx(least, rel=1e-6, abs=1e-6)
            assert found.opening.maker.rows.structure is other
            kept, moves = found.opening, moves + 1
    assert moves >= count


def test_moves_of_caps_keep_the_market(make_random_structure, solve_whole):
    """Tests caps that fall by a tenth against HiGHS; the market is that of the master before, of capacity is not."""
    structure = make_random_structure(3, capped=True)
    other = replace(structure, cap_limit=0.9 * structure.cap_limit)
    kept = generate(structure, GAP, Deadline()).opening
    found = solve_moved(other, kept, GAP, Deadline())
    assert found.opening.start.market is kept.start.market
    assert found.best.point.objective == pytest.approx(solve_whole(other)[1], rel=1e-7)
    wider = replace(other, capacity=1.01 * other.capacity)
    assert move_master(wider, found.opening, DEFAULTS).start.market is not kept.start.market


@pytest.mark.parametrize(
    "changes",
    [
        {"demand_amount": [9.0, 6.0, 4.0, 2.0]},
        {"arc_cost": [1.0, 3.0, 3.0, 2.0]},
        {"capacity": [[np.inf, np.inf], [0.0, 3.0]]},
        {"capacity": [[np.inf, np.inf], [100.0, 3.0]]},
        {"capacity": [[np.inf, np.inf], [10.0, 4.0]]},
    ],
    ids=["demand", "cost", "closed", "not scarce", "far"],
)
def test_a_master_is_not_moved(make_structure, changes):
    """Tests that it is not where demand or costs differ, a site is closed, a limit has no row, or 3 of 15 units go."""
    kept = generate(make_structure(**SCARCE), GAP, Deadline()).opening
    assert move_master(make_structure(**(SCARCE | changes)), kept, DEFAULTS) is None
    assert solve_moved(make_structure(**(SCARCE | changes)), kept, GAP, Deadline()) is None


def test_too_many_iterations(make_structure):
    """Tests that a master that may take no simplex iteration is given up."""
    first, other = make_structure(**SCARCE), make_structure(capacity=[[np.inf, np.inf], [4.0, 5.0]])
    kept = generate(first, GAP, Deadline()).opening
    never = ColumnGenerationParameters(warm_start=WarmStartParameters(most_moved_part=1.0, most_iterations=0))
    assert solve_moved(other, kept, GAP, Deadline(), never) is None


def test_time_is_over(make_structure):
    """Tests that the reason is returned: no other solve could follow."""
    first, other = make_structure(**SCARCE), make_structure(**MOVED)
    kept = generate(first, GAP, Deadline()).opening
    assert solve_moved(other, kept, GAP, Deadline(1e-9)).reason is Reason.TIME_LIMIT


def test_large_masters_are_not_kept(make_structure):
    """Tests the number of columns for each of four demands up to which a master is light."""
    opening = generate(make_structure(**SCARCE), GAP, Deadline()).opening
    columns = opening.master.lp.columns
    assert opening.is_light(columns / 4)
    assert not opening.is_light((columns - 1) / 4)


def test_stores_of_another_size_are_no_move():
    """Tests that a master moves to another capacity beside a store of the same size, and not to another store."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1000, "unserved_usd_per_mtok": 1000}
    instance = powered(battery={}, workloads=[work], data_centres=[{"data_centre": "D", "accelerators": 9.0}])
    structure = formulate_stored(instance).structure
    kept = generate(structure, GAP, Deadline()).opening
    assert kept.maker.rows.structure.stores is not None
    larger = replace(structure, stores=replace(structure.stores, power=2 * structure.stores.power))
    assert move_master(larger, kept, DEFAULTS) is None
    other = replace(structure, capacity=structure.capacity * 8.5 / 9.0)
    found = solve_moved(other, kept, GAP, Deadline())
    assert found.best.point.objective == pytest.approx(8.5 * 120 - 4 * 80 + 2 * 1.5 * 1000)
