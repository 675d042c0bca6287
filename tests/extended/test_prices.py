"""Prices and the settlement with own rows and columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.placement.accounts import COST_PARTS
from placer.placement.prices import RENTS
from tests.effort import tries

few = settings(max_examples=tries(5, 15), deadline=None, derandomize=True)
PARTS = [f"{part}_usd_per_mtok" for part in (*COST_PARTS, *RENTS, "own_rows", "unserved")]


@pytest.mark.slow
@few
@given(seed=st.integers(0, 10_000))
def test_identities(make_random_model, seed):
    """Tests that parts add up to prices, payments to costs and rents, and cost parts to the cost."""
    placement = make_random_model(seed).solve()
    prices, settlement = placement.prices, placement.settlement
    assert prices[PARTS].sum(axis=1).to_numpy() == pytest.approx(prices["usd_per_mtok"].to_numpy(), rel=1e-7, abs=1e-7)
    scale = settlement.abs().max()
    sides = settlement.drop(["payments", "payments_served", "payments_unserved", "difference"])
    assert settlement["payments"] - sides.sum() == pytest.approx(settlement["difference"], abs=1e-9 * scale)
    assert settlement["difference"] == pytest.approx(0, abs=1e-7 * scale)
    assert sum(placement.cost_parts_usd.values()) == pytest.approx(placement.cost_usd)
    assert placement.workloads["cost_usd"].sum() + placement.own_usd == pytest.approx(placement.cost_usd)


def test_hours_that_stand_for_many(make_instance):
    """Tests by hand weights 3 and 1 and a row over the horizon: 10 of 16 Mtok at Y; prices are of a Mtok."""
    instance = make_instance(
        demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": 4.0} for hour in range(2)],
        periods=[{"hour": 0, "weight": 3.0}, {"hour": 1, "weight": 1.0}],
    )
    model = placer.Model(instance)
    at_y = (model.columns["block"] == "x") & (model.columns["data_centre"] == "Y")
    model.add_rows(at_y * model.columns["weight"], name="at most 10 at Y", upper=10.0)
    placement = model.solve()
    assert placement.cost_usd == pytest.approx(10 * 20 + 6 * 50)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([50, 50])
    assert placement.own_rows["rent_usd"].tolist() == pytest.approx([300])
    assert placement.settlement["difference"] == pytest.approx(0, abs=1e-6)


def test_by_hand(at_y):
    """Tests prices of 50, of which 30 is the row's charge at Y; 800 = 580 + 6 x 30 + 2 x 20."""
    placement = at_y.solve()
    prices, settlement = placement.prices, placement.settlement
    assert prices["usd_per_mtok"].tolist() == pytest.approx([50, 50])
    served = prices["served_mtok"]
    assert served @ prices["own_rows_usd_per_mtok"] == pytest.approx(8 * 30)
    assert served @ prices["energy_usd_per_mtok"] == pytest.approx(8 * 50 + 8 * 20)
    lines = {"payments": 800, "cost": 580, "own_rows_rent": 180, "own_columns_rent": 40, "difference": 0}
    assert settlement[list(lines)].to_dict() == pytest.approx(lines)
    summary = placement.price_summary()
    assert summary["own_rows_usd_per_mtok"].tolist() == pytest.approx([15])
    assert list(placement.price_summary("hub").index) == ["A", "B"]


def test_latency_rents_where_own_rows_charge(make_instance):
    """Tests that a latency rent is NaN for the workload that own rows charge, and stays for the other."""
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
    instance = make_instance(
        workloads=[{"workload": name, "latency_slo_ms": 15.0, **work} for name in ("w", "v")],
        demand=[{"workload": name, "hub": "A", "mtok": 10.0} for name in ("w", "v")],
    )
    model = placer.Model(instance)
    sent = ((model.columns["block"] == "x") & (model.columns["workload"] == "w")).astype(float)
    model.add_rows(sent, name="few", upper=4.0)
    prices = model.solve().prices.droplevel(["hub", "hour"])
    assert np.isnan(prices.loc["w", "latency_rent_usd_per_mtok"])
    assert prices.loc["v", "latency_rent_usd_per_mtok"] == pytest.approx(30)


