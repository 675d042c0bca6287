"""Solvers that read the program of an instance from its file: by libraries, and by a command of one's own.

    highs-simplex, highs-ipm, highs-pdlp    HiGHS itself
    pulp:NAME                               any solver that PuLP finds, as PULP_CBC_CMD, GUROBI or COPT
    linopy:NAME                             any solver of linopy, as Highs, CBC, GLPK, SCIP or Gurobi
    ortools:NAME                            any solver of OR-Tools, as glop, pdlp, sat or scip
    any other text                          a command, with {mps} and {solution} in the places of its files

The clock runs from the uncompressed file to the answer, reading included, since a command cannot be timed otherwise.
Tolerances are the solver's own. Of a command the cost is computed here, from the values in its solution file: of each
line the first name of a column counts, with the number after it. HiGHS, CBC, SCIP and Gurobi write such files.
"""

from __future__ import annotations

import atexit
import gzip
import importlib
import importlib.metadata
import importlib.util
import math
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pulp

from placer.solvers.highs import Silent

from ..peers.hush import hushed, quiet  # noqa: TID252 - the package has another name where it is installed
from ..peers.peer import ABSENT, Answer, PeerError  # noqa: TID252

#: Sides that are measured where none is asked for.
DEFAULT = ("highs-simplex", "highs-ipm", "pulp:PULP_CBC_CMD", "linopy:Highs", "ortools:glop", "ortools:pdlp")
_HIGHS = ("highs-simplex", "highs-ipm", "highs-pdlp")
#: How far rows may be violated by the solution of a command, relative to 1 and the magnitude of the terms of the row.
_VIOLATION = 1e-6


def is_command(side: str) -> bool:
    """Whether a side is a command of one's own."""
    return side not in _HIGHS and not side.startswith(("pulp:", "linopy:", "ortools:"))


def label_of(side: str) -> tuple[str, str]:
    """Return how a side is called in a table, and the version of its library; of a command its program, and itself."""
    if is_command(side):
        return Path(shlex.split(side)[0]).name, side
    library = "highspy" if side in _HIGHS else side.partition(":")[0]
    try:
        return side, f"{library} {importlib.metadata.version(library)}"
    except importlib.metadata.PackageNotFoundError:
        return side, ""


