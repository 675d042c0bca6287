"""Distance is paid in accelerators: the modes in use, and what a Mtok takes by its round trip.

Accelerator-hours of a Mtok are those that the table of modes states: of the reference accelerator, or of the mode's own
type. The speed of a data centre does not count, so that round trips differ by their modes alone.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from placer.placement.result import Placement
from placer.tolerances import PROOF
from placer.utils.numbers import figure

#: Ends of the bands of round trips, in ms; the last band has none.
BANDS_MS = (10, 20, 30, 50, 100, 200, 300, 500, 1000)
#: Digits of a ms to which round trips are rounded, since a mean of equal ones is not always equal to them.
_DIGITS = 6


def modes_in_use(placement: Placement) -> pd.DataFrame:
    """Return the modes that serve anything: one row per ``workload`` and ``mode``, the fastest last.

    Columns: ``server_ms``; ``mtok``; ``mode_share`` of the tokens of its workload; ``rtt_ms``, a mean;
    ``accelerator_hours_per_mtok``, as the table of modes states them.
    """
    stated = placement.instance.modes.set_index(["workload", "mode"])[["server_ms", "accelerator_hours_per_mtok"]]
    table = placement.modes.reset_index()
    sums = table.assign(ms=table["mtok"] * table["rtt_ms"]).groupby(["workload", "mode"])[["mtok", "ms"]].sum()
    found = sums.join(stated)
    ordered = found.sort_values("server_ms", ascending=False).sort_index(level="workload", sort_remaining=False)
    whole = ordered.groupby(level="workload")["mtok"].transform("sum")
    ordered = ordered.assign(mode_share=ordered["mtok"] / whole, rtt_ms=ordered["ms"] / ordered["mtok"])
    return ordered[["server_ms", "mtok", "mode_share", "rtt_ms", "accelerator_hours_per_mtok"]]


def chips_by_distance(placement: Placement) -> pd.DataFrame:
    """Return what a Mtok takes by its round trip: one row per ``workload`` with modes and ``band`` that has any tokens.

    Columns: ``mtok``; ``accelerator_hours_per_mtok``, a mean over them.
    """
    stated = placement.instance.modes.set_index(["workload", "mode"])["accelerator_hours_per_mtok"]
    table = placement.modes.reset_index()
    hours = stated.reindex(pd.MultiIndex.from_frame(table[["workload", "mode"]])).to_numpy()
    band = np.searchsorted(BANDS_MS, table["rtt_ms"].round(_DIGITS))
    sums = table.assign(hours=hours * table["mtok"], band=band).groupby(["workload", "band"])[["mtok", "hours"]].sum()
    columns = {"mtok": sums["mtok"], "accelerator_hours_per_mtok": sums["hours"] / sums["mtok"]}
    names = [f"{low} to {high} ms" for low, high in itertools.pairwise((0, *BANDS_MS))]
    names.append(f"over {BANDS_MS[-1]} ms")
    return pd.DataFrame(columns).rename(index=dict(enumerate(names)), level="band")


def paid_in_chips(chips: pd.DataFrame) -> pd.DataFrame:
    """Return the workloads whose accelerator-hours differ by the round trip, those that differ most first.

    One row per workload; columns ``least`` and ``most``, of ``accelerator_hours_per_mtok``, and ``least_at`` and
    ``most_at``, the bands where these are.
    """
    hours = chips["accelerator_hours_per_mtok"].unstack("band", sort=False)
    hours = hours[hours.max(axis=1) > hours.min(axis=1) * (1 + PROOF)]
    columns = {
        "least": hours.min(axis=1),
        "most": hours.max(axis=1),
        "least_at": hours.idxmin(axis=1),
        "most_at": hours.idxmax(axis=1),
    }
    found = pd.DataFrame(columns)
    return found.iloc[(found["least"] / found["most"]).argsort(kind="stable")]


def parts_by_distance(chips: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the workloads whose accelerator-hours differ by the round trip, in two parts.

    Columns, in accelerator-hours a Mtok: ``at_any_distance``, the least of the workload over its bands;
    ``for_this_distance``, what the band takes more. Workloads that differ most come first.
    """
    paid, found = paid_in_chips(chips), chips.iloc[:0]
    if len(paid):
        found = pd.concat([chips.xs(name, level="workload", drop_level=False) for name in paid.index])
    least = paid["least"].reindex(found.index.get_level_values("workload")).to_numpy()
    hours = found["accelerator_hours_per_mtok"]
    return pd.DataFrame({"at_any_distance": least, "for_this_distance": hours - least}, index=found.index)


def distance_in_words(chips: pd.DataFrame) -> str:
    """Return in which workloads accelerator-hours differ by the round trip, and between what in the first of them."""
    count, paid = chips.index.get_level_values("workload").nunique(), paid_in_chips(chips)
    said = (
        f"Accelerator-hours of a Mtok differ by the round trip in {len(paid) or 'none'} of {count} workloads with modes"
    )
    if paid.empty:
        return f"{said}."
    first = paid.iloc[0]
    least, most = (f"{figure(first[end])} at {first[f'{end}_at']}" for end in ("least", "most"))
    return f"{said}; most in {paid.index[0]}, from {least} to {most}."
