"""Prices from duals and the bound they prove: against the linear program, and for duals of any kind."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.optimize import linprog

from placer.ladder.proven import solve_structure
from placer.ladder.whole_program import solve_program
from placer.model.answer import Duals, answer_of, whole_solution
from placer.model.cap_rows import CapRows
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.proof import bound
from placer.proof.answer_certificate import cost_interval
from placer.proof.bound import (
    arrival_prices,
    bound_at,
    bound_of,
    bound_prices,
    cheapest_arcs,
    least_ahead,
    payments,
    rents_of,
    supply_rents,
)
from placer.solvers.highs import HiGHS

SEEDS = range(16)
UNLIMITED = {"carbon_limit_kg": np.inf, "water_limit_litres": np.inf}


@pytest.fixture(params=[False, True], ids=["numpy", "kernels"], autouse=True)
def kernels(request, monkeypatch):
    """Everything with and without compiled kernels."""
    monkeypatch.setattr("placer.kernels.choice.LEAST_COLUMNS", 0 if request.param else np.inf)


@pytest.fixture(scope="module")
def solved(make_random_instance):
    """Structures of random instances, their programs, their proven answers and their least costs."""
    cases = []
    for seed in SEEDS:
        settings = {"cyclic": bool(seed % 2)} | (UNLIMITED if seed % 3 == 0 else {})
        structure = formulate(make_random_instance(seed, **settings)).structure
        program = expand(structure)
        solution, certificate = solve_program(program, HiGHS())
        cases.append((structure, program, answer_of(structure, program, solution), certificate.objective))
    return cases


def _changed(duals, change):
    """Duals with every array replaced by what a function makes of it."""
    return Duals(**{field.name: change(getattr(duals, field.name)) for field in fields(duals)})


def _four_periods(make_instance, *, cyclic, block=(0, 0, 0, 0)):
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(4)]
    structure = formulate(make_instance(demand=demand, cyclic=cyclic)).structure
    return replace(structure, block=np.array(block))


@pytest.mark.parametrize(("cyclic", "last"), [(False, 5.0), (True, 2.0)])
def test_least_ahead(make_instance, cyclic, last):
    """Tests that only a cyclic horizon looks past its end, and that a window longer than it sees all of it."""
    structure, prices = _four_periods(make_instance, cyclic=cyclic), np.array([2.0, 4, 3, 5])
    assert least_ahead(structure, prices, 1).tolist() == [2, 3, 3, last]
    assert least_ahead(structure, prices, 99).tolist() == [2, *([2, 2] if cyclic else [3, 3]), last]


@pytest.mark.parametrize("cyclic", [False, True])
def test_least_ahead_stays_in_its_block(make_instance, cyclic):
    """Tests that no window reaches from one block into the next, and that a cyclic one returns to its own start."""
    structure = _four_periods(make_instance, cyclic=cyclic, block=(0, 0, 1, 1))
    least = least_ahead(structure, np.array([4.0, 6, 3, 5]), 2).tolist()
    assert least == [4, 4 if cyclic else 6, 3, 3 if cyclic else 5]


@pytest.mark.slow
def test_arcs_cost_what_the_matrix_says(solved):
    """Tests the least price of every demand against costs and duals of the whole program, for duals without order.

    Rents are positive and there are no limits of 0, so no price is changed but that of supply that would earn without
    end, which is kept from it by a price no tier undercuts.
    """
    for seed, (structure, program, answer, _) in enumerate(solved):
        random = np.random.default_rng(seed)
        duals = _changed(answer.duals, lambda dual, random=random: random.uniform(0.0, 5.0, dual.shape))
        limits = (structure.capacity, structure.intake, structure.link_capacity, structure.cap_limit)
        capacity, intake, link, cap = (np.isfinite(limit) for limit in limits)
        duals = replace(
            duals,
            balance=duals.balance - 100.0,
            queue=np.where(structure.rows.queue >= 0, duals.queue, 0.0),
            capacity=duals.capacity * capacity,
            intake=duals.intake * intake,
            link=duals.link * link,
            cap=duals.cap * cap,
        )
        row_duals = whole_solution(structure, program, replace(answer, duals=duals)).row_duals
        reduced = (program.cost - program.matrix.T @ row_duals)[program.col_blocks["x"]]
        expected = np.full(len(structure.demand_amount), np.inf)
        np.minimum.at(expected, structure.assignments.demand, reduced + duals.demand[structure.assignments.demand])
        prices = bound_prices(structure, duals)
        arriving = np.where((structure.window > 0)[:, None, None], duals.queue, prices.service)
        np.testing.assert_allclose(cheapest_arcs(structure, prices, arriving), expected, rtol=1e-12, atol=1e-9)


def test_arcs_cost_the_same_however_many_periods_at_a_time(solved, monkeypatch):
    """Tests that cutting the periods into spans changes no price."""
    for structure, _, answer, _ in solved[:4]:
        prices = bound_prices(structure, answer.duals)
        arriving = arrival_prices(structure, prices.service)
        whole = cheapest_arcs(structure, prices, arriving)
        for cells in (1, 30):
            monkeypatch.setattr(bound, "_AT_A_TIME", cells)
            np.testing.assert_array_equal(cheapest_arcs(structure, prices, arriving), whole)
        monkeypatch.undo()


def test_every_class_has_its_own_price_at_every_site(make_instance):
    """Tests that of two classes and three sites, one class is cheapest at the last, for 1, one at the first, for 5."""
    structure = formulate(
        make_instance(
            workloads=[{"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0} for name in "wv"],
            hubs=[{"hub": "A"}],
            data_centres=[{"data_centre": name} for name in "XYZ"],
            supplies=[],
            links=[{"from": "A", "to": name, "rtt_ms": 1.0} for name in "XYZ"],
            demand=[{"workload": name, "hub": "A", "hour": 0, "mtok": 1.0} for name in "wv"],
        )
    ).structure
    zero, links = np.zeros((3, 1)), np.zeros((len(structure.link_capacity), 1))
    prices = bound_prices(structure, Duals(np.zeros(2), np.zeros((2, 3, 1)), zero, zero, zero, links, np.zeros(2)))
    arriving = np.array([[9.0, 9.0, 1.0], [5.0, 9.0, 9.0]])[:, :, None]
    assert cheapest_arcs(structure, prices, arriving)[np.argsort(structure.demand_class)].tolist() == [1, 5]


def test_demand_without_arcs_has_no_price(solved):
    """Tests that what can run nowhere costs inf to send, and its demand then bounds by its penalty."""
    structure, _, answer, _ = solved[0]
    none = np.zeros(0, dtype=int)
    bare = replace(structure, arc_class=none, arc_origin=none, arc_site=none, arc_rank=none, arc_cost=np.zeros(0))
    prices = bound_prices(bare, _changed(answer.duals, np.zeros_like))
    cheapest = cheapest_arcs(bare, prices, arrival_prices(bare, prices.service))
    assert np.isposinf(cheapest).all()
    penalty = bare.unserved_cost[bare.demand_class] @ bare.demand_amount
    assert bound_of(bare, prices, cheapest) + supply_rents(bare, prices).sum() == pytest.approx(penalty, rel=1e-12)


def test_bound_at_the_best_duals_is_the_optimum(solved):
    """Tests strong duality: the duals of a solved program prove its cost."""
    for structure, _, answer, optimum in solved:
        assert bound_at(structure, answer.duals) == pytest.approx(optimum, rel=1e-12)


@pytest.mark.parametrize("spread", [1e-9, 1e-6, 1e-3, 0.1, 1.0, 30.0])
def test_bound_holds_for_any_duals(solved, spread):
    """Tests that duals changed at random, by little or until nothing is left of them, prove no more than is true."""
    for seed, (structure, _, answer, optimum) in enumerate(solved):
        random = np.random.default_rng(seed)
        for _ in range(8):
            duals = _changed(
                answer.duals, lambda dual, random=random: dual + spread * 50 * random.standard_normal(dual.shape)
            )
            found = bound_at(structure, duals)
            assert np.isfinite(found)
            assert found <= optimum + 1e-12 * abs(optimum)


@pytest.mark.slow
def test_bound_of_one_family_changed(solved):
    """Tests that the bound holds where one family of duals alone is scaled, reversed or dropped."""
    for structure, _, answer, optimum in solved:
        for field in fields(Duals):
            for factor in (-1.0, 0.0, 0.5, 1.001, 3.0):
                duals = replace(answer.duals, **{field.name: factor * getattr(answer.duals, field.name)})
                assert bound_at(structure, duals) <= optimum + 1e-12 * abs(optimum)


def test_bound_of_no_duals_is_the_cost_without_limits(make_instance):
    """Tests that with supply priced at its cost, the bound is each demand at the cheapest site it reaches."""
    structure = formulate(make_instance()).structure
    zero = np.zeros_like(structure.capacity)
    links = np.zeros((len(structure.link_capacity), 1))
    duals = Duals(np.zeros(2), zero[None], np.array([[50.0], [20.0]]), zero, zero, links, np.zeros(2))
    assert bound_at(structure, duals) == 16 * 20
    assert bound_at(structure, replace(duals, balance=np.array([[50.0], [12.0]]))) == 16 * 12


def test_supply_earns_what_its_own_program_says(solved):
    """Tests the rent of each site's supply against a linear program of its own, tiers and intake of all kinds."""
    structure = solved[0][0]
    random = np.random.default_rng(5)
    site, periods = np.array([2, 0, 2, 0, 2, 3]), structure.periods
    tiers = len(site)
    changed = replace(
        structure,
        tier_site=site,
        tier_yield=random.uniform(0.5, 1.0, tiers),
        tier_cost=random.uniform(-20.0, 60.0, (tiers, periods)),
        tier_limit=random.choice([0.0, 3.0, 8.0, np.inf], (tiers, periods)),
        intake=random.choice([0.0, 5.0, 12.0, np.inf], structure.intake.shape),
        cap_tier=random.uniform(0.0, 1.0, (2, tiers, periods)),
        cap_limit=np.array([10.0, 10.0]),
    )
    duals = _changed(solved[0][2].duals, np.zeros_like)
    balance = random.uniform(-10.0, 90.0, structure.capacity.shape)
    prices = bound_prices(changed, replace(duals, balance=balance, cap=np.array([3.0, 7.0])))
    rents = supply_rents(changed, prices)
    assert (prices.supply < balance).any()
    cost = changed.tier_cost + np.einsum("c,cst->st", [3.0, 7.0], changed.cap_tier.array)
    for place in range(changed.sites):
        own = np.flatnonzero(site == place)
        for period in range(periods):
            if not len(own):
                assert rents[place, period] == 0
                continue
            gain = prices.supply[place, period] * changed.tier_yield[own] - cost[own, period]
            best = linprog(
                -gain,
                A_ub=changed.tier_yield[own][None],
                b_ub=[min(changed.intake[place, period], 1e6)],
                bounds=[(0.0, limit if np.isfinite(limit) else None) for limit in changed.tier_limit[own, period]],
            )
            assert rents[place, period] == pytest.approx(-best.fun, rel=1e-9, abs=1e-9)


