"""The option ``--solver``: from a name on the command line to a solver."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from placer.ladder.named import solver_of
from placer.ladder.proven import AnySolver, default_solver
from placer.running import check_time_limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.model.structure import Structure

    SolverChoice = Callable[[Structure, Callable[[str], None]], AnySolver]

SolverName = Annotated[
    str,
    typer.Option(
        help="auto (by size); columns (column generation, for large instances); simplex, ipm or pdlp (HiGHS on the "
        "whole program); or pulp:NAME for a solver PuLP speaks to."
    ),
]


def solver_choice(name: str, time_limit_seconds: float = math.inf) -> SolverChoice:
    """Return the choice for a name: a function from a structure and a listener to a solver.

    Raises
    ------
    SolverError
        If the name is unknown or the solver is not available.

    Examples
    --------
    >>> import placer
    >>> structure = placer.model.formulation.formulate(placer.load("tiny")).structure
    >>> solver_choice("pulp:HiGHS")(structure, print).name
    'PuLP HiGHS'
    """
    solver = solver_of(name, time_limit_seconds)
    check_time_limit(time_limit_seconds)
    if solver is None:
        return lambda structure, tell: default_solver(structure, time_limit_seconds, tell)
    return lambda _structure, _tell: solver
