"""Solve small instances with every available solver, and compare the answers.

Differences of cost are relative to max(sum of the magnitudes of all cost terms at the reference's answer, a thousandth
of the typical cost of serving all demand): where power earns money the cost may be near 0 while its terms, each with a
solver's error, are not. The reference is the first side with an answer: HiGHS on the whole program, unless it has none.
Column generation runs directly, without its fallback; its answer must also be proven, and its bound may exceed neither
its cost nor that of the reference.
"""

from __future__ import annotations

import math
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import placer
from placer.column_generation.solver import WIDEST_GAP
from placer.ladder.whole_program import solve_program
from placer.model.answer import whole_solution
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.model.scaling import Scales, scale, unscale
from placer.proof.answer_certificate import certify_answer
from placer.proof.magnitudes import magnitudes

from .peers import PEERS
from .peers.hush import hushed

if TYPE_CHECKING:
    from placer.model.structure import Structure

#: Tolerances of costs, relative as above. CBC answers through a text file of eight digits.
AGREEMENT, CBC_AGREEMENT = 1e-7, 1e-6
#: Rounding by which a bound may exceed its own cost.
ROUNDING = 1e-9
#: Lower limit of the scale of a cost, as a share of the typical cost of serving all demand.
SMALL = 1e-3
#: GLOP checks feasibility to 1e-6 by default, which is too coarse for comparison to 1e-7.
GLOP_PARAMETERS = "primal_feasibility_tolerance: 1e-9 dual_feasibility_tolerance: 1e-9"
#: Words for the outcome of an instance.
AGREED, DIFFERS, REFUSED, CRASHED = "agreed", "differs", "refused", "crashed"


@dataclass(frozen=True)
class Problem:
    """An instance, ready for every side.

    Attributes
    ----------
    structure : Structure
    program : LinearProgram
        Whole.
    scaled, scales : LinearProgram, Scales
        As placer hands it to solvers.
    """

    structure: Structure
    program: placer.LinearProgram
    scaled: placer.LinearProgram
    scales: Scales

    @cached_property
    def serving(self) -> float:
        """The typical cost of serving all demand."""
        return float(self.structure.demand_amount @ magnitudes(self.structure).price[self.structure.demand_class])

    def cost(self, values: np.ndarray) -> float:
        """Return the cost of a point."""
        return float(self.program.cost @ values)

    def size(self, values: np.ndarray) -> float:
        """Return the scale of differences from the cost of a point."""
        return max(float(np.abs(self.program.cost) @ np.abs(values)), SMALL * self.serving) or 1.0


@dataclass(frozen=True)
class Found:
    """The answer of a side.

    Attributes
    ----------
    values : array or None
        Values of the columns of the whole program; None without an answer.
    detail : str
        The side's own message.
    proven : bool
        Whether the project's certificate holds; True where it is not required.
    bound : float
        The side's lower bound on the cost of any placement.
    """

    values: np.ndarray | None
    detail: str
    proven: bool = True
    bound: float = -math.inf


def problem_of(instance: placer.Instance) -> Problem:
    """Return the problem of an instance."""
    structure = formulate(instance).structure
    program = expand(structure)
    return Problem(structure, program, *scale(program))


def by_highs(problem: Problem, limit: float) -> Found:
    """Solve the whole program with HiGHS, with placer's certificate."""
    try:
        solution, _ = solve_program(problem.program, placer.HiGHS(time_limit_seconds=limit))
    except placer.NoSolutionError as error:
        return Found(None, str(error))
    return Found(solution.values, solution.termination.detail)


def by_columns(problem: Problem, limit: float) -> Found:
    """Solve with column generation alone."""
    structure = problem.structure
    answer = placer.ColumnGeneration(time_limit_seconds=limit).answer(structure)
    detail, claimed = answer.termination.detail, answer.termination.reason == "optimal"
    if answer.flows is None:
        return Found(None, detail, bound=answer.bound)
    certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
    words = "; ".join([detail, *certificate.failures])
    values = whole_solution(structure, problem.program, answer).values
    return Found(values, words, claimed and certificate.proven, max(answer.bound, certificate.bound))


