"""The tables of data centres, supplies and links, and of the limits that are scarce."""

from __future__ import annotations

import numpy as np
import pytest

from placer.placement.accounts import COST_PARTS
from placer.solve import solve

COSTS = [f"{part}_usd" for part in COST_PARTS]


@pytest.fixture(scope="module", params=range(6), ids=lambda seed: f"seed {seed}")
def placement(request, make_random_instance):
    return solve(make_random_instance(request.param, cyclic=bool(request.param % 2)))


def test_data_centre_hours_add_up(placement):
    """Tests that the hourly table adds up to the one over the horizon, and its peak is the highest hour."""
    hours, whole = placement.data_centre_hours, placement.data_centres
    for column in ("mtok", "accelerator_hours", "mwh", "carbon_kg", "water_litres"):
        summed = hours[column].groupby(level="data_centre", sort=False).sum()
        np.testing.assert_allclose(summed, whole[column], rtol=1e-9, atol=1e-9)
    peaks = hours["utilisation"].groupby(level="data_centre", sort=False).max()
    np.testing.assert_allclose(peaks, whole["peak_utilisation"])
    assert (whole["utilisation"] <= whole["peak_utilisation"] + 1e-9).all()
    assert (whole["peak_utilisation"] <= 1 + 1e-7).all()


def test_supplies_and_links_stay_within_limits(placement):
    """Tests that no supply or link carries more than it may, and rents stand only where one is full."""
    for table, used, limit, rent in (
        (placement.supplies, "mwh", "limit_mwh", "rent_usd_per_mwh"),
        (placement.links, "gb", "limit_gb", "rent_usd_per_gb"),
    ):
        assert (table[used] <= table[limit] * (1 + 1e-7) + 1e-7).all()
        full = table[used] >= table[limit] - 1e-6
        np.testing.assert_allclose(table.loc[~full, rent], 0, atol=1e-9)


def test_links_carry_the_flows(placement):
    """Tests that the link between the exchanges carries all flows that cross, and each hub's link its own."""
    flows = placement.flows.reset_index()
    gb = flows["mtok"] * flows["workload"].map(placement.instance.workloads.set_index("workload")["gb_per_mtok"])
    crossing = (flows["hub"] == "H2") == flows["data_centre"].isin(["D0", "D1"])
    carried = placement.links["gb"].groupby(level=["from", "to"]).sum()
    assert carried["E0", "E1"] == pytest.approx(gb[crossing].sum(), rel=1e-7, abs=1e-7)
    for hub, exchange in (("H0", "E0"), ("H1", "E0"), ("H2", "E1")):
        assert carried[hub, exchange] == pytest.approx(gb[flows["hub"] == hub].sum(), rel=1e-7, abs=1e-7)


def test_scarcities_are_the_rents_of_the_settlement(placement):
    """Tests that the scarce limits, dearest first, are worth what the settlement says."""
    scarcities, settlement = placement.scarcities, placement.settlement
    assert scarcities["rent_usd"].is_monotonic_decreasing
    worth = scarcities["rent_usd"].groupby(level="limit").sum()
    power = worth.get("site power", 0.0) + worth.get("supply", 0.0)
    assert power == pytest.approx(settlement["power_rent"], rel=1e-7, abs=1e-5)
    for limit, name in (
        ("accelerators", "accelerator_rent"),
        ("link", "link_rent"),
        ("carbon cap", "carbon_cap_rent"),
        ("water cap", "water_cap_rent"),
    ):
        assert worth.get(limit, 0.0) == pytest.approx(settlement[name], rel=1e-7, abs=1e-5)


def test_shadow_prices_of_a_data_centre(make_instance):
    """Tests that one accelerator and one MW more are worth their rent times the hours of all steps."""
    centres = [{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 1.0, "power_limit_mw": 50.0}]
    scarce = solve(make_instance(data_centres=centres, hour_length=4.0)).data_centres.loc["Y"]
    # One accelerator is 4 hours, each of which saves 50 - 20 USD.
    assert scarce["accelerator_rent_usd"] == pytest.approx(4 * 30)
    assert scarce["power_rent_usd"] == pytest.approx(0)
    centres = [{"data_centre": "X"}, {"data_centre": "Y", "power_limit_mw": 2.0}]
    scarce = solve(make_instance(data_centres=centres, hour_length=4.0)).data_centres.loc["Y"]
    assert scarce["power_rent_usd"] == pytest.approx(4 * 30)


def test_parallel_supplies_are_told_apart(make_instance):
    """Tests that two supplies from the same zone are two rows, by their position."""
    supplies = [
        {"power_zone": "zy", "data_centre": "Y", "limit_mw": 5.0},
        {"power_zone": "zy", "data_centre": "Y", "usd_per_mwh_adder": 7.0},
    ]
    table = solve(make_instance(supplies=supplies)).supplies
    assert table.index.tolist() == [(0, "zy", "Y", 0), (1, "zy", "Y", 0)]
    assert table["mwh"].tolist() == pytest.approx([5, 11])
    assert table["usd_per_mwh"].tolist() == [20, 27]
    assert table["rent_usd_per_mwh"].tolist() == pytest.approx([7, 0])
    assert table["inframarginal_rent_usd_per_mwh"].tolist() == pytest.approx([7, 0])
    assert table["power_rent_usd_per_mwh"].tolist() == [0, 0]
