"""Tests the tables of contracts, by hand."""

import numpy as np
import pytest

import placer
from tests.model.contracts_by_hand import contract, contracted


def test_a_share_of_a_farm():
    """Tests ``contracts_by_hand``: the energy saves 5 and 85 USD a MWh beyond 15, against 225 USD in any case."""
    placement = placer.solve(contracted(contract(output_share=0.5, sale_usd_per_mwh=15.0)))
    row = placement.contracts.loc["farm"]
    assert row[["paid_mwh", "used_mwh", "left_mwh"]].tolist() == [9.0, 9.0, 0.0]
    assert row[["payments_usd", "sales_usd", "cost_usd"]].tolist() == [360.0, 0.0, 360.0]
    assert row[["rent_usd", "profit_usd"]].tolist() == pytest.approx([285.0, 60.0])
    hours = placement.contract_hours.loc["farm"]
    assert hours["rent_usd_per_mwh"].tolist() == pytest.approx([5.0, 85.0])
    assert hours["payments_usd"].tolist() == [240.0, 120.0]
    assert hours["usd_per_mwh"].tolist() == [40.0, 40.0]


def test_what_is_left_is_sold():
    """Tests all of the farm: 2 of 12 MWh are left, at 15 USD."""
    placement = placer.solve(contracted(contract(output_share=1.0, sale_usd_per_mwh=15.0)))
    row = placement.contracts.loc["farm"]
    assert row[["used_mwh", "left_mwh", "sales_usd"]].tolist() == pytest.approx([16.0, 2.0, 30.0])
    assert placement.cost_usd == pytest.approx(18 * 40 - 30 + 4 * 100)
    hours = placement.contract_hours.loc["farm"]
    assert hours["left_mwh"].tolist() == pytest.approx([2.0, 0.0])
    assert hours[["payments_usd", "sales_usd"]].sum().tolist() == pytest.approx([720.0, 30.0])
    assert placement.spilt_mwh == 0.0  # it is sold
    unsold = placer.solve(contracted(contract(output_share=1.0)))
    assert unsold.spilt_mwh == pytest.approx(2.0)
    assert placer.solve(contracted(contract(output_share=1.0, take_or_pay_mwh=5.0))).spilt_mwh == 0.0


def test_mwh_over_the_horizon_have_no_hour():
    """Tests that the limit of the contract is one of the table of limits, whose rent is that of its energy."""
    placement = placer.solve(contracted(contract(take_or_pay_mwh=5.0)))
    hours = placement.contract_hours.loc["farm"]
    assert hours["used_mwh"].tolist() == pytest.approx([0.0, 5.0])
    assert hours["rent_usd_per_mwh"].tolist() == pytest.approx([100.0, 100.0])
    assert np.isnan(hours[["paid_mwh", "left_mwh", "payments_usd", "sales_usd"]].to_numpy()).all()
    assert placement.contracts.loc["farm", ["rent_usd", "profit_usd"]].tolist() == pytest.approx([500.0, 300.0])
    assert placement.limits.loc[("take_or_pay_mwh of farm", ""), "rent_usd"] == pytest.approx(500.0)


@pytest.mark.parametrize("terms", [{"output_share": 0.5, "sale_usd_per_mwh": 15.0}, {"take_or_pay_mwh": 5.0}])
def test_costs_settle_and_no_price_contains_what_is_paid_in_any_case(terms):
    placement = placer.solve(contracted(contract(**terms)))
    assert placement.settlement["difference"] == 0.0
    assert placement.settlement["contracts"] == -placement.cost_parts_usd["contracts"]
    assert sum(placement.cost_parts_usd.values()) == pytest.approx(placement.cost_usd)
    assert placement.certificate.objective + placement.cost_parts_usd["contracts"] == pytest.approx(placement.cost_usd)
    assert placement.summary()["contracts_usd"] == placement.cost_parts_usd["contracts"]
    assert "contracts" in repr(placement)


def test_without_contracts_there_is_no_table_and_no_part():
    placement = placer.solve(contracted())
    assert not {"contracts", "contract_hours"} & placement.tables.keys()
    assert "contracts" not in placement.cost_parts_usd
    assert placement.contracts.empty
    assert placement.contract_hours.empty


def test_tables_are_saved(tmp_path):
    placement = placer.solve(contracted(contract(output_share=0.5)))
    placement.save_tables(tmp_path)
    assert {"contracts.csv", "contract_hours.csv"} <= {path.name for path in tmp_path.iterdir()}
