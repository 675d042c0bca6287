"""Quantities and costs of a solution."""

from __future__ import annotations

import numpy as np
import pytest

from placer.placement.accounts import COST_PARTS, arc_usd, average_usd_per_mwh, cap_use, over_service
from placer.solve import solve

SEEDS = range(10)
BATCH = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "deadline_hours": 1.0}


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def placement(request, make_random_instance):
    return solve(make_random_instance(request.param, cyclic=bool(request.param % 2)))


@pytest.fixture(scope="module")
def night(make_instance):
    """10 Mtok of batch arrive at 100 USD per MWh and may wait for 20; 4 accelerators, so 4 wait and 4 do not."""
    return solve(
        make_instance(
            workloads=[BATCH | {"unserved_usd_per_mtok": 1000.0}],
            hubs=[{"hub": "A"}],
            data_centres=[{"data_centre": "X", "accelerators": 4.0}],
            links=[{"from": "A", "to": "X", "rtt_ms": 1.0}],
            power_zones=[{"power_zone": "zx", "usd_per_mwh": [100.0, 20.0], "carbon_kg_per_mwh": [500.0, 300.0]}],
            supplies=[{"power_zone": "zx", "data_centre": "X"}],
            demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in ((0, 10.0), (1, 0.0))],
            carbon_usd_per_kg=0.01,
        )
    )


def test_what_is_asked_is_served_or_not(placement):
    """Tests that served and unserved add up to the demand, demand by demand."""
    structure, accounts = placement.formulation.structure, placement.accounts
    sent = np.bincount(accounts.demand, accounts.sent, len(structure.demand_amount))
    np.testing.assert_allclose(sent + accounts.unserved, structure.demand_amount, rtol=1e-9, atol=1e-9)
    assert (accounts.sent >= -1e-9).all()
    assert (accounts.unserved >= -1e-9).all()


def test_what_arrives_is_served(placement):
    """Tests that for every workload and data centre what is sent is served, over the horizon."""
    structure, accounts = placement.formulation.structure, placement.accounts
    arc = accounts.arc
    sent = np.zeros(structure.use.shape)
    np.add.at(sent, (structure.arc_class[arc], structure.arc_site[arc]), accounts.sent)
    np.testing.assert_allclose(accounts.served.sum(axis=2), sent, rtol=1e-9, atol=1e-9)


def test_only_what_carries_anything_is_kept(placement):
    """Tests that accounts hold the assignments that are not 0, by demand and arc, and few of all there could be."""
    structure, accounts = placement.formulation.structure, placement.accounts
    assert (accounts.sent != 0).all()
    assert len(accounts.sent) < structure.assignment_count
    np.testing.assert_array_equal(structure.demand_class[accounts.demand], structure.arc_class[accounts.arc])
    np.testing.assert_array_equal(structure.demand_origin[accounts.demand], structure.arc_origin[accounts.arc])
    assert (np.diff(accounts.demand * len(structure.arc_cost) + accounts.arc) > 0).all()


def test_power_drawn_is_bought_less_losses(placement):
    """Tests that what is drawn at each data centre and hour is what its supplies deliver."""
    structure, accounts = placement.formulation.structure, placement.accounts
    delivered = np.zeros_like(accounts.drawn)
    np.add.at(delivered, structure.tier_site, structure.tier_yield[:, None] * accounts.bought)
    np.testing.assert_allclose(accounts.drawn, delivered, rtol=1e-9, atol=1e-9)


def test_cost_parts_add_up_to_the_objective(placement):
    """Tests that the parts over all flows, and the penalty, are the cost of the program."""
    total = sum(arc_usd(placement.formulation.structure, placement.accounts, part).sum() for part in COST_PARTS)
    assert total + placement.penalty_usd == pytest.approx(placement.program.cost @ placement.solution.values, rel=1e-9)
    assert placement.cost_usd == pytest.approx(total, rel=1e-12)


