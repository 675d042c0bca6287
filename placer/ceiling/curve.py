"""The exact ceiling curve: least unserved and displaced demand and most export as functions of a limit on latency.

For a limit L the arcs that enter at L or before are allowed (``placer.ceiling.walk.blocks.entering``), and the three
figures are those of ``placer.ceiling.maximum``: U(L) the least unserved demand, D(L) the least displaced among the
placements that leave no more than U(L), and E(L) the most export among those that displace no more than D(L) either.

All are step functions, continuous from the right, that change only where an arc enters. U never rises with L. Where U
is constant, D never rises. Where both are constant, E never falls; elsewhere E may fall, since served demand, and then
the receiving regions' own demand, precede exports. ``placer.ceiling.walk.sweep`` finds the corners one by one in each
part that shares no row with the others; the parts add up.

U and D are at their least to the rounding of float64, while ``placer.ceiling.maximum`` allows 1e-9 of all demand more.
With uneven ratios, that slack can make room for a hundred times as much export, so the two may differ by that amount.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
import pandas as pd

from placer.ceiling.curve_table import CurveRows, Units, curve_table
from placer.ceiling.walk.blocks import split
from placer.ceiling.walk.entering import entering
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.rows import BEYOND, caps_beyond_walks
from placer.ceiling.walk.sweep import sweep
from placer.errors import InstanceError, Violation
from placer.model.aggregation import without_slack_links
from placer.model.caps import OWN_CAPS
from placer.model.counts import Count, Weights
from placer.model.formulation import Formulation, with_arcs
from placer.running import phase, running
from placer.solvers.memory import MEASURED, check_walk
from placer.tolerances import INPUT, SOLVER
from placer.utils import notebook
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.numbers import percent, quantity

_log = logging.getLogger(__name__)

By = Literal["rtt", "slo", "shorten"]

#: Name of the column of limits.
LIMIT = {"rtt": "rtt_limit_ms", "slo": "slo_factor", "shorten": "shorten_ms"}
#: Simplex iterations of one part after which its sweep goes on in leaps.
ITERATIONS = 200_000


@dataclass(frozen=True, eq=False, repr=False)
class CeilingCurve(CurveRows):
    """The export ceiling as an exact function of a latency limit.

    Attributes
    ----------
    by : str
        ``rtt``: a limit on the round trip of workloads that cannot wait; ``slo``: a factor on every limit;
        ``shorten``: the ms that come off every round trip.
    table : DataFrame
        One row for the limit 0, and one for every limit at which unserved demand or export changes, with the figures
        from that limit up to the limit of the next row:

        ``rtt_limit_ms``, ``slo_factor`` or ``shorten_ms``, ``unserved_mtok``, ``displaced_hours`` (accelerator-hours of
        the reference), ``exported`` (in the unit of the weight), ``share`` (``exported`` of the weight of all demand),
        ``unserved_low``, ``displaced_low``, ``share_low`` and ``share_high`` (proven bounds, equal to the figures where
        they are exact; ``unserved_mtok`` and ``displaced_hours`` are upper bounds themselves), ``exact``.

        Where ``exact`` is False, the figures are those of a feasible placement, and further corners may lie before the
        next row.
    total_mtok : float
        All demand.
    runs, iterations, moves : int
        Linear programs run, simplex iterations in all, and demands moved without a program.
    """

    NAME: ClassVar[str] = "curve"

    by: By
    table: pd.DataFrame
    total_mtok: float
    runs: int
    iterations: int
    moves: int

    @property
    def served_from(self) -> float:
        """The lowest limit at which unserved demand is at its final, least value."""
        unserved = self.table["unserved_mtok"].to_numpy(float)
        return self._reached(np.abs(unserved - unserved[-1]) <= SOLVER * self.total_mtok)

    @property
    def exportable_from(self) -> float:
        """The lowest limit from which the export stays at its final value."""
        share = self.table["share"].to_numpy(float)
        return self._reached(np.abs(share - share[-1]) <= SOLVER)

    def __repr__(self) -> str:
        """Return the ends of the curve in one line."""
        first, last = self.table.iloc[0], self.table.iloc[-1]
        whole = "" if self.table["exact"].all() else " (not exact throughout)"
        return self._with_bought(
            f"Ceiling curve by {LIMIT[self.by]}: {len(self.table)} corners{whole}, {percent(first['share'], 2)} "
            f"exportable at 0 and {percent(last['share'], 2)} from {quantity(self.exportable_from)}; "
            f"least unserved from {quantity(self.served_from)}"
        )

    def _repr_html_(self) -> str:
        """Return the ends and the first corners of the curve as HTML, for notebooks."""
        columns = ["share", "unserved_mtok", "displaced_hours", "exported", "exact"]
        shown = self.table.set_index(self.table.columns[0])[columns]
        return notebook.sentence(repr(self)) + notebook.rows(shown)

    def _reached(self, final: BoolArray) -> float:
        """Find the lowest limit from which every row is final."""
        others = np.flatnonzero(~final)
        return float(self.limits[others[-1] + 1 if others.size else 0])


@running()
def trace(
    formulation: Formulation,
    weights: FloatArray,
    count: Count,
    by: By = "rtt",
    iterations: float = ITERATIONS,
    parameters: SweepParameters | None = None,
) -> CeilingCurve:
    """Trace U(L), D(L) and E(L) for a count of exports and displaced demand.

    Parameters
    ----------
    weights : (classes,) array
        ``v_k``, the weight of a Mtok of demand: see ``placer.model.counts``.
    by : str
        ``rtt``: a limit on the round trip of workloads that cannot wait, on top of their own limits, while batch
        keeps its arcs. ``slo``: a factor on the limits of all workloads that have one, beyond 1 as far as a route and
        the jurisdiction allow. ``shorten``: milliseconds off every round trip, from 0 on.
    iterations : float
        Simplex iterations after which the sweep over one part (an hour, or all hours where windows or caps tie them)
        goes on in leaps and leaves intervals between them; inf for no leaps.

    Raises
    ------
    InstanceError
        If ``by`` is unknown, or the walk does not take a limit of one's own.
    NoSolutionError
        If HiGHS does not answer, or the walk does not fit into the free memory.
    """
    check_by(by)
    _need_traceable(formulation)
    enter, chosen = entering(formulation, by), parameters or SweepParameters()
    structure = without_slack_links(with_arcs(formulation, enter < np.inf).structure)
    check_walk(structure)
    units = Units.of(structure, weights, count)
    counted = count.exported / units.weight - count.displaced / units.hours
    with phase(_log, f"the ceiling curve by {by}"):
        blocks = split(structure, enter, counted, chosen.together, MEASURED.bytes_per_traced_arc)
        walks = [sweep(block, chosen, iterations=iterations) for block in blocks]
    table = curve_table(units, [walk.steps for walk in walks])
    return CeilingCurve(
        by=by,
        table=table.rename(columns={"limit": LIMIT[by]}),
        total_mtok=units.demand,
        runs=sum(walk.runs for walk in walks),
        iterations=sum(walk.iterations for walk in walks),
        moves=sum(walk.moves for walk in walks),
    )


def _need_traceable(formulation: Formulation) -> None:
    """Refuse the limits of one's own that walks do not take (``placer.ceiling.walk.rows``)."""
    beyond, problem = caps_beyond_walks(formulation.structure), f"a curve takes no {BEYOND}"
    named = [limit.title for cap, limit in enumerate(formulation.limits, OWN_CAPS) if beyond[cap]]
    if named:
        allowed = "no such limit; placer.export_ceiling takes it"
        raise InstanceError(Violation("limits", title, "kind", problem, allowed) for title in named)


def check_by(by: object, *others: str) -> None:
    """Refuse anything but a kind of limit, or one of some others."""
    if by not in (*get_args(By), *others):
        allowed = ", ".join([*LIMIT, *others])
        raise InstanceError([Violation("ceiling_curve", "", "by", f"{by!r} is unknown", allowed)])


def need_steps(weights: Weights, by: By) -> None:
    """Refuse a curve without steps: a shorter round trip raises the value that arrives at every limit, not at corners.

    Raises
    ------
    InstanceError
    """
    if by == "shorten" and weights.fall_with_latency:
        problem = "'shorten' has no curve by value, which every ms that comes off raises (latency_value)"
        raise InstanceError([Violation("ceiling_curve", "", "by", problem, "rtt, slo, or another weight")])


def within(formulation: Formulation, limit: float, by: By = "rtt") -> Formulation:
    """Return the formulation with the arcs that a limit allows, for other analyses at that point of the curve."""
    check_by(by)
    return with_arcs(formulation, entering(formulation, by) <= limit + INPUT)
