"""The outlook of the rest of a day, found anew each hour from what has arrived and what waits."""

from __future__ import annotations

import numpy as np

from placer.replays.day import View
from placer.replays.network import DayNetwork
from placer.replays.outlook import Brief, Outlook, outlook
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray, ratio, sums_by


def level(network: DayNetwork, expected: FloatArray, view: View, substeps: int) -> FloatArray:
    """Return what arrived of each class in the last substeps over its forecast (pairs,); 1 at first."""
    seen = slice(max(view.period - substeps, 0), view.period)
    classes = network.structure.classes
    came = sums_by(network.klass, view.counts[:, seen].sum(axis=1), classes)
    foreseen = sums_by(network.klass, expected[:, seen].sum(axis=1), classes)
    found = ratio(came, foreseen)
    return np.where(np.isnan(found), 1.0, found)[network.klass]


def backlog_of(network: DayNetwork, view: View) -> FloatArray:
    """Return the work in queues by how many hours after this one its window reaches (classes, sites, hours)."""
    structure = network.structure
    hours = structure.periods // network.parts
    found = np.zeros((structure.classes, structure.sites, hours + 1))
    for klass in np.flatnonzero(structure.window > 0):
        left = (np.arange(view.period) + structure.window[klass]) // network.parts - view.period // network.parts
        came = view.queued[klass].cumsum(axis=1) - view.gone[klass][:, None]
        remaining = np.clip(came, 0.0, view.queued[klass])
        np.add.at(found[klass].T, np.clip(left, 0, hours), remaining.T)
    return found


#: Later hours count as so much fuller than the present level says. Work that was kept for hours that turn out full
#: expires; work that was served too early costs little.
_MARGIN = 1.1


class RolledOutlooks:
    """The outlook of the rest of the day, found anew each hour."""

    def __init__(self, brief: Brief) -> None:
        self._brief, self._hour, self._found = brief, 0, brief.outlook

    def at(self, view: View) -> Outlook:
        """Return the outlook of the hour of a view."""
        network, hours = self._brief.network, self._brief.hours
        hour = view.period // network.parts
        if hour > self._hour:
            self._hour = hour
            amounts = self._brief.forecast * level(network, self._brief.expected, view, network.parts)[:, None]
            amounts[:, :hour] = 0.0
            amounts[:, hour + 1 :] *= _MARGIN
            backlog = _in_bins(backlog_of(network, view))
            self._found = outlook(hours, amounts, hour, backlog)
        return self._found


#: Hours left by which backlog is told apart in an outlook: few, since each makes a class of its own.
_BINS = np.array([0, 1, 2, 4, 8, 16, 24])


def _in_bins(backlog: FloatArray) -> FloatArray:
    """Return backlog by fewer hours left, rounded down, without what is rounding."""
    found = np.zeros_like(backlog)
    hours = np.arange(backlog.shape[2])
    bins = _BINS[np.searchsorted(_BINS, hours, side="right") - 1]
    np.add.at(found.transpose(2, 0, 1), bins, backlog.transpose(2, 0, 1))
    return np.where(found > SOLVER * found.sum(), found, 0.0)
