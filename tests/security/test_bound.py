"""The bound with its inner minimum: below every secure placement at any prices, and the optimum at the best."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

import placer
from placer.model.answer import Duals, read_duals
from placer.proof.bound import arrival_prices, bound_prices, cheapest_arcs
from placer.security.bound import assignment_prices, rents_by_period, secure_bound, secure_prices


def _bound(placement, change=lambda duals: duals, kept=slice(None)):
    """Return the bound at the duals of a secure placement, changed, over some of its contingencies."""
    secure, whole = placement.secure, placement.formulation.structure
    contingents = [replace(each, duals=change(each.duals)) for each in secure.contingents[kept]]
    rho, held = secure.unserved_rent, secure.unserved_rent_usd
    of_placement = change(read_duals(whole, placement.program, placement.solution.duals))
    return secure_bound(whole, of_placement, contingents, rho, held)


def test_a1_by_hand(a1):
    """Tests A1 at a rent of 1 for B where W is lost: voice costs 6 at A and at B, chat 5 at W; 640 less 85 is 555."""
    placement = placer.solve(a1, security=placer.Security())
    assert _bound(placement) == pytest.approx(555.0)
    assert placement.bound_usd == pytest.approx(555.0)
    assert _bound(placement, kept=slice(0)) == pytest.approx(520.0)  # without prices of contingencies


def test_a1_without_a_row_of_unserved_demand(a1):
    """Tests that such a row counts only if it is given, and that prices beyond the penalty are the penalty."""
    placement = placer.solve(a1, security=placer.Security())
    whole, contingents = placement.formulation.structure, placement.secure.contingents
    duals = read_duals(whole, placement.program, placement.solution.duals)
    assert secure_bound(whole, duals, contingents) == pytest.approx(555.0)
    assert secure_bound(whole, duals, contingents, 0.5) == pytest.approx(555.0)
    assert secure_bound(whole, duals, contingents, 0.5, 0.5 * 10.0) == pytest.approx(550.0)
    dear = replace(duals, capacity=duals.capacity + 1e6)
    penalty = whole.unserved_cost[whole.demand_class]
    assert secure_bound(whole, dear, contingents) == secure_bound(whole, dear, contingents, 0.0)
    assert secure_bound(whole, dear, contingents) < secure_bound(whole, dear, contingents, 0.5)
    assert secure_prices(whole, bound_prices(whole, dear), contingents) == pytest.approx(penalty)
    assert secure_prices(whole, bound_prices(whole, dear), contingents, 0.5) == pytest.approx(1.5 * penalty)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_optimum_at_the_duals(make_random_instance, seed, kind):
    """Tests that the bound is the cost of the explicit program, with queues, tiers, links and caps."""
    placement = placer.solve(make_random_instance(seed), security=placer.Security(kind, protected={"soon": 0.5}))
    cost = placement.certificate.objective
    assert placement.bound_usd == pytest.approx(cost, rel=1e-9)
    assert _bound(placement) == pytest.approx(cost, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_it_holds_at_any_prices(make_random_instance, seed):
    """Tests that prices of any size and sign bound the cost from below."""
    placement = placer.solve(make_random_instance(seed), security=placer.Security())
    random = np.random.default_rng(seed)

    def spoilt(duals):
        figures = {field.name: getattr(duals, field.name) for field in fields(Duals)}
        return replace(duals, **{name: each * random.uniform(-0.5, 2.0, each.shape) for name, each in figures.items()})

    for _ in range(5):
        assert _bound(placement, spoilt) <= placement.certificate.objective * (1 + 1e-9)


def test_prices_of_assignments_are_those_of_the_bound(make_random_instance):
    """Tests that the cheapest assignment of each demand is what the bound of a placement takes."""
    placement = placer.solve(make_random_instance(2))
    structure = placement.formulation.structure
    prices, chosen = bound_prices(structure, placement.answer.prices), structure.assignments
    without_caps = replace(prices, cap=np.zeros_like(prices.cap))
    each = assignment_prices(structure, without_caps, chosen.demand, chosen.arc) + structure.arc_cost[chosen.arc]
    cheapest = np.full(len(structure.demand_amount), np.inf)
    np.minimum.at(cheapest, chosen.demand, each)
    arriving = arrival_prices(structure, without_caps.service)
    assert np.allclose(cheapest, cheapest_arcs(structure, without_caps, arriving))


def test_work_without_protection_pays_nothing_in_contingencies(make_zoned):
    """Tests a second workload that may strand, with a site that has no power: the bound is the cost."""
    instance = make_zoned(y_mw=9.0)
    free = instance.workloads.assign(workload="free", unserved_usd_per_mtok=900.0)
    asked = instance.demand.assign(workload="free", mtok=instance.demand["mtok"] / 4)
    instance = instance.replace(
        workloads=pd.concat([instance.workloads, free]), demand=pd.concat([instance.demand, asked])
    )
    lost = [{"contingency": "dark", "data_centre": "Y"}]
    placement = placer.solve(instance, security=placer.Security(lost, protected={"w": 1.0, "free": 0.0}))
    assert placement.secure.contingents
    assert _bound(placement) == pytest.approx(placement.certificate.objective, rel=1e-9)


@pytest.mark.parametrize("size", [1.0, 1e-2])
def test_limits_of_links_are_in_the_bound_of_contingencies(make_zoned, size):
    """Tests 3 GB an hour to X, in any unit, and no link to V, where a loss of Y leaves more work than they carry."""
    instance = make_zoned(size=size)
    capacity = {"X": 3.0 * size / 450, "V": 0.0}
    links = instance.links
    instance = instance.replace(links=links.assign(capacity_gbps=[capacity.get(to, np.inf) for to in links["to"]]))
    placement = placer.solve(instance, security=placer.Security([{"contingency": "dark", "data_centre": "Y"}]))
    (each,) = placement.secure.contingents
    assert each.duals.link.max() > 1.0
    assert _bound(placement) == pytest.approx(placement.certificate.objective, rel=1e-9)
    assert rents_by_period(each).sum() == pytest.approx(placement.settlement["security_rent"], rel=1e-9)


@pytest.mark.parametrize("scarce", [0, 1])
def test_rents_of_zones_belong_to_their_hour(make_zoned, scarce):
    """Tests 16 Mtok in one hour and 1 in the other, of which 10 can be served where Y is lost."""
    instance = make_zoned(asked=(16.0, 1.0) if scarce == 0 else (1.0, 16.0))
    placement = placer.solve(instance, security=placer.Security([{"contingency": "dark", "data_centre": "Y"}]))
    rents = rents_by_period(placement.secure.contingents[0])
    assert rents[scarce] == pytest.approx(placement.settlement["security_rent"])
    assert rents[1 - scarce] == pytest.approx(0.0, abs=1e-9 * rents[scarce])


def test_limits_of_arcs_are_in_the_bound(make_zoned):
    """Tests a limit of 3 Mtok from H to X that binds: its rent is part of what the arc costs."""
    few = {"limit": "few", "kind": "tokens", "sense": "<=", "amount": 3.0, "hub": "H", "data_centre": "X"}
    instance = make_zoned(y_mw=9.0).replace(limits=[few])
    placement = placer.solve(instance, security=placer.Security([{"contingency": "dark", "data_centre": "Y"}]))
    assert placement.answer.prices.cap.max() > 100.0
    assert _bound(placement) == pytest.approx(placement.certificate.objective, rel=1e-9)


@pytest.mark.parametrize("carbon_limit_kg", [np.inf, 85.0])
@pytest.mark.parametrize("lost", ["Y", "X"])
def test_limits_of_zones_and_caps_and_costs_of_arcs_are_in_the_bound(make_zoned, lost, carbon_limit_kg):
    """Tests a site that is lost where a zone, a supply within it and a cap of carbon bind, and transit costs."""
    instance = make_zoned(y_mw=9.0, carbon_limit_kg=carbon_limit_kg)
    placement = placer.solve(instance, security=placer.Security([{"contingency": "dark", "data_centre": lost}]))
    cost = placement.certificate.objective
    assert _bound(placement) == pytest.approx(cost, rel=1e-9)
    (each,) = placement.secure.contingents
    rents = rents_by_period(each)
    assert rents.sum() == pytest.approx(placement.settlement["security_rent"], abs=1e-9 * cost)
    if lost == "Y":  # nothing binds in the first hour, of 1 Mtok
        assert rents[0] == pytest.approx(0.0, abs=1e-9 * cost)
        assert rents[1] > 1.0
