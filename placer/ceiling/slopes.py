"""Placements of least ``cost - slope * export``, one slope after the other: points of the cost of exporting.

A slope of a large program starts from prices interpolated between the next slopes below and above, with the columns of
their placements. These columns hold two feasible placements close to the optimal one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.model.aggregation import merge
from placer.model.loads import cost_of
from placer.model.parts import part_of_arcs
from placer.solvers.column_generation.seed import columns_of
from placer.solvers.column_generation.solver import GAP, WIDEST_GAP, ColumnGeneration
from placer.solvers.column_generation.warm_start import best_start, interpolate, record_prices
from placer.solvers.proven import default_solver, proving, solve_structure

if TYPE_CHECKING:
    from placer.model.answer import Flows
    from placer.model.structure import Structure
    from placer.placement.result import Placement
    from placer.solvers.column_generation.start import Start

#: Largest distance of a chord above the curve, as a part of the cost. ``ROUNDING`` finds every breakpoint of a whole
#: program; ``TOLERANCE`` is for large programs, which have tens of thousands of breakpoints.
ROUNDING, TOLERANCE = 1e-9, 1e-5
#: The relative gap of a large program, as a part of the tolerance of the curve.
_PART_OF_TOLERANCE = 0.1


@dataclass(frozen=True)
class Vertex:
    """A placement of least ``cost - slope * export``: a point of the curve, and a line nowhere above the curve."""

    slope: float
    export: float
    cost: float
    unserved: float
    penalty: float
    bound: float

    @property
    def total(self) -> float:
        """Cost of served demand plus penalty of unserved demand."""
        return self.cost + self.penalty


class Slopes:
    """Solves ``least cost - slope * export``, each slope from the prices and placements of its neighbours.

    Parameters
    ----------
    placement : Placement
    tolerance : float, optional
        Largest distance of a chord above the curve, as a part of the cost. Default: ``ROUNDING``, or ``TOLERANCE``
        where columns are generated.

    Attributes
    ----------
    large : bool
        Whether columns are generated.
    tolerance : float
    asked, mean : float
        All demand, and the mean cost of one Mtok of it, penalty included.
    """

    def __init__(self, placement: Placement, tolerance: float | None = None) -> None:
        formulation = placement.formulation
        self._structure = structure = formulation.structure
        self._exports = formulation.exported[structure.arc_origin, structure.arc_site].astype(float)
        self.large = not proving(default_solver(structure)).is_whole
        self.tolerance = tolerance or (TOLERANCE if self.large else ROUNDING)
        self._known = {0.0: (record_prices(structure, placement.answer.prices), placement.answer.point)}
        self._solver = ColumnGeneration(gap=min(max(_PART_OF_TOLERANCE * self.tolerance, GAP), WIDEST_GAP))
        self.asked = structure.total_demand
        self.mean = abs(placement.certificate.objective) / self.asked or 1.0

    def at(self, slope: float) -> Vertex:
        """Return the vertex at a slope."""
        return self._solved(replace(self._structure, arc_cost=self._structure.arc_cost - slope * self._exports), slope)

    def without_exports(self) -> Vertex:
        """Return the vertex with no exports: the exporting arcs are removed, which may leave more demand unserved."""
        kept = self._exports == 0
        remaining = part_of_arcs(self._structure, kept)
        answer, certificate = solve_structure(remaining, default_solver(remaining))
        flows = replace(answer.point, arc=np.flatnonzero(kept)[answer.point.arc])
        return self._vertex(-np.inf, flows, certificate.bound)

    def most_exports(self) -> float:
        """Return a proven upper bound on the export, at any cost and any unserved demand."""
        exporting = part_of_arcs(self._structure, self._exports > 0)
        nothing = {name: np.zeros_like(getattr(exporting, name)) for name in ("arc_cost", "work_cost", "tier_cost")}
        free = replace(exporting, **nothing, unserved_cost=np.ones_like(exporting.unserved_cost))
        alone = merge(free).structure
        return self.asked - solve_structure(alone, default_solver(alone))[1].bound

    def _solved(self, structure: Structure, slope: float) -> Vertex:
        if self.large:
            answer, certificate = solve_structure(structure, self._solver, self._start(structure, slope))
            self._known[slope] = record_prices(structure, answer.prices), answer.point
        else:
            answer, certificate = solve_structure(structure, default_solver(structure))
        return self._vertex(slope, answer.point, certificate.bound)

    def _start(self, structure: Structure, slope: float) -> Start | None:
        """Return prices interpolated between the next slopes below and above, with their columns; None at an end."""
        below = max((each for each in self._known if each <= slope), default=None)
        above = min((each for each in self._known if each >= slope), default=None)
        if below is None or above is None:
            return None
        (low, least), (high, most) = self._known[below], self._known[above]
        part = (slope - below) / (above - below) if above > below else 0.0
        start = best_start(structure, [interpolate(low, high, part)])
        if start is None:
            return None
        return replace(start, columns=tuple(columns_of(structure, start.market, flows) for flows in (least, most)))

    def _vertex(self, slope: float, flows: Flows, bound: float) -> Vertex:
        structure = self._structure
        penalty = float(structure.unserved_cost[structure.demand_class] @ flows.unserved)
        return Vertex(
            slope=slope,
            export=float(self._exports[flows.arc] @ flows.amount),
            cost=cost_of(structure, flows) - penalty,
            unserved=float(flows.unserved.sum()),
            penalty=penalty,
            bound=bound,
        )
