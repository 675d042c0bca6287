"""Costs of service at given prices."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.definition import market
from placer.column_generation.market.service_costs import (
    ahead_costs,
    link_prices,
    served_later,
    service_costs,
    site_costs,
)
from tests.column_generation.conftest import SMALL


@pytest.fixture
def whole(make_structure):
    """Return a market with scarce capacity, supply and one link, of a class that waits a period."""
    return market(
        make_structure(
            window=[1],
            use=[[1.0, 2.0]],
            draw=[[1.0, 3.0]],
            link_use=[4.0],
            capacity=np.ones((2, 2)),
            tier_limit=np.ones((2, 2)),
            link_capacity=[5.0],
            route_links=[[1.0], [0.0], [0.0], [0.0]],
        )
    )


PRICES = np.array([[1.0, 2.0, 10.0, 20.0, 7.0], [3.0, 4.0, 30.0, 40.0, 8.0]])


def test_service_pays_for_capacity_and_supply(whole):
    """Tests 50 + 1 + 10 and 3 x 20 + 2 x 2 + 3 x 20, and the same a period later."""
    assert service_costs(whole, whole.groups[0], PRICES).tolist() == [[61.0, 124.0], [83.0, 188.0]]


@pytest.mark.parametrize(("cyclic", "last"), [(False, [np.inf, np.inf]), (True, [61.0, 124.0])])
def test_delays_run_round_a_cyclic_horizon_only(make_structure, cyclic, last):
    """Tests that what waits past the last period is served in the first, or never."""
    whole = market(make_structure(window=[1], cyclic=cyclic))
    service = np.array([[61.0, 124.0], [83.0, 188.0]])
    assert ahead_costs(whole, whole.groups[0], service).tolist() == [service.tolist(), [[83.0, 188.0], last]]


@pytest.mark.parametrize(("cyclic", "last"), [(False, np.inf), (True, 3.0)])
def test_delays_stay_within_their_block(make_structure, cyclic, last):
    """Tests a block of one period, in which nothing waits, before one of two."""
    three = {
        name: np.repeat(np.array(SMALL[name])[..., :1], 3, axis=-1)
        for name in ("capacity", "intake", "overhead", "tier_cost", "tier_limit")
    }
    three["cap_tier"] = np.zeros((0, 2, 3))
    whole = market(make_structure(window=[2], cyclic=cyclic, block=[0, 1, 1], **three))
    service = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    found = ahead_costs(whole, whole.groups[0], service)
    assert found[:, :, 0].tolist() == [[1.0, 3.0, 5.0], [np.inf, 5.0, last]]


def test_links_are_paid_by_use(whole):
    """Tests that a unit that counts as 4 on the link pays four times its price."""
    assert link_prices(whole, whole.groups[0], PRICES).tolist() == [[28.0], [32.0]]


def test_what_is_served_later_by_hand():
    """Tests 5 units at once and 2 a period later, of what arrives in the last of three: these come to the first."""
    moved = np.array([[[0.0], [1.0], [5.0]], [[0.0], [0.0], [2.0]]])
    assert served_later(moved)[:, 0].tolist() == [2.0, 1.0, 5.0]


def test_site_costs_by_hand(make_structure):
    """Tests 51 and 23 for one origin, 53 and 21 for the other: deviations of 14 and 16, means of 37."""
    whole = market(make_structure())
    assert site_costs(whole, whole.groups[0]) == (15.0, 37.0)


def test_closed_periods_do_not_count_for_a_site(make_structure):
    """Tests that a site without capacity in one of two periods costs what it does in the other."""
    whole = market(make_structure(capacity=[[0.0, np.inf], [np.inf, np.inf]]))
    assert site_costs(whole, whole.groups[0]) == (15.0, 37.0)


def test_costs_of_sites_count_where_there_is_an_arc(make_structure):
    """Tests that where power earns 10, an absent arc, which costs less than ``never`` there, is not among the costs."""
    earning = {"tier_cost": [[-10.0, -10.0], [20.0, 20.0]]}
    arcs = {"arc_class": [0, 0, 0], "arc_origin": [0, 1, 1], "arc_site": [1, 0, 1], "arc_cost": [3.0, 3.0, 1.0]}
    whole = market(make_structure(**earning | arcs))
    assert site_costs(whole, whole.groups[0]) == (7.0, 15.0)
