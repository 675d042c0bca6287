"""The master: the cheapest point when some cuts stand for the costs of members.

With the lower bound ``theta_o = floor_o + t_o`` on the cost of member o, floor_o below every cut of it,

    minimise    c z + (1 - lambda) sum_o w_o theta_o + lambda (sum_Y W_Y eta_Y + sum_o w_o s_o / (1 - alpha))
    cuts        t_o + slope_p z >= constant_po - floor_o               multiplier mu_op       some vectors p, members o
    limits      A z <= L                                               multiplier -beta
    risk        s_o - t_o + eta'_Y >= floor_o - eta_Y0                 multiplier y_o         with lambda > 0 only
    bounds      low <= z <= high,   t, s, eta' >= 0,   eta_Y = eta_Y0 + eta'_Y,   eta_Y0 = min floor_o of the year Y

The multipliers of the certificate are those of the master (``placer.planning.search.certificate``): sum_p mu_op = (1 -
lambda) w_o + y_o. The project's own certificate proves each optimum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import block_array, coo_array, csc_array, eye_array

from placer.decomposition.family import Problem
from placer.errors import NoSolutionError
from placer.ladder.whole_program import solve_program
from placer.model.program import LinearProgram, LPSolution, blocks
from placer.model.scaling import magnitude_range, scale
from placer.proof.certificate import Certificate
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.utils.arrays import BoolArray, FloatArray, IntArray
from placer.utils.solver_limits import WIDEST_RANGE

#: Distance of the floor of a member below the bound of its lowest cut, as a share: no t is then 0 in an optimum, and
#: the multipliers of its cuts sum to the weight.
_BELOW = 0.01
#: Smallest size of the lowest cuts in that distance, as a share of the highest cut.
_BESIDE_HIGHEST = 1e-3
#: Largest change of a cut by a variable, as a share of the largest cut, for its slope to count as rounding: the cut is
#: lowered by the same amount. The next one is taken where slopes are left that range too widely for a solver, or where
#: no solver proves its answer.
_ROUNDING = (1e-12, 1e-11, 1e-10)
#: Part by which the cost of a unit exceeds what it saves by all cuts if it is left out of the master.
_ABOVE = 1e-6


@dataclass(frozen=True, eq=False)
class Cuts:
    """Some cuts, by position.

    Attributes
    ----------
    vector, member : (cuts,) int arrays
        Price vector and member of each.
    constant : (cuts,) array
    slope : (cuts, variables) array
    """

    vector: IntArray
    member: IntArray
    constant: FloatArray
    slope: FloatArray


@dataclass(frozen=True, eq=False)
class MasterPoint:
    """An optimum of the master.

    Attributes
    ----------
    objective : float
        Bound of the cuts if low and high are the bounds of the problem.
    z : (variables,) array
    theta : (members,) array
    multipliers : (cuts,) array
        ``mu``, >= 0.
    limit_rents : (rows,) array
        ``beta``, >= 0.
    extra : (members,) array
        ``y``, >= 0; 0 without a risk.
    """

    objective: float
    z: FloatArray
    theta: FloatArray
    multipliers: FloatArray
    limit_rents: FloatArray
    extra: FloatArray


def solve_master(problem: Problem, cuts: Cuts, floor: FloatArray, low: FloatArray, high: FloatArray) -> MasterPoint:
    """Return the cheapest point by the cuts, with proven multipliers.

    Parameters
    ----------
    cuts : Cuts
        At least one for each member.
    floor : (members,) array
        Below the bound of each cut at all z between low and high; see ``floors``.
    low, high : (variables,) arrays
        Bounds of the units.

    Raises
    ------
    NoSolutionError
        With the reason ``infeasible``, if no units between the bounds keep the rows.
    """
    hopeless = np.flatnonzero(_is_hopeless(problem, cuts) & (low == 0))

    def without(master: LinearProgram, _constant: float) -> LinearProgram:
        cost, upper = master.cost.copy(), master.col_upper.copy()
        cost[hopeless] = upper[hopeless] = 0.0
        return replace(master, cost=cost, col_upper=upper)

    program, constant, solution, certificate = solve_over(problem, cuts, floor, low, high, without)
    part, values, duals = program.row_blocks, solution.point, solution.duals
    count = len(floor)
    return MasterPoint(
        objective=certificate.objective + constant,
        z=np.clip(values[program.col_blocks["z"]], low, high),
        theta=floor + values[program.col_blocks["t"]],
        multipliers=np.maximum(duals[part["cuts"]], 0.0),
        limit_rents=np.maximum(-duals[part["limits"]], 0.0),
        extra=np.maximum(duals[part["risk"]], 0.0) if "risk" in part else np.zeros(count),
    )


def _is_hopeless(problem: Problem, cuts: Cuts) -> BoolArray:
    """Return which variables save less than they cost, or nothing, by all cuts, and help no limit (variables,).

    Beside costs, or numbers, of units that nobody would build, costs of members can be rounding for a solver.
    """
    risk, saved = problem.risk, np.zeros((len(problem.weights), len(problem.cost)))
    np.maximum.at(saved, cuts.member, cuts.slope)
    most = (1 - risk.weight + risk.weight / (1 - risk.level)) * problem.weights @ saved
    return np.asarray((problem.cost >= (1 + _ABOVE) * most) & (problem.takes >= 0).all(axis=0))


def solve_over(
    problem: Problem,
    cuts: Cuts,
    floor: FloatArray,
    low: FloatArray,
    high: FloatArray,
    change: Callable[[LinearProgram, float], LinearProgram] | None = None,
) -> tuple[LinearProgram, float, LPSolution, Certificate]:
    """Solve the master, or a program made of it, and prove the answer: at need, with more slopes as rounding.

    Parameters
    ----------
    problem, cuts, floor, low, high
        As of ``solve_master``.
    change : callable, optional
        Makes the program, from the master and the constant term of its objective.

    Returns
    -------
    program, constant, solution, certificate

    Raises
    ------
    NoSolutionError
        As ``solve_program``.
    """
    failed = NoSolutionError(Reason.FAILED, "no master")
    for master, constant in _masters(problem, cuts, floor, low, high):
        program = master if change is None else change(master, constant)
        try:
            return program, constant, *solve_program(program, HiGHS())
        except NoSolutionError as error:
            failed = error
            if error.reason is not Reason.FAILED:
                break
    raise failed


def _without_rounding(cuts: Cuts, most: FloatArray, share: float) -> Cuts:
    """Return the cuts without slopes that are rounding, each lowered by the largest effect of these slopes."""
    part = cuts.slope * most
    noise = part <= share * float(np.abs(cuts.constant).max(initial=1e-300))
    constant = cuts.constant - np.where(noise, part, 0.0).sum(axis=1)
    return replace(cuts, constant=constant, slope=np.where(noise, 0.0, cuts.slope))


def floors(problem: Problem, lowest: FloatArray, highest: float) -> FloatArray:
    """Return floors of the members, below the least value of all their cuts (members,).

    Parameters
    ----------
    problem : Problem
        Where all cuts are 0, the distance must not be rounding beside its rows.
    lowest : (members,) array
    highest : float
        The highest value of any cut: beside it the distance must not be rounding where all of ``lowest`` is near 0.
    """
    size = max(float(np.abs(lowest).max()), _BESIDE_HIGHEST * abs(highest))
    size = size or float(np.abs(problem.amount).max(initial=0.0)) or 1.0
    return np.asarray(lowest - _BELOW * size)


def master_program(
    problem: Problem, cuts: Cuts, floor: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[LinearProgram, float]:
    """Return the master as a linear program, and the constant term of its objective."""
    return next(_masters(problem, cuts, floor, low, high))


def _masters(
    problem: Problem, cuts: Cuts, floor: FloatArray, low: FloatArray, high: FloatArray
) -> Iterator[tuple[LinearProgram, float]]:
    """Yield the master with more and more slopes as rounding, where its coefficients do not range too widely."""
    for share in _ROUNDING:
        program, constant = _program(problem, _without_rounding(cuts, problem.most, share), floor, low, high)
        if share == _ROUNDING[-1] or _is_narrow(program):
            yield program, constant


def _is_narrow(program: LinearProgram) -> bool:
    """Return whether the coefficients range less widely than a solver takes, as they are or scaled."""
    return magnitude_range(program) <= WIDEST_RANGE or magnitude_range(scale(program)[0]) <= WIDEST_RANGE


def _program(
    problem: Problem, cuts: Cuts, floor: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[LinearProgram, float]:
    """Return the master over cuts without rounding, and the constant term of its objective."""
    risk, weights, count, each = problem.risk, problem.weights, len(floor), len(cuts.constant)
    pick = coo_array((np.ones(each), (np.arange(each), cuts.member)), shape=(each, count))
    cost = [problem.cost, (1 - risk.weight) * weights]
    upper = [high, np.full(count, np.inf)]
    columns = {"z": len(high), "t": count}
    matrix = [[coo_array(cuts.slope), pick], [coo_array(problem.takes), None]]
    row_lower = [cuts.constant - floor[cuts.member], np.full(len(problem.amount), -np.inf)]
    row_upper = [np.full(each, np.inf), problem.amount]
    rows = {"cuts": each, "limits": len(problem.amount)}
    constant = float((1 - risk.weight) * weights @ floor)
    if risk.weight > 0:
        of_year = np.array([np.isin(np.arange(count), members) for members in problem.groups], dtype=float).T
        least = np.array([floor[members].min() for members in problem.groups])
        horizons = risk.weight * weights @ of_year
        cost += [risk.weight * weights / (1 - risk.level), horizons]
        upper.append(np.full(count + len(least), np.inf))
        columns |= {"s": count, "eta": len(least)}
        matrix = [[*row, None, None] for row in matrix]
        matrix.append([None, -eye_array(count), eye_array(count), coo_array(of_year)])
        row_lower.append(floor - of_year @ least)
        row_upper.append(np.full(count, np.inf))
        rows["risk"] = count
        constant += float(horizons @ least)
    if not rows["limits"]:
        matrix.pop(1)
    col_upper = np.concatenate(upper)
    return LinearProgram(
        cost=np.concatenate(cost),
        matrix=csc_array(block_array(matrix)),
        row_lower=np.concatenate(row_lower),
        row_upper=np.concatenate(row_upper),
        col_lower=np.concatenate([low, np.zeros(len(col_upper) - len(low))]),
        col_upper=col_upper,
        implied_upper=np.full(len(col_upper), np.inf),
        row_blocks=blocks(rows),
        col_blocks=blocks(columns),
    ), constant
