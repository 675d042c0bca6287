"""The least cost as a function of what is exported, without the whole linear program.

    C(e) = least cost, penalty included, with e Mtok exported              convex and piecewise linear
         = max over r of  g(r) + r e,     g(r) = least  cost - r * export  over all placements

``g`` is the optimum of the same program with ``r`` off the cost of every exporting arc. It is solved and proven for one
slope ``r`` after the other, by column generation from the prices of the slopes before where the program is large. Each
gives a vertex of the curve, and its bound a line ``g(r) + r e`` that the curve lies on or above. The next slope is that
of the chord with the largest distance from the lines below it (Eisner and Severance, 'Mathematical techniques for
efficient record segmentation in large shared databases', JACM 23, 1976). A chord that a line touches along its whole
length is a piece of the curve.
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer import notebook
from placer.column_generation import ColumnGeneration
from placer.large.carry import nearest, remember
from placer.loads import cost_of
from placer.merging import merge
from placer.session import KEPT
from placer.solve import default_solver, solve_structure

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.answer import Answer, Flows
    from placer.certificate import Certificate
    from placer.placement import Placement
    from placer.structure import Structure

#: A chord whose distance from the lines below it is at most this part of the cost is a piece of the curve.
MEETING = 1e-9
#: Exports that differ by less than this part of all demand are one; slopes by less than this part of the mean cost.
REACHES, STRAIGHT = 1e-9, 1e-7
#: Slopes at which the most exports are sought, in units of the mean cost. On a large program the curve runs between the
#: first and its opposite: beyond these exports displace served demand, or are all it has, at a penalty, and programs of
#: such uneven costs take long.
STEEPEST = (1e1, 1e3, 1e5)


@dataclass(frozen=True, repr=False)
class ExportCost:
    """The least cost as a function of what is exported.

    Attributes
    ----------
    table : DataFrame
        One row per breakpoint, by rising export: ``exported_mtok``; ``share`` of all demand; ``cost_usd`` of what is
        served; ``unserved_mtok`` and its ``penalty_usd``, which differ from row to row; ``cost_plus_penalty_usd``, the
        figure to compare rows by and the one that is least; ``slope_usd_per_mtok``, what one more exported Mtok adds
        to it on the piece that follows (NaN at the last).
    exact : bool
        Whether every breakpoint was found, up to ``MEETING`` of the cost; if not, the curve lies between the chords
        and ``error_usd`` below them.
    error_usd : float
        The most by which a chord may lie above the curve; proven over all columns.
    most_mtok : float
        A proven bound on what can be exported, whatever it costs. Where that is more than the last row, another Mtok
        beyond that row costs at least ten times the mean cost of one.
    """

    table: pd.DataFrame
    exact: bool
    error_usd: float
    most_mtok: float

    def __repr__(self) -> str:
        """Return the ends and the least of the curve in one line."""
        total = self.table["cost_plus_penalty_usd"]
        first, last = self.table.iloc[0], self.table.iloc[-1]
        error = "" if self.exact else f" (chords, at most {self.error_usd:,.2f} USD too high)"
        return (
            f"Cost of exporting, penalties included: {total.iloc[0]:,.2f} USD at {first['share']:.2%} exported, "
            f"{total.min():,.2f} USD at the least, {total.iloc[-1]:,.2f} USD at {last['share']:.2%}"
            f"; {len(self.table)} breakpoints{error}"
        )

    def _repr_html_(self) -> str:
        """Return the same and the first breakpoints as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.table.set_index("exported_mtok"))


def export_cost(
    placement: Placement, *, most_programs: int = 100, progress: Callable[[str], None] | None = None
) -> ExportCost:
    """Return the least cost against what is exported, from none to the most.

    For a large instance (see ``placer.solve``) the curve is that between slopes of ten times the mean cost of a Mtok,
    down and up: what lies beyond is exported, or not, only at the price of penalties.

    Parameters
    ----------
    placement : Placement
    most_programs : int
        Slopes that may be solved for; once they are used up the curve is not exact, and says so.
    progress : callable, optional
        Called with a sentence after every slope.

    Raises
    ------
    NoSolutionError
        If a point of the curve cannot be proven.

    Examples
    --------
    >>> import placer
    >>> placer.export_cost(placer.solve(placer.load("tiny"))).exact
    True
    """
    return _Curve(_Slopes(placement), progress or (lambda _: None)).found(most_programs)


