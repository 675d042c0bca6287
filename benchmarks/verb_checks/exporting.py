"""Export ceilings: shares, curves, parts, and the economics of exporting."""

from __future__ import annotations

from contextlib import AbstractContextManager

import numpy as np

import placer
from placer.ceiling.agents import COLOCATED

from .checks import Subject, at_most, documented, holds, near, shown, whole

#: Rounding of a share, beside ``AGREED`` of 1.
_ONE = 1.0
#: The cases of ``economics`` with other latencies than the instance, as errors name them.
CASES = (*(f"tools_colocated {share:g}" for share in COLOCATED), "quantile slow")


def exports() -> AbstractContextManager[None]:
    """Return a context that takes a refusal for want of regions, or of anything that can be exported."""
    return documented(
        (placer.InstanceError, "region"),
        (placer.InstanceError, "no demand has any"),
    )


def walks(subject: Subject) -> AbstractContextManager[None]:
    """Return a context that takes the refusal of limits that curves cannot take."""
    reasons = [(placer.InstanceError, "a curve takes no limits")] if subject.has_limits else []
    return documented(*reasons)


def impossible_cases(subject: Subject) -> AbstractContextManager[None]:
    """Return a context that takes the refusal of limits that a case with other latencies cannot meet."""
    reasons = [(placer.NoSolutionError, f"{case}: no placement can meet") for case in CASES]
    return documented(*(reasons if subject.has_limits else []))


def ceiling(subject: Subject) -> None:
    """Check the shares and tables of ``placer.export_ceiling``."""
    placement = subject.placement
    with exports():
        found = placer.export_ceiling(subject.instance, placement=placement)
    at_most("the ceiling", found.share, found.latency_share, _ONE)
    at_most("the ceiling", found.share, found.gross_share, _ONE)
    at_most("the ceiling by distance", found.latency_share, 1.0, _ONE)
    at_most("a ceiling of 0", 0.0, found.share, _ONE)
    near("exports of workloads", found.workloads["exported"].sum(), found.share * found.total, found.total)
    near("exports of sites", found.data_centres["exported"].sum(), found.share * found.total, found.total)
    near("unserved demand", 0.0, max(found.unserved_share - placement.unserved_share, 0.0), _ONE)
    low, high = found.economic_range
    holds(f"no economic range: {found.economic_range.detail}", not found.economic_range.detail)
    at_most("exports at least cost", low, placement.export_share, _ONE)
    at_most("exports at least cost", placement.export_share, high, _ONE)
    net_low, net_high = found.net_economic_range
    at_most("the net range", net_low, net_high, _ONE)
    if placement.unserved_mtok <= 1e-9 * placement.demand_mtok and found.displaced_share <= 1e-9:
        at_most("net exports at least cost", net_high, found.share, _ONE)
    for name in ("workloads", "hubs", "data_centres", "limits", "ordered_limits", "shortenings", "regions", "shares"):
        whole(name, getattr(found, name), ("share", "exported", "share_of_work") if name != "limits" else ())
    shown(found)
    found.summary()


def curves(subject: Subject) -> None:
    """Check that curves rise to the ceiling, and that the parts of the ceiling add up."""
    subject.need_placement()
    with exports():
        found = placer.export_ceiling(subject.instance)
    for name in ("curve", "slo_curve"):
        with walks(subject):
            curve = getattr(found, name)
        table = curve.table
        whole(f"curve by {curve.by}", table)
        shown(curve)
        if table["exact"].all():
            unserved = table["unserved_mtok"]
            holds("unserved demand rises with the limit", (np.diff(unserved) <= 1e-6 * curve.total_mtok).all())
            if curve.by == "rtt":
                near("the end of the curve", table["share"].iloc[-1], found.share, _ONE)
    with walks(subject), documented((placer.InstanceError, "value")):
        whole("shorten_curve", found.shorten_curve.table)
    near("the parts of the ceiling", found.limits["share"].sum(), 1 - found.share, _ONE)
    near("the parts of unserved demand", found.limits["unserved_share"].sum(), found.unserved_share, _ONE)
    near("the parts in order", found.ordered_limits["share"].sum(), 1 - found.share, _ONE)


def economics(subject: Subject) -> None:
    """Check the cost of exporting, export ranges, break-even gaps, agents, quantiles and the cost of latency."""
    placement = subject.placement
    for by in ("workload", "hub"):
        ranges = placer.export_ranges(placement, by)
        whole(f"export_ranges({by})", ranges, ("low", "high", "share", "low_share", "high_share"))
    whole("break_even_gaps", placer.break_even_gaps(placement), ("*",))
    cost = placer.export_cost(placement)
    whole("export_cost", cost.table, ("*",))
    shown(cost)
    with exports(), impossible_cases(subject):
        if (subject.instance.workloads["tool_round_trips"] > 0).any():
            whole("agent_sensitivity", placer.agent_sensitivity(subject.instance), ("*",))
        whole("ceilings_by_region", placer.ceilings_by_region(subject.instance), ("*",))
        whole("ceiling_at_quantiles", placer.ceiling_at_quantiles(subject.instance, {"slow": 2.0}), ("*",))
