"""Demands that are alike in the placement and in contingencies, and what strands for certain."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.ladder.proven import default_solver, solve_structure
from placer.model.formulation import formulate
from placer.security.alike import alike_in, certain_per_unit
from placer.security.contingencies import contingencies_of, protected_shares
from placer.security.coupling import merged_recourse, without_costs
from placer.security.outages import outage_of
from placer.security.replacement import least_stranded


@pytest.fixture
def two_hubs(make_a1):
    """Return A1 with a second hub that asks for a fourth of all, over links of its own."""
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
    return make_a1(
        hubs=[{"hub": hub, "region": "north"} for hub in ("H", "I")],
        links=[{"from": hub, "to": site, "rtt_ms": 1.0} for hub in ("H", "I") for site in ("A", "B", "W")],
        workloads=[
            {"workload": "voice", "jurisdictions": ("a", "b"), "latency_slo_ms": 1.0} | work,
            {"workload": "chat", "jurisdictions": ("w",), "latency_slo_ms": 1.0} | work,
        ],
        demand=[
            {"workload": name, "hub": hub, "mtok": mtok}
            for name, hub, mtok in (
                ("voice", "H", 30.0),
                ("voice", "I", 10.0),
                ("chat", "H", 60.0),
                ("chat", "I", 20.0),
            )
        ],
    )


def _recourses(instance, security):
    formulation = formulate(instance)
    whole = formulation.structure
    share = protected_shares(whole, formulation.workloads, security)
    outages = [outage_of(instance, formulation, each) for each in contingencies_of(instance, security)]
    return without_costs(whole), share, [merged_recourse(whole, outage, share) for outage in outages]


def test_certain_by_hand(two_hubs):
    """Tests that chat strands for certain without W, to the protected share, and nothing else does."""
    security = placer.Security(protected={"chat": 0.5})
    whole, _, (a, b, w) = _recourses(two_hubs, security)
    assert not certain_per_unit(a).any()
    assert not certain_per_unit(b).any()
    is_chat = whole.arc_class == 1
    assert certain_per_unit(w).tolist() == np.where(is_chat, 0.5, 0.0).tolist()


def test_a_dark_site_is_no_way_out(two_hubs):
    """Tests that chat strands for certain without the only zone of W, which its arc still reaches; voice does not."""
    drawing = two_hubs.replace(
        workloads=two_hubs.workloads.assign(kwh_per_mtok=1.0),
        power_zones=[{"power_zone": zone, "usd_per_mwh": 1.0} for zone in ("all", "own")],
        supplies=[
            {"power_zone": zone, "data_centre": site}
            for zone, sites in {"all": "ABW", "own": "A"}.items()
            for site in sites
        ],
    )
    whole, _, (everywhere, own) = _recourses(drawing, placer.Security("power_zones"))
    assert certain_per_unit(everywhere).tolist() == np.where(whole.arc_class == 1, 1.0, 0.0).tolist()
    assert not certain_per_unit(own).any()


def test_links_tell_hubs_apart(two_hubs):
    """Tests that hubs are alike in lost sites, and told apart by a lost link only where it is among those that do."""
    whole, _, sites = _recourses(two_hubs, placer.Security())
    certain = np.sum([certain_per_unit(each) for each in sites], axis=0)
    assert alike_in(whole, certain, sites).structure.demand_amount.tolist() == [40.0, 80.0]
    _, _, links = _recourses(two_hubs, placer.Security("links"))
    assert alike_in(whole, certain, links[:1]).structure.demand_amount.tolist() == [30.0, 10.0, 80.0]
    own = np.where(whole.arc_origin == 1, 1.0, 0.0)
    assert alike_in(whole, own, ()).structure.demand_amount.tolist() == [30.0, 10.0, 60.0, 20.0]


@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
@pytest.mark.parametrize("seed", range(2))
def test_as_much_strands(make_random_instance, seed, kind):
    """Tests that flows of merged demands strand as much as the same flows of the demands themselves."""
    instance = make_random_instance(seed)
    whole, _, recourses = _recourses(instance, placer.Security(kind))
    certain = np.sum([certain_per_unit(each) for each in recourses], axis=0)
    alike = alike_in(whole, certain, recourses)
    answer, _ = solve_structure(whole, default_solver(whole))
    found, _ = solve_structure(alike.structure, default_solver(alike.structure))
    spread = alike.merged.spread(found)
    assert spread.point.unserved.sum() == pytest.approx(answer.point.unserved.sum(), abs=1e-6)
    for each in recourses:
        merged = least_stranded(alike.recourse(each), found.point)[0].sum()
        assert least_stranded(each, spread.point)[0].sum() == pytest.approx(merged, abs=1e-6)
        surely = certain_per_unit(each)[spread.point.arc] @ spread.point.amount
        assert merged >= surely - 1e-6


def test_links_that_are_slack_alone_stay_slack_together(two_hubs):
    """Tests links of 70 GB for the 60 of H and the 20 of I: together they are 80, over the links of H on paper only."""
    work = two_hubs.workloads.assign(gb_per_mtok=1.0)
    linked = two_hubs.replace(workloads=work, links=two_hubs.links.assign(capacity_gbps=70.0 / 450.0))
    whole, _, recourses = _recourses(linked, placer.Security())
    alike = alike_in(whole, np.zeros(len(whole.arc_site)), recourses)
    assert alike.structure.demand_amount.tolist() == [40.0, 80.0]
    found, _ = solve_structure(alike.structure, default_solver(alike.structure))
    assert [least_stranded(alike.recourse(each), found.point)[0].sum() for each in recourses] == pytest.approx(
        [least_stranded(each, alike.merged.spread(found).point)[0].sum() for each in recourses]
    )
