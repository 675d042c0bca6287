"""Tests contracts in the program: by hand, against programs of their own, and properties."""

import numpy as np
import pytest

import placer
from placer.column_generation.solver import ColumnGeneration
from placer.model.contracts import read_contracts
from tests.effort import tries
from tests.model.contracts_at_random import drawn, instance_of, least_cost
from tests.model.contracts_by_hand import contract, contracted, tables

pytestmark = pytest.mark.filterwarnings("ignore::placer.InputWarning")


@pytest.mark.parametrize(
    ("terms", "cost", "fixed"),
    [
        ({"output_share": 0.5, "sale_usd_per_mwh": 15.0}, 1140.0, 225.0),
        ({"output_share": 0.5}, 1140.0, 360.0),
        ({"output_share": 0.0}, 1200.0, 0.0),
        ({"take_or_pay_mwh": 5.0}, 900.0, 200.0),
        ({"take_or_pay_mwh": 12.0, "sale_usd_per_mwh": 18.0}, 480.0 + 4 * 20 + 4 * 100, 264.0),
        ({"take_or_pay_mwh": 0.0}, 1200.0, 0.0),
    ],
)
def test_by_hand(terms, cost, fixed):
    """Tests the costs of ``contracts_by_hand``; of 12 MWh six are used in the dear hour, and six in the other one."""
    instance = contracted(contract(**terms))
    placement = placer.solve(instance)
    assert placement.cost_usd == pytest.approx(cost)
    assert read_contracts(instance).fixed_usd.tolist() == pytest.approx([fixed])
    assert placement.certificate.proven


def test_paid_and_fixed_by_hour():
    contracts = read_contracts(contracted(contract(output_share=0.5, sale_usd_per_mwh=(15.0, 20.0))))
    assert contracts.paid_usd.tolist() == [360.0]
    assert contracts.fixed_usd_by_hour.tolist() == [150.0, 60.0]
    assert contracts.total_mwh.tolist() == [9.0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(12, 40)))
def test_random_instances_against_a_program_of_payments_and_sales(seed):
    """Tests the whole program and column generation, prices and accounts."""
    _check(drawn(seed))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(100, tries(150, 400), 50))
def test_many_random_instances(first):
    for seed in range(first, first + 50):
        _check(drawn(seed))


def _check(drawn_tables):
    instance, cost = instance_of(drawn_tables), least_cost(drawn_tables)
    for solver in (None, ColumnGeneration()):
        placement = placer.solve(instance, solver=solver)
        assert placement.cost_and_penalty_usd == pytest.approx(cost, rel=1e-8)
        assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-6 * cost)
    accounts = placer.accounts(placement)
    assert accounts.regions["net_cost_usd"].sum() == pytest.approx(cost, rel=1e-8)
    assert accounts.stability.rounding_usd <= 1e-6 * cost
    if len(instance.contracts):
        in_energy = (placement.formulation.energy_usd * placement.accounts.bought)[read_contracts(instance).supply]
        fixed = placement.cost_parts_usd["contracts"]
        assert placement.contracts["cost_usd"].sum() == pytest.approx(fixed + in_energy.sum(), abs=1e-6)


@pytest.mark.parametrize("seed", range(tries(6, 20)))
def test_a_free_contract_never_costs_more_and_more_of_it_never_either(seed):
    given = drawn(seed)
    for row in given["power_zones"]:
        row["usd_per_mwh"] = 0.0 if row["power_zone"].startswith("farm") else row["usd_per_mwh"]
    supplies = [{"power_zone": f"{kind} {site}", "data_centre": site} for kind in ("grid", "farm") for site in "ab"]
    costs = [
        placer.solve(
            instance_of(
                given
                | {
                    "supplies": supplies,
                    "contracts": [
                        {"contract": site, "power_zone": f"farm {site}", "data_centre": site, "output_share": share}
                        for site in "ab"
                    ],
                }
            )
        ).cost_and_penalty_usd
        for share in (0.0, 0.25, 1.0)
    ]
    assert costs == sorted(costs, reverse=True)


