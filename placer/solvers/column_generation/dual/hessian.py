"""The curvature of the smoothed dual, minus its Hessian: banded in periods, over resources of sites and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.solvers.column_generation.dual.hessian_waiting import Waiting
from placer.solvers.column_generation.market.service_costs import served_later
from placer.utils.arrays import period_chunks

if TYPE_CHECKING:
    from placer.solvers.column_generation.dual.softmax import Division
    from placer.solvers.column_generation.market.definition import Group, Market

#: Cells of a block worked on at once, so that they stay in the cache.
_CELLS = 60_000
#: All periods are taken at once where windows span this part of them, unless that takes more cells than so many.
_WIDE_PART, _WIDE_CELLS = 0.6, 4_000_000
#: A delay at which less than this share of the most is served adds nothing to the curvature.
_LEAST_SHARE = 1e-6


@dataclass(frozen=True, eq=False)
class Curvature:
    """Minus the Hessian, by lag: block ``blocks[lag][t]`` couples period t with ``t + lag`` (modulo the horizon).

    Attributes
    ----------
    blocks : dict of int to (t, n, n) array
    resources : (n,) int array
        Positions of the resources in it.
    waiting : tuple of Waiting
        What classes that may wait for long add to the blocks.
    """

    blocks: dict[int, np.ndarray]
    resources: np.ndarray
    waiting: tuple[Waiting, ...] = ()

    def times(self, step: np.ndarray) -> np.ndarray:
        """Multiply with an array (t, r)."""
        part = step[:, self.resources]
        product = np.zeros_like(part)
        for lag, block in self.blocks.items():
            product += np.matmul(block, np.roll(part, -lag, 0)[:, :, None])[:, :, 0]
            if lag:
                product += np.roll(np.matmul(block.transpose(0, 2, 1), part[:, :, None])[:, :, 0], lag, 0)
        for each in self.waiting:
            product += each.times(part)
        result = np.zeros_like(step)
        result[:, self.resources] = product
        return result


def group_curvature(
    market: Market, group: Group, division: Division, share: np.ndarray | None, sites: np.ndarray, mu: float
) -> tuple[dict[int, np.ndarray], tuple[Waiting, ...]]:
    """Return the curvature of one group, over the resources of some sites and all links: blocks by lag, and the rest.

    Parameters
    ----------
    market, group
    division : Division
        With what arrives and ``over``, over the same sites.
    share : (delay, t, s) array or None
        What part is served at each delay; None if nothing waits.
    sites : int array
    mu : float
        Width of the group.
    """
    count = len(sites)
    spread = _Spread(market, group, division.over, sites, mu)
    over = division.over[:, :count, :count]
    if share is None:
        return {0: spread.over_resources(0, over, None)}, ()
    arriving, chosen = division.arriving[:, sites], share[:, :, sites]
    moved = arriving * chosen
    if _couples_all(market, count):
        return {0: spread.of_service(moved)}, (spread.waiting(arriving, chosen),)
    most = moved.max()
    delays = [delay for delay in range(len(chosen)) if moved[delay].max() > _LEAST_SHARE * most]
    blocks = _over_delays(over, arriving, chosen, delays)
    links = set(delays) if division.passing.shape[1] else set()
    blocks |= {lag: np.zeros_like(blocks[0]) for lag in links - blocks.keys()}
    return {
        lag: spread.over_resources(lag, block, chosen[lag] if lag in links else None) for lag, block in blocks.items()
    }, ()


def _couples_all(market: Market, sites: int) -> bool:
    """Whether work waits through so much of the horizon that all periods are best taken at once."""
    longest = max(group.window for group in market.groups) + 1
    return longest > _WIDE_PART * market.periods and (market.periods * sites) ** 2 <= _WIDE_CELLS


def _over_delays(over: np.ndarray, arriving: np.ndarray, share: np.ndarray, delays: list[int]) -> dict[int, np.ndarray]:
    """Spread the curvature of the division over the delays (lag, (t, n, n))."""
    periods, count = arriving.shape
    lags = {0} | {second - first for first in delays for second in delays if second >= first}
    total = {lag: np.zeros((periods, count, count)) for lag in lags}
    for t in period_chunks(periods, count * count, _CELLS):
        _spread_chunk(t, over, arriving, share, delays, total)
    return total


def _spread_chunk(
    t: slice, over: np.ndarray, arriving: np.ndarray, share: np.ndarray, delays: list[int], total: dict[int, np.ndarray]
) -> None:
    """Add what arrives in some periods: ``phi' over phi + diag(X phi) - X phi phi'``, by lag."""
    periods, count = arriving.shape
    own, length = np.arange(count), t.stop - t.start
    here = np.ascontiguousarray(over[t])
    for first in delays:
        row = share[first, t][:, :, None] * here
        moved = arriving[t] * share[first, t]
        start = (t.start + first) % periods
        fitting = min(length, periods - start)
        for second in delays:
            if second < first:
                continue
            block = row * share[second, t][:, None, :]
            block[:, own, own] -= moved * (share[second, t] - (second == first))
            into = total[second - first]
            into[start : start + fitting] += block[:fitting]
            if fitting < length:
                into[: length - fitting] += block[fitting:]


class _Spread:
    """Spreads blocks over sites to blocks over the resources of sites, and links."""

    def __init__(self, market: Market, group: Group, over: np.ndarray, sites: np.ndarray, mu: float) -> None:
        self._coefficients = [group.use[sites]] + ([group.draw[sites]] if market.supplied else [])
        self._links, self._link_use = len(market.link), group.link_use
        self._over, self._mu = over, mu

    def over_resources(self, lag: int, block: np.ndarray, share: np.ndarray | None) -> np.ndarray:
        """Return a block of a lag; ``share`` (t, n) is what is served at that delay, None if all is served at once."""
        count, kinds = block.shape[1], len(self._coefficients)
        size = kinds * count + self._links
        result = np.zeros((len(block), size, size))
        for row, one in enumerate(self._coefficients):
            for column, other in enumerate(self._coefficients):
                part = result[:, row * count : (row + 1) * count, column * count : (column + 1) * count]
                np.multiply(block, np.outer(one, other) / self._mu, out=part)
        if self._over.shape[1] > count and (share is not None or lag == 0):
            self._add_links(lag, result, share, count)
        return result

    def of_service(self, moved: np.ndarray) -> np.ndarray:
        """Return the blocks of what is served, where ``moved`` (delay, t, n) is what is served of each arrival."""
        served = served_later(moved)
        own, count = np.arange(moved.shape[2]), moved.shape[2]
        size = len(self._coefficients) * count + self._links
        result = np.zeros((len(served), size, size))
        for row, one in enumerate(self._coefficients):
            for column, other in enumerate(self._coefficients):
                result[:, row * count + own, column * count + own] = served * (one * other / self._mu)
        return result

    def waiting(self, arriving: np.ndarray, share: np.ndarray) -> Waiting:
        """Return the rest of the curvature of a group that may wait for long."""
        count, size = arriving.shape[1], arriving.shape[1] + self._links
        own, passing = np.arange(count), self._over.shape[1]
        over = np.zeros((len(arriving), size, size))
        over[:, :passing, :passing] = self._over
        over[:, own, own] -= arriving
        need = np.zeros((len(self._coefficients), size))
        need[:, :count] = self._coefficients
        need[0, count:] = self._link_use
        return Waiting(over / self._mu, share, need)

    def _add_links(self, lag: int, result: np.ndarray, share: np.ndarray | None, count: int) -> None:
        """Links charge on arrival, so link and service meet at every delay."""
        first_link = count * len(self._coefficients)
        cross = self._over[:, count:, :count]
        if share is not None:
            cross = cross * share[:, None]
        for kind, coefficient in enumerate(self._coefficients):
            place = slice(kind * count, (kind + 1) * count)
            result[:, first_link:, place] = cross * (self._link_use / self._mu * coefficient)
            if lag == 0:
                result[:, place, first_link:] = result[:, first_link:, place].transpose(0, 2, 1)
        if lag == 0:
            result[:, first_link:, first_link:] = self._over[:, count:, count:] * (self._link_use**2 / self._mu)
