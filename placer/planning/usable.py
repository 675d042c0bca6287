"""The share of a unit that can be used in each hour, as of wind and sun.

A value with its hours, a Series or a mapping, is put into the order of the hours of the instance. A sequence is read by
position. Every state has as many hours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from placer.errors import Violation
from placer.instance.by_hour import in_order, index_problem, span_of

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.planning.candidates import Candidates, UsableShare
    from placer.planning.states import States

_COLUMN = "usable_share"


def aligned(candidates: Candidates, instance: Instance) -> tuple[Candidates, list[Violation]]:
    """Return candidates whose shares are in the order of the hours of an instance, and what does not match."""
    if not any(isinstance(share, pd.Series) for share in candidates.usable_share):
        return candidates, []
    shares: list[UsableShare] = []
    found, hours = list[Violation](), instance.hours
    for name, share in zip(candidates.names, candidates.usable_share, strict=True):
        if isinstance(share, pd.Series) and (problem := index_problem(share.index, hours)):
            allowed = f"{span_of(hours)} in the index, each once; a list is taken by position"
            found.append(Violation("candidates", name, _COLUMN, problem, allowed))
            shares.append(1.0)
        else:
            shares.append(in_order(share, hours) if isinstance(share, pd.Series) else share)
    return replace(candidates, usable_share=tuple(shares)), found


def span_problems(candidates: Candidates, states: States) -> list[Violation]:
    """Return a violation for every share by hour that has more or fewer hours than a state."""
    counts = {len(instance.hours): name for name, instance in zip(states.names, states.instances, strict=True)}
    return [
        Violation(
            "candidates",
            name,
            _COLUMN,
            f"{len(share)} hourly values for {count} hours of the state {state}",
            "one number, or one per hour",
        )
        for name, share in zip(candidates.names, candidates.usable_share, strict=True)
        if isinstance(share, tuple)
        for count, state in counts.items()
        if len(share) != count
    ]
