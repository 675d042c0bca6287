"""What solving takes in memory, estimated before anything is built, so that too large an instance is refused in time.

The figures per column and cell were measured as peak memory of whole processes (``placer bench`` prints it) and are
rounded up; they are estimates of what is needed, not bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import psutil

from placer.errors import NoSolutionError
from placer.large.generation import FEW, TAKEN
from placer.large.market import is_supply_scarce
from placer.program import Reason

if TYPE_CHECKING:
    from placer.structure import Structure

#: Peak bytes for each column of the whole program: the program, its scaled copy, the solver's own copies and factors.
BYTES_PER_COLUMN = 1_300
#: Peak bytes for each column of the restricted program, and how many it may have beside one for each demand.
_BYTES_PER_LISTED, _LISTED = 600, TAKEN * FEW
#: Copies of the curvature (periods, lags, sites x kinds squared) alive at once, in doubles.
_CURVATURE_COPIES = 4
#: Doubles for every demand and every arc that are given.
_PER_DEMAND, _PER_ARC = 60, 20
_DOUBLE = 8
#: The part of the free memory that may be taken.
_FREE_PART = 0.9


def whole_program_bytes(structure: Structure) -> int:
    """Return an estimate of the memory that building and solving the whole linear program takes."""
    columns = structure.assignment_count + len(structure.demand_amount) + structure.tier_limit.size
    return int(BYTES_PER_COLUMN * (columns + _queue_flow_count(structure)))


def _queue_flow_count(structure: Structure) -> int:
    """Return how many queue flows there are; where windows are long and hubs few, they are most of the columns."""
    reached = np.zeros((len(structure.window), structure.sites), dtype=bool)
    reached[structure.arc_class, structure.arc_site] = True
    longest = np.minimum(structure.window, structure.periods - 1)
    past_the_end = 0 if structure.cyclic else longest * (longest + 1) // 2
    each = structure.periods * (longest + 1) - past_the_end
    return int((reached.sum(axis=1) * each)[structure.window > 0].sum())


def column_generation_bytes(structure: Structure) -> int:
    """Return an estimate of the memory that column generation takes."""
    sites, periods = structure.capacity.shape
    kinds = 2 if is_supply_scarce(structure) else 1
    lags = int(min(structure.window.max(initial=0), periods - 1)) + 1
    curvature = _CURVATURE_COPIES * periods * lags * (kinds * sites) ** 2
    given = _PER_DEMAND * len(structure.demand_amount) + _PER_ARC * len(structure.arc_cost)
    listed = min(structure.assignment_count, _LISTED + len(structure.demand_amount))
    return int(_DOUBLE * (curvature + given) + _BYTES_PER_LISTED * listed)


def check_memory(needed_bytes: int, what: str) -> None:
    """Refuse what does not fit into the memory that is free.

    Raises
    ------
    NoSolutionError
        With the reason ``memory limit`` and the estimate.
    """
    free = psutil.virtual_memory().available
    if needed_bytes > _FREE_PART * free:
        raise NoSolutionError(
            Reason.MEMORY_LIMIT, f"{what} needs about {needed_bytes / 1e9:.1f} GB and {free / 1e9:.1f} GB are free"
        )
