"""Placements of least ``cost - slope * export``, one slope after the other: points of the cost of exporting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.ladder.proven import solve_structure
from placer.least_cost.second_objective import Objective
from placer.least_cost.slopes import Slopes, least_at_any_cost
from placer.model.answer import Flows
from placer.model.loads import cost_of
from placer.model.parts import part_of
from placer.model.structure import Structure
from placer.model.unserved import penalties
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray
from placer.utils.convex_curve import Tangent

if TYPE_CHECKING:
    from placer.placement.result import Placement

#: Largest distance of a chord above the curve of a large program, which has tens of thousands of breakpoints, as a part
#: of the cost. That of a whole program is ``SOLVER``, which finds every breakpoint.
TOLERANCE = 1e-5
#: The relative gap of a large program, as a part of the tolerance of the curve.
_PART_OF_TOLERANCE = 0.1


@dataclass(frozen=True)
class Vertex:
    """The parts of the objective of a placement: what is served, with its transfers, and what is unserved."""

    cost: float
    transfers: float
    unserved: float
    penalty: float


class ExportSlopes:
    """Solves ``least cost - slope * export``.

    Parameters
    ----------
    tolerance : float, optional
        Largest distance of a chord above the curve, as a part of the cost. Default: ``SOLVER``, or ``TOLERANCE``
        where columns are generated.
    exported : (hubs, data centres) bool array, optional
        Which service counts as export; as the instance says if not given.

    Attributes
    ----------
    large : bool
        Whether columns are generated.
    asked, mean : float
        All demand, and the mean cost of one Mtok of it, transfers and penalty included.
    """

    def __init__(self, placement: Placement, tolerance: float | None = None, exported: BoolArray | None = None) -> None:
        formulation = placement.formulation
        counts = formulation.exported if exported is None else exported
        self._structure = structure = formulation.structure
        self._distance = formulation.distance
        self._exports = counts[structure.arc_origin, structure.arc_site].astype(float)
        gap = _PART_OF_TOLERANCE * (tolerance or TOLERANCE)
        self._slopes = Slopes(structure, placement.answer, Objective(self._exports), gap)
        self.large = self._slopes.large
        self.tolerance = tolerance or (TOLERANCE if self.large else SOLVER)
        self.asked = structure.total_demand
        self.mean = abs(cost_of(structure, placement.answer.point)) / (self.asked or 1.0) or 1.0

    def at(self, slope: float) -> Tangent[Vertex]:
        """Return a placement of least ``cost - slope * export``, and the line of its bound."""
        return self._vertex(self._slopes.at(slope))

    def without_exports(self) -> Tangent[Vertex]:
        """Return the vertex with no exports: the exporting arcs are removed, which may leave more demand unserved."""
        remaining = part_of(self._structure, arcs=self._exports == 0)
        answer, certificate = solve_structure(remaining)
        cost = cost_of(remaining, answer.point)
        touch = Tangent(0.0, cost, -np.inf, answer.point, below=cost - certificate.bound)
        return self._vertex(touch, remaining)

    def most_exports(self) -> float:
        """Return a proven upper bound on the export, at any cost and any unserved demand."""
        return self.asked - least_at_any_cost(self._structure, Objective(1.0 - self._exports, 1.0))

    def least_exports(self) -> float:
        """Return a proven lower bound on the export: limits of one's own may ask for some."""
        return least_at_any_cost(self._structure, Objective(self._exports))

    def _vertex(self, touch: Tangent[Flows], structure: Structure | None = None) -> Tangent[Vertex]:
        """Return the vertex of an answer of a structure, that of the placement if not given."""
        structure, flows = structure or self._structure, touch.detail
        penalty = float(penalties(structure, flows.unserved).sum())
        transfers = float(self._distance.charged(structure)[flows.arc] @ flows.amount)
        cost = touch.value - transfers - penalty
        return touch.with_detail(Vertex(cost, transfers, float(flows.unserved.sum()), penalty))
