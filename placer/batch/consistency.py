"""What the figures of a batch's row agree on, whatever its demand set.

A row holds figures, and neither flows nor prices, so that nothing of it can be proven again. Rows that placer writes of
sets with an answer have

    numbers     that are finite; cost, penalty, demand, bound and gap are never missing
    amounts     of demand, penalty, energy and stranded work, and gaps of ceilings, of at least 0
    shares      from 0 to 1, except those that limits take, which may be negative
    ranges      of shares and of prices, and ceilings within what distance allows, in order
    parts       of the cost that add up to it
    gap         of at most that of proven placements; below 1 for a bounded one
    bound       of at most the cost with its penalty
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from placer.batch.report import ANSWERED
from placer.placement.accounts import CONTRACTS, COST_PARTS
from placer.termination import Reason
from placer.tolerances import INPUT, PROOF

_NEVER_MISSING = ("cost_usd", "penalty_usd", "demand_mtok", "unserved_share", "bound_usd", "gap")
#: Endings of names.
_AMOUNTS = ("seconds", "penalty_usd", "demand_mtok", "energy_mwh", "stranded_mtok", "ceiling_gap")
_SHARES = ("_share", "_share_low", "_share_high")
#: May be of any size: relaxing one limit may lower what another takes.
_TAKEN = "_takes_share"
_ORDERED = (
    ("price_p05_usd_per_mtok", "price_p50_usd_per_mtok"),
    ("price_p50_usd_per_mtok", "price_p95_usd_per_mtok"),
    ("economic_share_low", "economic_share_high"),
    ("work_economic_share_low", "work_economic_share_high"),
    ("ceiling_share", "ceiling_latency_share"),
    ("work_ceiling_share", "work_ceiling_latency_share"),
)


def is_consistent(row: Mapping[str, object]) -> bool:
    """Whether the figures of a row agree with each other, as far as they are there; a set without an answer has none.

    Examples
    --------
    >>> is_consistent({"status": "optimal", "cost_usd": 5.0, "penalty_usd": 1.0, "bound_usd": 6.0, "gap": 0.0})
    True
    >>> is_consistent({"status": "optimal", "cost_usd": 4.0, "penalty_usd": 1.0, "bound_usd": 6.0, "gap": 0.0})
    False
    """
    if row.get("status") not in ANSWERED:
        return True
    numbers = {name: float(value) for name, value in row.items() if isinstance(value, int | float)}
    found = {name: value for name, value in numbers.items() if " " not in name}  # others end with names of things
    return (
        all(map(math.isfinite, numbers.values()))
        and all(row[name] is not None for name in _NEVER_MISSING if name in row)
        and all(value >= 0 for name, value in found.items() if name.endswith(_AMOUNTS))
        and all(-PROOF <= value <= 1 + PROOF for name, value in found.items() if _is_share(name))
        and all(found[low] <= found[high] + PROOF for low, high in _ORDERED if {low, high} <= found.keys())
        and _adds_up(found)
        and _is_proven(found, PROOF if row["status"] == Reason.OPTIMAL else 1.0)
    )


def _is_share(name: str) -> bool:
    return name.endswith(_SHARES) and not name.endswith(_TAKEN)


def _adds_up(found: Mapping[str, float]) -> bool:
    """Whether the parts of the cost, if all are there, add up to it."""
    parts = [found[f"{part}_usd"] for part in COST_PARTS if f"{part}_usd" in found]
    if len(parts) < len(COST_PARTS) or "cost_usd" not in found:
        return True
    parts.append(found.get(f"{CONTRACTS}_usd", 0.0))
    return abs(found["cost_usd"] - sum(parts)) <= INPUT * sum(map(abs, parts))


def _is_proven(found: Mapping[str, float], most: float) -> bool:
    """Whether the gap is that of a proof, and the bound at most cost, transfers, penalty and value not bought."""
    if not -PROOF <= found.get("gap", 0.0) <= most:
        return False
    if not {"cost_usd", "penalty_usd", "bound_usd"} <= found.keys():
        return True
    penalty, bound = found["penalty_usd"], found["bound_usd"]
    cost = found["cost_usd"] + found.get("transfers_usd", 0.0) + found.get("not_bought_usd", 0.0)
    return bound - (cost + penalty) <= PROOF * (abs(cost) + penalty + abs(bound))
