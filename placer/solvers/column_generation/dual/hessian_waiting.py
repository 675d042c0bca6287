"""The curvature of work that may wait through most of the horizon: it couples all periods, and blocks by lag are many.

A demand (h, t) of such a class divides over sites j and periods of service t' alike, with shares ``P_hjt phi_jtt'``
(``placer.solvers.column_generation.dual.smoothed_dual``), and pays links l in the period it arrives. Over what it takes
the curvature is

    diag(what is served) - sum_t sum_h amount (P phi) (P phi)' / mu

The first part is a block for each period. The second is ``A' O A``, with ``O_t = -sum_h amount P P' / mu`` over sites
and links, and A what a unit sent to j in t takes of each resource: ``need_j phi_jtt'`` in t', ``link_use`` in t.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Waiting:
    """The second part, of one class.

    Attributes
    ----------
    over : (t, n + l, n + l) array
        ``O``, over the chosen sites and then the links.
    share : (delay, t, n) array
        What part is served at each delay.
    need : (kinds, n + l) array
        What a unit takes of each kind of resource at a site, and of each link; of a link there is one kind, the first.
    """

    over: np.ndarray
    share: np.ndarray
    need: np.ndarray

    @cached_property
    def served(self) -> np.ndarray:
        """Return the part charged in each period of what is sent in each (n + l, t', t): of links, all at once."""
        _, periods, sites = self.share.shape
        period = np.arange(periods)
        served = np.zeros((self.over.shape[1], periods, periods))
        for delay, part in enumerate(self.share):
            served[:sites, (period + delay) % periods, period] = part.T
        served[sites:] = np.eye(periods)
        return served

    def takes(self, kind: np.ndarray, place: np.ndarray, period: np.ndarray) -> np.ndarray:
        """Return what a unit sent in each period takes of some resources (r, t); places past the sites are links."""
        return self.need[kind, place, None] * self.served[place, period]

    def times(self, step: np.ndarray) -> np.ndarray:
        """Multiply with an array (t, kinds * n + l)."""
        periods, sites, kinds = len(step), self.share.shape[2], len(self.need)
        padded = np.zeros((periods, kinds, len(self.served)))
        padded[:, :, :sites] = step[:, : kinds * sites].reshape(periods, kinds, sites)
        padded[:, 0, sites:] = step[:, kinds * sites :]
        paid = (padded * self.need).sum(axis=1)
        sent = np.matmul(paid.T[:, None], self.served)[:, 0]
        spread = np.matmul(self.over, sent.T[:, :, None])[:, :, 0]
        charged = np.matmul(self.served, spread.T[:, :, None])[:, :, 0].T[:, None] * self.need
        return np.concatenate([charged[:, :, :sites].reshape(periods, -1), charged[:, 0, sites:]], axis=1)


def coordinates(waiting: Waiting, where: np.ndarray, resources: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return kind, place and period of positions in an array (t, resources); places are sites, then links."""
    kinds, sites = len(waiting.need), waiting.share.shape[2]
    period, resource = np.divmod(where, resources)
    kind, place = np.divmod(resource, sites)
    link = resource - kinds * sites
    return np.where(link < 0, kind, 0), np.where(link < 0, place, sites + link), period


def add_waiting(
    matrix: np.ndarray, waiting: tuple[Waiting, ...], kind: np.ndarray, place: np.ndarray, period: np.ndarray
) -> None:
    """Add ``A' O A`` of some classes to the lower triangle of a matrix over resources, which are sorted by place."""
    takes = np.concatenate([each.takes(kind, place, period) for each in waiting], axis=1)
    over = np.ascontiguousarray(np.concatenate([each.over for each in waiting]).transpose(1, 2, 0))
    first = np.flatnonzero(np.diff(place, prepend=-1)).tolist()
    for start, end in itertools.pairwise([*first, len(place)]):
        spread = over[place[start]][place[start:]]
        spread *= takes[start:]
        matrix[start:, start:end] += spread @ takes[start:end].T
