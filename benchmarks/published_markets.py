"""Published markets stated as placements: buyers are workloads or hubs with a value, sellers are data centres.

In markets of several countries each country is a hub, whose demand has steps of value, and a data centre, whose power
has steps of price. Steps stand for lines at their midpoints: quantities, surplus and losses are those of the lines
where a price lies between two steps, and a price is met to half a step.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import placer

from .published_problems import CASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


@dataclass(frozen=True)
class Country:
    """A country of a market: quantities ``a + b p`` at a price p, and no less than 0.

    Attributes
    ----------
    demand, supply : (float, float)
        a and b; nothing is asked for, or made, where both are 0.
    sells_at_usd : float, optional
        The price at which it sells any quantity.
    """

    demand: tuple[float, float] = (0.0, 0.0)
    supply: tuple[float, float] = (0.0, 0.0)
    sells_at_usd: float | None = None


@dataclass(frozen=True)
class Market:
    """A market of several countries.

    Attributes
    ----------
    countries : mapping of str to Country
    freight_usd : mapping of (str, str) to float
        From a country to another; 0 where it is not given.
    step_usd, highest_usd : float
        The height of a step, and the price at which nothing is asked for.
    """

    countries: Mapping[str, Country]
    freight_usd: Mapping[tuple[str, str], float]
    step_usd: float
    highest_usd: float

    def steps(self, line: tuple[float, float]) -> Iterator[tuple[float, float]]:
        """Yield price and quantity of the steps of a line; what is made for nothing comes first."""
        edges = np.linspace(0.0, self.highest_usd, round(self.highest_usd / self.step_usd) + 1)
        quantity = np.maximum(line[0] + line[1] * edges, 0.0)
        if line[1] > 0:
            yield 0.0, float(quantity[0])
        yield from zip((edges[:-1] + self.step_usd / 2).tolist(), np.abs(np.diff(quantity)).tolist(), strict=True)

    def instance(self) -> placer.Instance:
        """Return the market as an instance: a MWh makes a unit of the good."""
        supplies = [
            {"power_zone": "cost", "data_centre": f"in {name}", "limit_mw": quantity, "usd_per_mwh_adder": usd}
            for name, country in self.countries.items()
            for usd, quantity in [*self.steps(country.supply), *_endless(country)]
            if quantity > 0
        ]
        return placer.Instance.from_tables(
            {
                "hubs": [{"hub": name, "region": name} for name in self.countries],
                "data_centres": [{"data_centre": f"in {name}", "region": name} for name in self.countries],
                "links": [
                    {"from": to, "to": f"in {of}", "rtt_ms": 1.0, "usd_per_gb": self.freight_usd.get((of, to), 0.0)}
                    for of, to in itertools.product(self.countries, repeat=2)
                ],
                "power_zones": [{"power_zone": "cost", "usd_per_mwh": 0.0}],
                "supplies": supplies,
                "workloads": [
                    {"workload": "good", "accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 1000.0, "gb_per_mtok": 1.0}
                ],
                "demand": [
                    {"workload": "good", "hub": name, "mtok": quantity, "value_usd_per_mtok": usd}
                    for name, country in self.countries.items()
                    for usd, quantity in self.steps(country.demand)
                    if quantity > 0
                ],
            }
        )


def _endless(country: Country) -> list[tuple[float, float]]:
    return [] if country.sells_at_usd is None else [(country.sells_at_usd, float("inf"))]


#: Lines of demand ``p = 42 - 2q, 54 - 3q, 51 - q`` and of supply ``p = 9 + q, 3 + 2q, 18 + q``.
_THREE = Market(
    {
        "1": Country((21.0, -1 / 2), (-9.0, 1.0)),
        "2": Country((18.0, -1 / 3), (-1.5, 1 / 2)),
        "3": Country((51.0, -1.0), (-18.0, 1.0)),
    },
    {("1", "2"): 3.0, ("1", "3"): 9.0, ("2", "1"): 3.0, ("2", "3"): 3.0, ("3", "1"): 6.0, ("3", "2"): 3.0},
    step_usd=0.05,
    highest_usd=54.0,
)
_WHEAT = Market(
    {"home": Country((100.0, -20.0), (20.0, 20.0)), "foreign": Country((80.0, -20.0), (40.0, 20.0))},
    {},
    step_usd=0.005,
    highest_usd=5.0,
)
_PEANUTS = Market(
    {"home": Country((400.0, -10.0), (50.0, 5.0)), "world": Country(sells_at_usd=10.0)},
    {},
    step_usd=0.01,
    highest_usd=40.0,
)
_MARKETS = {"three countries": _THREE, "wheat": _WHEAT, "peanuts": _PEANUTS}
_POLICIES: Mapping[str, list[dict[str, str | float]]] = {
    "free trade": [],
    "autarky": [{"kind": "ban"}],
    "tariff": [{"kind": "tariff_usd_per_mtok", "amount": 0.5, "to_region": "home", "paid_to": "importer"}],
    "quota": [{"kind": "quota_mtok", "amount": 50.0, "to_region": "home"}],
}


@cache
def countries(market: str, policy: str) -> pd.DataFrame:
    """Return the countries of a market under a policy, as ``placer.Trade.countries`` has them, with ``net_mtok``.

    ``net_mtok`` is what a country exports less what it imports. Of flows there is more than one optimum where freight
    costs nothing, and of this there is one.
    """
    rows = [{"policy": policy} | row for row in _POLICIES[policy]]
    table = placer.trade(_MARKETS[market].instance().replace(policies=rows)).countries
    return table.assign(net_mtok=table["exports_mtok"] - table["imports_mtok"])


def price_of_good(market: str, policy: str, country: str) -> float:
    """Return the price in a country."""
    return float(countries(market, policy).loc[country, "price_usd_per_mtok"])


def net_exports(market: str, policy: str, country: str) -> float:
    """Return what a country exports less what it imports."""
    return float(countries(market, policy).loc[country, "net_mtok"])


def quota_rent() -> float:
    """Return the rent of the quota on peanuts."""
    return float(countries("peanuts", "quota").loc["authority", "other_rent_usd"])


def quota_loss() -> float:
    """Return what the quota on peanuts costs all countries together: the distortions of consumption and production."""
    free, limited = (countries("peanuts", policy)["welfare_usd"].sum() for policy in ("free trade", "quota"))
    return float(free - limited)


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
