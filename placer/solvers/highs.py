"""HiGHS, given the arrays of a linear program whole."""

from __future__ import annotations

import errno
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_args

import highspy
import numpy as np

from placer.errors import SolverError
from placer.model.program import LinearProgram, LPSolution, Solver, defects
from placer.running import check_time_limit, seconds_left
from placer.solvers.apart import EndedError, solve_apart
from placer.solvers.interrupt import run
from placer.termination import Reason, Termination

Method = Literal["simplex", "ipm", "pdlp"]
METHODS: tuple[Method, ...] = get_args(Method)

#: Reason for each model status of HiGHS. There is no 'else': an unknown status is an error.
STATUS: dict[str, Reason] = {
    "kOptimal": Reason.OPTIMAL,
    "kInfeasible": Reason.INFEASIBLE,
    "kUnbounded": Reason.UNBOUNDED,
    "kUnboundedOrInfeasible": Reason.INFEASIBLE_OR_UNBOUNDED,
    "kTimeLimit": Reason.TIME_LIMIT,
    "kIterationLimit": Reason.ITERATION_LIMIT,
    "kMemoryLimit": Reason.MEMORY_LIMIT,
    "kInterrupt": Reason.INTERRUPTED,
    "kHighsInterrupt": Reason.INTERRUPTED,
    "kSolutionLimit": Reason.FAILED,
    "kObjectiveBound": Reason.FAILED,
    "kObjectiveTarget": Reason.FAILED,
    "kNotset": Reason.FAILED,
    "kLoadError": Reason.FAILED,
    "kModelError": Reason.FAILED,
    "kModelEmpty": Reason.FAILED,
    "kPresolveError": Reason.FAILED,
    "kSolveError": Reason.FAILED,
    "kPostsolveError": Reason.FAILED,
    "kUnknown": Reason.FAILED,
}

#: Tighter than HiGHS' own 1e-7, since the certificate asks for a gap of 1e-9 and answers near 1e-7 can miss it.
_FEASIBILITY = 1e-9
#: Optimality tolerance of methods that stop at an interior point, as the certificate asks of them.
_INTERIOR_OPTIMALITY = 1e-8
#: Number of matrix entries from which HiGHS may presolve for more than half a second, in which no signal is heard.
APART_FROM = 250_000
#: Options the object sets itself; they cannot be given in ``options``.
_RESERVED = frozenset({"solver", "time_limit", "output_flag", "threads"})


