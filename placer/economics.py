"""The economic side of exporting: what it costs, what it saves, and how certain a price is.

Optima are not unique, so an export share or a price read off one of them is one of many. This module gives the ranges.

    economic range      least and most export over the cost-optimal face: by complementarity every optimal placement
                        leaves columns with a reduced cost at their bound and rows with a dual at their side, where
                        duals below ``FACE_TOLERANCE`` of the highest price count as none
    cost of exporting   C(e) = least cost with at least (or at most) e Mtok exported: convex and piecewise linear. Its
                        breakpoints are found where two tangents meet (Eisner and Severance, 'Mathematical techniques
                        for efficient record segmentation in large shared databases', JACM 23, 1976); the slope is the
                        dual of the export row, the marginal cost of one more exported Mtok
    price range         the left and right derivatives of the least cost with respect to one demand, from the program of
                        feasible directions at the optimum: what one Mtok less saves, and what one more costs
    break-even gap      how much cheaper a MWh must be at the far end of a route than at home for exporting to pay
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csc_array, vstack

from placer import notebook
from placer.accounts import assignment_axes
from placer.answer import whole_solution
from placer.arguments import need_placement
from placer.bound import prices_of
from placer.faces import optimal_face, without_fixed
from placer.memory import whole_program
from placer.program import blocks
from placer.solve import solve_program
from placer.solvers.highs import HiGHS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placer.formulation import Formulation
    from placer.placement import Placement
    from placer.program import LinearProgram, LPSolution, Solver
    from placer.structure import Structure

#: A column or row may leave its side at up to this share of the highest price per Mtok; the placements of the face
#: cost no more than that, per unit that leaves, above the least.
FACE_TOLERANCE = 1e-9
#: A row or column this close to its side (relative to 1 + |side|) stands on it.
_ON_SIDE = 1e-7
#: Two tangents whose meeting point is this close to the curve (relative to the cost) meet on it: a breakpoint.
_MEETING = 1e-9


@dataclass(frozen=True, repr=False)
class ExportCost:
    """The least cost as a function of what is exported.

    Attributes
    ----------
    table : DataFrame
        One row per breakpoint, by rising export: ``exported_mtok``, ``share`` of all demand, ``cost_usd`` (penalty
        included), and ``slope_usd_per_mtok`` of the piece that follows (NaN at the last).
    exact : bool
        Whether every breakpoint was found; if not, the curve lies between the chords and ``error_usd`` below them.
    error_usd : float
        The most by which a chord may lie above the curve.
    """

    table: pd.DataFrame
    exact: bool
    error_usd: float

    def __repr__(self) -> str:
        """Return the ends and the least of the curve in one line."""
        first, last = self.table.iloc[0], self.table.iloc[-1]
        error = "" if self.exact else f" (chords, at most {self.error_usd:,.2f} USD too high)"
        return (
            f"Cost of exporting: {first['cost_usd']:,.2f} USD at {first['share']:.2%} exported, "
            f"{self.table['cost_usd'].min():,.2f} USD at the least, {last['cost_usd']:,.2f} USD at {last['share']:.2%}"
            f"; {len(self.table)} breakpoints{error}"
        )

    def _repr_html_(self) -> str:
        """Return the same and the first breakpoints as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.table.set_index("exported_mtok"))


def economic_range(placement: Placement, solver: Solver | None = None) -> tuple[float, float]:
    """Return the least and the most export share among cost-optimal placements.

    Examples
    --------
    >>> import placer
    >>> low, high = placer.economic_range(placer.solve(placer.load("tiny")))
    >>> low <= high
    True
    """
    need_placement(placement)
    tolerance = FACE_TOLERANCE * float(np.abs(placement.rents.price).max(initial=0.0))
    structure = _near(placement, tolerance)
    program = whole_program(structure)
    duals = whole_solution(structure, program, replace(placement.answer, flows=None))
    face = optimal_face(program, duals, tolerance)
    exported = _exported(placement.formulation, structure, program)
    reduced, kept = without_fixed(face)
    fixed = float(np.delete(face.col_lower * exported, kept).sum())
    if not kept.size:
        return fixed / placement.demand_mtok, fixed / placement.demand_mtok
    ends = [
        fixed + exported[kept] @ solve_program(replace(reduced, cost=sign * exported[kept]), solver or HiGHS())[0].point
        for sign in (1.0, -1.0)
    ]
    return float(ends[0]) / placement.demand_mtok, float(ends[1]) / placement.demand_mtok


