"""Placements of least ``cost - slope * export``, one slope after the other: points of the cost of exporting.

A slope of a large program starts from prices interpolated between the next slopes below and above, with the columns of
their placements. These columns hold two feasible placements close to the optimal one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.column_generation.seed import columns_of
from placer.column_generation.solver import GAP, WIDEST_GAP, ColumnGeneration
from placer.column_generation.warm_start import best_start, interpolate, record_prices
from placer.ladder.proven import default_solver, proving, solve_structure
from placer.model.aggregation import merge
from placer.model.caps import OWN_CAPS
from placer.model.loads import cost_of
from placer.model.parts import part_of_arcs
from placer.model.unserved import penalties
from placer.utils.convex_curve import Tangent

if TYPE_CHECKING:
    from placer.column_generation.start import Start
    from placer.model.answer import Flows
    from placer.model.structure import Structure
    from placer.placement.result import Placement
    from placer.utils.arrays import BoolArray, FloatArray

#: Largest distance of a chord above the curve, as a part of the cost. ``ROUNDING`` finds every breakpoint of a whole
#: program; ``TOLERANCE`` is for large programs, which have tens of thousands of breakpoints.
ROUNDING, TOLERANCE = 1e-9, 1e-5
#: The relative gap of a large program, as a part of the tolerance of the curve.
_PART_OF_TOLERANCE = 0.1


@dataclass(frozen=True)
class Vertex:
    """The parts of the objective of a placement: what is served, with its transfers, and what is unserved."""

    cost: float
    transfers: float
    unserved: float
    penalty: float


class Slopes:
    """Solves ``least cost - slope * export``, each slope from the prices and placements of its neighbours.

    Parameters
    ----------
    placement : Placement
    tolerance : float, optional
        Largest distance of a chord above the curve, as a part of the cost. Default: ``ROUNDING``, or ``TOLERANCE``
        where columns are generated.
    exported : (hubs, data centres) bool array, optional
        Which service counts as export; as the instance says if not given.

    Attributes
    ----------
    large : bool
        Whether columns are generated.
    tolerance : float
    asked, mean : float
        All demand, and the mean cost of one Mtok of it, transfers and penalty included.
    """

    def __init__(self, placement: Placement, tolerance: float | None = None, exported: BoolArray | None = None) -> None:
        formulation = placement.formulation
        counts = formulation.exported if exported is None else exported
        self._structure = structure = formulation.structure
        self._distance = formulation.distance
        self._exports = counts[structure.arc_origin, structure.arc_site].astype(float)
        self.large = not proving(default_solver(structure)).is_whole
        self.tolerance = tolerance or (TOLERANCE if self.large else ROUNDING)
        self._known = {0.0: (record_prices(structure, placement.answer.prices), placement.answer.point)}
        self._solver = ColumnGeneration(gap=min(max(_PART_OF_TOLERANCE * self.tolerance, GAP), WIDEST_GAP))
        self.asked = structure.total_demand
        self.mean = abs(cost_of(structure, placement.answer.point)) / self.asked or 1.0

    def at(self, slope: float) -> Tangent[Vertex]:
        """Return a placement of least ``cost - slope * export``, and the line of its bound."""
        return self._solved(replace(self._structure, arc_cost=self._structure.arc_cost - slope * self._exports), slope)

    def without_exports(self) -> Tangent[Vertex]:
        """Return the vertex with no exports: the exporting arcs are removed, which may leave more demand unserved."""
        remaining = part_of_arcs(self._structure, self._exports == 0)
        answer, certificate = solve_structure(remaining, default_solver(remaining))
        return self._vertex(-np.inf, remaining, answer.point, 0.0, certificate.bound)

    def most_exports(self) -> float:
        """Return a proven upper bound on the export, at any cost and any unserved demand."""
        if self._has_own_limits:  # what is not exported may be needed to meet them
            return self.asked - self._fewest(self._structure, 1.0 - self._exports, 1.0)
        exporting = part_of_arcs(self._structure, self._exports > 0)
        return self.asked - self._fewest(exporting, np.zeros_like(exporting.arc_cost), 1.0)

    def least_exports(self) -> float:
        """Return a proven lower bound on the export: limits of one's own may ask for some."""
        return self._fewest(self._structure, self._exports, 0.0) if self._has_own_limits else 0.0

    @property
    def _has_own_limits(self) -> bool:
        return bool(np.isfinite(self._structure.cap_limit[OWN_CAPS:]).any())

    def _fewest(self, structure: Structure, arc_cost: FloatArray, unserved_cost: float) -> float:
        """Return a proven lower bound on the sum of the costs of arcs and unserved demand, where nothing else costs."""
        nothing = {name: np.zeros_like(getattr(structure, name)) for name in ("work_cost", "tier_cost")}
        unserved = np.full_like(structure.unserved_cost, unserved_cost)
        alone = merge(replace(structure, **nothing, arc_cost=arc_cost, unserved_cost=unserved)).structure
        return solve_structure(alone, default_solver(alone))[1].bound

    def _solved(self, structure: Structure, slope: float) -> Tangent[Vertex]:
        if self.large:
            answer, certificate = solve_structure(structure, self._solver, self._start(structure, slope))
            self._known[slope] = record_prices(structure, answer.prices), answer.point
        else:
            answer, certificate = solve_structure(structure, default_solver(structure))
        flows = answer.point
        exported = float(self._exports[flows.arc] @ flows.amount)
        return self._vertex(slope, self._structure, flows, exported, certificate.bound)

    def _vertex(self, slope: float, structure: Structure, flows: Flows, export: float, bound: float) -> Tangent[Vertex]:
        """Return the vertex of flows of a structure; the bound is that on ``cost - slope * export``."""
        penalty = float(penalties(structure, flows.unserved).sum())
        transfers = float(self._distance.charged(structure)[flows.arc] @ flows.amount)
        total = cost_of(structure, flows)
        vertex = Vertex(total - transfers - penalty, transfers, float(flows.unserved.sum()), penalty)
        return Tangent(export, total, slope, vertex, below=total - slope * export - bound if export else total - bound)

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
