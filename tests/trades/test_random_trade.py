"""Random trade between three regions: against the program from the text, and what must hold of every policy."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from tests.effort import tries
from tests.model.trade_by_hand import ByHand, random_policies, random_tables, with_steps

SEEDS = pytest.mark.parametrize("seed", range(tries(6, 300)))
STEPS = pytest.mark.parametrize("steps", [lambda tables, _: tables, with_steps], ids=["fixed", "steps"])
SOLVERS = pytest.mark.parametrize("solver", [placer.HiGHS(), placer.ColumnGeneration()], ids=["highs", "columns"])


def solved(tables, policies, solver=None):
    """Return the placement of some tables under some policies."""
    instance = placer.Instance.from_tables(tables | {"policies": policies})
    return placer.solve(instance, solver) if solver else placer.solve(instance)


def agrees(placement, by_hand):
    """Assert that a placement, its prices and its rents are those of the program from the text; return its optimum."""
    optimum = by_hand.optimum()
    assert placement.certificate.objective == pytest.approx(optimum.least, rel=1e-7)
    assert placement.transfers_usd == pytest.approx(optimum.transfers, rel=1e-6, abs=1e-6)
    assert placement.cost_and_penalty_usd == pytest.approx(optimum.cost, rel=1e-6)
    assert value_bought(placement) == pytest.approx(optimum.bought, rel=1e-6)
    reduced, value = by_hand.least_reduced_cost(placement)
    assert reduced >= -1e-6
    assert value == pytest.approx(optimum.least, rel=1e-6)
    assert abs(placement.settlement["difference"]) <= 1e-6 * placement.settlement["payments"]
    return optimum


def value_bought(placement):
    """Return the value of what is bought, which only demand with steps has."""
    return getattr(placement, "value_bought_usd", 0.0)


@pytest.mark.slow
@SEEDS
@STEPS
def test_random_policies_against_the_program_from_the_text(seed, steps):
    """Tests cost, transfers, what is bought and duals by both solvers; parts of prices; accounts and trade."""
    tables, policies = steps(random_tables(seed), seed), random_policies(seed)
    by_hand = ByHand(tables, policies)
    agrees(solved(tables, policies, placer.ColumnGeneration()), by_hand)
    placement = solved(tables, policies)
    optimum = agrees(placement, by_hand)
    parts = placement.prices.filter(regex="_usd_per_mtok$").drop(columns="latency_rent_usd_per_mtok")
    assert parts.sum(axis=1).tolist() == pytest.approx(placement.prices["usd_per_mtok"].tolist(), rel=1e-9)
    accounts = placer.accounts(placement)
    regions = accounts.regions
    assert accounts.trade.sum(axis=1).tolist() == pytest.approx(regions["made_usd"].tolist(), abs=1e-6)
    assert accounts.trade.sum(axis=0).tolist() == pytest.approx(regions["spent_usd"].tolist()[:3], abs=1e-6)
    assert regions["net_cost_usd"].sum() == pytest.approx(optimum.cost, rel=1e-7)
    assert regions["policy_revenue_usd"].sum() == pytest.approx(optimum.transfers, rel=1e-7, abs=1e-7)
    countries = placer.trade(placement).countries
    assert countries["exports_usd"].sum() == pytest.approx(countries["imports_usd"].sum())


@pytest.mark.slow
@STEPS
@SOLVERS
@pytest.mark.parametrize("seed", range(tries(3, 100)))
def test_a_quota_and_a_tariff_at_once(seed, solver, steps):
    """Tests three countries with two classes and hourly prices, a tariff of one and a quota that binds on all."""
    tables = steps(random_tables(seed), seed)
    tariff = {"policy": "tariff", "kind": "tariff_usd_per_mtok", "amount": 0.3, "paid_to": "importer"}
    tariff |= {"from_region": None, "to_region": "b", "workload": None}
    quota = {"policy": "quota", "kind": "quota_mtok", "from_region": None, "to_region": None, "workload": None}
    quota |= {"amount": 0.6 * solved(tables, [tariff]).exported_mtok}
    placement = solved(tables, [tariff, quota], solver)
    agrees(placement, ByHand(tables, [tariff, quota]))
    assert placement.limits.loc[("quota", ""), "use"] == pytest.approx(quota["amount"])
    assert placement.limits.loc[("quota", ""), "rent_usd"] > 0


@pytest.mark.slow
@STEPS
@SOLVERS
@pytest.mark.parametrize("seed", range(tries(3, 30)))
def test_a_quota_over_several_blocks_has_one_price(seed, solver, steps):
    """Tests a quota, a tariff by share and one more policy over two blocks, one of which counts twice."""
    tables = steps(random_tables(seed), seed)
    tables["periods"] = [{"hour": hour, "weight": 1.0 + (hour == 2), "block": "xxy"[hour]} for hour in (0, 1, 2)]
    quota = {"policy": "quota", "kind": "quota_mtok", "from_region": None, "to_region": None, "workload": None}
    quota |= {"amount": 0.4 * solved(tables, []).exported_mtok}
    share = {"policy": "share", "kind": "tariff_share", "amount": 0.05, "from_region": None, "to_region": "a"}
    policies = [quota, share | {"workload": None, "paid_to": "exporter"}, *random_policies(seed)[:1]]
    placement = solved(tables, policies, solver)
    agrees(placement, ByHand(tables, policies))
    assert placement.limits.loc[("quota", ""), "use"] <= quota["amount"] * (1 + 1e-9)


@pytest.mark.slow
@SEEDS
@STEPS
def test_no_policy_is_better_than_free_trade_and_no_narrower_quota_than_a_wider(seed, steps):
    """Tests welfare, or cost and penalty where demand is fixed: best with free trade, and never up as quotas narrow.

    A narrower quota beside a tariff may raise it: ``test_a_narrower_quota_beside_a_tariff_may_lower_the_cost``.
    """

    def welfare(policies):
        placement = solved(tables, policies)
        return value_bought(placement) - placement.cost_and_penalty_usd

    tables = steps(random_tables(seed), seed)
    free = welfare([])
    assert welfare(random_policies(seed)) <= free + 1e-9 * abs(free)
    quotas = random_policies(seed, ("quota_mtok", "ban"))
    narrowed = [
        welfare([row | {"amount": row["amount"] * share} if "amount" in row else row for row in quotas])
        for share in (1e3, 1, 0.5, 0)
    ]
    assert narrowed[0] <= free + 1e-9 * abs(free)
    assert (np.diff(narrowed) <= 1e-9 * abs(free)).all()


@pytest.mark.slow
@STEPS
@pytest.mark.parametrize("seed", range(tries(3, 100)))
def test_gains_from_trade_add_up(seed, steps):
    """Tests that gains of parties sum to those of all, at least the transfers on autarky, and none on free trade.

    Without trade nobody pays a charge, and trade under policies is best for all together with the charges as costs.
    """

    def welfare(policies):
        placement = solved(tables, policies)
        return value_bought(placement) - placement.cost_and_penalty_usd

    tables, policies = steps(random_tables(seed), seed), random_policies(seed)
    gains, here = placer.trade(solved(tables, policies)).gains, welfare(policies)
    apart, free = welfare([{"policy": "none", "kind": "ban"}]), welfare([])
    size = 1e-6 * abs(free)
    assert gains["gain_on_autarky_usd"].sum() == pytest.approx(here - apart, abs=size)
    assert gains["gain_on_free_trade_usd"].sum() == pytest.approx(here - free, abs=size)
    assert here - apart >= solved(tables, policies).transfers_usd - size
    assert here <= free + size
