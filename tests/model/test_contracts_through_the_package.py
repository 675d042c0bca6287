"""Contracts of power in files, changes and products: the same cost everywhere, or a refusal that names them."""

from dataclasses import replace

import pytest

import placer
from placer.batch.bounding import BOUNDS, bounded_rows
from placer.batch.consistency import is_consistent
from placer.batch.runner import solve_many
from placer.errors import InstanceError
from placer.io.graph_files import load_graph, save_graph
from placer.io.pypsa import to_pypsa
from tests.batch.executors import Inline
from tests.model.contracts_at_random import drawn, instance_of
from tests.model.contracts_by_hand import contract, contracted, tables

pytestmark = pytest.mark.filterwarnings("ignore::placer.InputWarning")

SHARE = contract(output_share=0.5, sale_usd_per_mwh=(15.0, 30.0))
COST = 1140.0


@pytest.fixture
def shared():
    """Return the instance by hand with half of the farm, sold at 15 and 30 USD."""
    return contracted(SHARE)


def grid_to_build(**cells):
    """Return the candidate of a larger grid connection, at 2 USD a MW and horizon of two hours."""
    row = {"candidate": "grid", "adds": "limit_mw", "target": "grid|hall", "usd_per_unit_year": 2 * 4380.0}
    return [row | {"max_units": 50.0} | cells]


@pytest.mark.parametrize("ending", [".json", ".graphml"])
def test_graph_files(shared, tmp_path, ending):
    save_graph(shared, tmp_path / f"network{ending}")
    assert load_graph(tmp_path / f"network{ending}") == shared


@pytest.mark.slow
def test_the_first_of_several_supplies_stays_the_first_in_files(tmp_path):
    """Tests supplies side by side, of which a contract covers the first."""
    grid, wind = tables()["supplies"]
    given = contracted(contract(), supplies=[wind | {"limit_mw": 1.0}, grid, wind])
    for name in ("network.json", "network.graphml"):
        save_graph(given, tmp_path / name)
        assert load_graph(tmp_path / name) == given
    placer.save(given, tmp_path / "folder")
    assert placer.load(tmp_path / "folder") == given


@pytest.mark.parametrize("name", ["folder", "book.xlsx"])
def test_folders_and_workbooks(shared, tmp_path, name):
    placer.save(shared, tmp_path / name)
    assert placer.load(tmp_path / name) == shared


@pytest.mark.slow
def test_changes(shared):
    """Tests a part of the horizon, a power zone taken away, and columns changed."""
    assert placer.solve(shared.between(1, 1)).cost_usd == pytest.approx(3 * 40 + 7 * 100)
    assert shared.without("wind").contracts.empty
    assert shared.without(("wind", "hall")).contracts.empty
    whole = shared.with_value("contracts.output_share", 1.0, where="farm")
    assert placer.solve(whole).contracts["paid_mwh"].tolist() == [18.0]
    assert placer.solve(shared.scaled("contracts.sale_usd_per_mwh", 0.0)).cost_usd == pytest.approx(COST)


@pytest.mark.slow
def test_costs_by_other_ways(shared):
    """Tests steps of a horizon, naive rules, a curve of latency, the cost of exporting and a model without own rows."""
    placement = placer.solve(shared)
    assert placer.roll(shared, hours=1, look_ahead=0).cost_usd == pytest.approx(COST)
    assert placer.baselines.nearest(shared).cost_usd == pytest.approx(COST)
    assert placer.cost_of_latency(shared, [20]).cost_usd.tolist() == pytest.approx([COST])
    assert placer.export_cost(placement).table["cost_usd"].iloc[-1] == pytest.approx(COST)
    own = placer.Model(shared).solve()
    assert own.cost_usd == pytest.approx(COST)
    assert own.settlement["difference"] == pytest.approx(0.0, abs=1e-9)


def test_steps_of_demand():
    """Tests that welfare counts what contracts cost in any case."""
    elastic = contracted(SHARE).with_elastic_demand(60, -1.1, between=(20, 200), steps=4)
    with_contract = placer.solve(elastic)
    bought = placer.solve(with_contract.instance)
    assert with_contract.cost_usd == pytest.approx(bought.cost_usd)
    assert with_contract.cost_parts_usd["contracts"] == pytest.approx(180.0)
    assert with_contract.settlement["difference"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.slow
def test_blocks_in_processes_share_mwh_over_the_horizon():
    """Tests blocks side by side, with a contract over both, against the whole program."""
    periods = [{"hour": 0, "block": "calm", "weight": 3.0}, {"hour": 1, "block": "busy", "weight": 2.0}]
    both = contracted(contract(take_or_pay_mwh=11.0, sale_usd_per_mwh=15.0), periods=periods)
    assert placer.solve(both, workers=2).cost_usd == pytest.approx(placer.solve(both).cost_usd)


@pytest.mark.slow
def test_smaller_instances():
    """Tests that answers carried back from fewer hubs and from fewer days hold the least cost, headlines too."""
    given = drawn(4, hours=6)
    given["contracts"] = [
        {"contract": site, "power_zone": f"farm {site}", "data_centre": site, "output_share": 0.5} for site in "ab"
    ]
    given["periods"] = [{"hour": hour, "block": f"day {hour // 2}"} for hour in range(6)]
    whole = instance_of(given)
    placement = placer.solve(whole)
    least = placement.cost_and_penalty_usd
    for small in (whole.merge_hubs(2), whole.representative_days(2)):
        found = placer.carry_back(small, headlines="cost_usd")
        assert found.lower_usd <= least * (1 + 1e-9) <= found.upper_usd * (1 + 2e-9)
        low, high = found.headlines.loc["cost_usd", ["least", "most"]]
        assert low <= placement.cost_usd * (1 + 1e-9) <= high * (1 + 2e-9)
        assert found.upper_usd == pytest.approx(found.placement.cost_and_penalty_usd)


@pytest.mark.parametrize("seed", [1, 3, 7])
def test_security(seed):
    """Tests that costs settle and net costs add up where a data centre may be lost, with its contracts."""
    placement = placer.solve(instance_of(drawn(seed)), security="data_centres")
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-6 * placement.cost_usd)
    accounts = placer.accounts(placement)
    assert accounts.regions["net_cost_usd"].sum() == pytest.approx(accounts.cost_usd)
    assert placement.cost_usd == pytest.approx(sum(placement.cost_parts_usd.values()))