def test_energy_and_carbon_costs_are_those_of_the_supplies(placement):
    """Tests that what the flows pay for energy and carbon is what the supplies are paid."""
    accounts, formulation = placement.accounts, placement.formulation
    for part, usd in (("energy", formulation.energy_usd), ("carbon", formulation.carbon_usd)):
        paid = arc_usd(formulation.structure, accounts, part).sum()
        assert paid == pytest.approx((usd * accounts.bought).sum(), rel=1e-9, abs=1e-9)


def test_waiting_work_carries_the_cost_of_the_hours_it_ran_in(night):
    """Tests that 4 Mtok at 105 and 4 at 23 USD cost 64 each on average: work in a queue is not told apart."""
    assert night.flows["mtok"].tolist() == pytest.approx([8])
    assert night.flows["energy_usd"].tolist() == pytest.approx([4 * 100 + 4 * 20])
    assert night.flows["carbon_usd"].tolist() == pytest.approx([4 * 5 + 4 * 3])
    assert night.accounts.unit_cost["energy"][0, 0, 0] == pytest.approx(60)
    assert night.unserved_mtok == pytest.approx(2)


def test_idle_queue_takes_the_hour_it_would_run_in_first(night):
    """Tests that work that would arrive where none does is priced at the hour of arrival."""
    assert night.accounts.unit_cost["energy"][0, 0, 1] == pytest.approx(20)


def test_cap_use(night):
    """Tests that carbon counts what is bought, hour by hour."""
    assert cap_use(night.formulation, night.accounts)["carbon_kg"] == pytest.approx(4 * 500 + 4 * 300)
    assert night.carbon_kg == pytest.approx(3200)


def test_figures_of_service_stay_for_work_at_once(placement):
    """Tests that nothing is averaged for work that cannot wait."""
    structure = placement.formulation.structure
    figure = np.random.default_rng(0).random((len(structure.window), structure.sites, structure.periods))
    arriving = over_service(structure, placement.accounts.waiting, figure)
    at_once = structure.window == 0
    np.testing.assert_array_equal(arriving[at_once], figure[at_once])
    assert (arriving <= figure.max() + 1e-12).all()
    assert (arriving >= figure.min() - 1e-12).all()


def test_figure_of_nothing_takes_no_memory(placement):
    """Tests that a part that is 0 everywhere is one 0, seen everywhere."""
    structure = placement.formulation.structure
    nothing = np.zeros((structure.classes, structure.sites, structure.periods))
    arriving = over_service(structure, placement.accounts.waiting, nothing)
    assert arriving.shape == nothing.shape
    assert not arriving.any()
    assert not any(arriving.strides)


def test_average_price_of_power(make_instance):
    """Tests that two tiers are averaged over what is drawn, and an idle site counts its cheapest, losses included."""
    placement = solve(
        make_instance(
            data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 0.0}],
            power_zones=[
                {"power_zone": "zx", "usd_per_mwh": 40.0},
                {"power_zone": "zy", "usd_per_mwh": 30.0},
            ],
            supplies=[
                {"power_zone": "zx", "data_centre": "X"},
                {"power_zone": "zy", "data_centre": "X", "limit_mw": 8.0, "loss": 0.5},
                {"power_zone": "zy", "data_centre": "X", "limit_mw": 6.0},
                {"power_zone": "zx", "data_centre": "Y"},
                {"power_zone": "zy", "data_centre": "Y", "loss": 0.4},
            ],
        )
    )
    structure, accounts = placement.formulation.structure, placement.accounts
    # 16 Mtok take 16 MWh: 6 at 30 and 10 at 40; the lossy tier would cost 60. Y could buy at 40, or at 30 / 0.6 = 50.
    np.testing.assert_allclose(accounts.bought[:, 0], [10, 0, 6, 0, 0], atol=1e-9)
    average = average_usd_per_mwh(structure, placement.formulation.energy_usd, accounts.bought, accounts.drawn)
    np.testing.assert_allclose(average, [[36.25], [40]])
