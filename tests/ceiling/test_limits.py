"""Tests of what sets the ceiling."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.ceiling.limits import LIMITS, NOT_EXPORTABLE, lift, ordered, shapley, walls
from placer.ceiling.maximum import most_export
from placer.model.counts import Count, total_weight
from placer.model.formulation import formulate
from placer.solvers.highs import HiGHS
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes, modes_abroad, tables
from tests.model.pools_by_hand import NEW, pooled


def _of(instance):
    formulation = formulate(instance)
    exported = np.broadcast_to(formulation.exported.astype(float), formulation.latency_ms.shape)
    total = total_weight(formulation, np.ones(len(formulation.workloads)))
    return formulation, Count(exported, np.zeros_like(exported)), total


def _most(formulation, count, total, *rest):
    """Return the most that can be exported, as a share."""
    return most_export(formulation, count, *rest).exported / total


def split(formulation, count, total, *rest):
    """Return what every limit takes if they are lifted in their order."""
    return ordered(formulation, count, total, *rest)["share"]


def test_each_limit_by_hand(make_instance):
    """Tests the split by hand: A's 10 Mtok of 16 could leave to Y, and B's 6 to X.

    Latency: 45 ms of round trip against a limit of 20 keeps all of it home (lifted first: it frees what Y has room for,
    4 of A and the 6 of B). Accelerators at Y keep the other 6 of A. Nothing else stands in the way.
    """
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 20.0}
    centres = [
        {"data_centre": "X", "region": "east"},
        {"data_centre": "Y", "region": "west", "accelerators": 4.0},
    ]
    parts = split(*_of(make_instance(workloads=[work], data_centres=centres)))
    # B's own 6 Mtok cannot all be served at Y, which takes 4: latency keeps 2 unserved and all at home.
    assert parts.to_dict() == pytest.approx(
        {"latency": 10 / 16, "residency": 0, "accelerators": 6 / 16, "power": 0, "links": 0, NOT_EXPORTABLE: 0},
        abs=1e-7,
    )


def test_what_cannot_leave_at_all_is_named(make_instance):
    """Tests that a hub without a region counts as not exportable."""
    parts = split(*_of(make_instance(hubs=[{"hub": "A"}, {"hub": "B", "region": "west"}])))
    assert parts[NOT_EXPORTABLE] == pytest.approx(10 / 16)


@pytest.mark.slow
def test_residency_power_and_links_are_told_apart(make_instance):
    """Tests one limit at a time: each takes the whole of what A could export, and is named for it."""
    tables = {"hubs": [{"hub": "A", "region": "east"}, {"hub": "B"}]}
    base = make_instance(**tables)
    assert _most(*_of(base)) == pytest.approx(10 / 16)
    centres = [
        {"data_centre": "X", "region": "east", "jurisdiction": "here"},
        {"data_centre": "Y", "region": "west", "jurisdiction": "there"},
    ]
    work = base.workloads.assign(jurisdictions=[("here",)])
    demand = [{"workload": "w", "hub": "A", "mtok": 10.0}]
    cases = {
        "residency": make_instance(**tables, data_centres=centres, workloads=work, demand=demand),
        "power": make_instance(
            **tables,
            demand=demand,
            supplies=[
                {"power_zone": "zx", "data_centre": "X"},
                {"power_zone": "zy", "data_centre": "Y", "limit_mw": 0.0},
            ],
        ),
        "links": make_instance(
            **tables,
            demand=demand,
            workloads=base.workloads.assign(gb_per_mtok=1.0),
            links=base.links.assign(capacity_gbps=[np.inf, np.inf, 0.0]),
        ),
    }
    for name, instance in cases.items():
        parts = split(*_of(instance))
        assert parts[name] == pytest.approx(1), name
        assert parts.drop(name).to_numpy() == pytest.approx(0, abs=1e-7), name


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_the_parts_add_up(make_random_instance, seed):
    """Tests that both splits add up to 1 less the ceiling, to 1e-9."""
    given = _of(make_random_instance(seed))
    rest = 1 - _most(*given)
    assert split(*given).sum() == pytest.approx(rest, abs=1e-9)
    if seed < 2:
        assert shapley(*given)["share"].sum() == pytest.approx(rest, abs=1e-9)


def test_shapley_of_two_limits_by_hand(make_instance):
    """Tests that two limits which each forbid the same export alone share it equally."""
    tables = {
        "hubs": [{"hub": "A", "region": "east"}, {"hub": "B"}],
        "demand": [{"workload": "w", "hub": "A", "mtok": 10.0}],
        "data_centres": [
            {"data_centre": "X", "region": "east"},
            {"data_centre": "Y", "region": "west", "accelerators": 0.0},
        ],
        "workloads": [
            {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "latency_slo_ms": 20.0}
        ],
    }
    parts = shapley(*_of(make_instance(**tables)))["share"]
    assert parts["latency"] == pytest.approx(0.5)
    assert parts["accelerators"] == pytest.approx(0.5)


def test_lifting_all_limits_serves_everything(make_random_instance):
    """Tests that nothing is unserved once every limit is lifted."""
    formulation, count, _ = _of(make_random_instance(5, water_limit_litres=np.inf))
    assert most_export(lift(formulation, LIMITS), count).unserved_mtok == pytest.approx(0, abs=1e-6)


def test_what_shows_by_itself_is_not_solved_for(make_instance, monkeypatch):
    """Tests that once all that may leave does, and nothing is unserved, no further limit is solved for.

    B has no region, so that of 16 Mtok only A's 10 may leave, and Y takes them all.
    """
    calls = []
    solve = most_export
    monkeypatch.setattr("placer.ceiling.limits.most_export", lambda *rest: calls.append(1) or solve(*rest))
    parts = split(*_of(make_instance(hubs=[{"hub": "A", "region": "east"}, {"hub": "B"}])))
    assert len(calls) == 1
    assert parts.to_dict() == pytest.approx(dict.fromkeys(LIMITS, 0.0) | {NOT_EXPORTABLE: 6 / 16})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_each_step_is_that_of_a_solver(make_random_instance, seed):
    """Tests every ceiling behind the split against the two whole programs."""
    formulation, count, total = _of(make_random_instance(seed))
    steps = [_most(lift(formulation, LIMITS[:place]), count, total, HiGHS()) for place in range(6)]
    assert split(formulation, count, total).to_numpy() == pytest.approx([*np.diff(steps), 1 - steps[-1]], abs=1e-7)


def test_modes_by_hand():
    """Tests that latency and accelerators have half of what stays each: either lets all leave, at 20 a second or 80."""
    ceiling = placer.export_ceiling(modes_abroad([SLOW, MIDDLE, FAST]))
    expected = dict.fromkeys(LIMITS, 0.0) | {"latency": 0.25, "accelerators": 0.25, NOT_EXPORTABLE: 0.0}
    assert ceiling.limits["share"].to_dict() == pytest.approx(expected)
    assert ceiling.ordered_limits.loc["latency", "share"] == pytest.approx(0.5)


def test_lifting_latency_needs_the_accelerators_of_the_mode():
    """Tests that a mode for accelerators that are not there stays shut, whatever is lifted."""
    near, far = tables()["data_centres"]
    sites = [near | {"accelerator_type": "A"}, far | {"accelerator_type": "B"}]
    instance = modes([MIDDLE | {"accelerator_type": "A"}], data_centres=sites)
    ceiling = placer.export_ceiling(instance)
    assert ceiling.share == 0
    assert ceiling.limits.loc[NOT_EXPORTABLE, "share"] == pytest.approx(1.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 30)))
def test_each_step_over_modes_is_that_of_a_solver(make_random_instance, seed):
    """Tests every ceiling behind the split against the whole programs, where workloads have modes."""
    formulation, count, total = _of(with_random_modes(make_random_instance(seed), seed))
    steps = [_most(lift(formulation, LIMITS[:place]), count, total, HiGHS()) for place in range(6)]
    assert split(formulation, count, total).to_numpy() == pytest.approx([*np.diff(steps), 1 - steps[-1]], abs=1e-7)


CAUSES = ["distance", "law", "accelerators", "other limits", "no way abroad"]


def parts_of(ceiling):
    """Return the share of every cause."""
    return ceiling.walls["share"].tolist()


def test_walls_and_prices_by_hand():
    """Tests at 600 ms that far accelerators are the price of half, and that without the mode of 80 all is a wall."""
    ceiling = placer.export_ceiling(modes_abroad([SLOW, MIDDLE, FAST]))
    assert ceiling.walls.index.tolist() == CAUSES
    assert ceiling.walls["kind"].tolist() == ["wall", "wall", "price", "price", ""]
    assert parts_of(ceiling) == pytest.approx([0, 0, 0.5, 0, 0])
    assert parts_of(placer.export_ceiling(modes_abroad([SLOW, MIDDLE]))) == pytest.approx([1, 0, 0, 0, 0])


def test_law_is_a_wall_where_distance_is_none():
    """Tests a workload that must stay: by law where the mode of 80 answers in time, else by distance first."""
    stays = {"workloads": [tables()["workloads"][0] | {"jurisdictions": "near"}]}
    sites = {"data_centres": [row | {"jurisdiction": row["region"]} for row in tables()["data_centres"]]}
    assert parts_of(placer.export_ceiling(modes([FAST], **stays, **sites))) == pytest.approx([0, 1, 0, 0, 0])
    assert parts_of(placer.export_ceiling(modes([MIDDLE], **stays, **sites))) == pytest.approx([1, 0, 0, 0, 0])


def test_limits_of_ones_own_are_prices():
    """Tests that a limit of 9 Mtok at the far data centre is the price of the rest."""
    limit = {"limit": "l", "kind": "tokens", "sense": "<=", "amount": 9.0, "data_centre": "far"}
    assert parts_of(placer.export_ceiling(modes([FAST], limits=[limit]))) == pytest.approx([0, 0, 0, 0.75, 0])


@pytest.mark.parametrize("seed", range(tries(2, 30)))
def test_walls_are_those_of_the_split(make_random_instance, seed):
    """Tests the parts against programs without limits, which leave what neither distance nor law keeps."""
    formulation, count, total = _of(with_random_modes(make_random_instance(seed), seed))
    found = walls(formulation, count, total)["share"]
    now, free = (_most(lift(formulation, each), count, total, HiGHS()) for each in ((), LIMITS))
    capacity = _most(lift(formulation, LIMITS[2:]), count, total, HiGHS())
    assert found.sum() == pytest.approx(1 - now, abs=1e-7)
    assert found.loc[["accelerators", "other limits"]].sum() == pytest.approx(capacity - now, abs=1e-7)
    assert found.loc[["distance", "law"]].sum() == pytest.approx(free - capacity, abs=1e-7)


@pytest.mark.slow
def test_pools_by_hand():
    """Tests 120 Mtok that 110 accelerators in two pools serve abroad: accelerators take the twelfth that is left."""
    demand = [{"workload": "chat", "hub": "users", "mtok": 120.0}]
    ceiling = placer.export_ceiling(pooled(demand=demand), exporting="east")
    assert ceiling.share == pytest.approx(110 / 120)
    assert ceiling.curve.table["share"].iloc[-1] == pytest.approx(110 / 120, abs=1e-6)
    assert ceiling.limits.loc["accelerators", "share"] == pytest.approx(10 / 120)
    fewer = [row | {"accelerators": 20.0} for row in pooled().accelerator_pools.to_dict("records")]
    one = pooled(accelerator_pools=fewer, modes=pooled().modes.query(f"accelerator_type == '{NEW}'"))
    assert placer.export_ceiling(one.replace(demand=demand), exporting="east").share == pytest.approx(20 / 120)
