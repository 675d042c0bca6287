"""A state with builds: the same instance with larger limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.planning.added_limits import share_of
from placer.planning.targets import target_rows

if TYPE_CHECKING:
    import pandas as pd

    from placer.instance.problem import Instance
    from placer.planning.candidates import Candidates
    from placer.utils.arrays import FloatArray


def with_builds(base: Instance, state: Instance, candidates: Candidates, units: FloatArray) -> Instance:
    """Return a state with some units of the candidates built; ``added_limits`` makes the same change in its structure.

    Parameters
    ----------
    base : Instance
        Availability is relative to its limits.
    state : Instance
    candidates : Candidates
    units : (candidates,) array
        At least 0.
    """
    in_base = target_rows(base, candidates.adds, candidates.target)
    in_state = target_rows(state, candidates.adds, candidates.target)
    frames: dict[str, pd.DataFrame] = {}
    shares = candidates.usable_share
    targets = zip(candidates.adds, in_base, in_state, units.tolist(), shares, strict=True)
    for adds, (_, old), (table, row), built, usable in targets:
        if row < 0 or not built:
            continue
        there = state.hourly(table, adds)[row]
        added = built * share_of(base.hourly(table, adds)[old], there, usable)
        frame = frames.setdefault(table, state.tables[table])
        already = np.broadcast_to(np.asarray(frame[adds].iloc[row], dtype=float), added.shape)
        frame[adds] = _with_cell(frame[adds], row, already + added)
    return state.replace(**frames) if frames else state


def _with_cell(column: pd.Series, row: int, values: FloatArray) -> pd.Series:
    """Return a column with other values in one row: one number if the values of all hours are equal."""
    changed = column.astype(object)
    changed.iloc[row] = float(values[0]) if (values == values[0]).all() else tuple(values.tolist())
    return changed