def call_of(file: Path, side: str) -> Callable[[], Answer]:
    """Return the call that solves the program of a file with a side; raises ``PeerError`` if it is not installed."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    plain = folder / file.name.removesuffix(".gz")
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as source, plain.open("wb") as sink:
        shutil.copyfileobj(source, sink)
    if side in _HIGHS:
        return partial(_highs, plain, side.removeprefix("highs-"))
    if is_command(side):
        return partial(_command, plain, side)
    library, _, name = side.partition(":")
    solve = {"pulp": _pulp, "linopy": _linopy, "ortools": _ortools}[library]
    if importlib.util.find_spec(library) is None:
        raise PeerError(f"{ABSENT}: {library}")
    return solve(plain, name)


def _highs(file: Path, method: str) -> Answer:
    engine = Silent()
    engine.readModel(str(file))
    lp = engine.getLp()
    if not any(kind != highspy.HighsVarType.kContinuous for kind in lp.integrality_):
        engine.setOptionValue("solver", method)
    engine.run()
    status = engine.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise PeerError(f"HiGHS says {status.name}")
    return Answer(float(engine.getObjectiveValue()))


def _pulp(file: Path, name: str) -> Callable[[], Answer]:
    with quiet(), hushed():
        known = pulp.listSolvers(onlyAvailable=True)
    name = "COIN_CMD" if name == "PULP_CBC_CMD" and name not in known else name
    if name not in known:
        raise PeerError(f"{ABSENT}: PuLP finds no {name}")

    def solve() -> Answer:
        with quiet(), hushed():
            _, problem = pulp.LpProblem.fromMPS(str(file))
            outcome = problem.solve(pulp.getSolver(name, msg=False))
        if int(getattr(outcome, "status", outcome)) != 1:
            raise PeerError("PuLP found no optimum")
        return Answer(float(pulp.value(problem.objective)))

    return solve


def _linopy(file: Path, name: str) -> Callable[[], Answer]:
    solvers = importlib.import_module("linopy.solvers")
    if name.lower() not in solvers.available_solvers:
        raise PeerError(f"{ABSENT}: linopy finds no {name}")
    engine = getattr(solvers, name)()

    def solve() -> Answer:
        with quiet(), hushed():
            found = engine.solve_problem_from_file(file, solution_fn=file.with_suffix(".sol"))
        if not found.status.is_ok:
            raise PeerError(f"linopy says {found.status.termination_condition}")
        return Answer(float(found.solution.objective))

    return solve


def _ortools(file: Path, name: str) -> Callable[[], Answer]:
    builder: Any = importlib.import_module("ortools.linear_solver.python.model_builder")
    engine = builder.Solver(name)
    if not engine.solver_is_supported():
        raise PeerError(f"{ABSENT}: OR-Tools has no {name}")

    def solve() -> Answer:
        model = builder.Model()
        model.import_from_mps_file(str(file))
        status = engine.solve(model)
        if status != builder.SolveStatus.OPTIMAL:
            raise PeerError(f"OR-Tools says {status.name}")
        return Answer(float(engine.objective_value))

    return solve


def _command(file: Path, command: str) -> Answer:
    solution = file.with_suffix(".solution")
    words = [word.format(mps=file, solution=solution) for word in shlex.split(command)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=file.parent)  # noqa: S603 - the user's own
    if done.returncode or not solution.is_file():
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["nothing said"]
        raise PeerError(f"the command ended with {done.returncode}: {last[0]}")
    return Answer(cost_of_solution(file, solution))


def cost_of_solution(file: Path, solution: Path) -> float:
    """Return the cost of the point in a solution file.

    Raises
    ------
    PeerError
        If the point violates a bound or a row, or is not whole where it must be.
    """
    engine = Silent()
    engine.readModel(str(file))
    lp = engine.getLp()
    place_of = {name: place for place, name in enumerate(lp.col_names_)}
    values: dict[int, float] = {}
    for line in solution.read_text(encoding="utf-8", errors="replace").splitlines():
        words = line.split()
        at = next((at for at, word in enumerate(words[:-1]) if word in place_of), None)
        if at is not None:
            values.setdefault(place_of[words[at]], _number(words[at + 1]))
    point = np.zeros(lp.num_col_)
    point[list(values)] = list(values.values())
    _refuse_violations(lp, point)
    return math.fsum((np.array(lp.col_cost_) * point).tolist())


def _refuse_violations(lp: Any, point: np.ndarray) -> None:
    from scipy.sparse import csc_array  # noqa: PLC0415 - of this check alone

    entries = lp.a_matrix_
    matrix = csc_array((entries.value_, entries.index_, entries.start_), shape=(lp.num_row_, lp.num_col_))
    activity, size = matrix @ point, abs(matrix) @ np.abs(point)
    sides = [
        ("row", lp.row_lower_, lp.row_upper_, activity, size),
        ("bound", lp.col_lower_, lp.col_upper_, point, np.abs(point)),
    ]
    for what, lower, upper, value, beside in sides:
        away = np.maximum(np.array(lower) - value, value - np.array(upper)) / (1 + beside)
        if not (away <= _VIOLATION).all():
            raise PeerError(f"its solution violates a {what} by {away.max():.1e}")
    whole = np.array([kind != highspy.HighsVarType.kContinuous for kind in lp.integrality_], dtype=bool)
    if whole.any() and (np.abs(point - np.round(point))[whole] > _VIOLATION).any():
        raise PeerError("its solution is not whole where it must be")


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan
