"""Tests pools in a placement: their table, their rents in prices, accounts and scarcities."""

import numpy as np
import pytest

import placer
from placer.column_generation.solver import ColumnGeneration
from placer.placement.pools import over_horizon
from tests.model.pools_at_random import with_random_pools
from tests.model.pools_by_hand import NEW, OLD, any_pool, mode, pooled, tables


@pytest.mark.parametrize("instance", [pooled(), any_pool()], ids=["modes", "any accelerators"])
@pytest.mark.parametrize("solver", [placer.HiGHS(), ColumnGeneration()], ids=["whole", "columns"])
def test_the_cheap_pool_is_full_and_earns_a_rent(instance, solver):
    """Tests the hand example: use, price and rent of each pool, and the rent as one of accelerators."""
    placement = placer.solve(instance, solver)
    assert placement.certificate.proven
    assert placement.cost_usd == pytest.approx(20.0)
    table = placement.pools
    assert table.index.tolist() == [("hall", OLD, 0), ("hall", NEW, 0)]
    assert table["mtok"].tolist() == pytest.approx([10.0, 5.0])
    assert table["accelerator_hours"].tolist() == pytest.approx([10.0, 5.0])
    assert table["utilisation"].tolist() == pytest.approx([1.0, 0.05])
    assert table["accelerator_usd_per_hour"].tolist() == [1.0, 2.0]
    assert table["accelerator_rent_usd_per_hour"].tolist() == pytest.approx([1.0, 0.0], abs=1e-6)
    assert placement.tables["pools"].equals(table)
    price = placement.prices.iloc[0]
    assert price["usd_per_mtok"] == pytest.approx(2.0)
    assert price["accelerators_usd_per_mtok"] + price["accelerator_rent_usd_per_mtok"] == pytest.approx(2.0)
    assert price["limits_rent_usd_per_mtok"] == 0.0
    assert placement.limits.empty
    assert placement.settlement[["accelerator_rent", "limits_rent"]].tolist() == pytest.approx([10.0, 0.0], abs=1e-5)
    assert placement.scarcities.index.tolist() == [("accelerators", f"{OLD} at hall")]
    assert placement.scarcities["rent_usd"].tolist() == pytest.approx([10.0])


def test_flows_say_which_pool():
    """Tests that flows have a level with the type of accelerators, where an instance has pools."""
    flows = placer.solve(any_pool()).flows
    assert flows.index.names == ["workload", "hub", "data_centre", "accelerator_type", "hour"]
    assert dict(zip(flows.index.get_level_values("accelerator_type"), flows["mtok"], strict=True)) == pytest.approx(
        {OLD: 10.0, NEW: 5.0}
    )
    modes = placer.solve(pooled()).modes
    assert modes.index.names == ["workload", "mode", "hub", "data_centre", "accelerator_type"]
    assert modes["accelerator_hours"].tolist() == pytest.approx([10.0, 5.0])


def test_figures_of_the_data_centre_are_those_of_all_its_pools():
    """Tests use beside all accelerators, and the mean rent: 10 of 110 accelerators earn 1 USD."""
    centre = placer.solve(pooled()).data_centres.loc["hall"]
    assert centre["accelerator_hours"] == pytest.approx(15.0)
    assert centre["utilisation"] == pytest.approx(15.0 / 110)
    assert centre["accelerators_usd"] == pytest.approx(20.0)
    assert centre["accelerator_rent_usd"] == pytest.approx(10.0 / 110)


@pytest.mark.slow
def test_rents_of_full_pools_are_what_one_more_accelerator_saves():
    """Tests 120 Mtok, ten too many: an accelerator more of either pool serves one of them, at 1 or 2 USD beside 100.

    The accelerators of the hall are the sum of its pools, whose rows say the same: their rents are of the pools alone.
    """
    demand = [{"workload": "chat", "hub": "users", "mtok": 120.0}]
    for solver in (placer.HiGHS(), ColumnGeneration()):
        placement = placer.solve(pooled(demand=demand), solver)
        assert placement.pools["accelerator_rent_usd_per_hour"].tolist() == pytest.approx([99.0, 98.0], rel=1e-6)
        assert placement.unserved_reasons.index.tolist() == [("accelerators", "hall")]
    pools = tables()["accelerator_pools"]
    for place, saved in enumerate((99.0, 98.0)):
        more = [row | {"accelerators": row["accelerators"] + (number == place)} for number, row in enumerate(pools)]
        less = placer.solve(pooled(demand=demand, accelerator_pools=more)).cost_and_penalty_usd
        assert placement.cost_and_penalty_usd - less == pytest.approx(saved)


def test_one_pool_is_the_data_centre_with_its_type():
    """Tests that one pool gives the answer of a data centre with these accelerators, to the last digit."""
    (pool,) = [row | {"accelerators": 20.0} for row in tables()["accelerator_pools"][:1]]
    (centre,) = tables()["data_centres"]
    named = {"accelerators": 20.0, "accelerator_type": OLD, "accelerator_usd_per_hour": 1.0}
    modes = tables()["modes"][:1]
    one = placer.solve(pooled(accelerator_pools=[pool], modes=modes))
    other = placer.solve(pooled(accelerator_pools=[], data_centres=[centre | named], modes=modes))
    assert one.cost_usd == other.cost_usd == 15.0
    assert one.prices.equals(other.prices)
    assert one.data_centres.equals(other.data_centres)
    assert one.pools["accelerator_rent_usd_per_hour"].tolist() == [0.0]


