"""Published cooperative games: players are regions of a placement, or share what a plan builds.

A seller is a data centre, and a buyer a hub. What a group is worth is what it saves together, so that the gains of the
accounts are its worth divided: at the prices of the placement in the core, and by the Shapley value.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pandas as pd

import placer
from placer.utils.shapley import coalitions, shapley_value

from .published_figure import Published
from .published_plans import GAP, accelerators
from .published_problems import CASE, YEAR_HOURS


@cache
def gloves() -> pd.DataFrame:
    """Return the gains of the glove game: 1 and 2 have a right glove each, 3 has a left glove, and a pair is worth 1.

    A right glove is a data centre of one accelerator, and the left glove a demand for it. Columns are those of
    ``placer.Accounts.gains``.
    """
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "left", "region": "3"}],
            "data_centres": [
                {"data_centre": f"right {player}", "accelerators": 1.0, "region": player} for player in ("1", "2")
            ],
            "links": [{"from": "left", "to": f"right {player}", "rtt_ms": 1.0} for player in ("1", "2")],
            "workloads": [CASE | {"unserved_usd_per_mtok": 1.0}],
            "demand": [{"workload": "case", "hub": "left", "mtok": 1.0}],
        }
    )
    return placer.accounts(placer.solve(instance)).gains.table


#: Houses: what each seller has it for at least, and what it is worth to each of three buyers, in thousands of USD.
_HOUSES = {
    "house 1": (18.0, (23.0, 26.0, 20.0)),
    "house 2": (15.0, (22.0, 24.0, 21.0)),
    "house 3": (19.0, (21.0, 22.0, 17.0)),
}
#: More than any house is worth: what a buyer pays who stays without.
_NO_HOUSE = 50.0


@cache
def houses() -> pd.DataFrame:
    """Return the gains of three sellers and three buyers of a house, as ``placer.Accounts.gains`` has them.

    What a house is worth less than ``_NO_HOUSE`` is its freight.
    """
    buyers = [f"buyer {place}" for place in range(1, 4)]
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": buyer, "region": buyer} for buyer in buyers],
            "data_centres": [
                {"data_centre": house, "accelerators": 1.0, "accelerator_usd_per_hour": usd, "region": house}
                for house, (usd, _) in _HOUSES.items()
            ],
            "links": [
                {"from": buyer, "to": house, "rtt_ms": 1.0, "usd_per_gb": _NO_HOUSE - usd}
                for house, (_, worth) in _HOUSES.items()
                for buyer, usd in zip(buyers, worth, strict=True)
            ],
            "workloads": [CASE | {"unserved_usd_per_mtok": _NO_HOUSE}],
            "demand": [{"workload": "case", "hub": buyer, "mtok": 1.0} for buyer in buyers],
        }
    )
    return placer.accounts(placer.solve(instance)).gains.table


def gain_in_core(player: str) -> tuple[float, float]:
    """Return the least and the most that a player of the house market gains in the core."""
    row = houses().loc[player]
    return float(row["alone_usd"] - row["most_net_cost_usd"]), float(row["alone_usd"] - row["least_net_cost_usd"])


#: What the runway costs that each aircraft needs.
_RUNWAYS = {"A": 8.0, "B": 11.0, "C": 13.0, "D": 18.0}


@cache
def runway_fees() -> dict[str, float]:
    """Return what each aircraft pays by the Shapley value: a group costs the plan of the runway that serves it.

    A unit of runway costs 1, each aircraft takes what it needs of it, and each lands in an hour of its own.
    """
    groups = coalitions(list(_RUNWAYS))
    return dict(zip(_RUNWAYS, shapley_value(np.array([_runway_cost(group) for group in groups])).tolist(), strict=True))


def _runway_cost(group: tuple[str, ...]) -> float:
    if not group:
        return 0.0
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "air"}],
            "data_centres": [{"data_centre": "runway", "accelerators": 0.0}],
            "links": [{"from": "air", "to": "runway", "rtt_ms": 1.0}],
            "workloads": [CASE],
            "demand": [
                {"workload": "case", "hub": "air", "hour": hour, "mtok": _RUNWAYS[aircraft]}
                for hour, aircraft in enumerate(group)
            ],
        },
        accelerators="sunk",
    )
    return placer.plan(instance, [accelerators("runway", YEAR_HOURS)], gap=GAP).cost_usd_per_year / YEAR_HOURS


_GLOVES = partial(
    Published,
    "cooperative game",
    "Glove game",
    "L. S. Shapley, M. Shubik, Pure Competition, Coalitional Power, and Fair Division, Int. Economic Review 10(3), "
    "1969",
)
_MARKET = partial(
    Published,
    "cooperative game",
    "Houses for three buyers",
    "L. S. Shapley, M. Shubik, The Assignment Game I: The Core, Int. J. Game Theory 1, 1971",
)
_AIRPORT = partial(
    Published,
    "cooperative game",
    "Airport game",
    "S. C. Littlechild, G. Owen, A Simple Expression for the Shapley Value in a Special Case, Management Science "
    "20(3), 1973; example of Wikipedia, Airport problem",
)
PROBLEMS = (
    _GLOVES("left glove, core", 1.0, lambda: gloves().loc["3", "gain_usd"]),
    _GLOVES("left glove, Shapley value", 2 / 3, lambda: gloves().loc["3", "shapley_gain_usd"]),
    _GLOVES("right glove, Shapley value", 1 / 6, lambda: gloves().loc["1", "shapley_gain_usd"]),
    _MARKET("worth of all", 16.0, lambda: float(houses()["gain_usd"].sum())),
    _MARKET("seller 1, least in the core", 3.0, lambda: gain_in_core("house 1")[0]),
    _MARKET("seller 1, most in the core", 5.0, lambda: gain_in_core("house 1")[1]),
    *(
        _AIRPORT(f"fee of {aircraft}", fee, lambda aircraft=aircraft: runway_fees()[aircraft])
        for aircraft, fee in zip(_RUNWAYS, (2.0, 3.0, 4.0, 9.0), strict=True)
    ),
)
