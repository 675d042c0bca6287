"""Tests of the choice among placements of least cost."""

from __future__ import annotations

import contextlib
import warnings

import numpy as np
import pytest

import placer
from placer.least_cost import second_objective
from placer.least_cost.tie_break import break_ties, round_trips
from placer.placement.result import Placement
from tests.batteries_at_random import random_tables
from tests.effort import tries

pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD:DeprecationWarning")


def _found(name):
    with warnings.catch_warnings(), contextlib.suppress(placer.SolverError):
        warnings.simplefilter("ignore", DeprecationWarning)
        yield placer.PuLP(name)


CBC = [solver for name in ("PULP_CBC_CMD", "COIN_CMD") for solver in _found(name)][:1]
SOLVERS = (placer.HiGHS(), *CBC, placer.ColumnGeneration())
SAME_COST = [{"power_zone": "zx", "usd_per_mwh": 20.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]


@pytest.mark.slow
def test_equal_sites_are_chosen_by_distance(make_instance):
    """Tests by hand: at equal costs A's 10 Mtok run at X and B's 6 at Y, 10 ms away each: 160 Mtok ms."""
    for solver in SOLVERS:
        placement = placer.solve(make_instance(power_zones=SAME_COST), solver)
        assert placement.tie_break.mtok_ms == pytest.approx(160)
        assert placement.tie_break.proven
        assert placement.exported_mtok == pytest.approx(0, abs=1e-9)


def test_what_costs_as_much_as_its_penalty_is_served(make_instance):
    """Tests that demand is served where leaving it unserved costs the same: Y takes A's Mtok at 20 USD of 20."""
    workloads = make_instance().workloads.assign(unserved_usd_per_mtok=20.0)
    placement = placer.solve(make_instance(workloads=workloads))
    assert placement.unserved_mtok == pytest.approx(0, abs=1e-9)


def test_it_can_be_switched_off(make_instance):
    """Tests that no tie-break leaves the placement as found, and that others are refused with what there is."""
    assert placer.solve(make_instance(), tie_break=None).tie_break is None
    with pytest.raises(placer.InstanceError, match="'distance' is unknown"):
        placer.solve(make_instance(), tie_break="distance")


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)
@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_the_choice_is_that_of_the_second_program(make_random_instance, least_by_cost_row, seed, solver):
    """Tests with identical sites, so exact ties, that the round trip is that of a whole program."""
    base = make_random_instance(seed, cyclic=bool(seed % 2))
    names = ["accelerators", "accelerator_usd_per_hour", "speed", "energy_factor", "pue", "jurisdiction"]
    alike = base.data_centres.copy()
    for name in names:
        alike.loc[2, name], alike.loc[3, name] = alike.loc[1, name], alike.loc[1, name]
    placement = placer.solve(base.replace(data_centres=alike), solver)
    assert placement.certificate.proven
    assert placement.tie_break.proven, placement.tie_break.detail
    least = least_by_cost_row(placement, round_trips(placement.formulation))
    assert placement.tie_break.certificate.objective == pytest.approx(least, rel=1e-6)


@pytest.mark.parametrize("solver", [None, "columns"])
@pytest.mark.parametrize("seed", range(tries(8, 60)))
def test_the_choice_with_batteries_is_that_of_the_second_program(least_by_cost_row, seed, solver):
    """Tests ties of zones at two prices, with batteries at data centres and zones, against a whole program."""
    random = np.random.default_rng(seed)
    tables = random_tables(random, 6)
    tables["links"] = [{"from": h, "to": s, "rtt_ms": float(random.integers(1, 30))} for h in "NS" for s in "AB"]
    for zone in tables["power_zones"]:
        zone["usd_per_mwh"] = random.choice([20.0, 60.0], 6).tolist()
    for supply in tables["supplies"]:
        supply |= {"usd_per_mwh_adder": 0.0, "loss": 0.0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", placer.InputWarning)
        placement = placer.solve(placer.Instance.from_tables(tables), solver)
    assert placement.tie_break.proven, placement.tie_break.detail
    least = least_by_cost_row(placement, round_trips(placement.formulation))
    assert placement.tie_break.certificate.objective == pytest.approx(least, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_solvers_agree_on_the_flows(make_random_instance, seed):
    """Tests that the flows are the same to 1e-6 of demand, whatever the solver, where round trips tell all sites apart.

    Access times with no common measure leave no ties of the second objective.
    """
    random = np.random.default_rng(100 + seed)
    base = make_random_instance(seed)
    links = base.links.assign(rtt_ms=base.links["rtt_ms"] * (1 + 0.1 * random.random(len(base.links))))
    instance = base.replace(links=links)
    tables = [placer.solve(instance, solver).flows["mtok"] for solver in SOLVERS]
    demand = float(instance.demand["mtok"].sum())
    for other in tables[1:]:
        difference = tables[0].sub(other, fill_value=0.0).abs()
        assert difference.max() <= 1e-6 * demand


def test_what_is_not_proven_stands_and_says_so(make_instance, monkeypatch):
    """Tests that a choice that cannot be proven leaves the placement as found, with a word in its text."""
    found = placer.solve(make_instance(power_zones=SAME_COST), tie_break=None)
    monkeypatch.setattr(second_objective, "PROOF", -1.0)
    answer, certificate, choice = break_ties(found.formulation, found.answer, found.certificate)
    placement = Placement(found.instance, found.formulation, answer, certificate, choice)
    assert placement.certificate.proven
    assert answer is found.answer
    assert not placement.tie_break.proven
    assert "Ties" in repr(placement)


def test_no_time_left_is_told(make_instance):
    """Tests that a limit that the cost has used up leaves the answer as it was."""
    placement = placer.solve(make_instance(power_zones=SAME_COST), tie_break=None)
    answer, certificate, chosen = break_ties(placement.formulation, placement.answer, placement.certificate, 0.0)
    assert answer is placement.answer
    assert certificate is placement.certificate
    assert not chosen.proven
    assert "time limit" in chosen.detail
