"""The penalty of unserved demand: given, the value of its workload, or a multiple of the dearest way to serve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.model.structure import Structure
    from placer.utils.arrays import FloatArray

#: Unserved demand costs this many times the dearest way to serve it anywhere, where the workload has neither a penalty
#: nor a value. A chain of displacements that lets one more Mtok be served costs a few times the spread of costs at the
#: most, and a hundred leaves prices well within the tolerance of solvers.
UNSERVED_FACTOR = 100.0


def penalty_usd(given: FloatArray, value: FloatArray, dearest: FloatArray) -> FloatArray:
    """Return the cost of one unserved Mtok: as given, else its value, else UNSERVED_FACTOR times the dearest way.

    A workload that costs nothing anywhere takes the dearest way to serve any, and 1 where nothing costs anything.
    """
    of_all = float(dearest.max(initial=0.0)) or 1.0 / UNSERVED_FACTOR
    default = np.where(value > 0, value, UNSERVED_FACTOR * np.where(dearest > 0, dearest, of_all))
    return np.where(np.isnan(given), default, given)


def dearest_usd(structure: Structure, work_usd: FloatArray) -> FloatArray:
    """Return the dearest way to serve one Mtok of each workload, given its cost of work (workloads, data centres)."""
    drawn = structure.draw * structure.overhead.max(axis=1, initial=1.0)
    dearest_mwh = np.zeros(structure.sites)
    tier_mwh = structure.tier_cost.max(axis=1, initial=0.0) / structure.tier_yield
    np.maximum.at(dearest_mwh, structure.tier_site, tier_mwh)
    sending = np.zeros(structure.classes)
    np.maximum.at(sending, structure.arc_class, structure.arc_cost)
    return (work_usd + drawn * dearest_mwh).max(axis=1, initial=0.0) + sending
