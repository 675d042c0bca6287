"""Models of demand with steps of value: by hand, against solving the instance, and against one step at the penalty."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from tests.effort import tries
from tests.home_and_abroad import home_and_abroad


def stepped(**rest):
    """Return 50 Mtok at home worth 6 USD a Mtok and 30 worth 2; from abroad a Mtok costs 1.5, at home 3."""
    steps = [{"mtok": 50.0, "value_usd_per_mtok": 6.0}, {"mtok": 30.0, "value_usd_per_mtok": 2.0}]
    return home_and_abroad(steps, **rest)


def imports(model):
    """Return the columns of what is sent from abroad, each 1."""
    columns = model.columns
    return (columns["data_centre"] == "far").astype(float)


def test_columns_and_names_of_steps():
    """Tests the columns of unserved demand: the step of least value first, and the last one without a limit."""
    model = placer.Model(stepped())
    left = model.columns[model.columns["block"] == "u"]
    assert left["cost_usd"].tolist() == [2.0, 6.0]
    assert left["upper"].tolist() == [30.0, np.inf]
    assert [name for name in model.program.col_names if name.startswith("u_")] == ["u_w_users_0", "u_w_users_0__2"]


def test_a_limit_on_imports_by_hand():
    """Tests 60 of 80 Mtok imported: 50 are worth 6 USD, 10 of the rest are bought at their value of 2.

    The price is 2, and the row earns the 0.5 USD a Mtok that abroad costs less.
    """
    model = placer.Model(stepped())
    model.add_rows(imports(model), name="imports", upper=60.0)
    placement = model.solve()
    assert placement.certificate.proven
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([2.0])
    assert placement.own_rows["rent_usd_per_unit"].tolist() == pytest.approx([0.5])
    assert placement.steps["bought_mtok"].tolist() == pytest.approx([10.0, 50.0])
    assert (placement.cost_usd, placement.penalty_usd, placement.unserved_mtok) == pytest.approx((90.0, 0.0, 0.0))
    assert placement.welfare_usd == pytest.approx(50 * 6 + 10 * 2 - 90)
    assert placement.consumers_surplus_usd == pytest.approx(50 * 4)
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-9)
    assert "Not bought" in repr(placement)
    assert {"steps", "own_rows"} <= placement.tables.keys()


def test_whole_columns_beside_steps():
    """Tests a gate of imports at 100 USD: it is opened, since without it 50 Mtok cost 3 from 40 at home only.

    With it 80 Mtok cost 120 and are worth 360: 140 with the gate. Without, 40 cost 120 and are worth 240: 120.
    """
    model = placer.Model(stepped())
    model.add_columns("gate", cost_usd=100.0, upper=1.0, integer=True)
    row = imports(model)
    row["gate"] = -80.0
    model.add_rows(row[row != 0], name="only through the gate", upper=0.0)
    placement = model.solve()
    assert placement.own_columns["value"].tolist() == pytest.approx([1.0])
    assert placement.welfare_usd == pytest.approx(360.0 - 120.0 - 100.0)
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-6)


def test_own_rows_that_enter_steps_are_refused():
    """Tests that the error names the row and what to write; the model is then as it was."""
    model = placer.Model(stepped())
    left = (model.columns["block"] == "u").astype(float)
    with pytest.raises(placer.InstanceError, match=r"own rows\[at most 5\].*columns x"):
        model.add_rows(left, name="at most 5", upper=5.0)
    assert model.solve().own_rows.empty


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 10)))
def test_a_model_without_own_rows_is_the_instance(make_random_instance, seed):
    """Tests welfare and prices of random elastic demand, and a cap on carbon as an own row."""
    instance = make_random_instance(seed, carbon_limit_kg=np.inf, water_limit_litres=np.inf)
    price = float(np.median(placer.solve(instance).prices["usd_per_mtok"]))
    elastic = instance.with_elastic_demand(price, -1.1, between=(0.5 * price, 3 * price), steps=3)
    whole, found = placer.solve(elastic), placer.Model(elastic).solve()
    assert found.welfare_usd == pytest.approx(whole.welfare_usd, rel=1e-7)
    assert found.settlement["difference"] == pytest.approx(0.0, abs=1e-6 * whole.cost_usd)
    most = 0.7 * whole.carbon_kg
    model = placer.Model(elastic)
    model.add_rows(model.columns["carbon_kg"] * model.columns["weight"], name="carbon", upper=most)
    capped = placer.solve(elastic.replace(carbon_limit_kg=most))
    assert model.solve().welfare_usd == pytest.approx(capped.welfare_usd, rel=1e-6)


@pytest.mark.parametrize("seed", range(tries(2, 10)))
def test_one_step_at_the_penalty_costs_as_much_as_no_step(make_random_instance, seed):
    """Tests that what is not bought costs what is unserved without steps, under an own row on what is sent."""
    instance = make_random_instance(seed)
    plain = instance.replace(workloads=instance.workloads.assign(unserved_usd_per_mtok=500.0))
    value = plain.demand.assign(value_usd_per_mtok=500.0)
    objectives = []
    for each in (plain, plain.replace(demand=value)):
        model = placer.Model(each)
        sent = (model.columns["block"] == "x") * model.columns["weight"]
        model.add_rows(sent, name="sent", upper=0.5 * plain.demand["mtok"].sum())
        objectives.append(model.solve().certificate.objective)
    assert objectives[1] == pytest.approx(objectives[0], rel=1e-7)
