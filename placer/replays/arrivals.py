"""Arrivals of a day: the steps of a history divided into substeps, and drawn around their rates.

Between the middles of two steps the rate of a pair of workload and hub runs in a straight line. The substeps of a step
are then scaled so that they sum to the step. Requests of a substep with n expected ones are drawn from a negative
binomial distribution of mean n and variance D n, with D the index of dispersion: 1 is a Poisson process. Tokens follow
requests.
"""

from __future__ import annotations

import numpy as np

from placer.utils.arrays import FloatArray, ratio


def substep_amounts(steps: FloatArray, substeps: int) -> FloatArray:
    """Return the amounts of substeps (pairs, steps * substeps) that rates in straight lines between steps give.

    Parameters
    ----------
    steps : (pairs, steps) array
    substeps : int
        Of each step.

    Examples
    --------
    >>> substep_amounts(np.array([[4.0, 8.0]]), 2).round(3).tolist()
    [[1.778, 2.222, 3.733, 4.267]]
    """
    count = steps.shape[1]
    middle = np.clip((np.arange(count * substeps) + 0.5) / substeps - 0.5, 0, count - 1)
    before = np.minimum(middle.astype(int), max(count - 2, 0))
    after = np.minimum(before + 1, count - 1)
    rate = steps[:, before] + (middle - before) * (steps[:, after] - steps[:, before])
    parts = rate.reshape(len(steps), count, substeps)
    share = ratio(parts, parts.sum(axis=2, keepdims=True))
    return np.where(np.isnan(share), 0.0, share * steps[:, :, None]).reshape(len(steps), -1)


def drawn_amounts(amounts: FloatArray, mtok_per_request: FloatArray, dispersion: float, seed: int) -> FloatArray:
    """Return amounts drawn around their means (pairs, substeps); the means themselves at a dispersion of 0.

    Parameters
    ----------
    amounts : (pairs, substeps) array
        Mtok expected.
    mtok_per_request : (pairs,) array
    dispersion : float
        Variance over mean of the requests of a substep: 0, or at least 1.
    seed : int
    """
    if dispersion == 0:
        return amounts
    rng = np.random.default_rng(seed)
    expected = amounts / mtok_per_request[:, None]
    if dispersion == 1:
        return rng.poisson(expected) * mtok_per_request[:, None]
    shape = expected / (dispersion - 1)  # a gamma mixture of Poisson rates: mean n, variance D n
    rates = rng.gamma(shape, dispersion - 1)
    return rng.poisson(rates) * mtok_per_request[:, None]
