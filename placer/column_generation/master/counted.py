"""What flows count towards caps, as sparse arrays: service, with the single tier that supplies it, and assignments."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from placer.model.caps import arc_coefficients, caps_of_arcs
from placer.model.structure import Structure
from placer.utils.arrays import IntArray


def counted_of_service(structure: Structure, single: IntArray) -> csr_array:
    """Return what serving a unit counts towards each cap with a limit (k * t * s, caps), a single tier included.

    Parameters
    ----------
    structure : Structure
    single : (t, s) int array
        The single tier of each site and period; -1 where there is none.
    """
    axes, limited = (structure.classes, *single.shape), np.isfinite(structure.cap_limit)
    cap, (klass, site, period), value = structure.cap_work.entries()
    places, caps, values = [np.ravel_multi_index((klass, period, site), axes)], [cap], [value]
    cap, (tier, period), value = structure.cap_tier.entries()
    site = structure.tier_site[tier]
    kept = np.flatnonzero(single[period, site] == tier)
    cap, tier, period, site = (each[kept] for each in (cap, tier, period, site))
    per_drawn = value[kept] / structure.tier_yield[tier] * structure.overhead[site, period]
    for number, draw in enumerate(structure.draw):
        places.append(number * single.size + np.ravel_multi_index((period, site), single.shape))
        caps.append(cap)
        values.append(draw[site] * per_drawn)
    counted = np.concatenate(values)
    where = np.concatenate(places), np.concatenate(caps)
    kept = limited[where[1]] & (counted != 0)
    size = structure.classes * single.size, len(limited)
    return csr_array((counted[kept], (where[0][kept], where[1][kept])), shape=size)


def counted_of_arcs(structure: Structure) -> csr_array:
    """Return what sending a unit over an arc counts towards each cap (arcs, caps)."""
    count = len(structure.arc_cost)
    every, first = np.arange(count), np.zeros(count, dtype=int)
    arcs, caps, values = [every[:0]], [every[:0]], [np.zeros(0)]
    for cap in caps_of_arcs(structure).tolist():
        sent = arc_coefficients(structure, cap, every, first)
        arcs.append(np.flatnonzero(sent))
        caps.append(np.full(len(arcs[-1]), cap))
        values.append(sent[arcs[-1]])
    where = np.concatenate(arcs), np.concatenate(caps)
    return csr_array((np.concatenate(values), where), shape=(count, len(structure.cap_limit)))
