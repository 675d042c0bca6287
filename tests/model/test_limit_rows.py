"""Tests for limits of one's own: rows against rows written by hand, and answers that can be checked by hand."""

import math

import numpy as np
import pytest

import placer
from placer.errors import InstanceError
from placer.model.formulation import formulate
from placer.model.limit_rows import use_of
from placer.solvers.highs import HiGHS
from tests.effort import tries
from tests.model.limits_by_hand import ByHand, random_limit, shared_wind

KINDS = (
    *("tokens", "share", "accelerator_hours", "energy_mwh"),
    *("carbon_kg", "water_litres", "cost_usd", "green_share"),
)


@pytest.fixture(scope="module")
def make_green(make_random_instance):
    """Return a function from a seed to a random instance whose second zone is green."""

    def make(seed):
        instance = make_random_instance(seed)
        return instance.replace(
            supplies=instance.supplies.assign(green=(instance.supplies["power_zone"] == "Z1") * 0.9)
        )

    return make


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_limits_are_rows_added_by_hand(make_green, kind):
    """Tests random limits of every kind against the row added to the exported program, optima and tables alike."""
    binding = feasible = 0
    for seed in range(tries(6, 25)):
        random = np.random.default_rng([seed, KINDS.index(kind)])
        instance, limit = make_green(seed), random_limit(random, kind)
        by_hand = ByHand(instance)
        cost, values = by_hand.least()
        row, _ = by_hand.row(limit, 0.0)
        if kind in ("share", "green_share"):
            limit["amount"] = float(random.choice([0.1, 0.3, 0.6, 0.9]))
        else:
            factor = 0.7 if limit["sense"] == "<=" else 1.15
            limit["amount"] = factor * max(float(row @ values), 0.0)
        row, side = by_hand.row(limit, limit["amount"])
        least = by_hand.least(row, limit["sense"], side)
        limited = instance.replace(limits=[limit])
        if least is None:
            with pytest.raises(placer.NoSolutionError):
                placer.solve(limited, HiGHS(), tie_break=None)
            continue
        placement = placer.solve(limited, HiGHS())
        feasible += 1
        binding += least[0] > cost * (1 + 1e-9)
        assert placement.certificate.proven
        assert placement.cost_and_penalty_usd == pytest.approx(least[0], rel=1e-7, abs=1e-6)
        assert abs(placement.settlement["difference"]) <= 1e-6 * abs(placement.settlement["payments"])
        own = placement.limits.iloc[0]
        sign = 1 if limit["sense"] == "<=" else -1
        if not math.isnan(own["use"]):
            assert sign * own["use"] <= sign * own["amount"] + 1e-6 * max(1, own["amount"])
        parts = [column for column in placement.prices if column.endswith("_usd_per_mtok")]
        total = placement.prices[[name for name in parts if name != "latency_rent_usd_per_mtok"]].sum(axis=1)
        served = placement.prices["served_mtok"] > 1e-6
        difference = total[served] - placement.prices["usd_per_mtok"][served]
        assert np.abs(difference).max() <= 1e-6 * max(1, placement.prices["usd_per_mtok"].abs().max())
    assert feasible >= tries(3, 10)
    assert binding >= tries(1, 4)


@pytest.mark.parametrize("scope", [{"power_zone": "z"}, {"data_centre": "d"}])
def test_a_limit_of_cost_counts_no_price_of_carbon(make_instance, scope):
    """Tests by hand 10 MWh of energy at 50 USD and 0.5 t of carbon a MWh at 100 USD a t, under 400 USD of energy."""
    instance = make_instance(
        hubs=[{"hub": "h"}],
        data_centres=[{"data_centre": "d"}],
        links=[{"from": "h", "to": "d", "rtt_ms": 1.0}],
        power_zones=[{"power_zone": "z", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 500.0}],
        supplies=[{"power_zone": "z", "data_centre": "d"}],
        workloads=[
            {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 900.0}
        ],
        demand=[{"workload": "w", "hub": "h", "mtok": 10.0}],
        limits=[{"limit": "l", "kind": "cost_usd", "sense": "<=", "amount": 400.0} | scope],
        carbon_usd_per_kg=0.1,
    )
    placement = placer.solve(instance)
    assert placement.served_mtok == pytest.approx(8.0)
    assert placement.limits["use"].item() == pytest.approx(placement.cost_parts_usd["energy"]) == pytest.approx(400.0)
    assert placement.limits["rent_usd_per_unit"].item() == pytest.approx((900 - 100) / 50)
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-9)
    generated = placer.solve(instance, placer.ColumnGeneration())
    assert generated.cost_and_penalty_usd == pytest.approx(placement.cost_and_penalty_usd)


@pytest.mark.parametrize("amount", [1e-9, 1e-4, 1.0])
def test_what_costs_nothing_cannot_be_asked_to_cost(make_instance, amount):
    """Tests that a limit which counts nothing, of at least an amount however small, is no answer beside 1e7 Mtok."""
    instance = make_instance(
        data_centres=[{"data_centre": "X"}],
        links=[{"from": hub, "to": "X", "rtt_ms": 1.0} for hub in "AB"],
        supplies=[],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
        demand=[{"workload": "w", "hub": hub, "mtok": 1e7} for hub in "AB"],
        limits=[{"limit": "spend", "kind": "cost_usd", "sense": ">=", "amount": amount}],
    )
    for solver in (HiGHS(), placer.ColumnGeneration()):
        with pytest.raises(placer.NoSolutionError, match="infeasible"):
            placer.solve(instance, solver)


def _ten_limits(random, instance):
    """Return ten limits of all kinds, each near what the placement without them uses."""
    free = placer.solve(instance, HiGHS(), tie_break=None)
    rows = []
    for number in range(10):
        kind = KINDS[number % len(KINDS)]
        limit = random_limit(random, kind) | {"limit": f"l{number}"}
        rows.append({name: value for name, value in limit.items() if name != "hours"})
    measured = formulate(instance.replace(limits=rows))
    for row, limit in zip(rows, measured.limits, strict=True):
        used = use_of(measured.structure, limit, measured.quantities, free.answer.point, free.accounts.served)
        row["amount"] = max(used, 0.0) * (0.9 if row["sense"] == "<=" else 0.5)
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_column_generation_prices_many_limits(make_green, seed):
    """Tests ten limits at once, of either sense and with hubs: column generation is proven at the cost of HiGHS."""
    instance = make_green(seed)
    limited = instance.replace(limits=_ten_limits(np.random.default_rng(seed), instance))
    try:
        whole = placer.solve(limited, HiGHS(), tie_break=None)
    except placer.NoSolutionError:
        pytest.skip("the limits exclude each other")
    generated = placer.solve(limited, placer.ColumnGeneration(), tie_break=None)
    assert generated.certificate.proven
    assert generated.cost_and_penalty_usd == pytest.approx(whole.cost_and_penalty_usd, rel=1e-7)
    assert generated.answer.termination.detail.startswith("column generation")


def test_rows_that_take_too_much_memory_are_an_error(monkeypatch):
    """Tests that the error names the table's rows and hours."""
    monkeypatch.setattr("placer.model.limit_rows.MOST_GB", 1e-9)
    with pytest.raises(InstanceError, match="2 rows of limits over 2 hours take more than 1e-09 GB; limit_mw"):
        placer.solve(shared_wind(3.0))
