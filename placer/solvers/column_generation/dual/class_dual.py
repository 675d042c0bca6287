"""The part of one group of the smoothed dual."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.dual.shortlist import (
    REACH,
    Pairs,
    Shortlist,
    list_all,
    pair_count,
    pairs_of,
    shorten,
)
from placer.solvers.column_generation.dual.softmax import Dense, Division, divide
from placer.solvers.column_generation.dual.softmax_listed import divide_listed
from placer.solvers.column_generation.market.service_costs import (
    ahead_costs,
    link_prices,
    served_later,
    service_costs,
    site_costs,
)

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Group, Market

#: A width must be this part of the prices, or it takes double precision.
_COARSEST = 1e-5
#: Lists are kept when they hold at most this part of the cells, and this many pairs for each cell, more for each site.
_FEW_COLUMNS, _FEW_PAIRS, _FEW_PAIRS_A_SITE = 0.125, 0.3, 0.005
#: Columns are many as long as lists reach so many spreads of cost above the least.
_FEW_SPREADS = 1.0
#: Whether a list of all periods would be kept is told from one of so many of them.
_SAMPLED = 3


class ClassDual:
    """The part of one group."""

    def __init__(self, market: Market, group: Group) -> None:
        self.market, self.group = market, group
        self._single = Dense(market, group, np.float32)
        self._incidence = self._single.flat_incidence.astype(float)
        self._above, self._is_coarse = 0.0, False
        self._spread, _ = site_costs(market, group)
        self._listed: Shortlist | None = None
        self._pairs: Pairs | None = None
        self._reach = 0.0
        self._listed_at = (np.zeros(0), np.zeros(0))

    def divide(self, prices: np.ndarray, width: float, sites: np.ndarray) -> tuple[Division, np.ndarray | None, float]:
        """Divide the demands; return the division, the shares of the delays, and the width of the group."""
        mu = width * self.group.weight
        arrival, share = self._wait(prices, mu)
        paid = self._link_prices(prices)
        if self._listed is not None and self._moved(arrival, paid) + REACH / 2 * mu > self._reach:
            self._list(arrival, paid, mu)
        if self._listed is None or self._pairs is None:
            division = divide(self._double if self._is_coarse else self._single, arrival, paid, mu, sites)
        else:
            division = divide_listed(
                self.group, self._listed, self._pairs, arrival, self._routes(paid), mu, self._incidence, sites
            )
        self._above = division.above
        return division, share, mu

    @cached_property
    def _double(self) -> Dense:
        return Dense(self.market, self.group, np.float64)

    def take(self, division: Division, share: np.ndarray | None, gradient: np.ndarray) -> None:
        """Add what the group takes of every resource (t, r)."""
        group, market = self.group, self.market
        served = division.arriving if share is None else served_later(division.arriving * share)
        gradient[:, : market.sites] += served * group.use
        if market.supplied:
            gradient[:, market.sites : 2 * market.sites] += served * group.draw
        if division.passing.shape[1]:
            gradient[:, market.kinds * market.sites :] += division.passing * group.link_use

    def shorten(self, prices: np.ndarray, width: float) -> None:
        """List the columns near their least price, if they are few; see whether single precision still does."""
        mu = width * self.group.weight
        self._is_coarse = mu < _COARSEST * self._above
        self._list(self._wait(prices, mu)[0], self._link_prices(prices), mu)

    def _wait(self, prices: np.ndarray, mu: float) -> tuple[np.ndarray, np.ndarray | None]:
        """Return what service costs by period of arrival, and the shares served at each delay (delay, t, s)."""
        service = service_costs(self.market, self.group, prices)
        if not self.group.window:
            return service, None
        ahead = ahead_costs(self.market, self.group, service)
        least = ahead.min(axis=0)
        share = np.exp((least - ahead) / mu)
        total = share.sum(axis=0)
        share /= total
        return least - mu * np.log(total), share

    def _link_prices(self, prices: np.ndarray) -> np.ndarray:
        return link_prices(self.market, self.group, prices)[:, : len(self._incidence)]

    def _routes(self, paid: np.ndarray) -> np.ndarray | None:
        return paid @ self._incidence if paid.any() else None

    def _list(self, arrival: np.ndarray, paid: np.ndarray, mu: float) -> None:
        """List near columns, from the last list where it must hold them all; go back to all if they are many."""
        group, routes = self.group, self._routes(paid)
        if self._listed is not None and self._moved(arrival, paid) + REACH * mu <= self._reach:
            listed = shorten(group, self._listed, arrival, routes, mu)
        elif self._is_promising(arrival, routes, mu):
            listed = list_all(group, arrival, routes, mu)
        else:
            self._listed = self._pairs = None
            return
        if self._is_short(listed, len(arrival)):
            self._listed, self._pairs = listed, pairs_of(listed, self.market.sites)
            self._reach, self._listed_at = REACH * mu, (arrival, paid)
        else:
            self._listed = self._pairs = None

    def _is_promising(self, arrival: np.ndarray, routes: np.ndarray | None, mu: float) -> bool:
        """Whether columns may be few, and where there are many periods, whether a list of some would be kept."""
        if REACH * mu > _FEW_SPREADS * self._spread:
            return False
        step = self.market.periods // _SAMPLED
        if step < _SAMPLED:
            return True
        group, few = replace(self.group, amount=self.group.amount[::step]), arrival[::step]
        sampled = None if routes is None else routes[::step]
        return self._is_short(list_all(group, few, sampled, mu), len(few))

    def _is_short(self, listed: Shortlist, periods: int) -> bool:
        """Whether a list over so many periods is faster than all columns."""
        cells = self.group.arc_cost.size * periods
        pairs = cells * (_FEW_PAIRS + _FEW_PAIRS_A_SITE * self.market.sites)
        return len(listed) < cells * _FEW_COLUMNS and pair_count(listed) < pairs

    def _moved(self, arrival: np.ndarray, paid: np.ndarray) -> float:
        """Return the most by which the prices of two columns can have moved apart since the list was made."""
        before, paid_before = self._listed_at
        change = arrival - before
        links = np.abs(paid - paid_before).sum(axis=1).max(initial=0.0)
        return float((change.max(axis=1) - change.min(axis=1)).max() + np.abs(change).max() + 2 * links)
