"""The least cost as a function of the export, without the whole linear program.

    C(e) = least cost, penalty included, with e Mtok exported              convex and piecewise linear
         = max over r of  g(r) + r e,     g(r) = least  cost - r * export  over all placements

``g(r)`` is the optimum of the same program with ``r`` off the cost of every exporting arc. Each slope ``r`` is solved
and proven in turn; a large program is solved by column generation from the prices of earlier slopes. A slope gives a
vertex of the curve, and its dual bound gives a line ``g(r) + r e`` that lies nowhere above the curve. The next slope is
that of the chord with the largest distance from the lines below it (Eisner and Severance, 'Mathematical techniques for
efficient record segmentation in large shared databases', JACM 23, 1976). A chord that coincides with a line is a piece
of the curve.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.ceiling.slopes import Slopes, Vertex
from placer.errors import ArgumentError
from placer.instance.arguments import need_instance_placement, need_number, need_progress
from placer.instance.validation import show
from placer.utils import notebook
from placer.utils.threads import one_blas_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.placement.result import Placement

#: Slopes are equal if they differ by less than this part of the mean cost.
SAME = 1e-9
#: Exports are equal if they differ by less than this part of all demand.
REACHES = 1e-9
#: Two pieces are one straight line if their slopes differ by less than this part of the mean cost.
STRAIGHT = 1e-7
#: Slopes tried in turn for the largest export, in units of the mean cost.
STEEPEST = (1e1, 1e3, 1e5)
#: Slopes of a large program, with both signs, in units of the mean cost; the curve ends at the last ones. A steeper
#: slope pays the penalty of served demand for an export, and programs with such different costs take long.
LADDER = (1e-1, 1e1)


@dataclass(frozen=True, eq=False, repr=False)
class ExportCost:
    """The least cost as a function of the export.

    Attributes
    ----------
    table : DataFrame
        One row per breakpoint, by rising export: ``exported_mtok``; ``share`` of all demand; ``cost_usd`` of served
        demand; ``unserved_mtok`` and its ``penalty_usd``, which differ from row to row; ``cost_plus_penalty_usd``, the
        minimised figure, by which rows compare; ``slope_usd_per_mtok``, the increase of that figure per exported Mtok
        up to the next row (NaN in the last row).
    exact : bool
        Whether every chord between rows lies at most ``tolerance_usd`` above the curve, by proof. If the tolerance is
        rounding only (the default unless columns are generated), the rows are the breakpoints of the curve. Otherwise
        the curve has more breakpoints than the table has rows, and lies at most ``error_usd`` below the chords.
    error_usd : float
        Upper bound on the distance of a chord above the curve, proven over all columns. The rows are placements.
    tolerance_usd : float
        The requested tolerance.
    most_mtok : float
        Proven upper bound on the export at any cost. If it exceeds the export of the last row, another Mtok beyond
        that row costs at least ten times the mean cost of a Mtok.
    """

    table: pd.DataFrame
    exact: bool
    error_usd: float
    tolerance_usd: float
    most_mtok: float

    def __repr__(self) -> str:
        """Return the ends and the minimum of the curve in one line."""
        total = self.table["cost_plus_penalty_usd"]
        first, last = self.table.iloc[0], self.table.iloc[-1]
        sought = "" if self.exact else f"; {self.tolerance_usd:,.2f} were sought"
        return (
            f"Cost of exporting, penalties included: {total.iloc[0]:,.2f} USD at {first['share']:.2%} exported, "
            f"{total.min():,.2f} USD at the least, {total.iloc[-1]:,.2f} USD at {last['share']:.2%}"
            f"; {len(self.table)} rows, chords at most {self.error_usd:,.2f} USD too high{sought}"
        )

    def _repr_html_(self) -> str:
        """Return the same and the first breakpoints as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.table.set_index("exported_mtok"))