@pytest.mark.parametrize("seed", range(4))
def test_tables_add_up(make_random_instance, seed):
    """Tests that pools, flows and data centres agree on random instances, and that the parts of prices add up."""
    instance = with_random_pools(make_random_instance(seed), seed)
    placement = placer.solve(instance)
    pools, centres = placement.pools, placement.data_centre_hours
    of_pools = pools["mtok"].groupby(level=["data_centre", "hour"], sort=False).sum()
    assert centres["mtok"].loc[of_pools.index].to_numpy() == pytest.approx(of_pools.to_numpy(), abs=1e-6)
    utilisation = pools["utilisation"].dropna()
    most = instance.data_centres.set_index("data_centre")["max_utilisation"]
    assert (utilisation <= most.loc[utilisation.index.get_level_values("data_centre")].to_numpy() + 1e-6).all()
    prices = placement.prices[placement.prices["served_mtok"] > 0]
    parts = [name for name in prices if name.endswith("_usd_per_mtok") and not name.startswith("latency_rent")]
    assert prices[parts].sum(axis=1).to_numpy() == pytest.approx(prices["usd_per_mtok"].to_numpy(), rel=1e-5, abs=1e-6)
    assert placement.flows.index.is_unique
    assert np.isclose(placement.flows["mtok"].sum(), placement.served_mtok)


def test_without_pools():
    """Tests that the table is empty, and that no other table says anything of pools."""
    placement = placer.solve(placer.load("tiny"))
    assert placement.pools.empty
    assert "pools" not in placement.tables
    assert "accelerator_type" not in placement.flows.index.names


def test_a_pool_over_the_horizon():
    """Tests sums of tokens and hours, and means over two hours, the second of them empty; NaN without a limit."""
    demand = [{"workload": "chat", "hub": "users", "hour": hour, "mtok": 15.0 * (1 - hour)} for hour in range(2)]
    pools = [tables()["accelerator_pools"][0], {"data_centre": "hall", "accelerator_type": NEW}]
    placement = placer.solve(any_pool(demand=demand, accelerator_pools=pools))
    found = over_horizon(placement.pools, placement.formulation.period_hours)
    assert found["mtok"].tolist() == pytest.approx([10.0, 5.0])
    assert found["utilisation"].tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert found["accelerator_usd_per_hour"].tolist() == pytest.approx([1.0, 2.0])
    assert found["accelerator_rent_usd_per_hour"].tolist() == pytest.approx([0.5, 0.0], abs=1e-9)


def test_each_day_of_a_year_has_its_pools():
    """Tests two days as blocks, the second ten times as often: 20 and 10 * 20 USD, and a rent of 1 USD in each hour."""
    demand = [{"workload": "chat", "hub": "users", "hour": hour, "mtok": 15.0} for hour in range(2)]
    days = [{"hour": 0, "block": "a", "weight": 1.0}, {"hour": 1, "block": "b", "weight": 10.0}]
    placement = placer.solve(any_pool(demand=demand).replace(periods=days))
    assert placement.cost_usd == pytest.approx(220.0)
    rents = placement.pools["accelerator_rent_usd_per_hour"].unstack("hour")
    assert rents.loc["hall"].loc[[OLD, NEW]].to_numpy().tolist() == [pytest.approx([1.0, 1.0]), pytest.approx([0, 0])]
    assert placement.settlement["accelerator_rent"] == pytest.approx(110.0)
    assert placement.scarcities["hours"].tolist() == [11]


def test_trade_and_accounts_pay_pools(make_random_instance):
    """Tests on a random instance that payments add up, with the rents of pools as those of accelerators."""
    placement = placer.solve(with_random_pools(make_random_instance(2), 2))
    accounts = placer.accounts(placement)
    parts = accounts.regions[["accelerators_usd", "accelerator_rent_usd"]].sum().sum()
    settled = placement.settlement["accelerator_rent"] + placement.cost_parts_usd["accelerators"]
    assert parts == pytest.approx(settled, rel=1e-6)
    assert accounts.stability.rounding_usd == pytest.approx(0.0, abs=1e-5 * placement.settlement["payments"])


@pytest.mark.parametrize("solver", [placer.HiGHS(), ColumnGeneration()], ids=["whole", "columns"])
def test_a_pool_that_no_mode_is_for(solver):
    """Tests that it stays idle at no rent, in each of two blocks, with the new pool alone for all work."""
    demand = [{"workload": "chat", "hub": "users", "hour": hour, "mtok": 15.0} for hour in range(2)]
    days = [{"hour": hour, "block": name, "weight": 1.0} for hour, name in enumerate("ab")]
    placement = placer.solve(pooled(demand=demand, modes=[mode(NEW)]).replace(periods=days), solver)
    assert placement.cost_usd == pytest.approx(60.0)
    idle = placement.pools[placement.pools.index.get_level_values("accelerator_type") == OLD]
    assert idle[["mtok", "utilisation", "accelerator_rent_usd_per_hour"]].to_numpy().tolist() == [[0.0] * 3] * 2
