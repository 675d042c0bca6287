"""Sums over the delays of work that waits.

``phi_dt`` (delay, t, n) is the part of what arrives in t that is served a delay d later. With figures of service
``v_t'`` and of arrival ``w_t``,

    ahead         sum_d phi_dt v_(t + d)              the mean figure of service of what arrives in t
    later         sum_d phi_d(t' - d) w_(t' - d)      what is served in t'
    equal delays  sum_d phi_dt C_t phi_dt             of products, at the period of service t + d
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from placer.column_generation.dual.places import EitherArray
from placer.column_generation.market.pricing import CELLS_PER_CHUNK
from placer.utils.arrays import FloatArray, IntArray, period_chunks

#: All pairs of periods are handled at once where the delays, times this, are as many as the periods.
_PAIRS_PER_DELAY = 8
#: Delays whose parts have products below this at every site are left out of ``equal_delays``.
_LEAST_PRODUCT = 1e-3


class Delays:
    """Sums over delays.

    Parameters
    ----------
    phi : (delay, t, n) array
    """

    def __init__(self, phi: FloatArray) -> None:
        delays, self._periods, _ = phi.shape
        #: ``phi`` of every period by delay, and by period of service.
        self._phi, self._delay = phi, np.arange(delays)
        #: By pairs of periods, where all of them are best handled at once.
        self._pairs = by_pair(phi) if delays * _PAIRS_PER_DELAY >= self._periods else None

    @cached_property
    def _served(self) -> tuple[FloatArray, IntArray]:
        """``phi`` by period of service (delay, t', n), and the periods of arrival (t', delay)."""
        arrival = (np.arange(self._periods)[:, None] - self._delay) % self._periods
        return self._phi[self._delay, arrival].swapaxes(0, 1), arrival

    def ahead(self, values: FloatArray) -> FloatArray:
        """Return the mean figures of service of what arrives (t, c, n), given figures of service likewise."""
        if self._pairs is not None:
            return _by_site(self._pairs, values)
        service = (np.arange(self._periods)[:, None] + self._delay) % self._periods
        return np.einsum("dtn,tdcn->tcn", self._phi, values[service])

    def later(self, values: FloatArray) -> FloatArray:
        """Return what is served in every period (t, c, n), given what arrives likewise."""
        if self._pairs is not None:
            return _by_site(self._pairs.transpose(0, 2, 1), values)
        phi, arrival = self._served
        return np.einsum("dtn,tdcn->tcn", phi, values[arrival])


def by_pair(phi: FloatArray) -> FloatArray:
    """Return ``phi`` by site, period of arrival and period of service (n, t, t'), given it by delay (delay, t, n)."""
    delays, periods, sites = phi.shape
    twice = np.zeros((sites, periods, 2 * periods))
    of_site, of_period, item = twice.strides
    # Delays start at the period of arrival, and go on into a second horizon, which is the first again.
    shifted = np.ndarray((sites, periods, delays), twice.dtype, twice, 0, (of_site, of_period + item, item))
    shifted[:] = phi.transpose(2, 1, 0)
    return twice[:, :, :periods] + twice[:, :, periods:]


def equal_delays(products: EitherArray, phi: FloatArray) -> EitherArray:
    """Return the sums of ``phi_d C_t phi_d`` by period of service, given the products C (t, n, n)."""
    periods, count = phi.shape[1:]
    total, narrow = np.zeros(products.shape, products.dtype), phi.astype(products.dtype)
    for t in period_chunks(periods, count * count, CELLS_PER_CHUNK):
        chunk, block = np.ascontiguousarray(products[t]), np.empty_like(products[t])
        for delay in np.flatnonzero(phi[:, t].max(axis=(1, 2)) ** 2 > _LEAST_PRODUCT).tolist():
            np.multiply(narrow[delay, t, :, None], chunk, out=block)
            block *= narrow[delay, t, None]
            start = (t.start + delay) % periods
            before_end = min(len(block), periods - start)
            total[start : start + before_end] += block[:before_end]
            total[: len(block) - before_end] += block[before_end:]
    return total


def _by_site(pairs: FloatArray, values: FloatArray) -> FloatArray:
    """Return the products of pairs of periods (n, t, t') and values (t', c, n), site by site (t, c, n)."""
    return np.ascontiguousarray(np.matmul(pairs, values.transpose(2, 0, 1)).transpose(1, 2, 0))
