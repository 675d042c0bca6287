"""Tests that columns and rows of a model hold the amounts of one period, and answers those of the horizon."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.extended.period_units import of_one_period, over_horizon
from placer.model.expansion import expand
from placer.model.formulation import formulate

#: 40 Mtok an hour at a site of 40 accelerators, at 1 USD an accelerator-hour.
TABLES = {
    "hubs": [{"hub": "h"}],
    "data_centres": [{"data_centre": "d", "accelerators": 40.0, "accelerator_usd_per_hour": 1.0}],
    "links": [{"from": "h", "to": "d", "rtt_ms": 1.0}],
    "workloads": [
        {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "unserved_usd_per_mtok": 50.0}
    ],
    "demand": [{"workload": "w", "hub": "h", "hour": 0, "mtok": 40.0}],
}


@pytest.fixture(scope="module", params=[1.0, 100.0])
def weight(request):
    return request.param


@pytest.fixture
def model(weight):
    periods = [{"hour": 0, "weight": weight, "block": "a"}]
    return placer.Model(placer.Instance.from_tables(TABLES | {"periods": periods}))


def test_units_by_hand(model, weight):
    """Tests that amounts and capacities are those of the hour, and costs those of all hours it stands for."""
    columns, rows = model.columns.set_index("block"), model.rows.set_index("block")
    assert columns["weight"].tolist() == [weight, weight]
    assert columns["cost_usd"].to_dict() == {"x": weight * 1.0, "u": weight * 50.0}
    assert columns.loc["x", "accelerator_hours"] == 1.0
    assert rows.loc["demand", ["lower", "upper"]].tolist() == [40.0, 40.0]
    assert rows.loc["capacity", "upper"] == 40.0
    assert model.solve().solution.point.tolist() == pytest.approx([40.0, 0.0])


def test_a_site_that_is_open_has_all_its_capacity(model, weight):
    """Tests the row of the guide: work - 40 open <= 0 shuts nothing at any weight; opening costs 7 once."""
    model.add_columns("open d", cost_usd=7.0, upper=1, integer=True)
    work = model.columns["accelerator_hours"].where(model.columns["block"] == "x", 0.0)
    model.add_rows(pd.concat([work[work != 0], pd.Series({"open d": -40.0})]), name="open", upper=0)
    placement = model.solve()
    assert placement.served_mtok == pytest.approx(40.0 * weight)
    assert placement.unserved_mtok == 0.0
    assert placement.cost_usd == pytest.approx(40.0 * weight + 7.0)
    assert placement.own_rows.loc["open", "activity"] == pytest.approx(0.0)
    assert placement.certificate.fixed.proven


@pytest.mark.parametrize("over_all", [False, True])
def test_payments_are_what_they_settle(model, weight, over_all):
    """Tests strong duality by hand: at most 30 Mtok an hour, so 10 are left at 50, and a Mtok more saves 49 an hour.

    A row over the horizon has coefficients times the weight; its side and its activity are those of all hours.
    """
    times = weight if over_all else 1.0
    sent = (model.columns["block"] == "x") * (model.columns["weight"] if over_all else 1.0)
    model.add_rows(sent, name="few", upper=30.0 * times)
    placement = model.solve()
    row, settlement = placement.own_rows.loc["few"], placement.settlement
    assert placement.certificate.proven
    assert row["activity"] == pytest.approx(30.0 * times)
    assert row["rent_usd_per_unit"] == pytest.approx(49.0 * weight / times)
    assert row["rent_usd"] == pytest.approx(30 * 49.0 * weight)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([50.0])
    assert placement.prices["own_rows_usd_per_mtok"].tolist() == pytest.approx([49.0])
    assert settlement["payments"] == pytest.approx(40 * 50.0 * weight)
    assert settlement["own_rows_rent"] == pytest.approx(30 * 49.0 * weight)
    assert settlement["difference"] == pytest.approx(0.0, abs=1e-7 * weight)


@pytest.fixture(scope="module")
def weighted(make_random_instance):
    """Five hours in two blocks, of weights 3 and 100; a power zone with a limit in every hour."""
    instance = make_random_instance(2)
    periods = [{"hour": hour, "weight": (3.0, 100.0)[hour > 1], "block": "ab"[hour > 1]} for hour in range(5)]
    zones = instance.power_zones.assign(limit_mw=1e4)
    return instance.replace(
        periods=periods, power_zones=zones, carbon_limit_kg=np.inf, water_limit_litres=np.inf, cyclic=False
    )


def test_amounts_times_weights_are_those_of_the_tables(weighted):
    """Tests flows and MWh of a random instance, and that its program, in other units, costs the same."""
    model = placer.Model(weighted)
    placement, columns = model.solve(), model.columns
    amount = columns["weight"] * placement.solution.point
    sent = amount[columns["block"] == "x"].groupby(columns["data_centre"], observed=True).sum()
    flows = placement.flows["mtok"].groupby(level="data_centre").sum()
    assert sent[flows.index].tolist() == pytest.approx(flows.tolist())
    assert amount[columns["block"] == "y"].sum() == pytest.approx(placement.supplies["mwh"].sum())
    assert columns["cost_usd"] @ placement.solution.point == pytest.approx(placement.cost_and_penalty_usd)
    whole = placer.solve(weighted)
    assert placement.cost_and_penalty_usd == pytest.approx(whole.cost_and_penalty_usd, rel=1e-8)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx(whole.prices["usd_per_mtok"].tolist(), rel=1e-6)
    rows = model.rows
    capacity = rows.loc[rows["block"] == "capacity"].set_index(["data_centre", "hour"])["upper"]
    for (site, hour), limit in capacity.items():
        sites = weighted.data_centres.set_index("data_centre").loc[site]
        given = sites["accelerators"]
        hourly = given[hour] if isinstance(given, tuple) else given
        assert limit == pytest.approx(hourly * sites["max_utilisation"])
    zoned = rows["power_zone"].notna()
    assert rows.loc[zoned, "upper"].tolist() == pytest.approx([1e4] * int(zoned.sum()))


def test_there_and_back(weighted):
    """Tests that the program of an instance comes back from the units of one period, and so does its solution."""
    formulation = formulate(weighted)
    program = expand(formulation.structure)
    one = of_one_period(formulation, program)
    solution = placer.HiGHS().solve(one)
    back, there = over_horizon(formulation, one, solution)
    assert back.matrix.data == pytest.approx(program.matrix.data, rel=1e-14)
    for name in ("cost", "row_upper", "col_upper"):
        assert getattr(back, name) == pytest.approx(getattr(program, name), rel=1e-14)
    assert program.cost @ there.point == pytest.approx(one.cost @ solution.point)
    assert there.duals @ (program.matrix @ there.point) == pytest.approx(solution.duals @ (one.matrix @ solution.point))
