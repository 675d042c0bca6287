"""Column generation: prices from the smoothed dual, a restricted master, and a proof over every column.

    1  market    the structure as dense arrays by class, sites by periods                       (``market``)
    2  path      prices y of the resources along the smoothed dual; no column is stored         (``descent``, ``dual``)
    3  master    a linear program over the columns near the lowest price of their demand        (``master``)
    4  pricing   every column priced exactly at the prices of the master                        (``market.pricing``)

Step 4 gives the dual bound, ``bound <= cost of any placement``, and the columns that the master lacks. Steps 3 and 4
repeat until ``objective - bound <= gap |objective|`` (and a wider gap holds for the cost without penalty, as the
certificate asks for) or no column is left to add. Where that gap is more than rounding, one more round follows: sharper
duals take longer to find later, when ties are broken (``least_cost``). The columns of the master are among those of the
whole program, so ``objective >= cost of the best placement``; the bound of step 4 holds at any prices.
Poor prices from step 2 therefore cost time and nothing else.

Where prices are known from a structure that differs little, steps 3 and 4 are tried from them for a few short rounds
first; if the gap stays open, the path starts from these prices instead of zero. Where the master of an earlier solve is
at hand and only limits have changed, it may be moved to them instead (``opening``).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from placer.column_generation.deadline import Deadline, OutOfPatienceError, OutOfTimeError
from placer.column_generation.descent import descend
from placer.column_generation.dual.path import PathPoint
from placer.column_generation.dual.path_problem import PathProblem
from placer.column_generation.market.definition import market_at_cap_prices
from placer.column_generation.market.pricing import Near, near
from placer.column_generation.master.prices import cap_prices, market_prices
from placer.column_generation.master.store_prices import store_prices_of
from placer.column_generation.opening import Opening, move_master, open_master
from placer.column_generation.parameters import DEFAULTS, ColumnGenerationParameters
from placer.column_generation.rounds import Generated, Round
from placer.column_generation.start import Start, dual_bound
from placer.errors import NoSolutionError
from placer.model.structure import Structure
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import NOISE
from placer.utils.numbers import gap_in_words


def generate(
    structure: Structure,
    gap: float,
    deadline: Deadline,
    known: Start | None = None,
    parameters: ColumnGenerationParameters = DEFAULTS,
) -> Generated:
    """Solve a structure by column generation.

    Parameters
    ----------
    structure : Structure
    gap : float
        Relative gap at which to stop; a larger one remains where no column is left to add.
    deadline : Deadline
    known : Start, optional
        Prices from another structure.
    parameters : ColumnGenerationParameters
    """
    if known is not None and known.changed <= parameters.warm_start.most_changed:
        found = _try_known(structure, known, gap, deadline, parameters)
        if found.reason is Reason.TIME_LIMIT or (found.best is not None and found.best.closes(gap)):
            return found
    ends: list[tuple[PathProblem, PathPoint]] = []  # the first and the last point of the path

    def keep(problem: PathProblem, point: PathPoint) -> None:
        ends[1:] = [(problem, point)]

    try:
        start = descend(structure, deadline, known, parameters, keep)
    except OutOfTimeError:
        proven = [_bound_at(structure, *here) for here in ends]
        return Generated(Reason.TIME_LIMIT, None, None, max(proven, default=-np.inf))
    except OutOfPatienceError:
        return Generated(Reason.FAILED, None, None, -np.inf, f"given up after {len(deadline.spent)} price steps")
    except np.linalg.LinAlgError:
        return Generated(Reason.FAILED, None, None, -np.inf)
    return solve_masters(structure, start, gap, deadline, parameters)


def solve_moved(
    structure: Structure,
    kept: Opening,
    gap: float,
    deadline: Deadline,
    parameters: ColumnGenerationParameters = DEFAULTS,
) -> Generated | None:
    """Solve a structure from the master of an earlier solve; None if that is no way to a closed gap.

    It is none if more than limits has changed, or the master takes more simplex iterations than a path from zero.

    Parameters
    ----------
    structure : Structure
    kept : Opening
        Its master is changed: it is of no use after None.
    gap : float
    deadline : Deadline
    parameters : ColumnGenerationParameters
    """
    try:
        moved = move_master(structure, kept, parameters)
    except NoSolutionError:
        return None
    if moved is None:
        return None
    lp, warm = moved.master.lp, parameters.warm_start
    last = lp.iterations + warm.most_iterations

    def goes_on(found: Round) -> bool:
        lp.most_iterations = max(last - lp.iterations, 0)
        return found.number < warm.most_rounds and lp.most_iterations > 0

    found = solve_from(structure, moved, gap, deadline, parameters, goes_on)
    is_closed = found.best is not None and found.best.closes(gap)
    return found if is_closed or found.reason is Reason.TIME_LIMIT else None


def solve_masters(
    structure: Structure,
    start: Start,
    gap: float,
    deadline: Deadline,
    parameters: ColumnGenerationParameters = DEFAULTS,
    goes_on: Callable[[Round], bool] = lambda _: True,
) -> Generated:
    """Repeat master and pricing from some prices until the gap is closed or no column is left to add.

    Parameters
    ----------
    structure : Structure
    start : Start
    gap : float
    deadline : Deadline
    parameters : ColumnGenerationParameters
    goes_on : callable
        Called with every round that leaves the gap open; if false, that round is the last.
    """
    return solve_from(structure, open_master(structure, start, parameters), gap, deadline, parameters, goes_on)


def solve_from(
    structure: Structure,
    opening: Opening,
    gap: float,
    deadline: Deadline,
    parameters: ColumnGenerationParameters,
    goes_on: Callable[[Round], bool],
) -> Generated:
    """Repeat master and pricing from an opening whose master is changed; other parameters as of ``solve_masters``."""
    start, master, best, bound = opening.start, opening.master, None, opening.bound
    closed = False
    try:
        for number in range(1, parameters.master.most_rounds + 1):
            deadline.tell(f"round {number}" + (f", {gap_in_words(best.gap)}" if best else ""))
            found, columns = _solve_round(structure, opening, number, deadline, parameters)
            bound = max(bound, found.bound)
            if found.is_complete and (best is None or not closed or found.gap <= best.gap):
                best = found
            if closed or (found.closes(gap) and found.closes(NOISE)) or not (found.closes(gap) or goes_on(found)):
                break
            closed = found.closes(gap)
            if not master.add(columns, opening.room):
                if found.is_complete:
                    break
                master.raise_shortfall_prices(parameters.master.shortfall_price_rise)
    except OutOfTimeError:
        reason, detail = Reason.TIME_LIMIT, ""
    except OutOfPatienceError:
        reason, detail = Reason.FAILED, f"given up after {number - 1} masters"
        best = best if closed else None
    except NoSolutionError as error:
        reason, detail = error.reason, ""
    else:
        return Generated(Reason.OPTIMAL if best else Reason.FAILED, start, best, bound, opening=opening)
    return Generated(Reason.OPTIMAL if closed else reason, start, best, bound, "" if closed else detail)


def _bound_at(structure: Structure, problem: PathProblem, point: PathPoint) -> float:
    """Return the dual bound at a point of the path."""
    there, prices, caps = problem.plain(point.prices)
    return dual_bound(structure, there, caps, prices)


def _try_known(
    structure: Structure, known: Start, gap: float, deadline: Deadline, parameters: ColumnGenerationParameters
) -> Generated:
    """Solve masters from known prices as long as each round shows that they are near the optimum."""
    warm = parameters.warm_start
    most_shortfall = warm.most_shortfall * len(structure.demand_amount) / structure.periods

    def is_near(found: Round) -> bool:
        if found.number == 1:
            return found.point.shortfall <= most_shortfall
        return found.number < warm.most_rounds and found.is_complete and found.gap <= warm.most_gap

    opening = open_master(structure, known, parameters)
    opening.master.lp.most_iterations = warm.most_iterations
    return solve_from(structure, opening, gap, deadline, parameters, is_near)


def _solve_round(
    structure: Structure, opening: Opening, number: int, deadline: Deadline, parameters: ColumnGenerationParameters
) -> tuple[Round, Near]:
    """Solve the master and price every column at its prices; return the round and the columns near these prices."""
    start, rows, lp = opening.start, opening.maker.rows, opening.master.lp
    deadline.check()
    deadline.count_round(number, lp.columns, structure.assignment_count)
    point = opening.master.run(deadline.seconds_left)
    caps = cap_prices(rows, point.row_prices)
    at_caps = start.market if (caps == start.caps).all() else market_at_cap_prices(start.market, structure, caps)
    prices, stores = market_prices(rows, at_caps, point.row_prices), store_prices_of(rows, point.row_prices)
    priced, columns = near(at_caps, prices, parameters.master.added_reach_widths * start.width)
    found = Round(
        maker=opening.maker,
        point=point,
        is_complete=point.shortfall <= SOLVER,
        caps=caps,
        market=at_caps,
        prices=prices,
        priced=priced,
        stores=stores,
        bound=dual_bound(structure, at_caps, caps, prices, priced, stores),
        number=number,
        iterations=lp.iterations,
    )
    return found, columns
