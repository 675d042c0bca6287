"""Why demand is short, and the smallest change that cures it.

No instance is infeasible: every demand may stay unserved, at a penalty. A placement is *short* where that happens. With
u_kht the unserved demand, the module works on the rows of ``placer.model.formulation`` with limits made elastic:

    U            = min  sum u_kht                                         the shortage that no placement avoids
    left(c)      = min  sum u_kht        with change c without limit
    amount(c)    = min  delta_c >= 0     subject to  sum u_kht <= left(c)

    a change c   one limit, over the whole horizon: accelerators_j, power_limit_mw_j, limit_mw_s, capacity_gbps_l or a
                 cap raised by delta_c; the amount of a limit of one's own raised, or lowered where it is one of at
                 least (of a share of what flows as ``placer.solvers.ratios`` finds it); latency_slo_ms_k raised,
                 which opens arcs in the order of their latency (a step function, searched by bisection); a
                 jurisdiction more for a workload; a supply where a site has none

The change with the lowest ``left`` is made. Several changes may leave equally little. An amount then comes before a
limit where there is none, and both before another jurisdiction; of two amounts, the smaller share of the present limit
comes first. The others are listed as alternatives. A limit that is changed counts as lifted from then on, and the
search goes on until no demand is short. One program then finds the amounts of all lifted limits, at the lowest sum of
shares of the present limits. Every longer latency limit is taken back as far as the other changes allow.

  * No single change may help while a workload and hub have no arc at all. Then one arc is opened, together with all
    limits that forbid it: the arc with the lowest remaining shortage, and of several the one with the fewest limits.
  * No single change may help otherwise. Then all limits that are amounts are made elastic together, and those are
    lifted that the lowest sum of shares of the present limits raises.
  * U may be 0 while the placement leaves demand unserved, because its penalty is lower than its price. The penalty then
    rises to the price of the demand in the program that serves everything. By duality that is enough; it need not be
    the lowest penalty that is.

At last every change is left out in turn. A change is dropped if no demand is short without it. For the others, demand
that is short without a change is the demand that the change is for. So independent shortages have one change each, and
several changes for the same demand are needed together. All changes together cure: they are made and solved before they
are named. A single change that cures everything is the smallest of its kind. A set of several is found step by step:
none of them can be left out or made smaller alone, but another set may be smaller in all.

Limits that cannot cure are not tried. By duality a row whose dual is 0, or an arc whose reduced cost is not negative,
cannot lower U. Every figure comes from a program proven by ``solve_program``. A large program is solved over part of
its columns. Its duals price all others, and columns are added until their possible gain is below
``placer.tolerances.SOLVER`` of the demand.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.analysis.shortage.changes import Change, Key, hour_spans, made
from placer.analysis.shortage.programs import SHORT
from placer.analysis.shortage.search import ShortageSearch
from placer.errors import refuse
from placer.instance.arguments import need_instance, need_plain_placement
from placer.instance.checks.pool_checks import pools_refused
from placer.instance.problem import Instance
from placer.io.results import Result
from placer.ladder.named import program_solver_of
from placer.model.formulation import Formulation
from placer.model.program import Solver
from placer.model.structure import Structure
from placer.placement.prices import demand_index
from placer.running import Progress, phase, running
from placer.tolerances import INPUT
from placer.utils import notebook
from placer.utils.arrays import FloatArray
from placer.utils.numbers import quantity

if TYPE_CHECKING:
    from placer.placement.result import Placement

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Result):
    """Which demand is short, which limits cause it, and what cures it. All ``changes`` together restore full service.

    Attributes
    ----------
    shortages : Series
        ``unserved_mtok`` of the placement by ``workload``, ``hub`` and ``hour``, where it is not 0.
    table : DataFrame
        One row per change, workload and hub that is short without it: ``workload``, ``hub``, ``hours`` (as text),
        ``unserved_mtok`` (of the placement: 0 where demand would only be displaced by what the other changes let in),
        ``limit``, ``name`` (data centre, supply, link), ``cure``, ``amount``, ``unit``; then ``round_trip_ms`` (for
        latency: how much shorter the round trip to ``name`` would have to be instead, otherwise NaN), ``without_mtok``
        (demand that is short when all changes but this are made) and ``change`` (position in ``changes``). A
        demand that needs several changes has several rows.
    changes : tuple of Change
        None can be left out.
    alternatives : DataFrame
        Single changes that cure as much as the one taken: ``change`` (position of that), ``limit``, ``name``, ``cure``,
        ``amount``, ``unit``.
    """

    shortages: pd.Series
    table: pd.DataFrame
    changes: tuple[Change, ...]
    alternatives: pd.DataFrame

    def summary(self) -> dict[str, Any]:
        """Return the short demand and the number of changes that cure it, as plain values."""
        return {"unserved_mtok": float(self.shortages.sum()), "changes": len(self.changes)}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """``limits`` (the main table), ``shortages`` and ``alternatives``."""
        shortages = self.shortages.to_frame()
        return {"limits": self.table, "shortages": shortages, "alternatives": self.alternatives}

    def __repr__(self) -> str:
        """Return the shortage and the number of changes that cure it, in one line."""
        if self.shortages.empty:
            return "Explanation: nothing is short"
        short, count = self.shortages.sum(), len(self.changes)
        return f"Explanation: {quantity(short)} Mtok short, cured by {count} change{'s' * (count != 1)}"

    def _repr_html_(self) -> str:
        """Return the same, and the short demand with its limits, as HTML, for notebooks."""
        shown = self.table[["workload", "hub", "hours", "unserved_mtok", "limit", "name", "cure"]]
        return notebook.sentence(repr(self)) + (notebook.rows(shown) if len(shown) else "")


def explain(
    placement: Placement,
    solver: Solver | str | None = None,
    *,
    most_tried: int = 24,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Explanation:
    """Explain why a placement leaves demand unserved, and find the least changes that would serve it.

    Parameters
    ----------
    placement : Placement
    solver : Solver, optional
        ``placer.HiGHS()`` if not given, each large program from the basis of one before it.
    most_tried : int
        How many limits are tried at each step; of more, those whose duals promise most for a given share.
    time_limit_seconds : float
        For all programs together.
    progress : callable, optional
        Called with a line of text on how far it is; see ``placer.running``.

    Raises
    ------
    NoSolutionError
        If a program was not solved, or not in time, or the changes found do not restore full service when they are made
        and solved.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> short = tiny.replace(data_centres=tiny.data_centres.assign(accelerators=[20, 100, 100]))
    >>> explanation = explain(placer.solve(short))
    >>> print(explanation.table[["workload", "hub", "hours", "unserved_mtok", "limit", "name"]].to_string())
      workload    hub hours  unserved_mtok    limit  name
    0    voice  Coast   0-1           20.0  latency  Port
    >>> print(explanation.changes[0].cure)
    2 ms more of latency_slo_ms of voice
    >>> print(explanation.alternatives.loc[0, "cure"])
    10 more accelerators at Metro
    >>> placer.solve(cure(short, explanation)).unserved_mtok
    0.0
    """
    need_plain_placement(placement, "explain")
    refuse(pools_refused(placement.instance.accelerator_pools, "explain"))
    solver = program_solver_of(solver, "explain")
    demand = placement.formulation.structure.demand_amount
    unserved = np.where(placement.accounts.unserved > SHORT * demand, placement.accounts.unserved, 0.0)
    index = demand_index(placement.formulation)
    shortages = pd.Series(unserved, index, name="unserved_mtok")[unserved > 0]
    if unserved.sum() <= SHORT * placement.demand_mtok:
        return Explanation(shortages, no_shortage_table(), (), alternatives_table([], {}))
    with running(progress, time_limit_seconds):
        with phase(_log, "looking for changes that cure"):
            search = ShortageSearch(placement, solver, most_tried)
            found = search.find()
        with phase(_log, "leaving out changes that are not needed"):
            changes, without = search.prune(found.changes, unserved)
    after = search.formulation_after(changes.values())
    table = shortage_table(after, list(changes.values()), unserved, without)
    return Explanation(shortages, table, tuple(changes.values()), alternatives_table(found.alternatives, changes))


def cure(instance: Instance, what: Explanation | Change | Iterable[Change]) -> Instance:
    """Return the instance with all or some changes of an explanation applied.

    Raises
    ------
    InstanceError
        If the changes do not fit, since the instance is not the one that was explained.
    """
    need_instance(instance)
    changes = (what,) if isinstance(what, Change) else what.changes if isinstance(what, Explanation) else tuple(what)
    return made(instance, changes)


_CHANGE = ["limit", "name", "cure", "amount", "unit"]
_SHORTAGE = ["workload", "hub", "hours", "unserved_mtok", *_CHANGE, "round_trip_ms", "without_mtok", "change"]


def no_shortage_table() -> pd.DataFrame:
    """Return the table of an explanation of nothing."""
    return pd.DataFrame(columns=_SHORTAGE)


def shortage_table(
    after: Formulation,
    changes: Sequence[Change],
    unserved: FloatArray,
    without: Sequence[FloatArray],
) -> pd.DataFrame:
    """Return, change by change, the workloads and hubs that are short without it.

    Parameters
    ----------
    after : Formulation
        With all changes made.
    unserved : (demands,) array
        Without any change, Mtok.
    without : sequence of (demands,) arrays
        Demand that is short when all changes but one are made, by change, Mtok.
    """
    structure = after.structure
    noise = SHORT * structure.total_demand
    by_pair = _demands_of_pairs(structure)
    # Where each of the changes but one would do, a demand is listed under the last change.
    needs = {
        pair: [number for number, short in enumerate(without) if short[demands].max() > noise]
        or [len(changes) - 1] * int(unserved[demands].max() > 0)
        for pair, demands in by_pair.items()
    }
    rows = []
    for number, change in enumerate(changes):
        for pair in (pair for pair, numbers in needs.items() if number in numbers):
            now, short = unserved[by_pair[pair]], without[number][by_pair[pair]]
            hours = structure.demand_period[by_pair[pair]][now > 0 if now.any() else short > noise]
            name, trip = _opened(change, after, *pair)
            labels = after.workloads[pair[0]], after.hubs[pair[1]], hour_spans(hours, after.hours)
            of_change = change.limit, name, change.cure, change.amount, change.unit
            rows.append((*labels, float(now.sum()), *of_change, trip, float(short[short > noise].sum()), number))
    return pd.DataFrame(rows, columns=_SHORTAGE)


def alternatives_table(alternatives: Iterable[tuple[Key, Change]], changes: Mapping[Key, Change]) -> pd.DataFrame:
    """Return the changes that cure as much as one of those made, and are not made themselves."""
    number = {key: position for position, key in enumerate(changes)}
    rows = [
        (number[key], other.limit, other.name, other.cure, other.amount, other.unit)
        for key, other in alternatives
        if key in number and other.key not in number
    ]
    return pd.DataFrame(rows, columns=["change", *_CHANGE])


def _demands_of_pairs(structure: Structure) -> dict[tuple[int, int], list[int]]:
    """Return the demands of every class and origin that ask for anything."""
    by_pair: dict[tuple[int, int], list[int]] = {}
    for demand, pair in enumerate(zip(structure.demand_class.tolist(), structure.demand_origin.tolist(), strict=True)):
        by_pair.setdefault(pair, []).append(demand)
    return by_pair


def _opened(change: Change, after: Formulation, klass: int, origin: int) -> tuple[str, float]:
    """Return the nearest data centre that a longer limit opens to a hub, and how much nearer it would have to be."""
    if change.limit != "latency" or change.position != klass:
        return change.name, math.nan
    modes = after.structure.served_class == klass
    opened = (after.in_time & after.allowed_ways & (after.latency_ms > change.old + INPUT))[modes, origin]
    latency = np.where(opened, after.latency_ms[modes, origin], math.inf).min(axis=0)
    way = int(latency.argmin())
    if not math.isfinite(latency[way]):
        return change.name, math.nan
    site, trips = after.structure.way_site[way], after.round_trips[klass]
    return str(after.data_centres[site]), float((latency[way] - change.old) / trips) if trips > 0 else math.nan
