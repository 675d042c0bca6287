"""Tests that no group of regions does better alone, against the cost of every group."""

import itertools

import numpy as np
import pytest

import placer
from placer.accounting.coalitions import cost_alone
from placer.accounting.stability import NOT_STATED, Stability, proven_net_costs, secure_stability_of, stability_of
from placer.errors import InstanceError
from tests.effort import tries
from tests.model.pools_by_hand import pooled


def _groups(count):
    return itertools.chain.from_iterable(itertools.combinations(range(count), size) for size in range(1, count + 1))


def _costs(placement, groups):
    structure, duals = placement.formulation.structure, placement.answer.prices
    return {members: cost_alone(structure, duals, groups, members) for members in _groups(len(groups.names))}


def test_stability_by_hand(scarce_cheap):
    """Tests that the east alone pays 500, and the west alone 120 where it gets 60 from trade."""
    placement = placer.solve(scarce_cheap)
    accounts = placer.accounts(placement)
    assert accounts.stability.proven_usd.tolist() == pytest.approx([500.0, -60.0])
    assert accounts.stability.rounding_usd == pytest.approx(0.0, abs=1e-9)
    assert str(accounts.stability).startswith("No region, and no coalition, could do better on its own")
    costs = _costs(placement, accounts.groups)
    assert list(costs.values()) == pytest.approx([500.0, 120.0, 440.0])


@pytest.mark.parametrize("seed", range(tries(12, 50)))
def test_no_group_does_better_alone(solved, seed):
    """Tests every group of the regions of random instances, and that all regions together cost what they pay."""
    placement = solved(seed)
    if placement is None:
        pytest.skip("the limits of this instance cannot be met")
    accounts = placer.accounts(placement, "district")
    net, size = accounts.stability.proven_usd, abs(placement.cost_and_penalty_usd)
    assert accounts.stability.rounding_usd <= 1e-8 * size
    for members, cost in _costs(placement, accounts.groups).items():
        assert net[list(members)].sum() <= cost + 1e-7 * size, members
    assert net.sum() == pytest.approx(cost, abs=1e-7 * size)  # the last group is that of all regions


def test_proven_net_costs_and_common_rents_add_up_to_the_bound(make_random_instance):
    """Tests that the net costs, less the rents of caps, are the proven bound."""
    placement = placer.solve(make_random_instance(3))
    accounts = placer.accounts(placement)
    net = proven_net_costs(placement.formulation, placement.answer.prices, accounts.groups)
    settled = placement.settlement
    common = settled[["link_rent", "carbon_cap_rent", "water_cap_rent", "limits_rent"]].sum()
    assert net.sum() - common == pytest.approx(placement.certificate.bound)


def test_a_proof_that_is_not_stated_has_no_figures():
    """Tests that nothing is proven of any region, to no amount."""
    assert (len(NOT_STATED.proven_usd), NOT_STATED.rounding_usd, NOT_STATED.is_stated) == (0, 0, False)


def test_one_region_is_stable_as_it_is(make_instance):
    """Tests the sentence where there is nobody to leave."""
    hubs = [{"hub": "A", "region": "one"}, {"hub": "B", "region": "one"}]
    centres = [{"data_centre": name, "region": "one"} for name in "XY"]
    accounts = placer.accounts(placer.solve(make_instance(hubs=hubs, data_centres=centres)))
    assert str(accounts.stability) == "There is one region, and so no group that could do better alone."
    assert np.isfinite(accounts.stability.proven_usd).all()


def _secure_alone(instance, security, names):
    """Yield every group of regions, by position, with its secure placement alone."""
    hubs, centres = instance.hubs, instance.data_centres
    for members in _groups(len(names)):
        others = [name for place, name in enumerate(names) if place not in members]
        left_out = [*hubs.loc[hubs["district"].isin(others), "hub"]]
        left_out += [*centres.loc[centres["district"].isin(others), "data_centre"]]
        yield members, placer.solve(instance.without(*left_out), security=security)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "share"), [(0, 0.5), (12, 0.7)])
