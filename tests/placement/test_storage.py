"""Batteries in a placement: their table, their part of the cost and of prices, by hand."""

import numpy as np
import pytest

import placer
from placer.placement.storage import BATTERY_COLUMNS, metered, spread_over_supplies, spread_over_work
from tests.batteries_by_hand import powered, windy


def test_the_table_by_hand():
    """Tests 4 MWh charged at 20, of which 3.6 are held and 3.24 come out at 100: power earns all."""
    table = placer.solve(powered(battery={"efficiency": 0.9})).batteries
    assert tuple(table.columns) == BATTERY_COLUMNS
    assert table["charged_mwh"].tolist() == pytest.approx([4, 0])
    assert table["discharged_mwh"].tolist() == pytest.approx([0, 3.24])
    assert table["content_mwh"].tolist() == pytest.approx([3.6, 0])
    assert table["lost_mwh"].tolist() == pytest.approx([0.4, 0.36])
    assert table["burnt_mwh"].tolist() == [0, 0]
    assert table["usd_per_mwh"].tolist() == pytest.approx([20, 100])
    assert table["stored_usd_per_mwh"].tolist() == pytest.approx([90, 90])
    assert table["earned_usd"].tolist() == pytest.approx([-80, 324])
    assert table["power_rent_usd_per_mwh"].tolist() == pytest.approx([61, 0])
    assert table["energy_rent_usd_per_mwh"].tolist() == pytest.approx([0, 0])


def test_contents_are_those_of_one_time():
    """Tests hours that count 3 times: amounts do too, contents do not."""
    periods = [{"hour": hour, "weight": 3.0} for hour in (0, 1)]
    table = placer.solve(powered(battery={}, periods=periods)).batteries
    assert table["charged_mwh"].tolist() == pytest.approx([12, 0])
    assert table["content_mwh"].tolist() == pytest.approx([4, 0])


def test_without_batteries():
    """Tests that the table is empty, and none of the tables that are saved."""
    placement = placer.solve(powered())
    assert placement.batteries.empty
    assert "batteries" not in placement.tables
    assert "batteries" in placer.solve(powered(battery={})).tables
    assert placement.cost_parts_usd["storage"] == 0


@pytest.mark.parametrize("at", ["D", "Z"])
def test_energy_is_charged_by_the_hour_and_storage_saves(at):
    """Tests that 20 MWh at the prices of their hours cost 1,200, and that the battery saves 320 of them."""
    parts = placer.solve(powered(battery={}, at=at)).cost_parts_usd
    assert (parts["energy"], parts["storage"]) == pytest.approx((1200, -320))


def test_the_price_that_a_battery_sets():
    """Tests hour 0 without supply, at a price of 20 that the battery carries from hour 1."""
    supply = [{"power_zone": "Z", "data_centre": "D", "limit_mw": [0.0, 20.0]}]
    placement = placer.solve(powered((0.0, 20.0), {"power_mw": 30.0, "energy_mwh": 30.0}, 6.0, supplies=supply))
    prices = placement.prices.xs(0, level="hour").iloc[0]
    assert prices["usd_per_mtok"] == pytest.approx(20)
    assert prices["storage_usd_per_mtok"] == pytest.approx(20)
    assert prices["power_rent_usd_per_mtok"] == pytest.approx(0)


def test_settlement_has_the_rents_of_batteries():
    """Tests that payments are cost and the 200 USD that the battery of the windy hours earns."""
    settlement = placer.solve(windy({})).settlement
    assert settlement["storage_rent"] == pytest.approx(200)
    assert settlement["difference"] == pytest.approx(0)


def test_spread_over_work_and_supplies():
    """Tests what a MWh pays beside its hour: what is left of 880 over 20 MWh; of a zone, by its supplies."""
    placement = placer.solve(powered(battery={}))
    structure, flows, drawn = placement.formulation.structure, placement.answer.point, placement.accounts.drawn
    assert metered(structure, flows, drawn).tolist() == [pytest.approx([14, 6])]
    paid, charged = np.array([[280.0, 600.0]]), np.array([[20.0, 100.0]])
    assert spread_over_work(structure, drawn, paid, charged).tolist() == [pytest.approx([-16, -16])]
    zone = placer.solve(powered(battery={}, at="Z"))
    structure, flows = zone.formulation.structure, zone.answer.point
    spread = spread_over_supplies(structure, structure.stores, flows.taken, np.array([[80.0, -400.0]]))
    assert spread.tolist() == [pytest.approx([-16, -16])]