def by_cbc(problem: Problem, limit: float) -> Found:
    """Solve with CBC through PuLP; its answer is read from a file and not certified."""
    with hushed():
        solution = placer.PuLP("PULP_CBC_CMD", time_limit_seconds=limit).solve(problem.scaled)
    return Found(unscale(solution, problem.scales).values, solution.termination.detail)


def by_glop(problem: Problem, limit: float) -> Found:
    """Solve with OR-Tools' simplex."""
    from ortools.linear_solver.python.model_builder_helper import (  # noqa: PLC0415 - an extra
        ModelSolverHelper,
        SolveStatus,
    )

    engine = ModelSolverHelper("glop")
    engine.set_time_limit_in_seconds(limit)
    engine.set_solver_specific_parameters(GLOP_PARAMETERS)
    engine.solve(PEERS["ortools-glop"].build(problem.scaled))
    detail = f"GLOP: {engine.status().name} {engine.status_string()}".strip()
    if not engine.has_solution() or engine.status() != SolveStatus.OPTIMAL:
        return Found(None, detail)
    return Found(np.array(engine.variable_values()) * problem.scales.column / problem.scales.size, detail)


#: The sides, the reference first, with the tolerance of each.
SIDES: dict[str, tuple[Callable[[Problem, float], Found], float]] = {
    "highs": (by_highs, AGREEMENT),
    "columns": (by_columns, AGREEMENT),
    "cbc": (by_cbc, CBC_AGREEMENT),
    "glop": (by_glop, AGREEMENT),
}


def missing() -> dict[str, str]:
    """Return the missing libraries in words, by side."""
    needs = {"cbc": PEERS["pulp-cbc"], "glop": PEERS["ortools-glop"]}
    return {name: words for name, peer in needs.items() if (words := peer.missing())}


def judge(problem: Problem, found: dict[str, Found]) -> dict[str, Any]:
    """Compare the answers with the first, and return the outcome in one word with its evidence.

    A side that crashed counts as differing; a side that reports no answer counts as silent.
    """
    values = next((each.values for each in found.values() if each.values is not None), None)
    if values is None:
        return {"status": REFUSED, "why": {name: each.detail for name, each in found.items()}}
    least, size = problem.cost(values), problem.size(values)
    cost = {name: problem.cost(each.values) for name, each in found.items() if each.values is not None}
    apart = {name: abs(each - least) / size for name, each in cost.items()}
    wrong = [f"{name}: apart by {each:.1e}" for name, each in apart.items() if not each <= SIDES[name][1]]
    for name, each in found.items():
        lowest = min(least + AGREEMENT * size, cost.get(name, math.inf) + ROUNDING * size)
        if each.bound > lowest:
            wrong.append(f"{name}: bound above cost by {(each.bound - lowest) / size:.1e}")
    unproven = {name: each.detail for name, each in found.items() if name in cost and not each.proven}
    wrong += [f"{name}: not proven: {words}" for name, words in unproven.items()]
    silent = {name: each.detail for name, each in found.items() if name not in cost}
    wrong += [f"{name}: {words}" for name, words in silent.items() if words.startswith(CRASHED)]
    return {
        "status": DIFFERS if wrong else AGREED,
        "wrong": wrong,
        "cost": cost,
        "size": size,
        "apart": apart,
        "bound": {name: each.bound for name, each in found.items() if math.isfinite(each.bound)},
        "silent": silent,
        "unproven": unproven,
    }


def ask(name: str, problem: Problem, limit: float) -> Found:
    """Solve with a side; a crash counts as an answer, and a warning as a crash."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            return SIDES[name][0](problem, limit)
    except Exception as error:  # noqa: BLE001 - the purpose is to find crashes
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
        return Found(None, f"{CRASHED}: {error!r} at {places}")