@dataclass(frozen=True)
class _Vertex:
    """A placement of least ``cost - slope * export``: a point of the curve, and a line it lies on or above."""

    slope: float
    export: float
    cost: float
    unserved: float
    penalty: float
    bound: float

    @property
    def total(self) -> float:
        return self.cost + self.penalty


class _Slopes:
    """Solves ``least cost - slope * export``, each slope from the prices of those before."""

    def __init__(self, placement: Placement) -> None:
        formulation = placement.formulation
        self._structure = structure = formulation.structure
        self._exports = formulation.exported[structure.arc_origin, structure.arc_site].astype(float)
        self.large = isinstance(default_solver(structure), ColumnGeneration)
        self._known = deque([remember(structure, placement.answer.prices)], maxlen=KEPT)
        self.asked = float(structure.demand_amount.sum())
        self.mean = abs(placement.certificate.objective) / self.asked or 1.0

    def at(self, slope: float) -> _Vertex:
        """Return the vertex at a slope."""
        return self._solved(replace(self._structure, arc_cost=self._structure.arc_cost - slope * self._exports), slope)

    def without_exports(self) -> _Vertex:
        """Return the vertex with no exports: without the arcs that export, whatever then stays unserved."""
        structure, kept = self._structure, self._exports == 0
        arcs = {name: getattr(structure, name)[kept] for name in ("arc_class", "arc_origin", "arc_site", "arc_cost")}
        answer, certificate = self._answer(replace(structure, **arcs))
        flows = replace(answer.point, arc=np.flatnonzero(kept)[answer.point.arc])
        return self._vertex(-np.inf, flows, certificate.bound)

    def most_exports(self) -> float:
        """Return a proven bound on what can be exported, whatever it costs and leaves unserved."""
        structure, kept = self._structure, self._exports > 0
        arcs = {name: getattr(structure, name)[kept] for name in ("arc_class", "arc_origin", "arc_site")}
        nothing = {name: np.zeros_like(getattr(structure, name)) for name in ("work_cost", "tier_cost")}
        alone = merge(
            replace(
                structure,
                **arcs,
                **nothing,
                arc_cost=np.zeros(int(kept.sum())),
                unserved_cost=np.ones_like(structure.unserved_cost),
            )
        ).structure
        return self.asked - solve_structure(alone, default_solver(alone))[1].bound

    def _solved(self, structure: Structure, slope: float) -> _Vertex:
        answer, certificate = self._answer(structure)
        self._known.append(remember(structure, answer.prices))
        return self._vertex(slope, answer.point, certificate.bound)

    def _answer(self, structure: Structure) -> tuple[Answer, Certificate]:
        if not self.large:
            return solve_structure(structure, default_solver(structure))
        return solve_structure(structure, ColumnGeneration(), nearest(structure, self._known))

    def _vertex(self, slope: float, flows: Flows, bound: float) -> _Vertex:
        structure = self._structure
        penalty = float(structure.unserved_cost[structure.demand_class] @ flows.unserved)
        return _Vertex(
            slope=slope,
            export=float(self._exports[flows.arc] @ flows.amount),
            cost=cost_of(structure, flows) - penalty,
            unserved=float(flows.unserved.sum()),
            penalty=penalty,
            bound=bound,
        )


