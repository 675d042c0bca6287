"""The work of a contingency placed anew: both ways to solve agree, and so does placing from nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.column_generation.solver import ColumnGeneration
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.security import replacement
from placer.security.contingencies import contingencies_of, protected_shares
from placer.security.coupling import coupling, recourse_for
from placer.security.definition import Security
from placer.security.outages import outage_of
from placer.security.replacement import (
    delivered_cheapest_first,
    least_stranded,
    penalty_usd,
    replace_all,
    replace_displaced,
)
from placer.utils.arrays import sums_by


def _recourses(instance, kind, **protected):
    """Return the flows of a placement, and the recourse of every contingency that displaces anything."""
    placement, security = placer.solve(instance), Security(kind, protected=protected)
    formulation, flows = placement.formulation, placement.answer.point
    share = protected_shares(formulation.structure, formulation.workloads, security)
    found = {}
    for each in contingencies_of(instance, security):
        outage = outage_of(instance, formulation, each)
        hit = outage.hit[flows.arc] & (share[formulation.structure.arc_class[flows.arc]] > 0) & (flows.amount > 0)
        if hit.any():
            demands = np.unique(flows.demand[hit])
            found[each.name] = recourse_for(formulation.structure, outage, share, demands)
    return flows, found


@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
@pytest.mark.parametrize("seed", range(5))
def test_both_ways_agree(make_random_instance, monkeypatch, seed, kind):
    """Tests that the structure without the rest and the whole program with the rest strand and cost the same."""
    flows, recourses = _recourses(make_random_instance(seed), kind)
    assert recourses
    for recourse in recourses.values():
        alone = replace_displaced(recourse, flows)
        load = coupling(recourse, flows.demand, flows.arc) @ flows.amount
        left = replace(recourse.structure, demand_amount=alone.displaced)
        whole = replacement._WithLoad(left, load)
        usd = replacement._staying_usd(recourse, flows)
        other = replacement._replacement(recourse.demands, left, whole, usd)
        assert other.stranded.sum() == pytest.approx(alone.stranded.sum(), abs=1e-6)
        assert other.usd == pytest.approx(alone.usd, rel=1e-6, abs=1e-6)
        assert other.certificate.proven
        assert alone.certificate.proven
        assert least_stranded(recourse, flows)[0].sum() == pytest.approx(alone.stranded.sum(), abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_protected_work_that_waits(make_random_instance, seed):
    """Tests that protecting work that waits strands at least as much, all of it proven."""
    instance = make_random_instance(seed)
    flows, recourses = _recourses(instance, "data_centres")
    also, all_protected = _recourses(instance, "data_centres", night=1.0, soon=1.0)
    for name, recourse in all_protected.items():
        found = replace_displaced(recourse, also)
        assert found.certificate.proven
        assert least_stranded(recourse, also)[0].sum() == pytest.approx(found.stranded.sum(), abs=1e-6)
        if name in recourses:
            assert found.stranded.sum() >= replace_displaced(recourses[name], flows).stranded.sum() - 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_placing_everything_anew(make_random_instance, seed):
    """Tests that all work placed anew strands no more than displaced work alone, and serves what is left of demand."""
    flows, recourses = _recourses(make_random_instance(seed), "data_centres")
    for recourse in recourses.values():
        structure = recourse.whole
        protected = flows.amount * recourse.share[structure.arc_class[flows.arc]]
        served = sums_by(flows.demand, protected, len(structure.demand_amount))
        found = replace_all(recourse.outage.structure, served)
        assert found.stranded.sum() <= replace_displaced(recourse, flows).stranded.sum() + 1e-6
        placed = sums_by(found.answer.point.demand, found.answer.point.amount, len(found.demands))
        assert np.allclose(placed + found.answer.point.unserved, found.displaced)


@pytest.mark.slow
def test_column_generation_takes_the_remainder(make_random_instance, monkeypatch):
    """Tests that the solver of large structures finds the same."""
    flows, recourses = _recourses(make_random_instance(1), "data_centres")
    usd = [replace_displaced(recourse, flows).usd for recourse in recourses.values()]
    monkeypatch.setattr("placer.ladder.proven.default_solver", lambda _: ColumnGeneration())
    assert [replace_displaced(recourse, flows).usd for recourse in recourses.values()] == pytest.approx(usd, rel=1e-5)


def test_the_penalty_rises_until_no_more_strands_than_must(make_instance, monkeypatch):
    """Tests that a penalty too low to strand the least is found out by the first program, and raised."""
    sites = [{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 9.0}]
    flows, recourses = _recourses(make_instance(data_centres=sites), "data_centres")
    right = replace_displaced(recourses["Y"], flows)
    assert (right.displaced.sum(), right.stranded.sum()) == pytest.approx((9.0, 0.0))
    monkeypatch.setattr(replacement, "penalty_usd", lambda _: 1.0)
    raised = replace_displaced(recourses["Y"], flows)
    assert raised.stranded.sum() == 0
    assert raised.usd == pytest.approx(right.usd)
    monkeypatch.setattr(replacement, "penalty_usd", lambda _: 1e-3)
    with pytest.raises(placer.NoSolutionError, match="9 Mtok strand where 0 need to"):
        replace_displaced(recourses["Y"], flows)


def test_rounding_of_work_that_stays_is_no_shortage(make_instance):
    """Tests that A's 1 Mtok strands without X where the work that stays at Y takes 0.1 + 0.2 > 0.3 accelerators."""
    instance = make_instance(
        hubs=[{"hub": "A"}, {"hub": "B"}, {"hub": "C"}],
        data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 0.3}],
        power_zones=[{"power_zone": name, "usd_per_mwh": 20.0, "limit_mw": 9.0} for name in ("zx", "zy")],
        links=[{"from": hub, "to": site, "rtt_ms": 1.0} for hub, site in ("AX", "BY", "CY")],
        demand=[{"workload": "w", "hub": hub, "mtok": mtok} for hub, mtok in (("A", 1.0), ("B", 0.1), ("C", 0.2))],
    )
    flows, recourses = _recourses(instance, "data_centres")
    full = replace(flows, amount=np.array([1.0, 0.1, 0.2]))
    assert not recourses["X"].is_separable
    assert replace_displaced(recourses["X"], full).stranded.tolist() == [1.0]
    assert least_stranded(recourses["X"], full)[0].sum() == 1.0


