"""Any solver PuLP speaks to, PuLP 3.3 and 4 alike; and the PuLP model of a program, for those who want it."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import pulp

from placer.errors import NoSolutionError, SolverError
from placer.model.program import LinearProgram, LPSolution, Solver, defects
from placer.running import check_time, check_time_limit, running, seconds_left
from placer.solvers.children import own_folder
from placer.solvers.highs import HiGHS, check_options, without_banner
from placer.termination import Reason, Termination
from placer.utils.arrays import FloatArray
from placer.utils.reading import with_home

#: Reason for each status code of PuLP; codes below -3 are of PuLP 4. There is no 'else': an unknown code is an error.
STATUS: dict[int, Reason] = {
    1: Reason.OPTIMAL,
    0: Reason.FAILED,  # not solved
    -1: Reason.INFEASIBLE,
    -2: Reason.UNBOUNDED,
    -3: Reason.FAILED,  # 'undefined': infeasible, unbounded, or an error of the solver
    -4: Reason.TIME_LIMIT,
    -5: Reason.MEMORY_LIMIT,
    -6: Reason.FAILED,  # node limit
    -7: Reason.FAILED,  # gap limit
    -8: Reason.ITERATION_LIMIT,
    -9: Reason.FAILED,  # solution limit
    -10: Reason.INTERRUPTED,
    -11: Reason.FAILED,  # stopped, reason not reported
    -12: Reason.FAILED,  # numerical trouble
}

T = TypeVar("T")

#: Rows, columns or costs written between two looks at the time limit.
_BETWEEN = 1000
#: PuLP 3 calls a point found before a limit 'optimal' too; only its second status tells them apart.
_PROVEN_OPTIMAL = 1


@dataclass(frozen=True)
class PuLP:
    """A solver reached through PuLP.

    A solver that answers through a text file, as CBC does, rounds to eight digits; that rarely passes the certificate,
    and then HiGHS is asked and the termination says so.

    Parameters
    ----------
    solver : str
        PuLP's name for it: ``HiGHS``, ``PULP_CBC_CMD``, ``COIN_CMD``, ``GUROBI`` and so on, where they are installed.
    time_limit_seconds : float
        Handed to the solver, which is killed if it does not keep it; inf by default.
    options : mapping of str to value
        Further arguments of PuLP's solver class.

    Raises
    ------
    SolverError
        If PuLP does not know the solver, cannot find it here, or refuses an option.

    Examples
    --------
    >>> import placer
    >>> placement = placer.solve(placer.load("tiny"), solver=placer.PuLP("HiGHS"))
    >>> round(placement.cost_usd, 6) == round(placer.solve(placer.load("tiny")).cost_usd, 6)
    True
    """

    solver: str
    time_limit_seconds: float = math.inf
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse a solver that is not available when it is named, not when it is first used."""
        check_time_limit(self.time_limit_seconds)
        check_options(self.options)
        self._engine()

    @property
    def name(self) -> str:
        """PuLP's name of the solver."""
        return f"PuLP {self.solver}"

    def fallbacks(self) -> tuple[Solver, ...]:
        """HiGHS, whose answers are not rounded on their way through a text file."""
        return (HiGHS(time_limit_seconds=self.time_limit_seconds),)

    def solve(self, program: LinearProgram) -> LPSolution:
        """Answer the program."""
        started = time.perf_counter()
        if found := defects(program):
            return LPSolution(Termination(Reason.FAILED, f"not given to PuLP: {'; '.join(found)}"))
        if _has_impossible_row(program):
            return LPSolution(Termination(Reason.INFEASIBLE, "not given to PuLP: a row without entries excludes 0"))
        limit = min(self.time_limit_seconds, seconds_left())
        try:
            with running(time_limit_seconds=self.time_limit_seconds):
                program = replace(
                    program, naming=None
                )  # those of positions take no time, and PuLP leaves them as they are
                problem = to_pulp(program)
        except NoSolutionError as error:
            return LPSolution(Termination(Reason.TIME_LIMIT, f"{self.name}: {error.detail}"))
        detail, reason = "", Reason.FAILED
        built = time.perf_counter() - started
        if limit > 2 * built:  # PuLP writes a program in about the time that building it took, and hears nobody
            try:
                with own_folder(limit - built) as folder:
                    reason = _reason(problem, problem.solve(self._engine(limit - 2 * built, folder)))
            except pulp.PulpError as error:
                detail = str(error)
        seconds = time.perf_counter() - started
        if reason is Reason.FAILED and seconds + built >= limit:
            reason, detail = Reason.TIME_LIMIT, ""  # PuLP 3 has no word for it
        termination = Termination(reason, f"{self.name}: {detail or reason}")
        if reason is not Reason.OPTIMAL:
            return LPSolution(termination, seconds=seconds)
        values, row_duals = _pulp_values(problem, program), _pulp_row_duals(problem, program)
        if row_duals is None:
            termination = Termination(Reason.FAILED, f"{self.name}: {reason}, but it gives no duals to prove it with")
        return LPSolution(termination, values=values, row_duals=row_duals, seconds=seconds)

    def _engine(self, time_limit_seconds: float = math.inf, folder: str | None = None) -> Any:
        """Return PuLP's solver object, with a folder for the files it writes; its HiGHS prints no banner."""
        without_banner()
        arguments: dict[str, Any] = {"msg": False, **self.options}
        if math.isfinite(time_limit_seconds):
            arguments["timeLimit"] = float(time_limit_seconds)
        try:
            engine = _engine_named(self.solver, arguments)
        except (pulp.PulpError, TypeError) as error:
            raise SolverError(f"PuLP cannot make solver {self.solver!r}: {error}") from error
        if not engine.available():
            here = ", ".join(pulp.listSolvers(onlyAvailable=True))
            raise SolverError(f"PuLP does not find {self.solver!r} here; it finds {here}")
        if folder is not None:
            engine.tmpDir = folder
        return engine


