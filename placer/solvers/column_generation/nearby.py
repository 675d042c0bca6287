"""Masters from the prices of structures nearby, to a gap that a caller asks for: no path of prices is followed.

An answer is feasible and its duals prove a bound, but neither need be within the gap: ``certify_answer`` says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from placer.solvers.column_generation.generation import solve_masters
from placer.solvers.column_generation.parameters import DEFAULTS
from placer.solvers.column_generation.warm_start import joint_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.model.structure import Structure
    from placer.solvers.column_generation.deadline import Deadline
    from placer.solvers.column_generation.parameters import ColumnGenerationParameters
    from placer.solvers.column_generation.rounds import Generated, Round
    from placer.solvers.column_generation.warm_start import KnownPrices


def generate_nearby(
    structure: Structure,
    choice: Sequence[KnownPrices],
    gap: float,
    deadline: Deadline,
    parameters: ColumnGenerationParameters = DEFAULTS,
) -> Generated | None:
    """Solve masters of a structure from known prices, until the gap is closed or they have had their rounds.

    Parameters
    ----------
    structure : Structure
    choice : sequence of KnownPrices
        The best first.
    gap : float
        Relative gap at which to stop.
    deadline : Deadline
    parameters : ColumnGenerationParameters

    Returns
    -------
    Generated or None
        None if no prices suit.
    """
    nearby = parameters.nearby
    start = joint_start(structure, choice, _of_start(parameters))
    if start is None:
        return None

    def goes_on(found: Round) -> bool:
        return found.number < nearby.most_rounds and not (found.is_complete and found.gap <= gap)

    return solve_masters(structure, start, gap, deadline, _of_masters(parameters), goes_on)


def _of_start(parameters: ColumnGenerationParameters) -> ColumnGenerationParameters:
    nearby = parameters.nearby
    warm = replace(
        parameters.warm_start,
        joint_reach_widths=nearby.joint_reach_widths,
        most_near_per_demand=nearby.most_near_per_demand,
    )
    return replace(parameters, warm_start=warm)


def _of_masters(parameters: ColumnGenerationParameters) -> ColumnGenerationParameters:
    nearby = parameters.nearby
    master = replace(
        parameters.master, most_iterations=nearby.most_iterations, added_reach_widths=nearby.added_reach_widths
    )
    return replace(parameters, master=master, shortlist=replace(parameters.shortlist, room=nearby.room))