def test_a_plan_keeps_contracts():
    """Tests that 2 MW of the grid are built beside the 3 MWh of the dear hour; the contract costs 225 beside."""
    grid, wind = tables()["supplies"]
    instance = contracted(contract(output_share=0.5, sale_usd_per_mwh=15.0), supplies=[grid | {"limit_mw": 5.0}, wind])
    plan = placer.plan(instance, grid_to_build())
    assert plan.builds["units"].tolist() == pytest.approx([2.0])
    assert plan.cost_usd_per_year == pytest.approx(4380 * (2 * 2 + 915))
    assert plan.summary()["contracts_usd_per_year"] == pytest.approx(4380 * 225)
    assert plan.placement().cost_usd == pytest.approx(COST)
    assert plan.accounts().cost_usd_per_year == pytest.approx(4380 * (2 * 2 + COST))
    assert "contracts_usd_per_year" in str(plan)


@pytest.mark.slow
def test_a_plan_with_losses():
    found = placer.plan(
        instance_of(drawn(3)),
        grid_to_build(adds="accelerators", target="a"),
        security=placer.Security("power_zones", hours_a_year=10.0, most_stranded=1.0),
    )
    assert found.certificate.proven


@pytest.mark.slow
def test_a_plan_signs_as_much_as_the_best_of_all_shares():
    """Tests a candidate in place of a contract: all of a larger farm is signed, and costs what its contract does."""
    zones = [tables()["power_zones"][0], {"power_zone": "wind", "usd_per_mwh": 15.0}]
    grid, wind = tables()["supplies"]
    unsigned = contracted(power_zones=zones, supplies=[grid, wind | {"limit_mw": 0.0}])
    fixed = 25 * 1.5 * 4380
    candidate = grid_to_build(target="wind|hall", usd_per_unit_year=fixed, usable_share=(1.0, 0.5))
    plan = placer.plan(unsigned, candidate)
    (units,) = plan.builds["units"]
    farm = zones[1] | {"usd_per_mwh": 40.0, "limit_mw": (40.0, 20.0)}
    costs = {
        share: placer.solve(
            contracted(contract(output_share=share, sale_usd_per_mwh=15.0), power_zones=[zones[0], farm])
        ).cost_usd
        for share in (0.0, 0.25, units / 40, 0.75, 1.0)
    }
    assert min(costs, key=costs.get) == units / 40
    assert plan.cost_usd_per_year == pytest.approx(4380 * costs[units / 40])


@pytest.mark.parametrize("target", ["wind|hall", "wind"])
def test_a_plan_raises_no_contract(target):
    grid, wind = tables()["supplies"]
    instance = contracted(SHARE, supplies=[grid, wind | {"limit_mw": 3.0}])
    with pytest.raises(InstanceError, match=r"is under the contract farm, whose payments would grow with it"):
        placer.plan(instance, grid_to_build(target=target))


@pytest.mark.slow
def test_batches_with_bounds(monkeypatch):
    """Tests that rows of a batch, solved or bounded, count what contracts cost in any case."""
    monkeypatch.setattr(bounded_rows, "__defaults__", (replace(BOUNDS, pool=2),))
    sets = placer.DemandSets(contracted(SHARE), count=6, seed=1)
    rows = list(solve_many(sets, executor=Inline(), bounds=1e-3))
    assert {"bounded", "optimal"} == {row["status"] for row in rows}
    for row in rows:
        cost = placer.solve(sets[row["number"]]).cost_usd
        assert is_consistent(row)
        assert row["bound_usd"] <= cost * (1 + 1e-9) <= row["cost_usd"] * (1 + 2e-9)
        assert row["cost_usd"] == pytest.approx(cost, rel=1e-3)
    (solved, *_) = solve_many(sets, executor=Inline(), analyses=["cost"])
    assert solved["contracts_usd"] == pytest.approx(180.0)
    assert is_consistent(solved)


def test_an_explanation_adds_a_supply_and_raises_no_contract():
    (_, wind) = tables()["supplies"]
    found = placer.explain(placer.solve(contracted(SHARE, supplies=[wind])))
    assert found.table["limit"].tolist() == ["no supply"]


@pytest.mark.parametrize(
    "call",
    [
        lambda instance: instance.merge_data_centres(1),
        to_pypsa,
        placer.place_models,
        placer.States.blocks,
        placer.roll,
    ],
)
def test_what_takes_none_names_them(call):
    with pytest.raises(InstanceError, match="contracts") as error:
        call(contracted(contract(take_or_pay_mwh=5.0)))
    assert "contracts" in {each.table for each in error.value.violations}