class _Curve:
    """Vertices by rising export, and lines below them."""

    def __init__(self, slopes: _Slopes, tell: Callable[[str], None]) -> None:
        self._slopes, self._tell = slopes, tell
        self._rounding = MEETING * slopes.asked * slopes.mean
        self._vertices: list[_Vertex] = []
        self._solved: list[_Vertex] = []

    def found(self, most_programs: int) -> ExportCost:
        """Return the curve, from end to end."""
        most = self._add_ends()
        while True:
            errors = [self._error(low, high) for low, high in itertools.pairwise(self._vertices)]
            worst = [piece for piece in np.argsort(errors)[::-1].tolist() if errors[piece] > self._rounding]
            fresh = next((piece for piece in worst if self._is_new(piece)), None)
            if fresh is None or len(self._solved) >= most_programs:
                break
            self._tell(f"{len(self._solved)} slopes, at most {max(errors):,.2f} USD too high")
            self._vertices.insert(fresh + 1, self._solve(self._slope(fresh)))
            self._drop()
        error = max(errors, default=0.0)
        exact = error <= self._rounding
        return ExportCost(self._table(), exact, 0.0 if exact else error, most)

    def _solve(self, slope: float) -> _Vertex:
        self._solved.append(self._slopes.at(slope))
        return self._solved[-1]

    def _add_ends(self) -> float:
        """Solve for the ends and the least cost; return a bound on what can be exported."""
        slopes = self._slopes
        least = self._solve(-STEEPEST[0] * slopes.mean) if slopes.large else slopes.without_exports()
        self._vertices = [least, self._solve(0.0)]
        most = slopes.most_exports()
        for steepness in STEEPEST[: 1 if slopes.large else None]:
            self._vertices.append(self._solve(steepness * slopes.mean))
            at = self._vertices[-1].export
            self._tell(f"the end: {at / slopes.asked:.2%} of at most {most / slopes.asked:.2%} exported")
            if most - at <= REACHES * slopes.asked:
                break
        self._drop()
        return most

    def _drop(self) -> None:
        """Keep one vertex of those at the same export."""
        ordered = sorted(self._vertices, key=lambda vertex: (vertex.export, vertex.total))
        apart = REACHES * self._slopes.asked
        self._vertices = ordered[:1]
        for vertex in ordered[1:]:
            if vertex.export - self._vertices[-1].export > apart:
                self._vertices.append(vertex)
            elif vertex.total < self._vertices[-1].total:
                self._vertices[-1] = vertex

    def _slope(self, piece: int) -> float:
        low, high = self._vertices[piece : piece + 2]
        return (high.total - low.total) / (high.export - low.export)

    def _is_new(self, piece: int) -> bool:
        slope = self._slope(piece)
        return all(abs(slope - each.slope) > MEETING * self._slopes.mean for each in self._solved)

    def _error(self, low: _Vertex, high: _Vertex) -> float:
        """Return the most by which the chord between two vertices lies above the lines, of which three are enough."""
        slope = np.array([each.slope for each in self._solved])
        bound = np.array([each.bound for each in self._solved])

        def touching(export: float) -> int:
            return int(np.argmax(bound + slope * export))

        def meeting(one: int, other: int) -> float:
            apart = slope[one] - slope[other]
            return float((bound[other] - bound[one]) / apart) if apart else low.export

        first, last = touching(low.export), touching(high.export)
        middle = touching(float(np.clip(meeting(first, last), low.export, high.export)))
        lines = [first, middle, last]
        exports = [low.export, high.export, meeting(first, middle), meeting(middle, last)]
        steep = (high.total - low.total) / (high.export - low.export)
        return max(
            low.total + steep * (export - low.export) - max(bound[line] + slope[line] * export for line in lines)
            for export in np.clip(exports, low.export, high.export).tolist()
        )

    def _table(self) -> pd.DataFrame:
        kept = self._vertices
        while True:
            exports, totals = (np.array([getattr(each, name) for each in kept]) for name in ("export", "total"))
            slopes = np.diff(totals) / np.diff(exports)
            straight = np.diff(slopes) <= STRAIGHT * np.maximum(self._slopes.mean, np.abs(slopes[1:]))
            bent = [0, *(np.flatnonzero(~straight) + 1).tolist(), len(kept) - 1]
            if len(set(bent)) == len(kept):
                break
            kept = [kept[position] for position in sorted(set(bent))]
        return pd.DataFrame(
            {
                "exported_mtok": exports,
                "share": exports / self._slopes.asked,
                "cost_usd": [each.cost for each in kept],
                "unserved_mtok": [each.unserved for each in kept],
                "penalty_usd": [each.penalty for each in kept],
                "cost_plus_penalty_usd": totals,
                "slope_usd_per_mtok": np.append(slopes, np.nan),
            }
        )