def test_supply_is_not_priced_above_a_tier_without_end(make_instance):
    """Tests that the price of supply is lowered to the tier that has no limit, unless the site has one."""
    structure = formulate(make_instance()).structure
    duals = Duals(
        np.zeros(2),
        np.zeros((1, 2, 1)),
        np.array([[70.0], [10.0]]),
        *np.zeros((2, 2, 1)),
        np.zeros((len(structure.link_capacity), 1)),
        np.zeros(2),
    )
    assert bound_prices(structure, duals).supply.tolist() == [[50], [10]]
    limited = replace(structure, intake=np.array([[4.0], [np.inf]]))
    prices = bound_prices(limited, duals)
    assert prices.supply.tolist() == [[70], [10]]
    assert supply_rents(limited, prices).tolist() == [[4 * 20], [0]]


def test_limits_of_every_kind_are_scarce_somewhere(solved):
    """Tests that the answers the tests above start from hold rents of every kind, and paid-for and paying supply."""
    duals = [answer.duals for _, _, answer, _ in solved]
    for name in ("capacity", "intake", "link", "cap"):
        assert any((getattr(dual, name) > 1e-3).any() for dual in duals), name
    assert any((dual.balance < 0).any() for dual in duals)
    assert any((dual.balance > 0).any() for dual in duals)


