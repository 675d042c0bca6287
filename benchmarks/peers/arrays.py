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
from .peer import EXACT, FIRST_ORDER, GIVEN, Answer, Peer, PeerError


def split_rows(program: placer.LinearProgram) -> dict[str, Any]:
    """Return a program in the form of ``linprog``: equations separate from inequalities, bounds in pairs."""
    matrix = program.matrix.tocsr()
    equal, above, below = _sides(program)
    return {
        "c": program.cost,
        "A_ub": vstack([matrix[above], -matrix[below]]).tocsr(),
        "b_ub": np.concatenate([program.row_upper[above], -program.row_lower[below]]),
        "A_eq": matrix[equal],
        "b_eq": program.row_lower[equal],
        "bounds": np.stack([program.col_lower, program.col_upper], axis=1),
    }


def _sides(program: placer.LinearProgram) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which rows are equations, and which others have an upper and a lower side."""
    equal = program.row_lower == program.row_upper
    return equal, ~equal & np.isfinite(program.row_upper), ~equal & np.isfinite(program.row_lower)


def _linprog_model(program: placer.LinearProgram) -> tuple[placer.LinearProgram, dict[str, Any]]:
    return program, split_rows(program)


def _linprog(model: tuple[placer.LinearProgram, dict[str, Any]]) -> Answer:
    """Solve a program, with the duals of its rows."""
    program, arguments = model
    result = linprog(**arguments, method="highs")
    if result.status != 0:
        raise PeerError(f"linprog says {result.message}")
    equal, above, below = _sides(program)
    duals = np.zeros(len(program.row_lower))
    duals[equal] = result.eqlin.marginals
    duals[above] += result.ineqlin.marginals[: above.sum()]
    duals[below] -= result.ineqlin.marginals[above.sum() :]
    done = placer.Termination(placer.Reason.OPTIMAL, "linprog")
    return Answer(float(result.fun), solution=placer.LPSolution(done, result.x, duals))


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


def _ortools_solve(solver: str, parameters: str, model: Any) -> Answer:
    from ortools.linear_solver.python.model_builder_helper import (  # noqa: PLC0415 - an extra
        ModelSolverHelper,
        SolveStatus,
    )

    engine = ModelSolverHelper(solver)
    if parameters:
        engine.set_solver_specific_parameters(parameters)
    engine.solve(model)
    if not engine.has_solution() or engine.status() != SolveStatus.OPTIMAL:
        raise PeerError(f"OR-Tools says {engine.status_string() or engine.status().name}")
    done = placer.Termination(placer.Reason.OPTIMAL, solver)
    values, duals = np.asarray(engine.variable_values()), np.asarray(engine.dual_values())
    return Answer(float(engine.objective_value()), solution=placer.LPSolution(done, values, duals, solver == "glop"))


def _ortools(solver: str, name: str, about: str, tolerance: float, parameters: str = "") -> Peer:
    return Peer(
        f"ortools-{name}",
        about,
        placer.to_program,
        _ortools_model,
        partial(_ortools_solve, solver, parameters),
        needs=("ortools.linear_solver.python.model_builder_helper",),
        tolerance=tolerance,
        of_program=_model_of(_ortools_model, partial(_ortools_solve, solver, parameters), lambda program: program),
    )


def _ortools_pdlp(tolerance: str) -> Peer:
    parameters = (
        "termination_criteria { simple_optimality_criteria { "
        f"eps_optimal_absolute: {tolerance} eps_optimal_relative: {tolerance} }} }}"
    )
    about = f"OR-Tools' first-order method at {tolerance}, from arrays"
    return _ortools("pdlp", f"pdlp-{tolerance}", about, FIRST_ORDER, parameters)


PEERS = (
    Peer(
        "scipy",
        "scipy.optimize.linprog with HiGHS at its 1e-7, from arrays",
        placer.to_program,
        _linprog_model,
        _linprog,
        of_program=lambda program: partial(_linprog, _linprog_model(program)),
    ),
    Peer(
        "cvxpy",
        "CVXPY with HiGHS at its 1e-7, from arrays",
        lambda instance: split_rows(placer.to_program(instance)),
        _cvxpy_model,
        _cvxpy_solve,
        needs=("cvxpy",),
        of_program=_model_of(_cvxpy_model, _cvxpy_solve, split_rows),
    ),
    _ortools("glop", "glop", "OR-Tools' simplex at its 1e-7, from arrays", EXACT),
    *map(_ortools_pdlp, GIVEN),
)
