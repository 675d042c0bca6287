"""The least limit at which an arc is admissible, along each axis of a ceiling curve."""

from __future__ import annotations

import numpy as np

from placer.model.formulation import Formulation, shortening_ms
from placer.tolerances import INPUT
from placer.utils.arrays import FloatArray, sorted_unique


def entering(formulation: Formulation, by: str) -> FloatArray:
    """Return the least limit at which every (class, hub, way) is admissible; -inf for always, inf for never.

    ``rtt``: a limit on the round trip of workloads that cannot wait, beside their own limits. ``slo``: the factor on
    the workload's own limit that its time of a task meets with equality. ``shorten``: the milliseconds that must come
    off the round trip for the same.
    """
    structure = formulation.structure
    if by == "rtt":
        enter = np.full(formulation.latency_ms.shape, np.inf)
        klass, origin, way = structure.arc_class, structure.arc_origin, structure.arc_way
        at_once = structure.window[klass] == 0
        enter[klass, origin, way] = np.where(at_once, formulation.rtt_ms[origin, way], -np.inf)
        return _tied(enter)
    slo = formulation.latency_slo_ms[:, None, None]
    reachable = formulation.allowed_ways & np.isfinite(formulation.latency_ms)
    if by == "shorten":
        return _tied(np.where(formulation.in_time & reachable, -np.inf, shortening_ms(formulation)))
    factor = np.where(reachable, formulation.latency_ms, 0.0) / slo
    factor[formulation.in_time] = np.minimum(factor[formulation.in_time], 1.0)
    return _tied(np.where(reachable, np.where(np.isinf(slo), -np.inf, factor), np.inf))


def _tied(enter: FloatArray) -> FloatArray:
    """Replace limits that differ by rounding with the least of them."""
    values = sorted_unique(enter[np.isfinite(enter)])
    if not values.size:
        return enter
    leads = np.append(True, np.diff(values) > INPUT)
    lead = values[leads][np.cumsum(leads) - 1]
    found = np.searchsorted(values, enter).clip(0, len(values) - 1)
    return np.where(np.isfinite(enter), lead[found], enter)
