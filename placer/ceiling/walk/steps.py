"""The steps of a walk: what holds from one limit up to the next; see ``placer.ceiling.walk.sweep``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """What holds from a limit on, up to that of the next step; Mtok, and Mtok times weight.

    ``served``, ``displaced`` and ``exported`` are those of a feasible flow; the most that can be served lies between
    ``served`` and ``served_high``, the least displaced then between ``displaced_low`` and ``displaced``, and what can
    be exported then between ``exported_low`` and ``exported_high``.
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
    """Return whether two steps differ in their flow, or in what is proven of it."""
    flows = ("served", "displaced", "exported")
    bounds = ("served_high", "displaced_low", "exported_low", "exported_high")
    return any(
        abs(getattr(now, name) - getattr(before, name)) > least
        for names, least in ((flows, flow), (bounds, bound))
        for name in names
    )


def between(limit: float, before: Step, after: Step, most: float, same: float) -> Step:
    """Bound the figures at the limits that a leap passes over, from those at both of its ends."""
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