def export_cost(
    placement: Placement,
    *,
    tolerance: float | None = None,
    most_programs: int = 1000,
    progress: Callable[[str], None] | None = None,
) -> ExportCost:
    """Return the least cost as a function of the export, from no export to the largest.

    For a large instance (see ``placer.solve``) the curve ends at slopes of minus and plus ten times the mean cost of a
    Mtok: beyond these, more or less export costs penalties. The curve then has tens of thousands of breakpoints (at
    each, a hub changes its data centre in an hour) and is nearly smooth: four times the tolerance halves the slopes.

    Parameters
    ----------
    placement : Placement
    tolerance : float, optional
        Largest distance of a chord above the curve, as a part of the least cost, penalty included. Default: 1e-9
        (rounding) where the whole program is solved, 1e-5 where columns are generated.
    most_programs : int
        Largest number of slopes to solve for. If it does not suffice, ``exact`` is False.
    progress : callable, optional
        Called with a sentence after every slope.

    Raises
    ------
    ArgumentError
        If the tolerance is not a positive number.
    NoSolutionError
        If a point of the curve cannot be proven.

    Examples
    --------
    >>> import placer
    >>> placer.export_cost(placer.solve(placer.load("tiny"))).exact
    True
    """
    need_instance_placement(placement, "export_cost")
    need_number(most_programs, "most_programs")
    need_progress(progress)
    if tolerance is not None and not (isinstance(tolerance, (int, float)) and 0 < tolerance < math.inf):
        raise ArgumentError(f"tolerance {show(tolerance)} is not a positive number")
    with one_blas_thread():
        return _Curve(Slopes(placement, tolerance), progress or (lambda _: None)).found(most_programs)


class _Curve:
    """Vertices by rising export, and lines below them."""

    def __init__(self, slopes: Slopes, tell: Callable[[str], None]) -> None:
        self._slopes, self._tell = slopes, tell
        self._tolerance = slopes.tolerance * slopes.asked * slopes.mean
        self._vertices: list[Vertex] = []
        self._solved: list[Vertex] = []

    def found(self, most_programs: int) -> ExportCost:
        """Return the curve, from end to end."""
        most = self._add_ends()
        while True:
            errors = [self._error(low, high) for low, high in itertools.pairwise(self._vertices)]
            worst = [piece for piece in np.argsort(errors)[::-1].tolist() if errors[piece] > self._tolerance]
            fresh = next((piece for piece in worst if self._is_new(piece)), None)
            if fresh is None or len(self._solved) >= most_programs:
                break
            self._tell(
                f"{len(self._solved)} slopes, chords at most {max(errors):,.2f} USD too high "
                f"({self._tolerance:,.2f} sought)"
            )
            self._vertices.insert(fresh + 1, self._solve(self._slope(fresh)))
            self._drop()
        error = float(max(0.0, *errors)) if errors else 0.0
        return ExportCost(self._table(), bool(error <= self._tolerance), error, float(self._tolerance), float(most))

    def _solve(self, slope: float) -> Vertex:
        self._solved.append(self._slopes.at(slope))
        return self._solved[-1]

    def _add_ends(self) -> float:
        """Solve for the ends and the least cost; return an upper bound on the export."""
        slopes = self._slopes
        self._vertices = [self._solve(0.0)]
        most = slopes.most_exports()
        if slopes.large:
            self._vertices += [self._solve(sign * steep * slopes.mean) for sign in (-1, 1) for steep in LADDER]
        else:
            self._vertices.append(slopes.without_exports())
            self._climb(most)
        self._drop()
        at = self._vertices[-1].export
        self._tell(f"the end: {at / slopes.asked:.2%} of at most {most / slopes.asked:.2%} exported")
        return most

    def _climb(self, most: float) -> None:
        """Solve for the largest export, at steeper and steeper slopes until it is reached."""
        for steepness in STEEPEST:
            self._vertices.append(self._solve(steepness * self._slopes.mean))
            if most - self._vertices[-1].export <= REACHES * self._slopes.asked:
                break

    def _drop(self) -> None:
        """Keep the cheapest of the vertices at the same export."""
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
        return all(abs(slope - each.slope) > SAME * self._slopes.mean for each in self._solved)

    def _error(self, low: Vertex, high: Vertex) -> float:
        """Return the largest distance of the chord between two vertices above the lines; three lines suffice."""
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
