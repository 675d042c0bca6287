"""Tests the checks of the table of contracts."""

import pytest

from placer.errors import InstanceError
from placer.instance.checks.contract_checks import contracts_refused, take_or_pay_name, totals_refused
from tests.model.contracts_by_hand import contract, contracted, tables

SHARE = {"output_share": 0.5}


def refused(*contracts, **changes):
    """Return row, column, problem and allowed of the violations of the table of contracts."""
    with pytest.raises(InstanceError) as error:
        contracted(*contracts, **changes)
    assert {each.table for each in error.value.violations} == {"contracts"}
    return [(each.row, each.column, each.problem, each.allowed) for each in error.value.violations]


@pytest.mark.parametrize(
    ("terms", "column", "problem", "allowed"),
    [
        ({"output_share": 1.5}, "output_share", "1.5 is out of range", "<= 1"),
        ({"output_share": -0.5}, "output_share", "-0.5 is out of range", ">= 0"),
        ({"take_or_pay_mwh": -1.0}, "take_or_pay_mwh", "-1 is out of range", ">= 0"),
        (SHARE | {"sale_usd_per_mwh": -1.0}, "sale_usd_per_mwh", "-1", ">= 0"),
        (SHARE | {"power_zone": "win"}, "power_zone", "'win' is unknown", "perhaps wind"),
        (SHARE | {"data_centre": "hal"}, "data_centre", "'hal' is unknown", "perhaps hall"),
        ({}, "output_share", "nothing says how much is bought", "take_or_pay_mwh"),
        (SHARE | {"power_zone": "grid"}, "output_share", "grid has no limit_mw in every hour", "a finite limit_mw"),
        ({"take_or_pay_mwh": 18.5}, "take_or_pay_mwh", "18.5 MWh, of 18 MWh that wind gives", "at most"),
        (
            {"take_or_pay_mwh": 5.0, "sale_usd_per_mwh": (10.0, 15.0)},
            "take_or_pay_mwh",
            "the sale_usd_per_mwh changes by the hour, and the MWh are of no hour",
            "one number for all hours",
        ),
        (
            {"take_or_pay_mwh": 5.0, "power_zone": "grid"},
            "take_or_pay_mwh",
            "the price changes by the hour, and the MWh are of no hour",
            "one number for all hours",
        ),
    ],
)
def test_each_defect_of_a_contract_is_named(terms, column, problem, allowed):
    ((row, where, said, may),) = refused(contract(**terms))
    assert (row, where) == ("farm", column)
    assert problem in said
    assert allowed in may


@pytest.mark.parametrize(
    ("sale", "problem", "row"),
    [
        (25.0, "25 is above the price of purchase, 20, in that hour", "farm|0"),
        ((10.0, 101.0), "101 is above the price of purchase, 100, in that hour", "farm|1"),
        (150.0, "150 is above the price of purchase, 20, in that hour (and in 1 more hour)", "farm|0"),
    ],
)
def test_a_sale_above_the_price_of_purchase_is_told_by_row_and_hour(sale, problem, row):
    """Tests that the grid sells at 20 and 100 USD: who could sell for more would buy to sell."""
    ((where, column, said, _),) = refused(contract(**SHARE, sale_usd_per_mwh=sale))
    assert (where, column, said) == (row, "sale_usd_per_mwh", problem)


def test_without_another_supply_the_price_of_purchase_is_that_of_the_contract():
    (_, wind) = tables()["supplies"]
    ((row, _, said, _),) = refused(contract(**SHARE, sale_usd_per_mwh=41.0), supplies=[wind])
    assert (row, said.split(",")[0]) == ("farm|0", "41 is above the price of purchase")
    contracted(contract(**SHARE, sale_usd_per_mwh=40.0), supplies=[wind])


