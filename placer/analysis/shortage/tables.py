"""The tables of an explanation: demand that is short without each change, and alternative changes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.analysis.shortage.wording import hour_spans
from placer.model.latency import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from placer.analysis.shortage.changes import Change, Key
    from placer.model.formulation import Formulation
    from placer.model.structure import Structure
    from placer.utils.arrays import FloatArray

_CHANGE = ["limit", "name", "cure", "amount", "unit"]
_SHORTAGE = ["workload", "hub", "hours", "unserved_mtok", *_CHANGE, "round_trip_ms", "without_mtok", "change"]


def no_shortage_table() -> pd.DataFrame:
    """Return the table of an explanation of nothing."""
    return pd.DataFrame(columns=_SHORTAGE)


def shortage_table(
    after: Formulation,
    changes: Sequence[Change],
    unserved: FloatArray,
    without: Sequence[FloatArray],
    short_share: float,
) -> pd.DataFrame:
    """Return, change by change, the workloads and hubs that are short without it.

    Parameters
    ----------
    after : Formulation
        With all changes made.
    changes : sequence of Change
    unserved : (demands,) array
        Without any change, Mtok.
    without : sequence of (demands,) arrays
        Demand that is short when all changes but one are made, by change, Mtok.
    short_share : float
        A shortage of at most this share of all demand counts as none.
    """
    structure = after.structure
    noise = short_share * structure.total_demand
    by_pair = _demands_of_pairs(structure)
    # Where each of the changes but one would do, a demand is listed under the last change.
    needs = {
        pair: [number for number, short in enumerate(without) if short[demands].max() > noise]
        or [len(changes) - 1] * int(unserved[demands].max() > 0)
        for pair, demands in by_pair.items()
    }
    rows = []
    for number, change in enumerate(changes):
        for pair in (pair for pair, numbers in needs.items() if number in numbers):
            now, short = unserved[by_pair[pair]], without[number][by_pair[pair]]
            hours = structure.demand_period[by_pair[pair]][now > 0 if now.any() else short > noise]
            name, trip = _opened(change, after, *pair)
            labels = after.workloads[pair[0]], after.hubs[pair[1]], hour_spans(hours, after.hours)
            of_change = change.limit, name, change.cure, change.amount, change.unit
            rows.append((*labels, float(now.sum()), *of_change, trip, float(short[short > noise].sum()), number))
    return pd.DataFrame(rows, columns=_SHORTAGE)


def alternatives_table(alternatives: Iterable[tuple[Key, Change]], changes: Mapping[Key, Change]) -> pd.DataFrame:
    """Return the changes that cure as much as one of those made, and are not made themselves."""
    number = {key: position for position, key in enumerate(changes)}
    rows = [
        (number[key], other.limit, other.name, other.cure, other.amount, other.unit)
        for key, other in alternatives
        if key in number and other.key not in number
    ]
    return pd.DataFrame(rows, columns=["change", *_CHANGE])


def _demands_of_pairs(structure: Structure) -> dict[tuple[int, int], list[int]]:
    """Return the demands of every class and origin that ask for anything."""
    by_pair: dict[tuple[int, int], list[int]] = {}
    for demand, pair in enumerate(zip(structure.demand_class.tolist(), structure.demand_origin.tolist(), strict=True)):
        by_pair.setdefault(pair, []).append(demand)
    return by_pair


def _opened(change: Change, after: Formulation, klass: int, origin: int) -> tuple[str, float]:
    """Return the nearest data centre that a longer limit opens to a hub, and how much nearer it would have to be."""
    if change.limit != "latency" or change.position != klass:
        return change.name, math.nan
    latency = after.latency_ms[klass, origin]
    lawful = after.in_time[klass, origin] & after.allowed_ways[klass]
    opened = np.flatnonzero(lawful & (latency > change.old + ROUNDING))
    if not opened.size:
        return change.name, math.nan
    way = opened[latency[opened].argmin()]
    site, trips = after.structure.way_site[way], after.round_trips[klass]
    return str(after.data_centres[site]), float((latency[way] - change.old) / trips) if trips > 0 else math.nan
