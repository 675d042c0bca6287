"""Cuts: rows over the placement alone that bound the stranded work of a contingency, at any of its prices.

Let a stranded Mtok cost 1, and let all other costs be 0. The bound of ``placer.security.bound`` then bounds the
stranded work of contingency o at any prices of its limits, for every placement x:

    sum_ip part_ip x_ip - rents of limits <= v^o

If p is hit, part_ip is r_k times the price of the cheapest backup. If not, it is r_k times the price of the use of
limits by a unit of p. That is inf where p can carry nothing, in a contingency or without one: at a site without the
power that k draws, or over a link without capacity. A cut leaves these assignments out, which are 0 in every placement.
Only protected work that waits couples the hours of a contingency. Without it each hour has its own cut.

In a program, cuts are own rows, and the stranded work of each contingency and group of hours is an own column.

A cut at the prices of an audit says what the audit found, and so cuts off the placement that was audited. Rounds end
with an error if no new cut does (``need_new_cuts``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csr_array

from placer.errors import NoSolutionError
from placer.extended.extension import BLOCK, Extension, OwnColumns, OwnRows, extend
from placer.model.answer import Duals, Flows, no_duals
from placer.model.program import LinearProgram
from placer.model.structure import Structure, assignment_positions
from placer.security.bound import Contingent, contingency_prices, rents_by_period
from placer.security.coupling import RecourseStructure
from placer.security.replacement import least_stranded
from placer.termination import Reason
from placer.tolerances import PROOF, SOLVER
from placer.utils.arrays import FloatArray, IntArray, sums_by


@dataclass(frozen=True, eq=False)
class ContingencyCut:
    """One cut.

    Attributes
    ----------
    place : int
        Position of its contingency.
    group : int
        Its group of hours: the hour itself, or 0 if all hours are coupled.
    column, value : arrays
        Its entries over all assignments.
    limit : float
        The sum of rents times limits.
    duals : Duals
        The prices, in all hours.
    """

    place: int
    group: int
    column: IntArray
    value: FloatArray
    limit: float
    duals: Duals


@dataclass(frozen=True, eq=False)
class CutPrices:
    """Prices of the limits of a contingency, at which its cuts hold in any placement and with any admissible arcs.

    Attributes
    ----------
    place : int
        Position of the contingency among all.
    groups : int array
        The groups of hours whose cuts matter.
    """

    place: int
    groups: IntArray
    duals: Duals


def stranded_beyond(recourse: RecourseStructure, certain: FloatArray, flows: Flows) -> tuple[FloatArray, Duals] | None:
    """Audit a contingency: return the least work that strands beyond the work that strands for certain.

    Parameters
    ----------
    certain : (arcs,) array
        Part of a unit on every arc that strands for certain.
    flows : Flows
        Of the structure of the instance.

    Returns
    -------
    stranded : (groups,) array
        By group of hours, Mtok.
    duals : Duals
        Of the limits of the contingency, per stranded Mtok.

    None if all displaced work strands for certain.
    """
    whole, displaced = recourse.whole, recourse.displaced_mtok(flows)
    surely = certain[flows.arc] * flows.amount
    if displaced - surely.sum() <= PROOF * displaced:
        return None
    stranded, duals = least_stranded(recourse, flows)
    beyond = recourse.by_group(stranded)
    return beyond - sums_by(recourse.groups[whole.demand_period[flows.demand]], surely, len(beyond)), duals


def cuts_at(recourse: RecourseStructure, place: int, duals: Duals, groups: IntArray) -> list[ContingencyCut]:
    """Return the cuts of a contingency at some prices, for some groups of hours."""
    whole = recourse.whole
    each = Contingent(recourse, recourse.free, duals)
    chosen = whole.assignments
    part, rents = contingency_prices(each, chosen.demand, chosen.arc), rents_by_period(each)
    of_period = recourse.groups
    # Coefficients, in stranded Mtok per Mtok, are >= 0: a cut without the small ones still holds, and what it misses is
    # at most this share of all demand.
    used = np.flatnonzero((part > SOLVER) & np.isfinite(part))
    group = of_period[whole.demand_period[chosen.demand[used]]]
    limits = sums_by(of_period, rents, int(of_period.max()) + 1)
    found = []
    for wanted in groups.tolist():
        column = used[group == wanted]
        found.append(ContingencyCut(place, wanted, column, part[column], float(limits[wanted]), duals))
    return found


def need_new_cuts(
    whole: Structure, flows: Flows, cuts: Sequence[ContingencyCut], allowed: FloatArray, least: float
) -> None:
    """Raise an error if no new cut cuts off the placement that it comes from: further rounds would only repeat it.

    Parameters
    ----------
    flows : Flows
        Of the audited placement.
    cuts : sequence of ContingencyCut
        At the prices of its audits.
    allowed : (contingencies, groups) array
        The ``v_og`` of the placement, Mtok.
    least : float
        A placement that violates a cut by this or less is not cut off, Mtok.

    Raises
    ------
    NoSolutionError
    """
    assigned = np.zeros(whole.assignment_count)
    assigned[assignment_positions(whole, flows.demand, flows.arc)] = flows.amount
    over = [float(cut.value @ assigned[cut.column]) - cut.limit - allowed[cut.place, cut.group] for cut in cuts]
    if cuts and not max(over) > least:
        detail = f"{len(cuts):,} cuts do not cut off the placement of their audit: {max(over):.1e} Mtok"
        raise NoSolutionError(Reason.FAILED, detail)


def weighted_duals(recourse: RecourseStructure, cuts: Sequence[ContingencyCut], weights: FloatArray) -> Duals:
    """Return the sum of the prices of some cuts of one contingency, each in its own hours, at weights >= 0."""
    left, groups = recourse.structure, recourse.groups
    cap = np.zeros(len(left.cap_limit))
    total = no_duals(left, cap)
    for cut, weight in zip(cuts, weights.tolist(), strict=True):
        if weight > 0:
            hours = groups == cut.group
            for name in ("balance", "capacity", "intake", "link"):
                getattr(total, name)[:, hours] += weight * getattr(cut.duals, name)[:, hours]
            caps = hours[left.cap_period]
            cap[caps] += weight * cut.duals.cap[caps]
    return total


@dataclass(frozen=True, eq=False)
class CostLimit:
    """The row ``cost x <= most``.

    Attributes
    ----------
    cost : (columns,) array
        Over own columns too.
    enters_above : float
        The row enters a program when a point exceeds this; -inf for a row that has entered.
    """

    name: str
    cost: FloatArray
    most: float
    enters_above: float = -np.inf

    @property
    def entered(self) -> bool:
        """Whether the row has entered."""
        return bool(np.isneginf(self.enters_above))

    def exceeded_at(self, point: FloatArray) -> bool:
        """Return whether a point makes the row enter."""
        return float(self.cost @ point) > self.enters_above


def cut_extension(
    base: LinearProgram,
    recourses: Sequence[RecourseStructure],
    cuts: Sequence[ContingencyCut],
    limits: Iterable[CostLimit],
    cost: FloatArray,
) -> Extension:
    """Return cuts as own rows, ``sum of value x - v_og <= limit``, and then the limits that have entered.

    Parameters
    ----------
    base : LinearProgram
        Of the placement.
    recourses : sequence of RecourseStructure
        Of all contingencies; each has one own column for each group of hours.
    cost : (columns,) array
        Over own columns too.
    """
    columns, count = len(base.cost), len(cost) - len(base.cost)
    groups = len(recourses[0].most_by_group) if recourses else 0
    rows = [np.full(len(cut.column), place) for place, cut in enumerate(cuts)] + [np.arange(len(cuts))]
    place = [cut.column for cut in cuts] + [np.array([columns + cut.place * groups + cut.group for cut in cuts])]
    values = [cut.value for cut in cuts] + [np.full(len(cuts), -1.0)]
    held = [each for each in limits if each.entered]
    for row, each in enumerate(held, len(cuts)):
        used = np.flatnonzero(each.cost)
        rows.append(np.full(len(used), row))
        place.append(used)
        values.append(each.cost[used])
    labels = [f"{recourses[cut.place].outage.name}: cut {number}" for number, cut in enumerate(cuts)]
    upper = np.array([cut.limit for cut in cuts] + [each.most for each in held], dtype=float)
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(place).astype(int))
    matrix = csr_array(coo_array(entries, shape=(len(upper), len(cost))))
    names = tuple(f"{each.outage.name}: stranded {group}" for each in recourses for group in range(groups))
    strand = OwnColumns(names, cost[columns:], np.zeros(count), np.full(count, np.inf), np.zeros(count, dtype=bool))
    own = OwnRows((*labels, *(each.name for each in held)), matrix, np.full(len(upper), -np.inf), upper)
    return Extension(strand, own)


def with_cuts(
    base: LinearProgram, recourses: Sequence[RecourseStructure], extension: Extension, cost: FloatArray
) -> LinearProgram:
    """Return a program extended by ``cut_extension``, at some costs of all columns."""
    extended = extend(base, extension)
    implied = extended.implied_upper.copy()
    implied[extended.col_blocks[BLOCK]] = np.concatenate([np.zeros(0), *(each.most_by_group for each in recourses)])
    return replace(extended, cost=cost, implied_upper=implied)