def _near(placement: Placement, tolerance: float) -> Structure:
    """Return the structure with the arcs over which a Mtok of some hour costs no more than its price and a tolerance.

    The others carry nothing in any optimal placement, so that a large program need not be built to know its face.
    """
    structure, duals = placement.formulation.structure, placement.answer.prices
    service = prices_of(structure, duals).service
    arriving = np.where((structure.window > 0)[:, None, None], duals.queue, service)
    klass, origin, site = structure.arc_class, structure.arc_origin, structure.arc_site
    near = np.zeros(len(klass), dtype=bool)
    for one in range(len(structure.window)):
        arcs, mine = np.flatnonzero(klass == one), structure.demand_class == one
        price = np.full((structure.origins, structure.periods), -np.inf)
        price[structure.demand_origin[mine], structure.demand_period[mine]] = duals.demand[mine]
        route = structure.route_links[origin[arcs] * structure.sites + site[arcs]]
        cost = (
            structure.arc_cost[arcs, None] + arriving[one, site[arcs]] + structure.link_use[one] * (route @ duals.link)
        )
        near[arcs] = (cost - price[origin[arcs]] <= 2 * tolerance).any(axis=1)
    return replace(
        structure,
        arc_class=klass[near],
        arc_origin=origin[near],
        arc_site=site[near],
        arc_cost=structure.arc_cost[near],
    )


def export_cost(placement: Placement, solver: Solver | None = None, *, most_programs: int = 200) -> ExportCost:
    """Return the least cost against what is exported, from the least possible export to the most.

    Parameters
    ----------
    placement : Placement
    solver : Solver, optional
        ``placer.HiGHS()`` if not given.
    most_programs : int
        Programs that may be solved; once they are used up the curve is not exact, and says so.
    """
    need_placement(placement)
    chosen = solver or HiGHS()
    program = placement.program
    exported = _exported(placement.formulation, placement.formulation.structure, program)
    points = _Tangents(program, exported, chosen)
    for sign in (1.0, -1.0):
        end = float(exported @ solve_program(replace(program, cost=sign * exported), chosen)[0].point)
        points.add(end)
    open_pieces = [(points.exports[0], points.exports[-1])]
    error = 0.0
    while open_pieces:
        low, high = open_pieces.pop()
        if high - low <= _MEETING * max(1.0, abs(high)):
            continue
        meeting, value = points.meet(low, high)
        if points.programs >= most_programs:
            error = max(error, points.chord(low, high, meeting) - value)
            continue
        if not low < meeting < high:
            continue
        cost = points.add(meeting)
        if cost - value > _MEETING * max(1.0, abs(cost)):
            open_pieces += [(low, meeting), (meeting, high)]
    return ExportCost(points.table(placement.demand_mtok), error == 0.0, error)


class _Tangents:
    """Points of a convex curve and its slopes there, by rising export."""

    def __init__(self, program: LinearProgram, exported: np.ndarray, solver: Solver) -> None:
        self._program = program
        self._exported = exported
        self._solver = solver
        self._cost: dict[float, float] = {}
        self._slope: dict[float, float] = {}
        self.programs = 0

    @property
    def exports(self) -> list[float]:
        return sorted(self._cost)

    def add(self, export: float) -> float:
        """Solve at one export, and return the cost."""
        solution, _ = solve_program(_with_row(self._program, self._exported, export, export), self._solver)
        self.programs += 1
        self._cost[export] = float(self._program.cost @ solution.point)
        self._slope[export] = float(solution.duals[-1])
        return self._cost[export]

    def meet(self, low: float, high: float) -> tuple[float, float]:
        """Return where the tangents at two exports meet, and the cost there; where they are parallel, the middle."""
        a, b = self._slope[low], self._slope[high]
        if b - a <= _MEETING * max(1.0, abs(a), abs(b)):
            middle = (low + high) / 2
            return middle, self._cost[low] + a * (middle - low)
        meeting = (self._cost[low] - a * low - self._cost[high] + b * high) / (b - a)
        return meeting, self._cost[low] + a * (meeting - low)

    def chord(self, low: float, high: float, export: float) -> float:
        part = (export - low) / (high - low)
        return (1 - part) * self._cost[low] + part * self._cost[high]

    def table(self, demand_mtok: float) -> pd.DataFrame:
        exports = np.array(self.exports)
        costs = np.array([self._cost[export] for export in exports])
        slopes = np.diff(costs) / np.diff(exports)
        straight = np.flatnonzero(np.diff(slopes) <= _MEETING * np.maximum(1.0, np.abs(slopes[1:]))) + 1
        kept = np.setdiff1d(np.arange(len(exports)), straight)
        exports, costs = exports[kept], costs[kept]
        slopes = np.append(np.diff(costs) / np.diff(exports), np.nan)
        return pd.DataFrame(
            {
                "exported_mtok": exports,
                "share": exports / demand_mtok,
                "cost_usd": costs,
                "slope_usd_per_mtok": slopes,
            }
        )


def price_ranges(placement: Placement, demands: Iterable[int], solver: Solver | None = None) -> pd.DataFrame:
    """Return the range of the price of some demands: what one Mtok less saves, and what one more costs.

    Parameters
    ----------
    placement : Placement
    demands : iterable of int
        Positions in ``placement.prices``.
    solver : Solver, optional
        ``placer.HiGHS()`` if not given.

    Returns
    -------
    DataFrame
        Rows of ``placement.prices`` with ``low_usd_per_mtok`` and ``high_usd_per_mtok``. A demand of 0 Mtok has no low.
    """
    positions = list(demands)
    directions = _directions(placement.program, placement.solution)
    amounts = placement.formulation.structure.demand_amount
    rows = []
    for position in positions:
        high = _steepness(directions, placement, position, 1.0, solver or HiGHS())
        low = (
            -_steepness(directions, placement, position, -1.0, solver or HiGHS()) if amounts[position] > 0 else math.nan
        )
        rows.append((low, high))
    return pd.DataFrame(
        rows, index=placement.prices.index[positions], columns=["low_usd_per_mtok", "high_usd_per_mtok"]
    )