@pytest.mark.slow
@few
@given(seed=st.integers(0, 10_000), workload=st.sampled_from(["near", "bound", "night", "soon"]))
def test_price_of_no_demand_is_what_the_first_token_costs(make_random_instance, seed, workload):
    """Tests the price of a demand of 0 against the cost of a little of it, with an own row on what is sent."""
    instance = make_random_instance(seed)
    demand, step = instance.demand.copy(), 1e-3
    first = demand.index[demand["workload"] == workload][0]

    def solved(mtok):
        demand.loc[first, "mtok"] = mtok
        model = placer.Model(instance.replace(demand=demand))
        columns = model.columns
        model.add_columns("more", cost_usd=7.0)
        sent = columns["block"].eq("x") & columns["data_centre"].isin(["D0", "D2"])
        waits = columns["block"].eq("f") & columns["hour"].eq(2)
        row = pd.concat([sent * 1.0 + waits * 0.5, pd.Series({"more": -1.0})])
        model.add_rows(row, name="few at two sites", upper=20.0)
        return model.solve()

    without, with_step = solved(0.0), solved(step)
    price = without.prices["usd_per_mtok"].to_numpy()[first]
    rise = (with_step.certificate.objective - without.certificate.objective) / step
    # A price is one of many where the optimum is degenerate, and none is above what a step costs.
    assert price <= rise + 1e-5 * (1 + abs(rise))
    assert with_step.prices["usd_per_mtok"].to_numpy()[first] >= rise - 1e-5 * (1 + abs(rise))


def test_own_rows_are_a_reason_for_unserved_demand(make_instance):
    """Tests by hand that a row of at most 12 Mtok leaves 4 unserved for its own sake, and is what the headline says."""
    model = placer.Model(make_instance())
    model.add_rows(model.columns["block"].eq("x").astype(float), name="few", upper=12.0)
    placement = model.solve()
    assert placement.unserved_reasons["unserved_mtok"].to_dict() == pytest.approx({("own rows", "w"): 4})
    assert "own rows of the model limit w" in repr(placement)
    assert placement.prices["at_penalty"].any()


def test_a_row_that_asks_for_unserved_demand_is_the_reason(make_instance):
    """Tests that demand left unserved because a row asks for that is laid to own rows, and priced below the penalty."""
    model = placer.Model(make_instance())
    model.add_rows(model.columns["block"].eq("u").astype(float), name="leave", lower=2.0)
    placement = model.solve()
    assert placement.unserved_reasons["unserved_mtok"].to_dict() == pytest.approx({("own rows", "w"): 2})
    assert placement.prices["usd_per_mtok"].max() == pytest.approx(20)


def test_limits_of_the_instance_stay_the_reason(make_instance):
    """Tests that where accelerators are scarce and an own row hardly charges, the reason is accelerators."""
    sites = [{"data_centre": "X", "accelerators": 3.0}, {"data_centre": "Y", "accelerators": 3.0}]
    model = placer.Model(make_instance(data_centres=sites))
    model.add_columns("fee", cost_usd=1.0)
    served = model.columns["block"].eq("x").astype(float)
    model.add_rows(pd.concat([served, pd.Series({"fee": -1.0})]), name="fee of 1 a Mtok", upper=0.0)
    placement = model.solve()
    assert set(placement.unserved_reasons.index.get_level_values("reason")) == {"accelerators"}
    assert placement.own_rows.loc["fee of 1 a Mtok", "rent_usd_per_unit"] == pytest.approx(1)


def test_what_is_not_worth_serving_stays_so(make_instance):
    """Tests that demand dearer to serve than its penalty is turned away for its value, own rows or not."""
    workload = {
        "workload": "w",
        "accelerator_hours_per_mtok": 1.0,
        "kwh_per_mtok": 1000.0,
        "unserved_usd_per_mtok": 5.0,
    }
    model = placer.Model(make_instance(workloads=[workload]))
    model.add_rows(model.columns["block"].eq("x").astype(float), name="few", upper=12.0)
    placement = model.solve()
    assert placement.not_worth_serving_mtok == pytest.approx(16)
    assert placement.cannot_be_served_mtok == pytest.approx(0)
