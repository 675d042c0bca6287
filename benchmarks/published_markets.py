"""Published markets stated as placements: buyers are workloads or hubs with a value, sellers are data centres."""

from __future__ import annotations

from functools import cache, partial

import pandas as pd

import placer

from .published_figure import Published
from .published_problems import CASE

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


#: Requests a second of four sizes (short and long input, each with short and long output), and by type of accelerator
#: the rent in USD an hour and the requests a second of each size that one of them answers.
_ASKED = (6.0, 3.0, 15.0, 6.0)
_TYPES = {"A10G": (1.01, (2.0, 1.0, 5.0, 2.0)), "A100-80GB": (3.67, (20.0, 20.0, 40.0, 20.0))}


def requests_on_types() -> placer.Instance:
    """Return requests of four sizes, each a workload with a mode on each type of accelerator.

    A Mtok stands for a request a second over the hour, so that a mode takes ``1 / (requests a second)``
    accelerator-hours of its type. Both types are pools of one data centre.
    """
    sizes = [f"size {place}" for place in range(len(_ASKED))]
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "users"}],
            "data_centres": [{"data_centre": "site"}],
            "accelerator_pools": [
                {"data_centre": "site", "accelerator_type": name, "accelerator_usd_per_hour": usd}
                for name, (usd, _) in _TYPES.items()
            ],
            "links": [{"from": "users", "to": "site", "rtt_ms": 0.0}],
            "workloads": [CASE | {"workload": size, "gb_per_mtok": 0.0} for size in sizes],
            "modes": [
                {"workload": size, "mode": name, "accelerator_type": name, "server_ms": 0.0, "kwh_per_mtok": 0.0}
                | {"accelerator_hours_per_mtok": 1 / rate}
                for name, (_, rates) in _TYPES.items()
                for size, rate in zip(sizes, rates, strict=True)
            ],
            "demand": [{"workload": s, "hub": "users", "mtok": q} for s, q in zip(sizes, _ASKED, strict=True)],
        }
    )


@cache
def machines() -> pd.Series:
    """Return the machines of each type that cost least where a machine and all requests of a size are whole."""
    model = placer.Model(requests_on_types().replace(accelerators="sunk"))
    columns = model.columns[model.columns["block"] == "x"]
    rents = {name: usd for name, (usd, _) in _TYPES.items()}
    whole = model.add_columns(list(rents), cost_usd=rents, integer=True)
    chosen = model.add_columns([f"column {place}" for place in columns.index], upper=1.0, integer=True)
    asked = dict(zip(columns["workload"].unique(), _ASKED, strict=True))
    for place, column in zip(columns.index, chosen, strict=True):
        all_of_it = pd.Series({place: 1.0, column: -asked[columns["workload"][place]]})
        model.add_rows(all_of_it, name=f"all or none {place}", lower=0.0, upper=0.0)
    for name, of_type in columns.groupby("mode"):
        busy = pd.concat([of_type["accelerator_hours"], pd.Series({whole[name]: -1.0})])
        model.add_rows(busy, name=f"machines of {name}", upper=0.0)
    return model.solve(gap=0.0).own_columns["value"][list(rents)]


def machine_rent() -> float:
    """Return the rent of the whole machines in USD an hour."""
    return float(sum(_TYPES[name][0] * count for name, count in machines().items()))


def _machines_of(name: str) -> float:
    return float(machines()[name])


_HORSES = "E. von Boehm-Bawerk, The Positive Theory of Capital, 1891, book IV, chapter IV"
_MACHINES = "T. Griggs et al., Melange, arXiv 2404.14527, 2024: README.md and config/example.json of melange-release"
_of = partial(Published, "trade")
_mix = partial(Published, "own model", "Machines of two types")

PROBLEMS = (
    _of("Horse market", _HORSES, "horses sold", 5.0, lambda: horse_market().served_mtok),
    _of("Horse market", _HORSES, "least price", 21.0, lambda: horse_price()[0]),
    _of("Horse market", _HORSES, "most price", 21.5, lambda: horse_price()[1]),
    *(_mix(_MACHINES, name, count, partial(_machines_of, name)) for name, count in (("A10G", 3.0), ("A100-80GB", 1.0))),
    _mix(_MACHINES, "rent", 6.7, machine_rent),
    _mix(_MACHINES, "rent if divided, by hand", 4.12875, lambda: placer.solve(requests_on_types()).cost_usd),
)
