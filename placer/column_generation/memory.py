"""The memory that column generation takes, estimated from the size of a structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.column_generation.market.definition import is_supply_scarce
from placer.column_generation.parameters import DEFAULTS
from placer.solvers.memory import MEASURED

if TYPE_CHECKING:
    from placer.column_generation.parameters import ShortlistParameters
    from placer.model.structure import Structure
    from placer.solvers.memory import MemoryParameters

_DOUBLE_BYTES = 8


def column_generation_bytes(
    structure: Structure,
    shortlist: ShortlistParameters = DEFAULTS.shortlist,
    parameters: MemoryParameters = MEASURED,
) -> int:
    """Estimate the memory that column generation takes; the shortlist bounds the columns of its master."""
    sites, periods = structure.capacity.shape
    kinds = 2 if is_supply_scarce(structure) else 1
    lags = int(min(structure.window.max(initial=0), structure.block_span[1].max() - 1)) + 1
    hessian = parameters.hessian_copies * periods * lags * (kinds * sites) ** 2
    border = parameters.border_copies * int(np.isfinite(structure.cap_limit).sum()) * periods * kinds * sites
    given = parameters.doubles_per_demand * len(structure.demand_amount)
    given += parameters.doubles_per_arc * len(structure.arc_cost)
    most = shortlist.room * shortlist.most_in_all + len(structure.demand_amount)
    listed = min(structure.assignment_count, most)
    return int(_DOUBLE_BYTES * (hessian + border + given) + parameters.bytes_per_listed_column * listed)
