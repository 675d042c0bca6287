"""Tests that the tables of the accounts add up, by hand and on random instances."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.accounting.tables import PARTS, RENT_PARTS
from tests.effort import tries


def test_regions_by_hand(scarce_cheap):
    """Tests a region whose limit earns a rent: 12 Mtok at 20 in the west, 4 at 50 in the east, all paid 50."""
    accounts = placer.accounts(placer.solve(scarce_cheap))
    shown = accounts.regions.loc[["east", "west"]]
    assert shown["spent_usd"].tolist() == pytest.approx([500.0, 300.0])
    assert shown["made_usd"].tolist() == pytest.approx([200.0, 600.0])
    assert shown["energy_usd"].tolist() == pytest.approx([200.0, 240.0])
    assert shown["power_rent_usd"].tolist() == pytest.approx([0.0, 360.0])
    assert shown["exports_usd"].tolist() == pytest.approx([0.0, 300.0])
    assert shown["balance_usd"].tolist() == pytest.approx([-300.0, 300.0])
    assert shown["made_mtok"].tolist() == pytest.approx([4.0, 12.0])
    assert shown["used_mtok"].tolist() == pytest.approx([10.0, 6.0])
    assert shown["value_usd_per_mtok"].tolist() == pytest.approx([50.0, 50.0])
    assert shown["usd_per_mwh"].tolist() == pytest.approx([50.0, 50.0])
    assert shown["uplift"].tolist() == pytest.approx([1.0, 2.5])
    assert shown["net_cost_usd"].tolist() == pytest.approx([500.0, -60.0])
    assert accounts.tokens.to_numpy().ravel().tolist() == pytest.approx([4.0, 0.0, 6.0, 6.0])


def test_workloads_by_hand(make_instance):
    """Tests two classes made in the west, 10 and 20 Mtok of 1 and 2 MWh each, at 20 USD a MWh."""
    work = {"accelerator_hours_per_mtok": 0.0, "unserved_usd_per_mtok": 1000.0}
    instance = make_instance(
        workloads=[{"workload": name, "kwh_per_mtok": kwh} | work for name, kwh in (("small", 1000), ("large", 2000))],
        demand=[{"workload": name, "hub": "B", "mtok": mtok} for name, mtok in (("small", 10.0), ("large", 20.0))],
    )
    shown = placer.accounts(placer.solve(instance)).workloads
    assert shown.index.tolist() == [("west", "small"), ("west", "large")]
    assert shown["made_mtok"].tolist() == pytest.approx([10.0, 20.0])
    assert shown["made_share"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert shown["made_usd"].tolist() == pytest.approx([200.0, 800.0])
    assert shown["value_usd_per_mtok"].tolist() == pytest.approx([20.0, 40.0])


def test_owners_are_paid_for_their_accelerators(make_instance):
    """Tests a data centre in the west whose accelerators the east owns: the east gets 30 of 50 USD a Mtok."""
    instance = make_instance(
        data_centres=[
            {"data_centre": "X", "region": "east"},
            {"data_centre": "Y", "region": "west", "accelerators": 12.0, "accelerator_usd_per_hour": 5.0},
        ]
    )
    owned = instance.replace(data_centres=instance.data_centres.assign(owner=["east", "east"]))
    shown = placer.accounts(placer.solve(owned)).regions.loc[["east", "west"]]
    assert shown["accelerators_usd"].tolist() == pytest.approx([60.0, 0.0])
    assert shown["accelerator_rent_usd"].tolist() == pytest.approx([300.0, 0.0])
    assert shown["made_usd"].tolist() == pytest.approx([200.0 + 360.0, 240.0])
    assert shown["net_cost_usd"].tolist() == pytest.approx([500.0 - 300.0, 300.0])
    assert shown["value_usd_per_mtok"].tolist() == pytest.approx([50.0, 50.0])


def _assert_adds_up(placement, by):
    accounts = placer.accounts(placement, by)
    table, trade, tokens, size = accounts.regions, accounts.trade, accounts.tokens, placement.cost_and_penalty_usd
    cent = max(0.01, 1e-9 * abs(size))
    assert table["net_cost_usd"].sum() == pytest.approx(size, abs=1e-11 * (abs(size) + 1))
    for part, usd in placement.cost_parts_usd.items():
        assert table[f"{part}_usd"].sum() == pytest.approx(usd, abs=cent)
    assert table["lost_usd"].sum() == pytest.approx(placement.penalty_usd, abs=cent)
    assert table["made_usd"].tolist() == pytest.approx(table[[f"{part}_usd" for part in PARTS]].sum(axis=1).tolist())
    assert trade.sum(axis=1).tolist() == pytest.approx(table["made_usd"].tolist(), abs=cent)
    assert trade.sum(axis=0).tolist() == pytest.approx(table["spent_usd"].iloc[:-2].tolist(), abs=cent)
    assert table["balance_usd"].sum() == pytest.approx(0.0, abs=cent)
    net = table["spent_usd"] + table["lost_usd"] - table[[f"{part}_usd" for part in RENT_PARTS]].sum(axis=1)
    assert table["net_cost_usd"].tolist() == pytest.approx(net.tolist(), abs=cent)
    assert tokens.to_numpy().sum() == pytest.approx(placement.accounts.sent.sum())
    assert tokens.sum(axis=0).tolist() == pytest.approx(table["used_mtok"].iloc[:-2].tolist())
    by_workload = accounts.workloads.groupby(level="made_in", sort=False)[["made_mtok", "made_usd"]].sum()
    made = table.loc[by_workload.index]
    assert by_workload["made_mtok"].tolist() == pytest.approx(made["made_mtok"].tolist())
    gate = (made["made_mtok"] * made["value_usd_per_mtok"]).tolist()
    assert by_workload["made_usd"].tolist() == pytest.approx(gate, abs=cent)
    assert table["mwh"].sum() == pytest.approx(placement.energy_mwh)
    paid = table["made_usd"].abs() > 1e-6 * abs(size)
    assert accounts.chain.loc[paid[paid].index].sum(axis=1).tolist() == pytest.approx([1.0] * int(paid.sum()))


@pytest.mark.slow
@settings(max_examples=tries(9, 25), deadline=None)
@given(seed=st.integers(0, 2**20), by=st.sampled_from(["region", "jurisdiction", "power_zone", "hub"]))
def test_accounts_add_up(solved, seed, by):
    """Tests the accounts of random instances with weights, blocks, routes, limits, waiting and unserved work."""
    placement = solved(seed)
    if placement is not None:
        _assert_adds_up(placement, by)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "scenario"), [("tiny", None), ("china", None), ("world", None), ("china", "thin_backbone")]
)
def test_accounts_of_shipped_datasets_add_up_to_the_cent(name, scenario):
    """Tests the datasets that ship, one of them with scarce links."""
    scenarios = [] if scenario is None else [scenario]
    placement = placer.solve(placer.load(name, scenarios))
    net = placer.accounts(placement).regions["net_cost_usd"].sum()
    assert net == pytest.approx(placement.cost_and_penalty_usd, abs=0.01)
    _assert_adds_up(placement, "region")


@pytest.mark.parametrize("seed", range(6))
def test_rents_are_shadow_prices_times_limits(solved, seed):
    """Tests that what is paid beyond the costs is what the duals say of the limits."""
    placement = solved(seed)
    if placement is None:
        pytest.skip("the limits of this instance cannot be met")
    whole, settled = placer.accounts(placement).regions.sum(), placement.settlement
    size = 1e-9 * abs(placement.cost_and_penalty_usd)
    assert whole["accelerator_rent_usd"] == pytest.approx(settled["accelerator_rent"], abs=size)
    assert whole["power_rent_usd"] == pytest.approx(settled["inframarginal_rent"] + settled["power_rent"], abs=size)
    assert whole["link_rent_usd"] == pytest.approx(settled["link_rent"], abs=size)
    caps = settled[["carbon_cap_rent", "water_cap_rent", "limits_rent"]].sum()
    assert whole["limits_rent_usd"] == pytest.approx(caps, abs=size)
