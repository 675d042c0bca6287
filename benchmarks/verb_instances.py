"""The instances on which ``benchmarks.verbs`` asks: each takes a fraction of a second."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import placer

if TYPE_CHECKING:
    from placer.placement.result import Placement

#: What may be built.
HALLS = [
    {"candidate": "Metro hall", "adds": "accelerators", "target": "Metro", "usd_per_unit_year": 6000.0},
    {"candidate": "Plateau hall", "adds": "accelerators", "target": "Plateau", "usd_per_unit_year": 3000.0},
]


def tiny() -> placer.Instance:
    """Return a fresh instance."""
    return placer.load("tiny")


def three_sites() -> placer.Instance:
    """Return an instance that costs 520, and 555 if it survives the loss of any site; its ceiling is then 70.83 %."""
    places = {"A": ("north", 45.0, 6.0), "B": ("south", 85.0, 5.0), "W": ("west", 90.0, 4.0)}
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": site, "region": region, "accelerators": units, "accelerator_usd_per_hour": usd}
                | {"jurisdiction": site}
                for site, (region, units, usd) in places.items()
            ],
            "links": [{"from": "H", "to": site, "rtt_ms": 1.0 + place} for place, site in enumerate(places)],
            "workloads": [
                {"workload": "voice", "jurisdictions": ("A", "B")} | work,
                {"workload": "chat", "jurisdictions": ("B", "W")} | work,
            ],
            "demand": [{"workload": "voice", "hub": "H", "mtok": 40.0}, {"workload": "chat", "hub": "H", "mtok": 80.0}],
        }
    )


def blocks(**changes: Any) -> placer.Instance:
    """Return the instance with its two hours in a block each."""
    return tiny().replace(periods=[{"hour": 0, "block": "a"}, {"hour": 1, "block": "b"}], **changes)


def sunk() -> placer.Instance:
    """Return the instance with its accelerators paid for."""
    return placer.load("tiny", ["dispatch"])


@cache
def placed() -> Placement:
    """Return a placement to be audited: asked for first when nobody lies."""
    return placer.solve(tiny())
