"""Published trade between countries, stated as placements with policies.

Each country is a hub, whose demand has steps of value, and a data centre, whose power has steps of price. Steps stand
for lines at their midpoints: quantities, surplus and losses are those of the lines where a price lies between two
steps, and a price is met to half a step.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd

import placer

from .published_figure import Published


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


_THREE_OF = "M. J. Miranda, P. L. Fackler, Applied Computational Economics and Finance, 2002 (demslv14 of CompEcon)"
_POLICY_OF = "P. R. Krugman, M. Obstfeld, International Economics, chapter on the instruments of trade policy"
_of = partial(Published, "trade")

PROBLEMS = (
    *(
        _of(
            f"Three countries, {policy}",
            _THREE_OF,
            f"price in {country}",
            price,
            partial(price_of_good, "three countries", policy, country),
            last_place=0.1,
        )
        for policy, prices in (("free trade", (24.0, 27.0, 30.0)), ("autarky", (20.0, 23.4, 34.5)))
        for country, price in zip("123", prices, strict=True)
    ),
    *(
        _of(
            "Three countries, free trade",
            _THREE_OF,
            f"net exports of {country}",
            exports,
            partial(net_exports, "three countries", "free trade", country),
        )
        for country, exports in zip("123", (6.0, 3.0, -9.0), strict=True)
    ),
    *(
        _of(
            f"Two countries, {policy}",
            _POLICY_OF,
            f"price {place}",
            price,
            partial(price_of_good, "wheat", policy, country),
            last_place=0.01,
        )
        for policy, prices in (("autarky", (2.0, 1.0)), ("free trade", (1.5, 1.5)), ("tariff", (1.75, 1.25)))
        for (place, country), price in zip((("at home", "home"), ("abroad", "foreign")), prices, strict=True)
    ),
    *(
        _of(
            f"Two countries, {policy}",
            _POLICY_OF,
            "volume of trade",
            volume,
            partial(net_exports, "wheat", policy, "foreign"),
        )
        for policy, volume in (("free trade", 20.0), ("tariff", 10.0))
    ),
    _of(
        "A small country, quota",
        _POLICY_OF,
        "price",
        20.0,
        partial(price_of_good, "peanuts", "quota", "home"),
        last_place=1.0,
    ),
    _of("A small country, quota", _POLICY_OF, "rent of the quota", 500.0, quota_rent, last_place=1.0),
    _of("A small country, quota", _POLICY_OF, "loss of welfare", 750.0, quota_loss),
)
