"""Caps that blocks share: cost, use and prices against the whole program by HiGHS."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.dispatch import lay_out
from placer.by_blocks.shared_caps import answer_sharing
from placer.by_blocks.solve_blocks import solve_blocks
from placer.errors import NoSolutionError
from placer.ladder.proven import SolverChoice, solve_structure
from placer.model.blocks import taken_of_caps
from placer.model.loads import cost_of
from placer.utils.processes import InThisProcess
from placer.utils.tasks import Dispatcher
from tests.effort import tries

#: A day of two hours and one of three.
PERIODS = [{"hour": hour, "block": str(hour // 3)} for hour in range(5)]


@pytest.fixture
def solve_by_blocks(monkeypatch):
    """Return a function that solves an instance block by block in this process, however small it is."""

    def solve(instance):
        with monkeypatch.context() as patch:
            patch.setattr("placer.by_blocks.solve_blocks.BY_SIZE", SolverChoice(large_from=0))
            return placer.solve(instance, workers=1)

    return solve


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_a_shared_cap_is_priced(make_blocks, seed):
    """Tests cost, use and price of a carbon cap that binds against the whole program."""
    formulation = make_blocks(seed)
    free, _, _ = solve_blocks(formulation, None, 1, None)
    for part in (0.9, 0.6):
        limit = part * taken_of_caps(formulation.structure, free.point)[0]
        structure = replace(formulation.structure, cap_limit=np.array([limit, np.inf]))
        capped = replace(formulation, structure=structure)
        answer, certificate, choice = solve_blocks(capped, None, 1, "round_trip")
        whole, _ = solve_structure(structure, placer.HiGHS())
        assert certificate.proven, certificate.verdict
        assert certificate.objective == pytest.approx(cost_of(structure, whole.point), rel=1e-6)
        assert taken_of_caps(structure, answer.point)[0] <= limit * (1 + 1e-7)
        assert answer.prices.cap[0] > 0
        assert not choice.proven
        assert "share a limit" in choice.detail


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_two_shared_caps_are_priced(make_blocks, seed):
    """Tests a carbon and a water cap that both bind."""
    formulation = make_blocks(seed)
    free, _, _ = solve_blocks(formulation, None, 1, None)
    limit = np.array([0.8, 0.7]) * taken_of_caps(formulation.structure, free.point)
    structure = replace(formulation.structure, cap_limit=limit)
    _, certificate, _ = solve_blocks(replace(formulation, structure=structure), None, 1, None)
    whole, _ = solve_structure(structure, placer.HiGHS())
    assert certificate.proven, certificate.verdict
    assert certificate.objective == pytest.approx(cost_of(structure, whole.point), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 12)))
def test_energy_of_every_zone_is_limited_over_the_blocks(make_random_instance, solve_by_blocks, seed):
    """Tests a limit on the energy of each power zone, and one on the use of a site, over two blocks."""
    instance = make_random_instance(seed, carbon_limit_kg=np.inf, water_limit_litres=np.inf).replace(periods=PERIODS)
    bought = placer.solve(instance, tie_break=None).power_zones["mwh"].groupby("power_zone").sum()
    limit = {"sense": "<=", "kind": "energy_mwh"}
    limits = [limit | {"limit": zone, "power_zone": zone, "amount": 0.9 * mwh} for zone, mwh in bought.items()]
    site = instance.data_centres["data_centre"].iloc[0]
    hours = limit | {"limit": "site", "data_centre": site, "kind": "accelerator_hours", "amount": 10.0}
    limited = instance.replace(limits=[*limits, hours])
    placement, whole = solve_by_blocks(limited), placer.solve(limited, placer.HiGHS(), tie_break=None)
    assert "prices of what they share" in placement.termination.detail
    assert placement.certificate.proven
    assert placement.cost_and_penalty_usd == pytest.approx(whole.cost_and_penalty_usd, rel=1e-6)
    assert (placement.limits["use"] <= placement.limits["amount"] * (1 + 1e-7)).all()


def test_a_cap_that_does_not_bind_costs_nothing(make_blocks):
    """Tests that one evaluation is enough."""
    formulation = make_blocks(1)
    free, proof, _ = solve_blocks(formulation, None, 1, None)
    limit = 1.01 * taken_of_caps(formulation.structure, free.point)
    answer, certificate, choice = solve_blocks(
        replace(formulation, structure=replace(formulation.structure, cap_limit=limit)), None, 1, None
    )
    assert certificate.objective == pytest.approx(proof.objective, rel=1e-12)
    assert answer.termination.detail == "2 blocks, 1 prices of what they share"
    assert choice is None


def _sharing(structure):
    dispatcher = Dispatcher(InThisProcess(), 1)
    return answer_sharing(lay_out(structure, None, None), dispatcher)[:2]


@pytest.mark.slow
def test_a_limit_that_nothing_keeps(make_blocks, monkeypatch):
    """Tests a cap below what the placement takes that takes least: nobody can take less than nothing."""
    monkeypatch.setattr("placer.by_blocks.cap_search._DEAREST", 1e3)
    structure = replace(make_blocks(2).structure, cap_limit=np.array([-1.0, np.inf]))
    with pytest.raises(NoSolutionError) as error:
        _sharing(structure)
    assert error.value.reason in (placer.Reason.INFEASIBLE, placer.Reason.ITERATION_LIMIT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_limits_within_blocks_stand_beside_a_shared_cap(make_random_instance, solve_by_blocks, seed):
    """Tests limits of power zones by the hour, each within its block, with a carbon cap over both blocks that binds."""
    instance = make_random_instance(seed, carbon_limit_kg=np.inf, water_limit_litres=np.inf)
    limited = instance.replace(periods=PERIODS, power_zones=instance.power_zones.assign(limit_mw=[6.0, 4.0]))
    free = placer.solve(limited, tie_break=None)
    capped = limited.replace(carbon_limit_kg=0.8 * free.carbon_kg)
    placement, whole = solve_by_blocks(capped), placer.solve(capped, placer.HiGHS(), tie_break=None)
    assert "2 blocks" in placement.termination.detail
    assert placement.cost_and_penalty_usd == pytest.approx(whole.cost_and_penalty_usd, rel=1e-6)
    table = placement.power_zones
    assert (table["mwh"] <= table["limit_mwh"] * (1 + 1e-7)).all()
    assert (table["rent_usd_per_mwh"] > 0).any()
    assert placement.settlement["difference"] == pytest.approx(0, abs=1e-6 * placement.settlement["payments"])


@pytest.mark.slow
def test_prices_have_a_size_where_nothing_costs_anything_without_caps(make_instance):
    """Tests free power that a limit over two blocks shares out: 20 of 32 MWh are free, the rest cost 50."""
    demand = [{"workload": "w", "hub": hub, "hour": hour, "mtok": 8.0} for hub in "AB" for hour in range(2)]
    instance = make_instance(
        demand=demand,
        power_zones=[{"power_zone": "free", "usd_per_mwh": 0.0}, {"power_zone": "grid", "usd_per_mwh": 50.0}],
        supplies=[{"power_zone": zone, "data_centre": site} for zone in ("free", "grid") for site in "XY"],
        periods=[{"hour": hour, "block": str(hour)} for hour in range(2)],
        limits=[{"limit": "free", "kind": "energy_mwh", "sense": "<=", "amount": 20.0, "power_zone": "free"}],
    )
    placement = placer.solve(instance, workers=2)
    assert "2 blocks" in placement.termination.detail
    assert placement.cost_usd == pytest.approx(12 * 50, rel=1e-6)