def _engine_named(name: str, arguments: Mapping[str, Any]) -> Any:
    """Return PuLP's solver of a name. CBC's name ``PULP_CBC_CMD`` is deprecated in PuLP 3.3 and unknown to PuLP 4.

    ``COIN_CMD`` runs the CBC that comes with PuLP 3.3, and under PuLP 4 the one of its extra ``pulp[cbc]``.
    """
    if name != "PULP_CBC_CMD":
        return pulp.getSolver(name, **arguments)
    bundled = getattr(pulp, name, None)
    return pulp.getSolver("COIN_CMD", **({} if bundled is None else {"path": bundled.pulp_cbc_path}), **arguments)


def to_pulp(program: LinearProgram, name: str = "placer") -> pulp.LpProblem:
    """Return the program as a PuLP model, with the names of its rows and columns: labels in those of ``to_program``.

    A row with two different finite sides becomes two constraints, the second with ``_upper`` after its name; a row
    without entries is left out. The attribute ``variables_in_order`` lists the variables in the program's order. A time
    limit around (``placer.running``) ends it with ``NoSolutionError``.

    Examples
    --------
    >>> import placer
    >>> model = placer.to_pulp(placer.to_program(placer.load("tiny")))
    >>> len(model.variables_in_order) > 0
    True
    """
    problem = pulp.LpProblem(name, pulp.LpMinimize)
    bounds = zip(program.col_names, program.col_lower, program.col_upper, strict=True)
    variables = [
        problem.add_variable(label, _pulp_bound(lower), _pulp_bound(upper))
        for label, lower, upper in _in_time(bounds, "columns")
    ]
    problem.variables_in_order = variables
    terms = zip(program.cost.tolist(), variables, strict=True)
    problem.setObjective(pulp.lpSum(cost * variable for cost, variable in _in_time(terms, "costs")))
    rows = program.matrix.tocsr()
    for row, label in _in_time(enumerate(program.row_names), "rows"):
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        entries = [
            (variables[column], value)
            for column, value in zip(rows.indices[part].tolist(), rows.data[part].tolist(), strict=True)
            if value
        ]
        if entries:
            for suffix, constraint in _constraints(entries, program.row_lower[row], program.row_upper[row]):
                problem.addConstraint(constraint, label + suffix)
    return problem


def _in_time(items: Iterable[T], what: str) -> Iterator[T]:
    """Yield items until the time limit; raise ``NoSolutionError`` then."""
    for number, item in enumerate(items):
        if not number % _BETWEEN:
            check_time(f"time limit, after {number:,} {what} were written")
        yield item


def write_program(program: LinearProgram, file: str | os.PathLike[str]) -> None:
    """Write the program as an LP or MPS file, by the ending of its name, for use with other tools.

    Raises
    ------
    ValueError
        If the name ends in neither ``.lp`` nor ``.mps``.
    """
    path = str(with_home(file))
    if path.lower().endswith(".lp"):
        to_pulp(program).writeLP(path)
    elif path.lower().endswith(".mps"):
        to_pulp(program).writeMPS(path)
    else:
        raise ValueError(f"{path} ends in neither .lp nor .mps")


def _constraints(entries: list[tuple[Any, float]], lower: float, upper: float) -> list[tuple[str, Any]]:
    def expression() -> Any:
        return pulp.lpSum(value * variable for variable, value in entries)

    if lower == upper:
        return [("", expression() == float(upper))]
    sides = []
    if math.isfinite(lower):
        sides.append(("", expression() >= float(lower)))
    if math.isfinite(upper):
        sides.append(("_upper" if sides else "", expression() <= float(upper)))
    return sides


def _reason(problem: Any, outcome: Any) -> Reason:
    """Read the status: PuLP 4 returns an object that holds it, PuLP 3 the number itself."""
    code = int(getattr(outcome, "status", outcome))
    reason = STATUS[code]
    if reason is Reason.OPTIMAL and isinstance(outcome, int) and problem.sol_status != _PROVEN_OPTIMAL:
        return Reason.FAILED
    return reason


def _pulp_row_duals(problem: Any, program: LinearProgram) -> FloatArray | None:
    """Return the duals row by row; None if the solver gives none."""
    constraints = problem.constraints() if callable(problem.constraints) else problem.constraints.values()
    dual_of = {constraint.name: constraint.pi for constraint in constraints}
    if any(dual is None for dual in dual_of.values()):
        return None
    return np.array([dual_of.get(name, 0.0) + dual_of.get(f"{name}_upper", 0.0) for name in program.row_names])


def _has_impossible_row(program: LinearProgram) -> bool:
    """Whether a row without entries, which PuLP cannot express, excludes 0."""
    entries = np.asarray((program.matrix != 0).sum(axis=1))
    return bool(((entries == 0) & ((program.row_lower > 0) | (program.row_upper < 0))).any())


def _pulp_values(problem: Any, program: LinearProgram) -> FloatArray:
    """Return the columns. PuLP gives none to a column in no row and at no cost; any value within its bounds will do."""
    values = np.array([variable.varValue for variable in problem.variables_in_order], dtype=float)
    entries = np.asarray((program.matrix != 0).sum(axis=0))
    idle = (entries == 0) & (program.cost == 0)
    return np.where(idle, np.clip(0.0, program.col_lower, program.col_upper), values)


def _pulp_bound(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