def test_no_group_does_better_alone_with_headroom_of_its_own(make_random_instance, seed, share):
    """Tests every group of two districts, without limits that regions share, secure against the loss of any site."""
    instance = make_random_instance(seed, carbon_limit_kg=np.inf, water_limit_litres=np.inf)
    instance = instance.replace(
        hubs=instance.hubs.assign(district=["n", "s", "n"]),
        data_centres=instance.data_centres.assign(district=["n", "s", "s", "n"]),
        links=instance.links.assign(capacity_gbps=np.inf),
    )
    security = placer.Security("data_centres", protected=dict.fromkeys(instance.workloads["workload"], share))
    secure = placer.solve(instance, security=security)
    accounts = placer.accounts(secure, "district")
    stability, size = accounts.stability, 1e-7 * abs(secure.cost_and_penalty_usd)
    assert secure.settlement["security_rent"] > 1.0
    assert stability.unserved_factor == pytest.approx(1, abs=1e-6)
    assert stability.rounding_usd <= size
    assert stability.proven_usd.sum() == pytest.approx(secure.cost_and_penalty_usd, abs=size)
    assert "its own headroom for the same contingencies, at the same rents" in str(stability)
    for members, alone in _secure_alone(instance, security, accounts.groups.names):
        cost = alone.cost_and_penalty_usd + secure.secure.penalty * sum(alone.stranded_mtok.values())
        assert stability.proven_usd[list(members)].sum() <= cost + size, members


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 12])
def test_groups_pay_for_unserved_tokens_that_security_holds(make_random_instance, seed):
    """Tests every group where work strands and tokens are unserved: alone they count as often their penalty.

    A group alone costs at most what its secure placement does, whose unserved tokens are at their least.
    """
    instance = make_random_instance(seed, carbon_limit_kg=np.inf, water_limit_litres=np.inf)
    instance = instance.replace(
        hubs=instance.hubs.assign(district=["n", "s", "n"]),
        data_centres=instance.data_centres.assign(district=["n", "s", "s", "n"]),
        links=instance.links.assign(capacity_gbps=np.inf),
    )
    security = placer.Security("data_centres")
    secure = placer.solve(instance, security=security)
    stranded = secure.secure.penalty * sum(secure.stranded_mtok.values())
    stability = placer.accounts(secure, "district").stability
    factor, size = stability.unserved_factor, 1e-7 * (secure.cost_and_penalty_usd + stranded)
    assert factor > 2
    assert stranded > 0
    assert stability.rounding_usd <= size
    assert stability.proven_usd.sum() == pytest.approx(
        secure.cost_usd + factor * secure.penalty_usd + stranded, abs=factor * size
    )
    assert f"each with unserved tokens at {factor:,.6g} times their penalty (proven" in str(stability)
    for members, alone in _secure_alone(instance, security, ["n", "s"]):
        cost = alone.cost_usd + factor * alone.penalty_usd
        cost += secure.secure.penalty * sum(alone.stranded_mtok.values())
        assert stability.proven_usd[list(members)].sum() <= cost + factor * size, members


def test_two_regions_share_headroom(make_three_sites):
    """Tests the three sites twice: a region alone is secure for 555, and together both are for less."""
    security = placer.Security("data_centres")
    accounts = placer.accounts(placer.solve(make_three_sites(2), security=security), "land")
    assert placer.solve(make_three_sites(1), security=security).cost_usd == pytest.approx(555.0)
    net = accounts.stability.proven_usd
    assert net.sum() == pytest.approx(accounts.cost_usd)
    assert net.sum() < 2 * 555.0 - 1.0
    assert (net <= 555.0 + 1e-6).all()


def test_rounding_is_what_a_net_cost_exceeds_the_proven_one_by(scarce_cheap):
    """Tests net costs 3 above and 1 below the proven ones of 500 and -60, and both below."""
    placement = placer.solve(scarce_cheap)
    formulation, duals = placement.formulation, placement.answer.prices
    groups = placer.accounts(placement).groups
    proven = np.array([500.0, -60.0])
    for off, rounding in (([3.0, -1.0], 3.0), ([-3.0, -1.0], 0.0)):
        found = stability_of(formulation, duals, groups, proven + off)
        assert found.proven_usd.tolist() == pytest.approx(proven.tolist())
        assert found.rounding_usd == pytest.approx(rounding, abs=1e-9)


def test_rounding_of_a_secure_placement_counts_unserved_tokens_at_their_rent(make_random_instance):
    """Tests a net cost 5 above that of the accounts, in each region alone, where unserved tokens are held at a rent."""
    instance = make_random_instance(1, carbon_limit_kg=np.inf, water_limit_litres=np.inf)
    instance = instance.replace(
        hubs=instance.hubs.assign(district=["n", "s", "n"]),
        data_centres=instance.data_centres.assign(district=["n", "s", "s", "n"]),
        links=instance.links.assign(capacity_gbps=np.inf),
    )
    secure = placer.solve(instance, security=placer.Security("data_centres"))
    accounts = placer.accounts(secure, "district")
    net = accounts.regions[["net_cost_usd", "stranded_usd"]].sum(axis=1).to_numpy()[:2]
    assert secure.secure.unserved_rent.min() > 1
    for region in range(2):
        above = net + 5.0 * (np.arange(2) == region)
        assert secure_stability_of(secure, accounts.groups, above).rounding_usd == pytest.approx(5.0, abs=1e-3)
    assert secure_stability_of(secure, accounts.groups, net - 5.0).rounding_usd == 0.0


@pytest.mark.parametrize(("factor", "said"), [(1.0, False), (1 + 1e-9, False), (1 + 1e-6, True), (2.0, True)])
def test_a_rent_of_unserved_tokens_is_said_unless_it_is_rounding(factor, said):
    """Tests factors of 1 and just above."""
    text = str(Stability(np.zeros(2), 0.5, unserved_factor=factor))
    assert ("times their penalty" in text) is said
    assert "to 0.50 USD a region" in text
    assert "same rents of links and caps (proven by the prices, to 0.01 USD a region)" in str(
        Stability(np.zeros(2), 0.0)
    )


def test_a_region_owns_its_pools():
    """Tests that the rent of a full pool is earned by the region of its data centre, and that gains refuse pools."""
    accounts = placer.accounts(placer.solve(pooled()))
    assert accounts.regions.loc["west", ["accelerators_usd", "accelerator_rent_usd"]].tolist() == pytest.approx(
        [20, 10]
    )
    assert accounts.stability.proven_usd.tolist() == pytest.approx([30.0, -10.0])
    assert accounts.stability.rounding_usd == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(InstanceError, match="the gains from trade takes one type of accelerators a data centre"):
        _ = accounts.gains
