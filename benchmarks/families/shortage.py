"""The capacity at which a given share of the work is lost, when waiting work is done by earliest deadline first."""

from __future__ import annotations

import numpy as np


def least_capacity(at_once: np.ndarray, batch: np.ndarray, window: int, lost: float) -> float:
    """Return the capacity per hour, of a single place, at which a share of all work is lost.

    Parameters
    ----------
    at_once, batch : (hours,) arrays
        Work that arrives in an hour; batch may wait ``window`` hours, round the end of the horizon too.
    window : int
    lost : float
        Share of all work.
    """
    low, high = 0.0, float((at_once + batch).max())
    for _ in range(40):
        middle = (low + high) / 2
        if _lost(at_once, batch, window, middle) > lost:
            low = middle
        else:
            high = middle
    return high


def _lost(at_once: np.ndarray, batch: np.ndarray, window: int, capacity: float) -> float:
    """Return the share of work lost under earliest deadline first, over two passes of the horizon."""
    waiting, lost = np.zeros(window + 1), 0.0
    for _ in range(2):
        lost = 0.0
        for now, later in zip(at_once, batch, strict=True):
            waiting = np.append(waiting[1:], later)
            lost += max(now - capacity, 0.0)
            free = max(capacity - now, 0.0)
            done = np.clip(free - (np.cumsum(waiting) - waiting), 0.0, waiting)
            waiting = waiting - done
            lost, waiting[0] = lost + waiting[0], 0.0
    return lost / (at_once.sum() + batch.sum())