def test_arcs_pay_for_the_caps_that_have_a_rent(make_instance):
    """Tests that of two caps on what is sent one with a rent of 3 counts, though the other has none."""
    structure = formulate(make_instance()).structure
    structure = replace(
        structure,
        cap_limit=np.array([16.0, 16.0]),
        cap_send=np.ones((2, 1)),
        cap_route=np.ones((2, structure.route_links.shape[0])),
    )
    zero, links = np.zeros((2, 1)), np.zeros(structure.link_capacity.shape)
    free = Duals(np.zeros(2), zero[None], np.array([[50.0], [20.0]]), zero, zero, links, np.zeros(2))
    for cap, cheapest in (([0.0, 0.0], 20.0), ([3.0, 0.0], 23.0)):
        prices = bound_prices(structure, replace(free, cap=np.array(cap)))
        assert cheapest_arcs(structure, prices, prices.service).tolist() == [cheapest] * 2


def test_arcs_pay_for_caps_in_the_periods_that_count(make_instance):
    """Tests that a rent of 3 of a cap on what arrives in the hours 0 and 2 is paid in those hours alone."""
    structure = _four_periods(make_instance, cyclic=False)
    periods, caps = structure.periods, len(structure.cap_limit)
    structure = replace(
        structure,
        cap_limit=np.full(caps, 16.0),
        cap_send=np.ones((caps, 1)),
        cap_route=CapRows.of(np.ones((caps, structure.route_links.shape[0]))),
        cap_arrival=CapRows.of(np.tile([1.0, 0.0, 1.0, 0.0], (caps, 1))),
    )
    nothing = np.zeros((len(structure.capacity), periods))
    duals = Duals(
        np.zeros(len(structure.demand_amount)),
        np.zeros((1, *nothing.shape)),
        nothing + 20.0,
        nothing,
        nothing,
        np.zeros(structure.link_capacity.shape),
        np.array([3.0] + [0.0] * (caps - 1)),
    )
    prices = bound_prices(structure, duals)
    found = cheapest_arcs(structure, prices, prices.service)
    assert found.tolist() == pytest.approx(np.array([23.0, 20.0, 23.0, 20.0])[structure.demand_period].tolist())


@pytest.mark.parametrize("factor", [1.0, 1.3])
def test_bound_is_that_of_the_duals_at_any_amounts(make_random_instance, factor):
    structure = formulate(make_random_instance(1)).structure
    answer, _ = solve_structure(structure, HiGHS())
    prices = bound_prices(structure, answer.prices)
    paid, rents = payments(structure, prices), rents_of(structure, prices).total
    more = replace(structure, demand_amount=factor * structure.demand_amount)
    unserved = (factor - 1) * structure.demand_amount
    interval = cost_interval(
        more, replace(answer, flows=replace(answer.point, unserved=answer.point.unserved + unserved))
    )
    assert more.demand_amount @ paid - rents == pytest.approx(interval.bound, rel=1e-12)
