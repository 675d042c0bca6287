"""Published markets stated as placements: buyers are workloads or hubs with a value, sellers are data centres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import placer

from .published_problems import CASE

if TYPE_CHECKING:
    import pandas as pd

#: What a horse is worth to each of ten buyers, and to each of eight sellers, in pounds.
_BUYERS = (30.0, 28.0, 26.0, 24.0, 22.0, 21.0, 20.0, 18.0, 17.0, 15.0)
_SELLERS = (10.0, 11.0, 15.0, 17.0, 20.0, 21.5, 25.0, 26.0)


def horse_market() -> placer.Placement:
    """Return the horse market of Boehm-Bawerk: each buys or sells one horse at most."""
    buyers = {f"A{place}": worth for place, worth in enumerate(_BUYERS, 1)}
    return placer.solve(
        placer.Instance.from_tables(
            {
                "hubs": [{"hub": "market"}],
                "data_centres": [
                    {"data_centre": f"B{place}", "accelerators": 1.0, "accelerator_usd_per_hour": worth}
                    for place, worth in enumerate(_SELLERS, 1)
                ],
                "links": [
                    {"from": "market", "to": f"B{place}", "rtt_ms": 1.0} for place in range(1, len(_SELLERS) + 1)
                ],
                "workloads": [
                    CASE | {"workload": name, "unserved_usd_per_mtok": worth} for name, worth in buyers.items()
                ],
                "demand": [{"workload": name, "hub": "market", "mtok": 1.0} for name in buyers],
            }
        )
    )


def horse_price() -> tuple[float, float]:
    """Return the least and the most price at which the horses are sold: the range of the price of the first buyer."""
    first = placer.price_ranges(horse_market(), [("A1", "market", 0)]).iloc[0]
    return float(first["low_usd_per_mtok"]), float(first["high_usd_per_mtok"])


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
