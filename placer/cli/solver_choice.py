"""The option ``--solver``: from a name on the command line to a solver."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from placer.column_generation.solver import ColumnGeneration
from placer.errors import SolverError
from placer.ladder.proven import AnySolver, default_solver
from placer.running import check_time_limit
from placer.solvers.highs import METHODS, HiGHS
from placer.solvers.pulp import PuLP

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.model.program import Solver
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
    if name == "auto":
        return lambda structure, tell: default_solver(structure, time_limit_seconds, tell)
    if name == "columns":
        check_time_limit(time_limit_seconds)
        return lambda _, tell: ColumnGeneration(time_limit_seconds=time_limit_seconds, progress=tell)
    for method in METHODS:
        if name == method:
            return _always(HiGHS(method, time_limit_seconds))
    if name.startswith("pulp:"):
        return _always(PuLP(name.removeprefix("pulp:"), time_limit_seconds))
    raise SolverError(f"solver {name!r} is unknown; use auto, columns, simplex, ipm, pdlp or pulp:NAME")


def _always(solver: Solver) -> SolverChoice:
    return lambda _structure, _tell: solver
