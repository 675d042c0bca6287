"""Classes of random structures at some prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from placer.column_generation.dual.parameters import SMOOTHED_DUAL
from placer.column_generation.dual.path import cost_spread
from placer.column_generation.dual.shortlist import PriceParts, list_columns
from placer.column_generation.market.definition import Market, market
from placer.column_generation.market.service_costs import link_prices, service_costs

if TYPE_CHECKING:
    from placer.column_generation.market.groups import Group


@dataclass(frozen=True)
class Case:
    """A class, the prices of links (t, l), the links of its routes (l, s * h), and the parts of its prices."""

    whole: Market
    group: Group
    paid: np.ndarray
    incidence: np.ndarray
    parts: PriceParts

    @property
    def arrival(self):
        """Cost of service by period of arrival (t, s)."""
        return self.parts.arrival

    @property
    def routes(self):
        """Price of every route (t, s * h)."""
        return self.parts.routes

    def listed(self, width, parameters=SMOOTHED_DUAL):
        """Return the shortlist at a width, in cost spreads."""
        return list_columns(self.group, self.parts, width * cost_spread(self.whole), parameters)


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
            parts = PriceParts(service_costs(whole, group, prices), paid @ incidence)
            found.append(Case(whole, group, paid, incidence, parts))
    return found
