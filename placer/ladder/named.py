"""Solvers by name: where a user hands over a solver, in Python or on the command line, its name will do."""

from __future__ import annotations

import difflib
import math
from typing import cast

from placer.column_generation.solver import ColumnGeneration
from placer.errors import SolverError
from placer.ladder.proven import AnySolver
from placer.model.program import Solver
from placer.solvers.highs import METHODS, HiGHS
from placer.solvers.pulp import PuLP

#: The solver that the size of an instance asks for; column generation; and the prefix of solvers that PuLP speaks to.
AUTO, COLUMNS, PULP = "auto", "columns", "pulp:"
NAMES = (AUTO, COLUMNS, *METHODS)
_ALLOWED = f"{', '.join(NAMES)} or {PULP}NAME"


def solver_of(given: AnySolver | str | None, time_limit_seconds: float = math.inf) -> AnySolver | None:
    """Return a solver as it is, or that of a name; None for the one that the size of an instance asks for.

    Parameters
    ----------
    given : Solver, ColumnGeneration, str or None
        Names: ``auto``, ``columns`` (column generation), ``simplex``, ``ipm`` and ``pdlp`` (HiGHS on the whole
        program), or ``pulp:NAME`` for a solver that PuLP speaks to.
    time_limit_seconds : float
        Of a solver by name.

    Raises
    ------
    SolverError
        If the name is unknown, the solver is not available, or it is none.

    Examples
    --------
    >>> solver_of("simplex").name, solver_of("auto") is None
    ('HiGHS simplex', True)
    """
    if isinstance(given, str):
        return _named(given, time_limit_seconds)
    is_solver = _has(given, "solve") or _has(given, "answer")
    if given is not None and (isinstance(given, type) or not is_solver):
        own = "placer.HiGHS(), placer.ColumnGeneration(), placer.PuLP(name) your own"
        raise SolverError(f"{given!r:.60} is not a solver; use {own}, or a name: {_ALLOWED}")
    return given


def program_solver_of(given: AnySolver | str | None, verb: str) -> Solver | None:
    """Return a solver of linear programs likewise, for a verb that has no other use.

    Raises
    ------
    SolverError
        Also if the solver takes structures alone, as column generation does.
    """
    solver = solver_of(given)
    if solver is None or _has(solver, "solve"):
        return cast("Solver | None", solver)
    raise SolverError(f"{verb} solves linear programs: use {', '.join(METHODS)} or {PULP}NAME, not {solver.name}")


def _has(solver: object, method: str) -> bool:
    return callable(getattr(solver, method, None))


def _named(name: str, time_limit_seconds: float) -> AnySolver | None:
    if name == AUTO:
        return None
    if name == COLUMNS:
        return ColumnGeneration(time_limit_seconds=time_limit_seconds)
    for method in METHODS:
        if name == method:
            return HiGHS(method, time_limit_seconds)
    if name.startswith(PULP):
        return PuLP(name.removeprefix(PULP), time_limit_seconds)
    near = "".join(f"perhaps {each}: " for each in difflib.get_close_matches(name.casefold(), NAMES, 1, 0.7))
    raise SolverError(f"solver {name!r:.60} is unknown; {near}use {_ALLOWED}")