@pytest.mark.slow
def test_a_contract_of_nothing_beside_a_supply_is_that_supply():
    """Tests take or pay of 0 MWh with more at the price of the contract."""
    grid, wind = tables()["supplies"]
    plain = placer.solve(contracted())
    beside = placer.solve(contracted(contract(take_or_pay_mwh=0.0), supplies=[grid, wind, wind]))
    assert beside.cost_usd == pytest.approx(plain.cost_usd)
    for floor in (2.0, 6.0):
        paid = placer.solve(contracted(contract(take_or_pay_mwh=floor), supplies=[grid, wind, wind]))
        assert paid.cost_usd == pytest.approx(plain.cost_usd)  # six MWh are worth it anyway
    assert placer.solve(contracted(contract(take_or_pay_mwh=7.0), supplies=[grid, wind, wind])).cost_usd == (
        pytest.approx(plain.cost_usd + 40 - 20)
    )


def test_a_sale_at_0_is_no_sale():
    """Tests that 0 is the default, and that what is left over then earns nothing."""
    without = placer.solve(contracted(contract(output_share=1.0)))
    at_0 = placer.solve(contracted(contract(output_share=1.0, sale_usd_per_mwh=0.0)))
    assert without.cost_usd == at_0.cost_usd
    assert without.contracts["sales_usd"].tolist() == [0.0]
    assert without.contracts["left_mwh"].tolist() == [2.0]


def test_the_rest_of_a_farm_is_what_contracts_leave():
    """Tests that another data centre buys at most what is not sold, used or not."""
    halls = [{"data_centre": "hall", "accelerators": 0.0}, {"data_centre": "barn"}]
    supplies = [{"power_zone": "wind", "data_centre": each["data_centre"]} for each in halls]
    supplies.append({"power_zone": "grid", "data_centre": "barn"})
    links = [{"from": "town", "to": each["data_centre"], "rtt_ms": 10.0} for each in halls]
    work = tables()["workloads"][0] | {"accelerator_hours_per_mtok": 1.0}
    placement = placer.solve(
        contracted(contract(output_share=0.75), data_centres=halls, supplies=supplies, links=links, workloads=[work])
    )
    assert placement.power_zones["mwh"].xs("wind").tolist() == pytest.approx([0.0, 1.5])
    assert placement.contracts["used_mwh"].tolist() == [0.0]


def test_blocks_with_weights():
    """Tests that each block counts as often as its weight, and that MWh over the horizon go where they save most."""
    periods = [{"hour": 0, "block": "calm", "weight": 3.0}, {"hour": 1, "block": "busy", "weight": 2.0}]
    shared = placer.solve(contracted(contract(output_share=0.5, sale_usd_per_mwh=15.0), periods=periods))
    assert shared.cost_usd == pytest.approx(3 * (240 + 80) + 2 * (120 + 700))
    total = placer.solve(contracted(contract(take_or_pay_mwh=11.0), periods=periods))
    assert total.cost_usd == pytest.approx(440 + 3 * 200 + 2 * 1000 - 11 * 100)


@pytest.mark.parametrize(
    ("terms", "cost"),
    [
        ({"output_share": 0.5, "sale_usd_per_mwh": 15.0}, 360 + 6 * 20 + 5 * 100),
        ({"output_share": 1.0, "sale_usd_per_mwh": 15.0}, 720 + 2 * 100),
        ({"take_or_pay_mwh": 5.0}, 200 + 12 * 20 + 3 * 100),
    ],
)
def test_a_battery_stores_energy_of_a_contract(terms, cost):
    """Tests a battery of 2 MW and 2 MWh behind the meter: it charges in the cheap hour, with wind that is left."""
    battery = {"battery": "b", "data_centre": "hall", "power_mw": 2.0, "energy_mwh": 2.0}
    placement = placer.solve(contracted(contract(**terms)).replace(batteries=[battery]))
    assert placement.cost_usd == pytest.approx(cost)
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-9)


def test_green_and_carbon_count_what_is_used():
    """Tests a green share of a half: at least 10 MWh of the farm are used, and what is sold does not count."""
    limit = {"limit": "green", "kind": "green_share", "sense": ">=", "amount": 0.5}
    placement = placer.solve(contracted(contract(output_share=1.0, sale_usd_per_mwh=20.0), limits=[limit]))
    used = placement.contracts["used_mwh"].item()
    assert used >= 10.0 - 1e-6
    assert placement.limits["use"].item() == pytest.approx(used / 20)
    assert np.isfinite(placement.limits["rent_usd_per_unit"]).all()
