"""The curvature of the smoothed dual, minus its Hessian: banded in periods, over resources of sites and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.large.division import Division
    from placer.large.market import Group, Market

#: Cells of a block worked on at once, so that they stay in the cache.
_CELLS = 60_000
#: Delays are taken all at once from this part of the periods on, unless that takes more cells than so many.
_WIDE_PART, _WIDE_CELLS = 0.6, 4_000_000
#: A delay at which less than this share of the most is served adds nothing to the curvature.
_LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class Curvature:
    """Minus the Hessian, by lag: block ``blocks[lag][t]`` couples period t with ``t + lag`` (modulo the horizon).

    Attributes
    ----------
    blocks : dict of int to (t, n, n) array
    resources : (n,) int array
        Positions of the resources in it.
    """

    blocks: dict[int, np.ndarray]
    resources: np.ndarray

    def times(self, step: np.ndarray) -> np.ndarray:
        """Multiply with an array (t, r)."""
        part = step[:, self.resources]
        product = np.zeros_like(part)
        for lag, block in self.blocks.items():
            product += np.matmul(block, np.roll(part, -lag, 0)[:, :, None])[:, :, 0]
            if lag:
                product += np.roll(np.matmul(block.transpose(0, 2, 1), part[:, :, None])[:, :, 0], lag, 0)
        result = np.zeros_like(step)
        result[:, self.resources] = product
        return result


def group_curvature(
    market: Market, group: Group, division: Division, share: np.ndarray | None, sites: np.ndarray, mu: float
) -> dict[int, np.ndarray]:
    """Return the curvature of one group by lag, over the resources of some sites and all links.

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
    if share is None:
        return {0: spread.over_resources(0, division.over[:, :count, :count], None)}
    arriving, chosen = division.arriving[:, sites], share[:, :, sites]
    moved = arriving * chosen
    most = moved.max()
    delays = [delay for delay in range(len(chosen)) if moved[delay].max() > _LEAST_SHARE * most]
    over = division.over[:, :count, :count]
    if len(delays) > _WIDE_PART * market.periods and over.size * market.periods <= _WIDE_CELLS:
        blocks = _over_all(over, arriving, chosen, delays, cyclic=market.cyclic)
    else:
        blocks = _over_delays(over, arriving, chosen, delays)
    links = set(delays) if division.passing.shape[1] else set()
    blocks |= {lag: np.zeros_like(blocks[0]) for lag in links - blocks.keys()}
    return {
        lag: spread.over_resources(lag, block, chosen[lag] if lag in links else None) for lag, block in blocks.items()
    }


def _over_delays(over: np.ndarray, arriving: np.ndarray, share: np.ndarray, delays: list[int]) -> dict[int, np.ndarray]:
    """Spread the curvature of the division over the delays (lag, (t, n, n))."""
    periods, count = arriving.shape
    lags = {0} | {second - first for first in delays for second in delays if second >= first}
    total = {lag: np.zeros((periods, count, count)) for lag in lags}
    step = max(1, _CELLS // max(count * count, 1))
    for start in range(0, periods, step):
        t = slice(start, min(start + step, periods))
        _spread_chunk(t, over, arriving, share, delays, total)
    return total


def _over_all(
    over: np.ndarray, arriving: np.ndarray, share: np.ndarray, delays: list[int], *, cyclic: bool
) -> dict[int, np.ndarray]:
    """Do the same by products of matrices over the periods of service and of arrival, one for each pair of sites."""
    periods, count = arriving.shape
    period = np.arange(periods)
    served = np.zeros((count, periods, periods))
    for delay in delays:
        served[:, (period + delay) % periods, period] = share[delay].T
    whole = np.empty((periods, periods, count, count))
    for site, own in enumerate(served):
        block = (own * over[:, site, site:].T[:, None, :]) @ served[site:].transpose(0, 2, 1)
        block[0] += np.diag(own @ arriving[:, site]) - (own * arriving[:, site]) @ own.T
        whole[:, :, site, site:] = block.transpose(1, 2, 0)
        whole[:, :, site + 1 :, site] = block[1:].transpose(2, 1, 0)
    return _by_lag(whole, cyclic=cyclic)


def _by_lag(whole: np.ndarray, *, cyclic: bool) -> dict[int, np.ndarray]:
    """Return the blocks of all pairs of periods by lag, each pair once: on a circle, the shorter way round."""
    periods = len(whole)
    period = np.arange(periods)
    if not cyclic:
        beyond = period[:, None] + period >= periods
        return {
            lag: np.where(beyond[lag][:, None, None], 0.0, whole[period, (period + lag) % periods])
            for lag in range(periods)
        }
    blocks = {lag: whole[period, (period + lag) % periods] for lag in range(periods // 2 + 1)}
    if periods % 2 == 0:
        blocks[periods // 2] /= 2  # half way round, each pair comes twice
    return blocks


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
