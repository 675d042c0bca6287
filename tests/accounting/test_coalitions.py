"""Tests what a group of regions costs alone."""

import pytest

import placer
from placer.accounting.coalitions import coalition_part, cost_alone
from placer.accounting.groups import groups_of


def test_a_part_has_its_own_demand_and_sites(make_instance):
    """Tests the part of the west: 6 Mtok at hub B, served at Y only."""
    placement = placer.solve(make_instance())
    part = coalition_part(placement.formulation.structure, groups_of(placement.instance), [1])
    assert part.demand_amount.tolist() == [6.0]
    assert part.arc_site.tolist() == [1]


@pytest.mark.slow
def test_without_rents_a_part_costs_what_its_instance_costs(make_random_instance):
    """Tests a group against the instance without the other hubs and data centres."""
    instance = make_random_instance(1, carbon_limit_kg=float("inf"), water_limit_litres=float("inf"))
    wide = instance.replace(links=instance.links.assign(capacity_gbps=float("inf")))
    placement = placer.solve(wide)
    groups = groups_of(wide)
    for place, name in enumerate(groups.names):
        others = [
            *wide.hubs.loc[wide.hubs["region"] != name, "hub"],
            *wide.data_centres.loc[wide.data_centres["region"] != name, "data_centre"],
        ]
        alone = cost_alone(placement.formulation.structure, placement.answer.prices, groups, [place])
        assert alone == pytest.approx(placer.solve(wide.without(*others)).cost_and_penalty_usd, rel=1e-7)


def test_a_group_pays_the_rent_of_links_that_it_uses(make_instance):
    """Tests a hub behind a full link: 10 Mtok want Y at 20, the link takes 4, and its rent is 30 a Mtok."""
    instance = make_instance(
        workloads=[
            {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "gb_per_mtok": 450.0}
            | {"unserved_usd_per_mtok": 1000.0}
        ],
        links=[
            {"from": "A", "to": "X", "rtt_ms": 10.0},
            {"from": "B", "to": "Y", "rtt_ms": 10.0},
            {"from": "X", "to": "Y", "rtt_ms": 30.0, "capacity_gbps": 4.0},
        ],
        data_centres=[{"data_centre": "X", "region": "far"}, {"data_centre": "Y", "region": "east"}],
    )
    placement = placer.solve(instance)
    groups = groups_of(instance)
    east = [groups.names.index("east")]
    alone = cost_alone(placement.formulation.structure, placement.answer.prices, groups, east)
    # Hub A is of the east, as Y is: 4 Mtok at 20 and a rent of 30, and 6 unserved at 1,000.
    assert alone == pytest.approx(4 * 50.0 + 6 * 1000.0)


def test_a_group_without_demand_costs_nothing(make_instance):
    """Tests a region of data centres only."""
    instance = make_instance(hubs=[{"hub": "A", "region": "west"}, {"hub": "B", "region": "west"}])
    placement = placer.solve(instance)
    assert cost_alone(placement.formulation.structure, placement.answer.prices, groups_of(instance), [1]) == 0.0


@pytest.mark.parametrize("columns_from", [0, 20_000])
def test_a_group_out_of_reach_of_its_sites_pays_its_penalty(make_instance, monkeypatch, columns_from):
    """Tests 6 Mtok of the west at hub B, which reaches the site of the east alone, unserved at 1,000 a Mtok."""
    monkeypatch.setattr("placer.accounting.coalitions.COLUMNS_FROM", columns_from)
    instance = make_instance()
    placement = placer.solve(instance.replace(data_centres=instance.data_centres.assign(owner="east")))
    structure, groups = placement.formulation.structure, groups_of(placement.instance)
    assert cost_alone(structure, placement.answer.prices, groups, [1]) == pytest.approx(6000.0)


def test_sites_whose_accelerators_others_own_are_no_part(make_instance):
    """Tests a data centre in the west that the east owns: neither has it alone."""
    instance = make_instance()
    owned = instance.replace(data_centres=instance.data_centres.assign(owner=[None, "east"]))
    placement = placer.solve(owned)
    structure, duals, groups = placement.formulation.structure, placement.answer.prices, groups_of(owned)
    assert [cost_alone(structure, duals, groups, [place]) for place in (0, 1)] == pytest.approx([500.0, 6000.0])
    assert cost_alone(structure, duals, groups, [0, 1]) == pytest.approx(320.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 2, 5])
def test_a_group_costs_the_same_by_either_solver(make_random_instance, monkeypatch, seed):
    """Tests groups without common rents by whole programs and by column generation."""
    instance = make_random_instance(seed, carbon_limit_kg=float("inf"), water_limit_litres=float("inf"))
    placement = placer.solve(instance.replace(links=instance.links.assign(capacity_gbps=float("inf"))))
    groups = groups_of(placement.instance)
    assert len(groups.names) > 1
    structure, duals = placement.formulation.structure, placement.answer.prices
    for members in ([0], [1], [0, 1]):
        monkeypatch.setattr("placer.accounting.coalitions.COLUMNS_FROM", 1_000_000)
        whole = cost_alone(structure, duals, groups, members)
        monkeypatch.setattr("placer.accounting.coalitions.COLUMNS_FROM", 0)
        assert cost_alone(structure, duals, groups, members) == pytest.approx(whole, rel=1e-7)