def test_rounding_of_a_full_site_is_no_room(make_instance, monkeypatch):
    """Tests that no program sees the 1e-16 accelerators that 0.7 + 0.1 Mtok leave of the 0.8 of Y: A's work strands."""
    instance = make_instance(
        hubs=[{"hub": "A"}, {"hub": "B"}, {"hub": "C"}],
        data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 0.8}],
        links=[{"from": hub, "to": site, "rtt_ms": 1.0} for hub, site in ("AX", "AY", "BY", "CY")],
        demand=[{"workload": "w", "hub": hub, "mtok": mtok} for hub, mtok in (("A", 1.0), ("B", 0.7), ("C", 0.1))],
    )
    flows, recourses = _recourses(instance, "data_centres")
    arcs = formulate(instance).structure
    stays = np.array([arcs.arc_site[arc] == 1 for arc in flows.arc])
    full = replace(flows, amount=np.where(stays, flows.amount, 1.0))
    programs = []

    def solved(structure):
        programs.append(structure)
        return solve_structure(structure)

    monkeypatch.setattr(replacement, "solve_structure", solved)
    assert recourses["X"].is_separable
    assert least_stranded(recourses["X"], full)[0].tolist() == [1.0]
    assert replace_displaced(recourses["X"], full).stranded.tolist() == [1.0]
    assert all(program.capacity[1] == 0 for program in programs)


def test_penalty(make_instance):
    """Tests a hundred times the dearest way, or the dearest unserved Mtok (1,000) where nothing costs anything."""
    assert penalty_usd(formulate(make_instance()).structure) == pytest.approx(100 * 50.0)
    free = [{"power_zone": name, "usd_per_mwh": 0.0} for name in ("zx", "zy")]
    assert penalty_usd(formulate(make_instance(power_zones=free)).structure) == pytest.approx(100 * 1000.0)


def test_cheapest_supplies_deliver_first(make_random_instance):
    """Tests that the power of what stays costs what the least-cost purchase costs."""
    structure = formulate(make_random_instance(3)).structure
    drawn = np.minimum(structure.at_sites(structure.tier_limit * structure.tier_yield[:, None]), 6.0)
    taken = delivered_cheapest_first(structure, drawn)
    assert np.allclose(structure.at_sites(taken * structure.tier_yield[:, None]), drawn)
    assert (taken <= structure.tier_limit).all()
    usd = structure.tier_cost / structure.tier_yield[:, None]
    for site, period in np.ndindex(drawn.shape):
        tiers = np.flatnonzero(structure.tier_site == site)
        cheap, dear = tiers[np.argsort(usd[tiers, period], kind="stable")]
        assert taken[dear, period] == 0 or taken[cheap, period] == structure.tier_limit[cheap, period]


def test_solved_alone_is_solved_as_usual(a1):
    """Tests A1 by hand: of 80 chat at W, 45 find a place beside the 40 voice at B."""
    flows, recourses = _recourses(a1, "data_centres")
    assert {name: replace_displaced(each, flows).stranded.sum() for name, each in recourses.items()} == pytest.approx(
        {"B": 0.0, "W": 35.0}
    )
    structure = recourses["W"].outage.structure
    assert solve_structure(structure, placer.HiGHS())[1].proven
