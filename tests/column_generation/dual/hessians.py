"""Hessians with work that waits, and their matrices in plain loops."""

from __future__ import annotations

import numpy as np

from placer.column_generation.dual.hessian import Hessian
from placer.column_generation.dual.hessian_waiting import WaitingHessian


def random_hessian(seed, periods, sites, *, waits):
    """Return a positive definite Hessian over the capacity of some sites, with a class that waits or without."""
    random = np.random.default_rng(seed)
    over = random.uniform(-1, 1, (periods, sites, sites))
    blocks, waiting = 8.0 * np.eye(sites) + over + over.transpose(0, 2, 1), ()
    if waits:
        over = random.uniform(-0.5, 0.5, (periods, sites, sites))
        share = random.uniform(0, 1, (2, periods, sites))
        waiting = (WaitingHessian(over + over.transpose(0, 2, 1), share, np.ones((1, 1, sites))),)
    return Hessian(blocks, np.arange(sites), waiting)


def matrix_of(hessian):
    """Return a Hessian over (period, resource) as a matrix."""
    periods, size, _ = hessian.blocks.shape
    whole = np.zeros((periods, size, periods, size))
    for period, block in enumerate(hessian.blocks):
        whole[period, :, period] = block
    return whole.reshape(periods * size, -1) + sum(matrix_of_waiting(each) for each in hessian.waiting)


def matrix_of_waiting(waiting):
    """Return ``A' O A`` over (period, resource), from A in plain loops over lanes that are sites."""
    periods, sites, links = len(waiting.products), waiting.sites, waiting.products.shape[1] - waiting.sites
    size = waiting.kinds * sites + links
    total = np.zeros((periods * size, periods * size))
    for t in range(periods):
        uses = np.zeros((sites + links, periods, size))
        for delay, site, kind in np.ndindex(len(waiting.delay_share), sites, waiting.kinds):
            later = (t + delay) % periods
            of_kind = waiting.coefficients[later % len(waiting.coefficients), kind, site]
            uses[site, later, kind * sites + site] += of_kind * waiting.delay_share[delay, t, site]
        for link in range(sites, sites + links):
            use = waiting.coefficients[t % len(waiting.coefficients), 0, link]
            uses[link, t, waiting.kinds * sites + link - sites] = use
        flat = uses.reshape(sites + links, -1)
        total += flat.T @ waiting.products[t] @ flat
    return total