@dataclass(frozen=True)
class HiGHS:
    """The HiGHS solver.

    Parameters
    ----------
    method : str
        ``simplex`` (default), ``ipm`` (interior point with crossover) or ``pdlp`` (first order).
    time_limit_seconds : float
        Time after which HiGHS stops without a solution; inf by default.
    options : mapping of str to value
        Further options of HiGHS by its own names.

    Raises
    ------
    SolverError
        If a method, limit or option is not one HiGHS takes.

    Examples
    --------
    >>> import placer
    >>> placer.HiGHS("ipm", time_limit_seconds=60).name
    'HiGHS ipm'
    """

    method: Method = "simplex"
    time_limit_seconds: float = math.inf
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse options that HiGHS would ignore."""
        if self.method not in METHODS:
            raise SolverError(f"HiGHS has no method {self.method!r}; it has {', '.join(METHODS)}")
        check_time_limit(self.time_limit_seconds)
        check_options(self.options)
        for name in self.options:
            if name in _RESERVED:
                raise SolverError(f"HiGHS option {name!r} is set by placer and cannot be given")
        if self.options:
            self.new_engine()

    @property
    def name(self) -> str:
        """Name and method."""
        return f"HiGHS {self.method}"

    def fallbacks(self) -> tuple[Solver, ...]:
        """The other exact method, with the same time limit."""
        other: Method = "ipm" if self.method == "simplex" else "simplex"
        return (HiGHS(other, self.time_limit_seconds),)

    def solve(self, program: LinearProgram) -> LPSolution:
        """Answer the program with a fresh HiGHS object, so that nothing of an earlier solve is left in it."""
        started = time.perf_counter()
        if found := defects(program):
            return LPSolution(Termination(Reason.FAILED, f"not given to HiGHS: {'; '.join(found)}"))
        if self.method == "pdlp" or program.matrix.nnz >= APART_FROM:
            return self._solve_apart(program, started)
        engine = self.new_engine()
        if _failed(engine.passModel(*arrays_of(program))):
            return LPSolution(Termination(Reason.FAILED, "HiGHS refused the program"))
        return answer_of_engine(engine, self.method, started)

    def _solve_apart(self, program: LinearProgram, started: float) -> LPSolution:
        """Answer the program in a process that can be ended at any time; see ``placer.solvers.apart``."""
        try:
            found = solve_apart({"output_flag": False} | self._settings(), arrays_of(program))
        except TimeoutError:
            found = {"status": "kTimeLimit", "iterations": 0}
        except EndedError as error:
            return LPSolution(Termination(Reason.FAILED, f"{self.name}: {error}"))
        reason = STATUS[found["status"]]
        return LPSolution(
            Termination(reason, f"{self.name}: {found['status']}"),
            values=found.get("values"),
            row_duals=found.get("row_duals"),
            basic=found.get("basic", False),
            iterations=found["iterations"],
            seconds=time.perf_counter() - started,
        )

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "solver": self.method,
            "primal_feasibility_tolerance": _FEASIBILITY,
            "dual_feasibility_tolerance": _FEASIBILITY,
            "ipm_optimality_tolerance": _INTERIOR_OPTIMALITY,
            "pdlp_optimality_tolerance": _INTERIOR_OPTIMALITY,
        }
        limit = min(float(self.time_limit_seconds), seconds_left())
        if math.isfinite(limit):
            settings["time_limit"] = limit
        return settings | dict(self.options)

    def new_engine(self) -> highspy.Highs:
        """Return a fresh HiGHS object with these settings; raises ``SolverError`` if HiGHS does not take one."""
        engine = Silent()
        for name, value in self._settings().items():
            if _failed(engine.setOptionValue(name, value)):
                raise SolverError(f"HiGHS does not take option {name!r} = {value!r}")
        return engine


def answer_of_engine(engine: highspy.Highs, method: Method, started: float) -> LPSolution:
    """Run a HiGHS object that holds a program, and return its answer; ``started`` is by ``time.perf_counter``."""
    failed = run(engine) == highspy.HighsStatus.kError
    status = engine.getModelStatus().name
    reason = Reason.FAILED if failed else STATUS[status]
    termination = Termination(reason, f"HiGHS {method}: {status}")
    seconds = time.perf_counter() - started
    info = engine.getInfo()
    iterations = info.simplex_iteration_count if method == "simplex" else info.ipm_iteration_count
    if reason is not Reason.OPTIMAL:
        return LPSolution(termination, iterations=iterations, seconds=seconds)
    solution = engine.getSolution()
    return LPSolution(
        termination,
        values=np.array(solution.col_value, dtype=float),
        row_duals=np.array(solution.row_dual, dtype=float),
        basic=engine.getBasis().valid,
        iterations=iterations,
        seconds=seconds,
    )


class Silent(highspy.Highs):  # type: ignore[misc]
    """HiGHS without its banner, which it prints while it is made unless told not to before its callbacks are set up."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)  # noqa: FBT003 - takes no keywords
        self.callbacks: list[Any] = []

    def run(self) -> highspy.HighsStatus:
        """Run.

        Raises
        ------
        MemoryError
            If there is no room for the stacks of the threads that HiGHS starts at the first run of a process.
        """
        try:
            return super().run()
        except RuntimeError as error:  # what std::system_error becomes
            if str(error) != os.strerror(errno.EAGAIN):
                raise
            raise MemoryError(f"HiGHS starts no thread: {error}") from error


@cache
def without_banner() -> None:
    """Spend the banner where nobody sees it: HiGHS prints it once in a process, in the engines of PuLP too."""
    engine = Silent()
    engine.setOptionValue("log_to_console", False)  # noqa: FBT003 - takes no keywords
    engine.setOptionValue("output_flag", True)  # noqa: FBT003
    engine.run()


def check_options(options: object) -> None:
    """Refuse options that are no mapping from names to values."""
    if not isinstance(options, Mapping) or not all(isinstance(name, str) for name in options):
        raise SolverError(f"options {options!r} are not a mapping from names to values")


def _failed(status: highspy.HighsStatus) -> bool:
    return bool(status != highspy.HighsStatus.kOk)


def arrays_of(program: LinearProgram) -> list[Any]:
    """Return the arguments of ``passModel``; a ``HighsLp`` would be copied number by number, five times slower."""
    matrix = program.matrix
    rows, columns = matrix.shape
    return [
        columns,
        rows,
        matrix.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        program.cost,
        program.col_lower,
        program.col_upper,
        program.row_lower,
        program.row_upper,
        matrix.indptr,
        matrix.indices,
        matrix.data,
        np.zeros(columns, dtype=np.int32),  # all continuous; HiGHS refuses an empty array here
    ]