def test_a_cheap_supply_with_a_limit_is_no_price_of_purchase():
    """Tests a farm of one's own at 2 USD, built or not, beside the grid: what it gives is too little to sell."""
    grid, wind = tables()["supplies"]
    zones = [*tables()["power_zones"], {"power_zone": "own", "usd_per_mwh": 2.0}]
    for mw in (0.0, 3.0):
        own = {"power_zone": "own", "data_centre": "hall", "limit_mw": mw}
        given = {"power_zones": zones, "supplies": [grid, wind, own]}
        contracted(contract(**SHARE, sale_usd_per_mwh=20.0), **given)
        assert len(refused(contract(**SHARE, sale_usd_per_mwh=21.0), **given)) == 1
    lost = [grid | {"limit_mw": 0.0}, wind, own]
    contracted(contract(**SHARE, sale_usd_per_mwh=(20.0, 100.0)), power_zones=zones, supplies=lost)


def test_a_supply_has_one_contract():
    ((row, column, problem, _),) = refused(contract(**SHARE), contract(contract="second", take_or_pay_mwh=1.0))
    assert (row, column) == ("second", "data_centre")
    assert problem == "the supply wind|hall is under the contract farm already"


def test_a_contract_needs_a_supply():
    grid, _ = tables()["supplies"]
    ((_, column, problem, _),) = refused(contract(**SHARE), supplies=[grid])
    assert (column, problem) == ("data_centre", "there is no supply wind|hall")


def test_a_power_zone_with_a_battery_sells_by_no_contract():
    """Tests that a battery behind the meter may store energy of contracts."""
    battery = {"battery": "b", "power_mw": 2.0, "energy_mwh": 2.0}
    instance = contracted(contract(**SHARE))
    with pytest.raises(InstanceError) as error:
        instance.replace(batteries=[battery | {"power_zone": "wind"}])
    ((table, row, column, problem),) = ((e.table, e.row, e.column, e.problem) for e in error.value.violations)
    assert (table, row, column, problem) == ("contracts", "farm", "power_zone", "wind has a battery")
    instance.replace(batteries=[battery | {"data_centre": "hall"}])


def two_halls(first, second, **limits):
    """Return the violations of two contracts with one farm."""
    halls = [{"data_centre": name, "region": "west"} for name in ("hall", "barn")]
    grid, wind = tables()["supplies"]
    supplies = [grid, *(wind | {"data_centre": each["data_centre"]} | limits for each in halls)]
    links = [{"from": "town", "to": each["data_centre"], "rtt_ms": 10.0} for each in halls]
    rows = [contract(**first), contract(**{"contract": "other", "data_centre": "barn"} | second)]
    return refused(*rows, data_centres=halls, supplies=supplies, links=links)


def test_shares_of_a_farm_sum_to_1_at_most():
    ((row, column, problem, _),) = two_halls({"output_share": 0.7}, {"output_share": 0.4})
    assert (row, column, problem) == ("farm + other", "output_share", "1.1 of wind in all")


def test_amounts_are_at_most_what_the_farm_gives():
    """Tests 2 x 4 MW of 12 and 6 MW: too much in the second hour."""
    ((row, column, problem, _),) = two_halls({}, {}, limit_mw=4.0)
    assert (row, column, problem) == ("farm + other|1", "limit_mw", "8 MW, of 6 MW that wind gives")


def test_all_defects_are_named_at_once():
    found = two_halls({"output_share": 0.7, "sale_usd_per_mwh": 50.0}, {"output_share": 0.4, "take_or_pay_mwh": 90.0})
    assert [(row, column) for row, column, _, _ in found] == [
        ("farm|0", "sale_usd_per_mwh"),
        ("other", "take_or_pay_mwh"),
        ("farm + other", "output_share"),
    ]


def test_the_name_of_the_limit_of_a_contract_is_its_own():
    limit = {"limit": take_or_pay_name("farm"), "kind": "energy_mwh", "sense": "<=", "amount": 1.0}
    with pytest.raises(InstanceError, match="is the name of the limit of a contract"):
        contracted(contract(take_or_pay_mwh=5.0), limits=[limit])


def test_refusals_name_each_contract():
    table = contracted(contract(**SHARE)).contracts
    assert [each.row for each in contracts_refused(table, "none here")] == ["farm"]
    assert totals_refused(table, "a call") == []
    (total,) = totals_refused(contracted(contract(take_or_pay_mwh=1.0)).contracts, "a call")
    assert (total.column, total.problem) == ("take_or_pay_mwh", "a call takes contracts by the hour")
