"""The steps of a sweep: figures that hold from one limit up to the next; see ``placer.ceiling.walk.sweep``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """Figures from one limit up to that of the next step; Mtok, and Mtok times weight.

    ``served``, ``displaced`` and ``exported`` belong to a feasible flow. The most served demand lies in [``served``,
    ``served_high``], the least displaced demand in [``displaced_low``, ``displaced``], and the most exported demand in
    [``exported_low``, ``exported_high``].
    """

    limit: float
    served: float
    served_high: float
    displaced: float
    displaced_low: float
    exported: float
    exported_low: float
    exported_high: float


def differ(before: Step, now: Step, flow: float, bound: float) -> bool:
    """Return whether two steps differ in a figure of the flow or in a bound."""
    flows = ("served", "displaced", "exported")
    bounds = ("served_high", "displaced_low", "exported_low", "exported_high")
    return any(
        abs(getattr(now, name) - getattr(before, name)) > least
        for names, least in ((flows, flow), (bounds, bound))
        for name in names
    )


def between(limit: float, before: Step, after: Step, most: float, same: float) -> Step:
    """Bound the figures at the limits inside a leap by the figures at its ends."""
    displaced_low, low, high = 0.0, 0.0, most
    if after.served_high - before.served <= same:
        displaced_low = after.displaced_low
        if before.displaced - displaced_low <= same:
            low, high = before.exported_low, after.exported_high
    return Step(
        limit=limit,
        served=before.served,
        served_high=after.served_high,
        displaced=before.displaced,
        displaced_low=displaced_low,
        exported=before.exported,
        exported_low=low,
        exported_high=high,
    )
