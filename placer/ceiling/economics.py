"""The economics of exporting: ranges of the export over all cost-optimal placements, and break-even power prices.

Optima are not unique: another placement of the same cost may have another export share. This module gives the ranges.

    economic range      minimum and maximum export over the cost-optimal placements, each proven by
                        ``placer.least_cost.second_objective``
    export ranges       the same by workload or by hub
    break-even gap      difference between the power prices at home and at the far end of a route at which
                        exporting breaks even

See also ``placer.ceiling.cost_of_exporting`` and ``placer.analysis.price_ranges``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need_plain_placement, need_progress
from placer.least_cost.second_objective import Objective, Optimal, Optimum
from placer.model.counts import Weight, export_weights, share_of, total_weight
from placer.running import check_time, in_time, running
from placer.utils.arrays import FloatArray, ratio
from placer.utils.numbers import gap_in_words, gap_percent
from placer.utils.threads import one_blas_thread

if TYPE_CHECKING:
    from placer.placement.result import Placement

By = Literal["workload", "hub"]


@dataclass(frozen=True)
class EconomicRange:
    """The smallest and the largest export share among placements of least cost; unpacks as ``low, high``.

    Attributes
    ----------
    low, high : float
        Shares of all demand.
    detail : str
        Empty if both are proven. Otherwise the reason; low and high are then bounds on the shares.
    """

    low: float
    high: float
    detail: str = ""

    def __iter__(self) -> Iterator[float]:
        """Unpack as the pair."""
        return iter((self.low, self.high))


def economic_range(
    placement: Placement,
    counted: FloatArray | None = None,
    weight: Weight = "tokens",
    *,
    time_limit_seconds: float = math.inf,
) -> EconomicRange:
    """Return the smallest and the largest export share among placements of least cost.

    A placement counts as cost-optimal if its cost exceeds the least by at most 1e-10 of it. Both ends are proven over
    every column, for a placement from any solver.

    Parameters
    ----------
    placement : Placement
    counted : (hubs, data centres) array, optional
        Weight of a Mtok by hub and data centre; by default 1 for an export, else 0. For net exports: 1 for an export,
        -1 for displaced demand of the receiving regions.
    weight : str
        Unit of the shares: ``tokens``, ``work``, ``energy`` or ``value``.
    time_limit_seconds : float
        As in ``placer.running``.

    Raises
    ------
    InstanceError
        If the weight is unknown, or no demand has any.
    NoSolutionError
        If the time is over before the work begins; later the range is as wide as is proven, and ``detail`` says why.

    Examples
    --------
    >>> import placer
    >>> low, high = placer.economic_range(placer.solve(placer.load("tiny")))
    >>> low <= high
    True
    """
    need_plain_placement(placement, "economic_range")
    with running(time_limit_seconds=time_limit_seconds):
        check_time("no time was left for the economic range")
        return _economic_range(placement, counted, weight)


def _economic_range(placement: Placement, counted: FloatArray | None, weight: Weight) -> EconomicRange:
    structure = placement.formulation.structure
    weights = export_weights(placement.instance, placement.formulation.distance, weight)
    lost = weights.lost[structure.arc_class, structure.arc_origin, structure.arc_way]
    per_arc = _over_arcs(placement, counted) * (weights.asked[structure.arc_class] - lost)
    low, high = _ends(Optimal(structure, placement.answer), per_arc)
    most = float(np.abs(per_arc).max(initial=0.0)) * placement.demand_mtok
    total = total_weight(placement.formulation, weights.asked)
    shares = [share_of(end.value if end.proven else max(end.bound, -most), total) for end in (low, high)]
    return EconomicRange(shares[0], 0.0 - shares[1], _why_not(low) or _why_not(high))


def export_ranges(
    placement: Placement,
    by: By = "workload",
    counted: FloatArray | None = None,
    progress: Callable[[str], None] | None = None,
    *,
    time_limit_seconds: float = math.inf,
) -> pd.DataFrame:
    """Return the smallest and the largest export of each workload or hub among placements of least cost.

    A share in ``placement.workloads`` or ``placement.hubs`` belongs to one placement. Where low and high differ,
    another placement of the same cost has another share.

    Parameters
    ----------
    placement : Placement
    by : str
        ``workload`` or ``hub``.
    counted : (hubs, data centres) array, optional
        As in ``economic_range``.
    progress : callable, optional
        Called with a sentence after every row.
    time_limit_seconds : float
        As in ``placer.running``.

    Returns
    -------
    DataFrame
        Index ``workload`` or ``hub``; ``demand_mtok``; ``low_mtok``, ``high_mtok``; ``low_share``, ``high_share`` of
        the row's demand (NaN without any); ``proven``: if False, low and high are bounds.

    Raises
    ------
    InstanceError
        If ``by`` is neither.
    NoSolutionError
        If the time is over before every row.

    Examples
    --------
    >>> import placer
    >>> ranges = placer.export_ranges(placer.solve(placer.load("tiny")), by="hub")
    >>> bool((ranges["low_mtok"] <= ranges["high_mtok"]).all())
    True
    """
    need_plain_placement(placement, "export_ranges")
    need_progress(progress)
    if by not in ("workload", "hub"):
        raise InstanceError([Violation("export_ranges", "", "by", f"{by!r} is unknown", "workload or hub")])
    formulation, structure = placement.formulation, placement.formulation.structure
    labels, of_arc, of_demand = {
        "workload": (formulation.workloads, structure.arc_serves, structure.demand_class),
        "hub": (formulation.hubs, structure.arc_origin, structure.demand_origin),
    }[by]
    weight, tell = _over_arcs(placement, counted), progress or (lambda _: None)
    demand = np.bincount(of_demand, structure.demand_amount, len(labels))
    rows = []
    with running(time_limit_seconds=time_limit_seconds):
        optimal = Optimal(structure, placement.answer)
        for number, label in enumerate(in_time(labels, f"the export range of the next {by}")):
            low, high = _ends(optimal, np.where(of_arc == number, weight, 0.0))
            rows.append((*(end.value if end.proven else end.bound for end in (low, high)), low.proven and high.proven))
            tell(f"export range of {by} {label}, {number + 1} of {len(labels)}")
    table = pd.DataFrame(rows, index=pd.Index(labels, name=by), columns=["low_mtok", "high_mtok", "proven"])
    low_mtok, high_mtok = table["low_mtok"].to_numpy() + 0.0, 0.0 - table["high_mtok"].to_numpy()
    return pd.DataFrame(
        {
            "demand_mtok": demand,
            "low_mtok": low_mtok,
            "high_mtok": high_mtok,
            "low_share": ratio(low_mtok, demand),
            "high_share": ratio(high_mtok, demand),
            "proven": table["proven"],
        },
        index=table.index,
    )


def _over_arcs(placement: Placement, counted: FloatArray | None) -> FloatArray:
    """Weight of a Mtok on every arc."""
    formulation, structure = placement.formulation, placement.formulation.structure
    matrix = formulation.exported if counted is None else np.asarray(counted)
    if matrix.shape != formulation.exported.shape:
        wanted = f"{formulation.exported.shape[0]} hubs by {formulation.exported.shape[1]} data centres"
        raise InstanceError([Violation("economic_range", "", "counted", f"has shape {matrix.shape}", wanted)])
    return matrix[structure.arc_origin, structure.arc_site].astype(float)


def _ends(optimal: Optimal, weight: FloatArray) -> tuple[Optimum, Optimum]:
    """Minimise a weight and its opposite."""
    return optimal.least(Objective(weight)), optimal.least(Objective(-weight))


def _why_not(end: Optimum) -> str:
    return "" if end.proven else end.detail or f"{gap_in_words(end.gap)} > {gap_percent(end.largest_gap)}"


@one_blas_thread()
def break_even_gaps(placement: Placement) -> pd.DataFrame:
    """Return the gap between the power prices of both ends at which each exporting route breaks even, by workload.

    Home is the cheapest admissible data centre that is not an export, with power at its marginal price at the meter and
    without other rents. Exporting pays if a MWh is cheaper at the far end by at least the gap that makes both costs
    equal, there in the mode that pays first.

    Returns
    -------
    DataFrame
        Index ``workload``, ``hub``, ``data_centre``; ``home``; mean ``home_usd_per_mwh`` and ``far_usd_per_mwh`` at the
        meter; ``break_even_usd_per_mwh`` (home price less the far price at which it pays), ``gap_usd_per_mwh`` (the
        present gap) and ``pays``.
    """
    need_plain_placement(placement, "break_even_gaps")
    formulation = placement.formulation
    structure = formulation.structure
    power = placement.data_centre_hours["power_usd_per_mwh"].to_numpy().reshape(structure.capacity.shape)
    drawn_mwh = structure.draw[:, :, None] * structure.overhead[None]
    klass, origin, site = structure.arc_class, structure.arc_origin, structure.arc_site
    hours = formulation.period_hours / formulation.period_hours.sum()
    draw = drawn_mwh[klass, site] @ hours
    price = (power @ hours)[site]
    other = structure.arc_cost + structure.work_cost[klass, site] @ hours
    total = other + draw * price
    arcs = pd.DataFrame({"pair": structure.arc_pair, "site": site, "total": total, "arc": np.arange(len(klass))})
    away = formulation.exported[origin, site]
    home = arcs[~away].sort_values("total", kind="stable").drop_duplicates("pair").set_index("pair")["arc"]
    far = arcs[away & arcs["pair"].isin(home.index) & (draw > 0)]
    least = total[home.loc[far["pair"]].to_numpy(int)]
    far = far.assign(pays_at=(least - other[far["arc"]]) / draw[far["arc"]])
    far = far.sort_values("pays_at", ascending=False, kind="stable").drop_duplicates(["pair", "site"])
    far = far.sort_values(["pair", "site"])
    here, there = home.loc[far["pair"]].to_numpy(int), far["arc"].to_numpy(int)
    pays_at = far["pays_at"].to_numpy(float)
    workload = formulation.workloads[structure.arc_serves[there]]
    index = pd.MultiIndex.from_arrays(
        [workload, formulation.hubs[origin[there]], formulation.data_centres[site[there]]],
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
