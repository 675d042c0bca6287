"""Tests that the price of every flow is taken apart by payee."""

import pytest

import placer
from placer.accounting.payments import payments_of
from placer.placement.accounts import arc_usd
from tests.effort import tries


def test_payments_by_hand(make_instance):
    """Tests a flow over a link with a rent, to a full data centre, under a carbon price cap."""
    instance = make_instance(
        data_centres=[
            {"data_centre": "X", "region": "east"},
            {"data_centre": "Y", "region": "west", "accelerators": 12.0, "accelerator_usd_per_hour": 5.0},
        ],
    )
    placement = placer.solve(instance)
    payments = payments_of(placement.formulation, placement.accounts, placement.rents)
    energy = arc_usd(placement.formulation.structure, placement.accounts, "energy")
    at_west = energy == 20.0 * placement.accounts.sent
    # X makes the marginal Mtok at 50. At Y a Mtok pays 20 for power and 30 for accelerators: 5 of cost, 25 of rent.
    assert payments.spent.tolist() == pytest.approx((50.0 * placement.accounts.sent).tolist())
    assert payments.accelerators[at_west].tolist() == pytest.approx((30.0 * placement.accounts.sent[at_west]).tolist())
    assert payments.place[at_west].tolist() == pytest.approx((20.0 * placement.accounts.sent[at_west]).tolist())
    assert payments.network.tolist() == [0.0] * len(placement.accounts.sent)


@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_the_network_and_the_authority_are_paid_their_rents(solved, seed):
    """Tests on random instances that each payee gets its costs and its rents times limits."""
    placement = solved(seed)
    if placement is None:
        pytest.skip("the limits of this instance cannot be met")
    payments = payments_of(placement.formulation, placement.accounts, placement.rents)
    settled, size = placement.settlement, placement.cost_and_penalty_usd
    parts = placement.cost_parts_usd
    caps = settled[["carbon_cap_rent", "water_cap_rent", "limits_rent"]].sum()
    assert payments.network.sum() == pytest.approx(parts["transit"] + settled["link_rent"], abs=1e-9 * size)
    assert payments.authority.sum() == pytest.approx(caps, abs=1e-9 * size)
    rent = settled["accelerator_rent"] + parts["accelerators"]
    assert payments.accelerators.sum() == pytest.approx(rent, abs=1e-9 * size)
    power = sum(parts[name] for name in ("operations", "energy", "carbon", "water"))
    power += settled["inframarginal_rent"] + settled["power_rent"]
    assert payments.place.sum() == pytest.approx(power, abs=1e-9 * size)
