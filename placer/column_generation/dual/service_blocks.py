"""Blocks of the Hessian of one class by lag in periods, between two figures of service at sites or bundles.

With the covariance C, and ``one_d`` and ``other_e`` (t, n) figures of what is served after delays d and e >= d of the
work X that arrives, blocks of lag e - d at period t + d get

    one_d C_t other_e + diag(X both_d) [d = e] - diag(X one_d other_e)

both_d is the mean of the product of the two figures after delay d.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.column_generation.market.pricing import CELLS_PER_CHUNK
from placer.utils.arrays import FloatArray, period_chunks

if TYPE_CHECKING:
    from placer.column_generation.dual.parameters import HessianParameters
    from placer.column_generation.dual.places import EitherArray


def arrival_blocks(
    covariance: EitherArray, phi: FloatArray, delays: list[int], parameters: HessianParameters
) -> dict[int, EitherArray]:
    """Return the sums of ``phi_d C_t phi_e`` by lag and period of service, each (t, n, n)."""
    periods, count = phi.shape[1:]
    lags = {0} | {second - first for first in delays for second in delays if second >= first}
    # One array for all lags: the system hands out large ones in large pages, which threads need not wait for.
    total = dict(zip(sorted(lags), np.zeros((len(lags), periods, count, count), covariance.dtype), strict=True))
    least = parameters.negligible_part
    size = np.abs(phi)
    narrow = np.where(size > least, phi, 0.0).astype(covariance.dtype)
    for t in period_chunks(periods, count * count, CELLS_PER_CHUNK):
        most = size[:, t].max(axis=(1, 2))
        pairs = {
            first: [second for second in delays if second >= first and most[first] * most[second] > least]
            for first in delays
        }
        _add_arrivals(t, covariance, narrow, pairs, total)
    return total


def _add_arrivals(
    t: slice, covariance: EitherArray, phi: EitherArray, pairs: dict[int, list[int]], total: dict[int, EitherArray]
) -> None:
    """Add ``phi_d C_t phi_e`` of the work that arrives in some periods, for some pairs of delays ``e >= d``."""
    periods, length = len(covariance), t.stop - t.start
    chunk = np.ascontiguousarray(covariance[t])
    row, block = np.empty_like(chunk), np.empty_like(chunk)
    for first, later in pairs.items():
        if later:
            np.multiply(phi[first, t][:, :, None], chunk, out=row)
        start = (t.start + first) % periods
        before_end = min(length, periods - start)
        for second in later:
            np.multiply(row, phi[second, t][:, None, :], out=block)
            into = total[second - first]
            into[start : start + before_end] += block[:before_end]
            if before_end < length:
                into[: length - before_end] += block[before_end:]


def add_delays(
    arriving: FloatArray,
    one: FloatArray,
    other: FloatArray,
    both: FloatArray,
    delays: list[int],
    diagonals: dict[int, EitherArray],
) -> None:
    """Add ``X both_d [d = e] - X one_d other_e`` of all work to diagonals by lag (t, ..., n)."""
    for place, first in enumerate(delays):
        later = delays[place:]
        amounts = -(arriving * one[first]) * other[later]
        amounts[0] += arriving * both[first]
        for second, amount in zip(later, np.roll(amounts, first, 1), strict=True):
            diagonals[second - first] += amount


def periods_later(values: FloatArray, lag: int) -> FloatArray:
    """Return figures (1 or t, ...) of the periods a lag later; a single one is that of all periods."""
    return values if len(values) == 1 else np.roll(values, -lag, 0)


def diagonals(blocks: dict[int, EitherArray]) -> dict[int, EitherArray]:
    """Return views of the diagonals by lag (t, n)."""
    return {lag: np.einsum("tnn->tn", block) for lag, block in blocks.items()}


def diagonals_between(blocks: dict[int, EitherArray], kinds: int) -> dict[int, EitherArray]:
    """Return views of the diagonals between every two of some kinds of resource, by lag (t, kinds, kinds, n)."""
    periods, size, _ = blocks[0].shape
    shape = periods, kinds, size // kinds, kinds, size // kinds
    return {lag: np.einsum("tanbn->tabn", block.reshape(shape)) for lag, block in blocks.items()}