def break_even_gaps(placement: Placement) -> pd.DataFrame:
    """Return, for every workload and exporting route, the power-price gap at which exporting it pays.

    Home is the admissible data centre that is not an export and costs least, power at its marginal price at the meter
    and other rents aside. Exporting pays when a MWh is cheaper at the far end by at least the gap that makes both costs
    equal.

    Returns
    -------
    DataFrame
        Index ``workload``, ``hub``, ``data_centre``; ``home``; mean ``home_usd_per_mwh`` and ``far_usd_per_mwh`` at the
        meter; ``break_even_usd_per_mwh`` (home price less the far price at which it pays), ``gap_usd_per_mwh`` (the
        gap there is) and ``pays``.
    """
    need_placement(placement)
    formulation = placement.formulation
    structure = formulation.structure
    power = placement.data_centre_hours["power_usd_per_mwh"].to_numpy().reshape(structure.capacity.shape)
    drawn_mwh = structure.draw[:, :, None] * structure.overhead[None]
    klass, origin, site = structure.arc_class, structure.arc_origin, structure.arc_site
    draw = drawn_mwh[klass, site].mean(axis=1)
    price = power.mean(axis=1)[site]
    other = structure.arc_cost + structure.work_cost[klass, site]
    total = other + draw * price
    arcs = pd.DataFrame({"pair": klass * len(formulation.hubs) + origin, "total": total, "arc": np.arange(len(klass))})
    away = formulation.exported[origin, site]
    home = arcs[~away].sort_values("total", kind="stable").drop_duplicates("pair").set_index("pair")["arc"]
    far = arcs[away & arcs["pair"].isin(home.index) & (draw > 0)]
    here, there = home.loc[far["pair"]].to_numpy(int), far["arc"].to_numpy(int)
    pays_at = (total[here] - other[there]) / draw[there]
    index = pd.MultiIndex.from_arrays(
        [formulation.workloads[klass[there]], formulation.hubs[origin[there]], formulation.data_centres[site[there]]],
        names=["workload", "hub", "data_centre"],
    )
    return pd.DataFrame(
        {
            "home": formulation.data_centres[site[here]],
            "home_usd_per_mwh": price[here],
            "far_usd_per_mwh": price[there],
            "break_even_usd_per_mwh": price[here] - pays_at,
            "gap_usd_per_mwh": price[here] - price[there],
            "pays": price[there] <= pays_at,
        },
        index=index,
    )


def _exported(formulation: Formulation, structure: Structure, program: LinearProgram) -> np.ndarray:
    """Return 1 for the columns of a structure's program that export."""
    every = structure.assignments
    _, origin, site, _ = assignment_axes(structure, every.demand, every.arc)
    columns = np.zeros(len(program.cost))
    columns[program.col_blocks["x"]] = formulation.exported[origin, site]
    return columns


def _with_row(program: LinearProgram, coefficients: np.ndarray, lower: float, upper: float) -> LinearProgram:
    sizes = {name: part.stop - part.start for name, part in program.row_blocks.items()} | {"export": 1}
    return replace(
        program,
        matrix=csc_array(vstack([program.matrix, coefficients[None, :]], format="csc")),
        row_lower=np.append(program.row_lower, lower),
        row_upper=np.append(program.row_upper, upper),
        row_blocks=blocks(sizes),
    )


def _directions(program: LinearProgram, solution: LPSolution) -> LinearProgram:
    """Return the program of feasible directions at a point: sides it stands on stay, others fall away."""
    activity, values = program.matrix @ solution.point, solution.point

    def cone(at: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        on_lower = np.isfinite(lower) & (at - lower <= _ON_SIDE * (1 + np.abs(lower)))
        on_upper = np.isfinite(upper) & (upper - at <= _ON_SIDE * (1 + np.abs(upper)))
        return np.where(on_lower, 0.0, -np.inf), np.where(on_upper, 0.0, np.inf)

    row_lower, row_upper = cone(activity, program.row_lower, program.row_upper)
    col_lower, col_upper = cone(values, program.col_lower, program.col_upper)
    return replace(
        program,
        row_lower=row_lower,
        row_upper=row_upper,
        col_lower=col_lower,
        col_upper=col_upper,
        implied_upper=np.full(len(values), np.inf),
    )


def _steepness(directions: LinearProgram, placement: Placement, position: int, change: float, solver: Solver) -> float:
    """Return the change of the least cost per Mtok of a demand that grows (or shrinks) a little."""
    row = placement.program.row_blocks["demand"].start + position
    row_lower, row_upper = directions.row_lower.copy(), directions.row_upper.copy()
    row_lower[row] = row_upper[row] = change
    solution, _ = solve_program(replace(directions, row_lower=row_lower, row_upper=row_upper), solver)
    return float(directions.cost @ solution.point)
