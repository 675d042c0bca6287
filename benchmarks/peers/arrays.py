"""Solvers and modelling languages that accept the arrays of ``placer.to_program`` directly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

import placer

from .hush import hushed
from .peer import EXACT, FIRST_ORDER, Answer, Peer, PeerError


def split_rows(program: placer.LinearProgram) -> dict[str, Any]:
    """Return a program in the form of ``linprog``: equations separate from inequalities, bounds in pairs."""
    matrix = program.matrix.tocsr()
    equal = program.row_lower == program.row_upper
    above, below = ~equal & np.isfinite(program.row_upper), ~equal & np.isfinite(program.row_lower)
    return {
        "c": program.cost,
        "A_ub": vstack([matrix[above], -matrix[below]]).tocsr(),
        "b_ub": np.concatenate([program.row_upper[above], -program.row_lower[below]]),
        "A_eq": matrix[equal],
        "b_eq": program.row_lower[equal],
        "bounds": np.stack([program.col_lower, program.col_upper], axis=1),
    }


def _linprog(arguments: dict[str, Any]) -> Answer:
    result = linprog(**arguments, method="highs")
    if result.status != 0:
        raise PeerError(f"linprog says {result.message}")
    return Answer(float(result.fun))


def _linprog_of(program: placer.LinearProgram) -> Callable[[], Answer]:
    """Return the call that solves a program, with the duals of its rows."""
    arguments = split_rows(program)
    equal = program.row_lower == program.row_upper
    above, below = ~equal & np.isfinite(program.row_upper), ~equal & np.isfinite(program.row_lower)

    def call() -> Answer:
        result = linprog(**arguments, method="highs")
        if result.status != 0:
            raise PeerError(f"linprog says {result.message}")
        duals = np.zeros(len(program.row_lower))
        duals[equal] = result.eqlin.marginals
        duals[above] += result.ineqlin.marginals[: above.sum()]
        duals[below] -= result.ineqlin.marginals[above.sum() :]
        done = placer.Termination(placer.Reason.OPTIMAL, "linprog")
        return Answer(float(result.fun), solution=placer.LPSolution(done, result.x, duals))

    return call


def _model_of(
    build: Callable[[Any], Any], solve: Callable[[Any], Answer], prepare: Callable[[placer.LinearProgram], Any]
) -> Callable[[placer.LinearProgram], Callable[[], Answer]]:
    """Return the function from a program to the call that solves its model."""

    def of_program(program: placer.LinearProgram) -> Callable[[], Answer]:
        return partial(solve, build(prepare(program)))

    return of_program


def _cvxpy_model(arguments: dict[str, Any]) -> Any:
    import cvxpy  # noqa: PLC0415 - an extra

    amount = cvxpy.Variable(len(arguments["c"]), bounds=list(arguments["bounds"].T))
    rows = [arguments["A_eq"] @ amount == arguments["b_eq"]]
    if arguments["A_ub"].shape[0]:
        rows.append(arguments["A_ub"] @ amount <= arguments["b_ub"])
    return cvxpy.Problem(cvxpy.Minimize(arguments["c"] @ amount), rows)


def _cvxpy_solve(problem: Any) -> Answer:
    import cvxpy  # noqa: PLC0415 - an extra

    try:
        with hushed():
            problem.solve(solver=cvxpy.HIGHS)
    except cvxpy.SolverError as error:
        raise PeerError(f"cvxpy says {error}") from error
    if problem.status != cvxpy.OPTIMAL:
        raise PeerError(f"cvxpy says {problem.status}")
    return Answer(float(problem.value))


def _ortools_model(program: placer.LinearProgram) -> Any:
    from ortools.linear_solver.python.model_builder_helper import ModelBuilderHelper  # noqa: PLC0415 - an extra

    model = ModelBuilderHelper()
    model.fill_model_from_sparse_data(
        program.col_lower,
        program.col_upper,
        program.cost,
        program.row_lower,
        program.row_upper,
        csr_matrix(program.matrix),
    )
    return model


def _ortools_solve(solver: str, model: Any) -> Answer:
    from ortools.linear_solver.python.model_builder_helper import (  # noqa: PLC0415 - an extra
        ModelSolverHelper,
        SolveStatus,
    )

    engine = ModelSolverHelper(solver)
    engine.solve(model)
    if not engine.has_solution() or engine.status() != SolveStatus.OPTIMAL:
        raise PeerError(f"OR-Tools says {engine.status_string() or engine.status().name}")
    return Answer(float(engine.objective_value()))


def _ortools(solver: str, about: str, tolerance: float) -> Peer:
    return Peer(
        f"ortools-{solver}",
        about,
        placer.to_program,
        _ortools_model,
        partial(_ortools_solve, solver),
        needs=("ortools.linear_solver.python.model_builder_helper",),
        tolerance=tolerance,
        of_program=_model_of(_ortools_model, partial(_ortools_solve, solver), lambda program: program),
    )


PEERS = (
    Peer(
        "scipy",
        "scipy.optimize.linprog with HiGHS, from arrays",
        placer.to_program,
        split_rows,
        _linprog,
        of_program=_linprog_of,
    ),
    Peer(
        "cvxpy",
        "CVXPY with HiGHS, from arrays",
        lambda instance: split_rows(placer.to_program(instance)),
        _cvxpy_model,
        _cvxpy_solve,
        needs=("cvxpy",),
        of_program=_model_of(_cvxpy_model, _cvxpy_solve, split_rows),
    ),
    _ortools("glop", "OR-Tools' simplex, from arrays", EXACT),
    _ortools("pdlp", "OR-Tools' first-order method, from arrays", FIRST_ORDER),
)
