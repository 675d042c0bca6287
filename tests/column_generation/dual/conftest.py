"""Classes of random structures at some prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from placer.column_generation.market.definition import Market, market
from placer.column_generation.market.service_costs import link_prices, service_costs

if TYPE_CHECKING:
    from placer.column_generation.market.groups import Group


@dataclass(frozen=True)
class Case:
    """A class, the prices of links (t, l), the links of its routes (l, s * h), and their prices.

    The parts of its prices are the cost of service by period of arrival (t, s), and what links cost on every route
    (t, s * h).
    """

    whole: Market
    group: Group
    paid: np.ndarray
    incidence: np.ndarray
    arrival: np.ndarray
    routes: np.ndarray


@pytest.fixture(scope="package")
def cases(make_random_structure, some_prices):
    """Return the classes of random structures, at some prices."""
    found = []
    for seed in range(24):
        whole = market(make_random_structure(seed, cyclic=bool(seed % 2), zeros=bool(seed // 2 % 2)))
        prices = some_prices(whole, seed)
        for group in whole.groups:
            incidence = whole.links[:, :, group.origins].reshape(len(whole.link), group.arc.size)
            paid = link_prices(whole, group, prices)
            arrival = service_costs(whole, group, prices)
            found.append(Case(whole, group, paid, incidence, arrival, paid @ incidence))
    return found
