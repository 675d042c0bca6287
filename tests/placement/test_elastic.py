"""Demand with steps of value: by hand, against workloads of their own, and by every kind of solver."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from tests.effort import tries
from tests.home_and_abroad import home_and_abroad
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes
from tests.results import check_result

SEEDS = range(tries(12, 300))
#: Steps of the hand example, Mtok.
STEP = 0.05


@pytest.fixture(scope="module")
def abroad():
    """Return 40 Mtok at home at 3 USD, 100 abroad at 1 USD and 0.5 for transit, and demand ``q = 120 - 20 p``."""
    bought = np.arange(STEP / 2, 120, STEP)
    return home_and_abroad({"mtok": STEP, "value_usd_per_mtok": (120 - mtok) / 20} for mtok in bought)


@pytest.mark.slow
def test_free_trade_by_hand(abroad):
    """Tests a price of 1.5 USD, 90 Mtok, all imported, and a surplus of 202.5 USD."""
    found = placer.solve(abroad)
    assert found.price_usd_per_mtok == pytest.approx(1.5)
    assert found.served_mtok == pytest.approx(90, abs=1e-3)
    assert found.exported_mtok == pytest.approx(90, abs=1e-3)
    assert found.consumers_surplus_usd == pytest.approx(202.5, abs=1e-3)
    assert found.welfare_usd == pytest.approx(202.5, abs=1e-3)
    assert found.not_bought_mtok == pytest.approx(30, abs=1e-3)
    assert found.unserved_mtok == 0
    assert found.certificate.proven
    check_result(found)


def test_scarcity_sets_the_price_by_hand(abroad):
    """Tests 50 Mtok abroad and 40 at home at 3 USD: 60 are bought at 3 USD, 10 of them made at home."""
    found = placer.solve(abroad.with_value("data_centres.accelerators", 50, where="far"))
    assert found.price_usd_per_mtok == pytest.approx(3.0, abs=STEP / 20)
    assert found.served_mtok == pytest.approx(60, abs=2 * STEP)
    assert found.data_centres.loc["own", "mtok"] == pytest.approx(10, abs=2 * STEP)


def test_what_is_bought_in_words():
    """Tests 100 Mtok from abroad and 20 from home at 3 USD, and 30 offered that are worth less."""
    steps = [{"mtok": 120, "value_usd_per_mtok": 5}, {"mtok": 30, "value_usd_per_mtok": 1}]
    bought = placer.solve(home_and_abroad(steps)).bought_demand
    assert bought.in_words == "120 of 150 Mtok offered are bought at least cost"
    assert bought.figures == {"offered_mtok": 150, "not_bought_mtok": 30}


def test_settlement_and_accounts_hold_for_what_is_bought(abroad):
    """Tests the identities of a placement, whose demand is what is bought."""
    found = placer.solve(abroad)
    assert found.settlement["difference"] == pytest.approx(0, abs=1e-9)
    assert placer.accounts(found).cost_usd == pytest.approx(135, abs=1e-2)
    assert placer.export_ceiling(found.instance).share == pytest.approx(1.0)


def stepped(instance, seed):
    """Return an instance whose workloads have three steps each, at values around its prices."""
    random = np.random.default_rng(seed)
    prices = placer.solve(instance, tie_break=None).prices["usd_per_mtok"]
    middle = {name: max(prices[name].median(), 0.1) for name in instance.workloads["workload"]}
    values = {name: np.sort(random.uniform(0.2, 2.5, 3)) * price for name, price in middle.items()}
    shares = random.dirichlet(np.ones(3))
    rows = [
        {**row, "mtok": row["mtok"] * share, "value_usd_per_mtok": value}
        for row in instance.demand.to_dict("records")
        for share, value in zip(shares, values[row["workload"]], strict=True)
    ]
    return instance.replace(demand=pd.DataFrame(rows))


def apart(instance):
    """Return the same with a workload for each step, whose penalty is the value of the step."""
    steps = instance.demand_steps.merge(instance.demand, on=["workload", "hub", "hour"])
    rank = steps.groupby("workload")["value_usd_per_mtok"].rank("dense").astype(int)
    name = steps["workload"] + " " + rank.astype(str)
    value = steps.assign(step=name).drop_duplicates("step").set_index("step")
    workloads = instance.workloads.set_index("workload").loc[value["workload"]].reset_index(drop=True)
    workloads = workloads.assign(workload=value.index, unserved_usd_per_mtok=value["value_usd_per_mtok"].to_numpy())
    demand = steps.assign(workload=name, mtok=steps["mtok"] * steps["share"])
    limits, worth = instance.limits, instance.tables["latency_value"]
    assert limits["workload"].isna().all()
    assert worth.empty
    return instance.replace(
        workloads=workloads,
        demand=demand[["workload", "hub", "hour", "mtok"]],
        demand_steps=instance.demand_steps.iloc[:0],
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_steps_are_worth_what_workloads_of_their_own_are(make_random_instance, seed):
    """Tests cost and forgone value against an instance in which every step is a workload with a penalty."""
    instance = stepped(make_random_instance(seed), seed)
    explicit = placer.solve(apart(instance), tie_break=None)
    for solver in (placer.HiGHS(), placer.ColumnGeneration()):
        found = placer.solve(instance, solver, tie_break=None)
        assert found.certificate.objective == pytest.approx(explicit.cost_and_penalty_usd, rel=1e-6, abs=1e-6)
        bought = found.steps
        marginal = (bought["bought_mtok"] > 1e-6) & (bought["bought_mtok"] < bought["mtok"] - 1e-6)
        price, value = bought["price_usd_per_mtok"], bought["value_usd_per_mtok"]
        scale = 1e-6 * (1 + value.abs())
        assert ((price - value).abs()[marginal] <= scale[marginal]).all()
        assert (value >= price - scale)[bought["bought_mtok"] > 1e-6].all()
        assert found.settlement["difference"] == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_ties_are_broken_among_routes(make_random_instance):
    """Tests that the tie-break changes neither welfare nor what is bought."""
    instance = stepped(make_random_instance(1), 1)
    chosen, plain = placer.solve(instance), placer.solve(instance, tie_break=None)
    assert chosen.tie_break.proven
    assert chosen.welfare_usd == pytest.approx(plain.welfare_usd)
    assert chosen.not_bought_mtok == pytest.approx(plain.not_bought_mtok)


@pytest.mark.slow
@pytest.mark.parametrize("solver", [placer.HiGHS(), placer.ColumnGeneration()], ids=["highs", "columns"])
@pytest.mark.parametrize("seed", range(tries(3, 60)))
def test_one_step_at_the_penalty_equals_demand_without_steps(make_random_instance, seed, solver):
    """Tests that a step whose value is the penalty gives the cost, the unserved amount and a dual value of today."""
    instance = make_random_instance(seed)
    plain = placer.solve(instance, solver)
    penalty = dict(zip(plain.formulation.workloads, plain.formulation.structure.unserved_cost, strict=True))
    rows = instance.demand.assign(value_usd_per_mtok=instance.demand["workload"].map(penalty))
    found = placer.solve(instance.replace(demand=rows, policies=[]), solver)
    tokens = 1e-6 * float(instance.demand["mtok"].sum())
    assert found.certificate.objective == pytest.approx(plain.certificate.objective, rel=1e-7)
    assert found.cost_usd == pytest.approx(plain.cost_usd, rel=1e-6)
    assert found.not_bought_mtok == pytest.approx(plain.unserved_mtok, abs=tokens)
    assert found.served_mtok == pytest.approx(plain.served_mtok, abs=tokens)
    assert found.unserved_mtok == pytest.approx(0, abs=tokens)


def test_nothing_bought(abroad):
    """Tests that values below all costs are a placement of nothing: welfare 0, and a cost a Mtok that is NaN."""
    worthless = abroad.replace(demand=[{"workload": "w", "hub": "users", "mtok": 1, "value_usd_per_mtok": 0.25}])
    found = placer.solve(worthless)
    assert (found.welfare_usd, found.cost_usd, found.served_mtok, found.not_bought_mtok) == (0.0, 0.0, 0.0, 1.0)
    assert found.certificate.proven
    assert np.isnan(found.cost_usd_per_mtok)
    assert dict(found._headlines())["Not bought"].endswith("less than their price: nothing is bought")


def test_every_answer_takes_what_buys_nothing(abroad, tmp_path):
    """Tests ceilings, costs of exporting, security and pages of a placement of nothing: all shares are 0."""
    worthless = abroad.replace(demand=[{"workload": "w", "hub": "users", "mtok": 1, "value_usd_per_mtok": 0.25}])
    found = placer.solve(worthless)
    ceiling = placer.export_ceiling(worthless)
    assert (ceiling.share, ceiling.latency_share, ceiling.gross_share, ceiling.unserved_share) == (0.0, 0.0, 0.0, 0.0)
    assert placer.ceilings_by_region(found.instance).to_numpy().max() == 0.0
    assert placer.export_cost(found).table["exported_mtok"].tolist() == [0.0]
    secure = placer.solve(worthless, security=placer.Security("data_centres"))
    assert dict(secure._headlines())["Security"] == "0.00 USD more than without, no tokens"
    assert placer.export_ceiling(worthless, security=placer.Security("data_centres")).share == 0.0
    assert placer.write_report(found, tmp_path / "page.html").exists()
    assert placer.trade(found).gains.loc["network", "welfare_usd"] == 0.0


@pytest.mark.slow
def test_ceilings_take_what_is_bought_as_demand():
    """Tests the ceiling and its curve against those of the instance that is bought."""
    elastic = placer.load("tiny").with_elastic_demand(1.5, -1.1, between=(0.5, 6.0), steps=5)
    bought = placer.solve(elastic).instance
    assert placer.export_ceiling(elastic).share == pytest.approx(placer.export_ceiling(bought).share)
    curve, other = placer.ceiling_curve(elastic), placer.ceiling_curve(bought)
    assert curve.table["share"].tolist() == pytest.approx(other.table["share"].tolist())


def with_backlog(penalty):
    """Return 5 Mtok that wait, at one accelerator, beside an hour of two Mtok worth 20 USD and 3."""
    steps = [{"mtok": 1.0, "value_usd_per_mtok": usd} for usd in (20.0, 3.0)]
    work = {"deadline_hours": 1.0, "unserved_usd_per_mtok": penalty}
    instance = home_and_abroad(steps, abroad=0.0, workload=work, cyclic=False)
    return instance.with_backlog([{"workload": "w", "data_centre": "own", "hours_left": 0, "mtok": 41.0}])


def test_a_backlog_keeps_its_penalty():
    """Tests 41 Mtok of backlog at 70 USD at 40 accelerators: one is unserved at 70, and nothing else is bought."""
    found = placer.solve(with_backlog(70.0))
    assert (found.penalty_usd, found.backlog_unserved_mtok) == pytest.approx((70.0, 1.0))
    left = found.steps["mtok"] - found.steps["bought_mtok"]
    value = float((left * found.steps["value_usd_per_mtok"]).sum())
    assert found.certificate.objective == pytest.approx(found.cost_usd + found.penalty_usd + value)


def test_a_backlog_that_is_worth_less_than_a_step_is_refused():
    """Tests the error: what waits and what is bought have one penalty, above every step."""
    with pytest.raises(
        InstanceError, match=r"workloads\[w\]\.unserved_usd_per_mtok: 7 USD a Mtok of its backlog, .* 20"
    ):
        placer.solve(with_backlog(7.0))


def test_steps_of_demand_take_modes():
    """Tests that what is bought by steps of value is served in the mode that costs least."""
    instance = modes([SLOW, MIDDLE, FAST]).with_elastic_demand(0.7, -1.1, between=(0.3, 3.0), steps=5)
    placement = placer.solve(instance)
    assert placement.certificate.proven
    assert placement.modes.index.get_level_values("mode").tolist() == ["80 a second"]
    assert placement.modes["mtok"].sum() == pytest.approx(placement.steps["bought_mtok"].sum())
