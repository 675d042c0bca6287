"""Plans of whole modules and of sites with opening costs: branch and bound over the cuts.

    minimise  c z + f y + measure_o Q_o(z)      z_r = module_r n_r,  n_r whole;      z_r <= most_r y_r,  y_r in {0, 1}

    1  the relaxation, with y_r = z_r / most_r and n_r any number, is a plan without whole numbers whose units cost
       ``c_r + f_r / most_r``: its certificate proves a bound, and its price vectors are the first cuts
    2  HiGHS solves the program with integers over the cuts, to a tenth of the gap; its bound holds for every plan,
       since cuts are lower bounds, but HiGHS alone vouches for it
    3  the states are solved at its plan, whose cost is proven; their price vectors are further cuts; again from 2

until the gap is closed or the plan repeats, when its cost is what the cuts say. Whole numbers have no marginal prices:
values, profits and rents are NaN. The plan is never called proven unless the bound of the relaxation closes the gap.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array

from placer.decomposition.bound import size_of
from placer.decomposition.master import Cuts, floors, master_program
from placer.decomposition.price_pool import PricePool
from placer.errors import NoSolutionError
from placer.model.edits import with_columns, with_rows
from placer.model.program import LinearProgram
from placer.planning.costs.evaluation import Evaluator, solve_all
from placer.planning.question.plan_program import PlanProgram
from placer.planning.search.certificate import PlanCertificate, infeasibility
from placer.running import check_time, seconds_left, tell
from placer.solvers.branch_and_bound import branch_and_bound
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.numbers import gap_in_words

_log = logging.getLogger(__name__)

#: Gap of branch and bound, as a share of the gap of the plan.
_PART = 0.1
#: Maximum number of trial plans, and of rounds of cuts in one program.
_MOST_PLANS, _MOST_ROUNDS = 200, 100


@dataclass(frozen=True, eq=False)
class WholePlanCertificate(PlanCertificate):
    """The verified figures of a plan with whole numbers.

    Attributes
    ----------
    bound_usd_per_year : float
        The larger of the proven bound of the relaxation and the unproven bound of branch and bound.
    relaxation_bound_usd_per_year : float
        Proven without HiGHS.
    """

    relaxation_bound_usd_per_year: float

    @property
    def failures(self) -> tuple[str, ...]:
        """The reasons why the plan is not proven: the unproven bound, unless that of the relaxation suffices."""
        above = self.cost_usd_per_year - self.relaxation_bound_usd_per_year
        own = above <= self.tolerance * self.size_usd_per_year
        return super().failures if own else ("the bound is that of branch and bound", *super().failures)

    @property
    def verdict(self) -> str:
        """The kind of bound, the gap, and the figures that exceed their tolerance, if any."""
        if self.proven:
            return super().verdict
        return "; ".join([f"{gap_in_words(self.gap)} to a bound by branch and bound", *super().failures])


@dataclass(frozen=True, eq=False)
class FoundWhole:
    """The best plan of whole numbers.

    Attributes
    ----------
    units, costs : (candidates,), (states,) arrays
    bound : float
        Of branch and bound.
    stopped : str
        Why the search ended with an open gap; empty if it closed it.
    plans : tuple of (units, total)
        All plans that were solved.
    """

    units: FloatArray
    costs: FloatArray
    bound: float
    stopped: str
    plans: tuple[tuple[FloatArray, float], ...]


def relaxed(problem: PlanProgram) -> PlanProgram:
    """Return the relaxation without whole numbers: the opening cost is spread over the maximum number of units."""
    candidates = problem.candidates
    spread = np.divide(problem.opening, problem.most, out=np.zeros_like(problem.most), where=problem.most > 0)
    nothing = np.full(len(problem.most), np.nan)
    return replace(
        problem,
        candidates=replace(
            candidates,
            cost_usd_per_unit_year=problem.cost + spread,
            module_units=nothing,
            opening_usd_per_year=nothing,
        ),
    )


def find_whole_plan(problem: PlanProgram, pool: PricePool, evaluator: Evaluator, gap: float) -> FoundWhole:
    """Return the best plan of whole numbers, from the price vectors of the relaxation.

    Parameters
    ----------
    pool : PricePool
        With the price vectors of the relaxation; it grows.

    Raises
    ------
    NoSolutionError
        If no plan of whole numbers keeps the build limits, a state has no proven placement, or the time is over before
        any plan was solved.
    """
    plans: list[tuple[FloatArray, float]] = []
    costs_of: dict[bytes, FloatArray] = {}
    bound, stopped = -math.inf, f"{_MOST_PLANS} plans"
    try:
        for _ in range(_MOST_PLANS):
            check_time("the time is over")
            units, found = _best_over_cuts(problem, pool, _PART * gap)
            bound = max(bound, found)
            repeats = units.tobytes() in costs_of
            if not repeats:
                costs_of[units.tobytes()] = solve_all(pool, evaluator, units)
                plans.append((units, problem.total(units, costs_of[units.tobytes()])))
            best, least = min(plans, key=lambda plan: plan[1])
            open_gap = (least - bound) / size_of(problem, best, costs_of[best.tobytes()], problem.weights)
            tell(_log, f"{len(plans)} plans of whole numbers, {gap_in_words(open_gap)}")
            if repeats or open_gap <= gap:
                stopped = "" if open_gap <= gap else "branch and bound repeats a plan"
                break
    except (NoSolutionError, KeyboardInterrupt) as error:
        if not plans or (isinstance(error, NoSolutionError) and error.reason is Reason.INFEASIBLE):
            raise
        stopped = str(error) or str(Reason.INTERRUPTED)
    units = min(plans, key=lambda plan: plan[1])[0]
    return FoundWhole(units, costs_of[units.tobytes()], bound, stopped, tuple(plans))


def certify_whole(problem: PlanProgram, found: FoundWhole, relaxation_bound: float, gap: float) -> WholePlanCertificate:
    """Return the certificate of a plan of whole numbers whose states are proven."""
    cost, nothing = problem.total(found.units, found.costs), np.full(len(problem.cost), np.nan)
    return WholePlanCertificate(
        cost_usd_per_year=cost,
        bound_usd_per_year=max(found.bound, relaxation_bound),
        infeasibility=infeasibility(problem, found.units),
        states_proven=True,
        tolerance=gap,
        value_usd_per_unit_year=nothing,
        profit_usd_per_unit_year=nothing,
        limit_rents=np.full(len(problem.amount), np.nan),
        state_weights=problem.weights,
        zero_profit_usd_per_year=math.nan,
        size_usd_per_year=size_of(problem, found.units, found.costs, problem.weights),
        relaxation_bound_usd_per_year=relaxation_bound,
    )


def _best_over_cuts(problem: PlanProgram, pool: PricePool, gap: float) -> tuple[FloatArray, float]:
    """Return the units of the program with integers over all cuts of the pool, and its bound."""
    values = pool.values(np.zeros(len(problem.cost)))
    floor = floors(problem, pool.least(problem.most), float(values.max()))
    chosen = {(int(vector), state) for state, vector in enumerate(values.argmax(axis=0))}
    bound = -math.inf
    for _ in range(_MOST_ROUNDS):
        vector, state = (np.array(part) for part in zip(*sorted(chosen), strict=True))
        cuts = Cuts(vector, state, *pool.rows(vector, state))
        program, constant, integer = whole_program_over(problem, cuts, floor)
        answer = branch_and_bound(program, integer, HiGHS(time_limit_seconds=max(seconds_left(), 1e-3)), gap)
        if answer.values is None:
            reason, detail = answer.termination.reason, answer.termination.detail
            none = "no plan of whole modules keeps the build limits; " if reason is Reason.INFEASIBLE else ""
            raise NoSolutionError(reason, none + detail)
        bound = max(bound, answer.bound + constant)
        units = _exact(problem, program, answer.values)
        theta = floor + answer.values[program.col_blocks["t"]]
        values = pool.values(units)
        best = values.argmax(axis=0)
        above = values[best, np.arange(len(best))] - theta
        violated = np.flatnonzero(above > gap * np.maximum(np.abs(theta), np.abs(floor)))
        new = {(int(best[place]), int(place)) for place in violated} - chosen
        if not new:
            break
        chosen |= new
    return units, bound


def whole_program_over(problem: PlanProgram, cuts: Cuts, floor: FloatArray) -> tuple[LinearProgram, float, BoolArray]:
    """Return the program over some cuts with columns of modules and openings, its constant, and the integer columns."""
    count = len(problem.cost)
    program, constant = master_program(problem, cuts, floor, np.zeros(count), problem.most)
    first = len(program.cost)
    modules, opened = np.flatnonzero(np.isfinite(problem.module)), np.flatnonzero(problem.opening > 0)
    rows = len(program.row_lower)
    for name, members, cost, upper in (
        ("n", modules, np.zeros(len(modules)), np.floor(problem.most[modules] / problem.module[modules] + 1e-9)),
        ("open", opened, problem.opening[opened], np.ones(len(opened))),
    ):
        program = with_columns(program, name, csc_array((rows, len(members))), cost, upper)
    total = len(program.cost)
    ties = np.zeros((len(modules), total))
    ties[np.arange(len(modules)), modules] = 1.0
    ties[np.arange(len(modules)), first + np.arange(len(modules))] = -problem.module[modules]
    program = with_rows(program, "modules", ties, np.zeros(len(modules)), np.zeros(len(modules)))
    shuts = np.zeros((len(opened), total))
    shuts[np.arange(len(opened)), opened] = 1.0
    shuts[np.arange(len(opened)), first + len(modules) + np.arange(len(opened))] = -problem.most[opened]
    program = with_rows(program, "open", shuts, np.full(len(opened), -np.inf), np.zeros(len(opened)))
    return program, constant, np.arange(total) >= first


def _exact(problem: PlanProgram, program: LinearProgram, values: FloatArray) -> FloatArray:
    """Return the units, exact multiples of modules, and 0 where a candidate is not opened."""
    units = np.clip(values[program.col_blocks["z"]], 0.0, problem.most)
    modules, opened = np.flatnonzero(np.isfinite(problem.module)), np.flatnonzero(problem.opening > 0)
    units[modules] = np.round(values[program.col_blocks["n"]]) * problem.module[modules]
    units[opened] = np.where(values[program.col_blocks["open"]] > 0.5, units[opened], 0.0)
    return np.where(units <= 1e-9 * problem.most, 0.0, units)
