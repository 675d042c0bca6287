"""Restricted masters over the columns that similar structures used, solved to the caller's gap without a dual path.

Optimal placements of structures with the same sites use few columns, and mostly the same ones. A master over these
columns, started from the prices of one of the structures, usually closes a wide gap in one round. The answer is
feasible and its duals prove a bound. The proof says whether the gap is met.
"""

from __future__ import annotations

from dataclasses import replace

from placer.column_generation.deadline import Deadline
from placer.column_generation.generation import solve_from
from placer.column_generation.opening import open_master
from placer.column_generation.parameters import DEFAULTS, ColumnGenerationParameters
from placer.column_generation.rounds import Generated, Round
from placer.column_generation.seed import UsedColumns, columns_at
from placer.column_generation.warm_start import KnownPrices, start_at
from placer.model.structure import Structure


def generate_nearby(
    structure: Structure,
    known: KnownPrices,
    used: UsedColumns,
    gap: float,
    deadline: Deadline,
    parameters: ColumnGenerationParameters = DEFAULTS,
) -> Generated | None:
    """Solve masters of a structure, until the gap is closed or they have had their rounds.

    Parameters
    ----------
    structure : Structure
    known : KnownPrices
        Prices of a structure nearby.
    used : UsedColumns
        Columns that structures nearby use.
    gap : float
        Relative gap at which to stop.
    deadline : Deadline
    parameters : ColumnGenerationParameters

    Returns
    -------
    Generated or None
        None if the prices do not suit.
    """
    nearby = parameters.nearby
    start = start_at(structure, known, parameters.warm_start.first_width_spreads)
    if start is None:
        return None
    roomy = replace(parameters, shortlist=replace(parameters.shortlist, room=nearby.room))
    opening = open_master(structure, replace(start, columns=(columns_at(start.market, used),)), roomy)
    lp = opening.master.lp
    lp.most_iterations = nearby.most_iterations

    def goes_on(found: Round) -> bool:
        lp.most_iterations = max(nearby.most_iterations - lp.iterations, 0)
        is_closed = found.is_complete and found.gap <= gap
        return found.number < nearby.most_rounds and lp.most_iterations > 0 and not is_closed

    return solve_from(structure, opening, gap, deadline, parameters, goes_on)
