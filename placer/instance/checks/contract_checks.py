"""The table ``contracts``: what it may hold beside the ranges of its cells.

A contract covers a supply that no other contract covers. What it buys is known, and no more than its power zone gives.
What is left over sells at no more than the price of purchase in the same hour. That is the lowest price of the supplies
of its data centre that have neither a contract nor a limit, as of the grid, and where there are none, the highest price
of all its supplies. A higher price would be free money. Losses and builds, which change limits, keep this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.schema import SUPPLIES
from placer.instance.attributes.settings import Settings
from placer.instance.checks.clean_tables import CleanTables
from placer.instance.hours.horizon import Hours, hours_of
from placer.instance.hours.periods import weights_of
from placer.instance.hours.timestamps import short_text
from placer.tolerances import INPUT
from placer.utils.arrays import BoolArray, FloatArray

#: What a contract counts beside its own columns.
_NEEDED = {
    "contracts": ("contract", "power_zone", "data_centre", "output_share", "take_or_pay_mwh", "sale_usd_per_mwh"),
    "supplies": ("power_zone", "data_centre", "limit_mw", "usd_per_mwh_adder"),
    "power_zones": ("power_zone", "usd_per_mwh", "limit_mw"),
    "demand": ("hour",),
    "periods": ("hour", "weight"),
    "settings": ("hour_length",),
}


def take_or_pay_name(contract: object) -> str:
    """Return the name of the limit on the energy of a contract over the horizon."""
    return f"take_or_pay_mwh of {contract}"


def contract_problems(tables: CleanTables, settings: Settings) -> list[Violation]:
    """Return the defects of the clean table ``contracts`` beside those of its cells and its unknown names."""
    contracts = tables.frames["contracts"]
    if contracts.empty or not all(tables.sound(table, *columns) for table, columns in _NEEDED.items()):
        return []
    violations = [*_supply_problems(contracts, tables.frames["supplies"]), *_name_problems(tables)]
    violations += _battery_problems(contracts, tables.frames["batteries"])
    return violations or [*_energy_problems(_Terms.of(tables, settings))]


def _supply_problems(contracts: pd.DataFrame, supplies: pd.DataFrame) -> Iterator[Violation]:
    """Yield a violation for every contract without a supply of its own."""
    key = list(SUPPLIES.key)
    known = set(supplies[key].itertuples(index=False, name=None))
    first: dict[tuple[str, ...], str] = {}
    for name, pair in zip(contracts["contract"], contracts[key].itertuples(index=False, name=None), strict=True):
        label = "|".join(pair)
        if pair not in known:
            allowed = "a supply of the power zone to the data centre"
            yield Violation("contracts", name, "data_centre", f"there is no supply {label}", allowed)
        elif pair in first:
            problem = f"the supply {label} is under the contract {first[pair]} already"
            yield Violation("contracts", name, "data_centre", problem, "one contract a supply")
        first.setdefault(pair, name)


def _name_problems(tables: CleanTables) -> Iterator[Violation]:
    """Yield a violation for every limit of one's own with the name of the limit of a contract."""
    limits = set(tables.frames["limits"]["limit"]) if tables.sound("limits", "limit") else set()
    for name in tables.frames["contracts"]["contract"]:
        if take_or_pay_name(name) in limits:
            problem = "is the name of the limit of a contract"
            yield Violation("limits", take_or_pay_name(name), "limit", problem, "another name")


def _battery_problems(contracts: pd.DataFrame, batteries: pd.DataFrame) -> Iterator[Violation]:
    """Yield a violation for every contract with a power zone that has a battery: what that charges has one price."""
    for name, zone in zip(contracts["contract"], contracts["power_zone"], strict=True):
        if zone in set(batteries["power_zone"].dropna()):
            allowed = "a power zone without batteries; those of data centres may store energy of contracts"
            yield Violation("contracts", name, "power_zone", f"{zone} has a battery", allowed)


def contracts_refused(contracts: pd.DataFrame, problem: str) -> list[Violation]:
    """Return a violation for every contract, where there may be none."""
    return [Violation("contracts", str(name), "", problem, "no contracts") for name in contracts["contract"]]


def totals_refused(contracts: pd.DataFrame, what: str) -> list[Violation]:
    """Return a violation for every contract over the horizon where ``what`` takes those by the hour alone."""
    names = contracts["contract"][contracts["take_or_pay_mwh"].notna()]
    problem = f"{what} takes contracts by the hour"
    return [Violation("contracts", str(name), "take_or_pay_mwh", problem, "empty") for name in names]


@dataclass(frozen=True, eq=False)
class _Terms:
    """The terms of all contracts by the hour.

    Attributes
    ----------
    names, zones : tuple of str
        Of each contract, and of its power zone.
    share, total : (contracts,) arrays
        ``output_share`` and ``take_or_pay_mwh``; NaN where not given.
    supply_mw, zone_mw, price, sale : (contracts, hours) arrays
        Limits of supply and zone, and USD per MWh.
    purchase : (contracts, hours) array
        The price of purchase, at least 0.
    hours : range or DatetimeIndex
    length : (hours,) array
        Hours that each stands for.
    """

    names: tuple[str, ...]
    zones: tuple[str, ...]
    share: FloatArray
    total: FloatArray
    supply_mw: FloatArray
    zone_mw: FloatArray
    price: FloatArray
    sale: FloatArray
    purchase: FloatArray
    hours: Hours
    length: FloatArray

    @classmethod
    def of(cls, tables: CleanTables, settings: Settings) -> _Terms:
        """Return the terms of clean tables whose names agree."""
        contracts, supplies, zones = (tables.frames[name] for name in ("contracts", "supplies", "power_zones"))
        hours = hours_of(tables.frames["demand"]["hour"])
        zone_of = pd.Index(zones["power_zone"]).get_indexer(supplies["power_zone"])
        price = _hourly(zones["usd_per_mwh"], hours)[zone_of] + _hourly(supplies["usd_per_mwh_adder"], hours)
        key = list(SUPPLIES.key)
        first = supplies[key].drop_duplicates()
        place = pd.MultiIndex.from_frame(first).get_indexer(pd.MultiIndex.from_frame(contracts[key]))
        covered = first.index.to_numpy()[place]
        limit_mw = _hourly(supplies["limit_mw"], hours)
        zone_mw = _hourly(zones["limit_mw"], hours)[zone_of]
        is_unlimited = np.isinf(limit_mw) & np.isinf(zone_mw)
        is_unlimited[covered] = False
        unlimited = np.where(is_unlimited, price, np.inf)
        here = supplies["data_centre"].to_numpy(object) == contracts["data_centre"].to_numpy(object)[:, None]
        least = np.array([unlimited[own].min(axis=0) for own in here])
        highest = np.array([price[own].max(axis=0) for own in here])
        return cls(
            names=tuple(contracts["contract"]),
            zones=tuple(contracts["power_zone"]),
            share=contracts["output_share"].to_numpy(float),
            total=contracts["take_or_pay_mwh"].to_numpy(float),
            supply_mw=limit_mw[covered],
            zone_mw=zone_mw[covered],
            price=price[covered],
            sale=_hourly(contracts["sale_usd_per_mwh"], hours),
            purchase=np.maximum(np.where(np.isfinite(least), least, highest), 0.0),
            hours=hours,
            length=settings.hour_length * weights_of(tables.frames["periods"], hours),
        )

    @property
    def offered_mw(self) -> FloatArray:
        """The power that each contract offers (contracts, hours)."""
        share = self.share[:, None]
        return np.where(np.isnan(share), self.supply_mw, share * np.where(np.isfinite(self.zone_mw), self.zone_mw, 0))

    @property
    def generated_mw(self) -> FloatArray:
        """The most that its power zone gives of it (contracts, hours), whatever the line passes."""
        return np.where(np.isnan(self.share)[:, None], self.zone_mw, self.offered_mw)


def _hourly(column: pd.Series, hours: Hours) -> FloatArray:
    return np.array([np.broadcast_to(np.asarray(value, dtype=float), len(hours)) for value in column]).reshape(
        len(column), len(hours)
    )


def _energy_problems(terms: _Terms) -> Iterator[Violation]:
    """Yield the violations of energy and prices."""
    for row, name in enumerate(terms.names):
        for column, problem, allowed in (*_amount_problems(terms, row), *_total_problems(terms, row)):
            yield Violation("contracts", name, column, problem, allowed)
        yield from _sale_problems(terms, row)
    yield from _farm_problems(terms)


def _amount_problems(terms: _Terms, row: int) -> Iterator[tuple[str, str, str]]:
    """Yield column, problem and allowed values where what a contract buys is not known, or stated twice."""
    zone = terms.zones[row]
    if not np.isnan(terms.share[row]):
        if not np.isfinite(terms.zone_mw[row]).all():
            yield "output_share", f"{zone} has no limit_mw in every hour", f"a finite limit_mw of {zone} in every hour"
    elif np.isnan(terms.total[row]) and not np.isfinite(terms.supply_mw[row]).all():
        problem = "nothing says how much is bought"
        yield "output_share", problem, "output_share, take_or_pay_mwh, or a finite limit_mw of the supply in every hour"


def _total_problems(terms: _Terms, row: int) -> Iterator[tuple[str, str, str]]:
    """Yield column, problem and allowed values of a contract over the horizon."""
    if np.isnan(total := terms.total[row]):
        return
    most = float((terms.generated_mw[row] * terms.length).sum())
    if total > most * (1 + INPUT):
        problem = f"{total:,.6g} MWh, of {most:,.6g} MWh that {terms.zones[row]} gives"
        yield "take_or_pay_mwh", problem, "at most limit_mw of the power zone over all hours"
    for what, usd in (("price", terms.price[row]), ("sale_usd_per_mwh", terms.sale[row])):
        if np.ptp(usd) > 0:
            problem = f"the {what} changes by the hour, and the MWh are of no hour"
            yield "take_or_pay_mwh", problem, "one number for all hours, or a contract by the hour"


def _sale_problems(terms: _Terms, row: int) -> Iterator[Violation]:
    """Yield a violation for a contract that sells above the price of purchase, by its first such hour."""
    above = np.flatnonzero(terms.sale[row] > terms.purchase[row] + INPUT * np.abs(terms.purchase[row]))
    if above.size:
        hour, sale, price = above[0], terms.sale[row, above[0]], terms.purchase[row, above[0]]
        problem = f"{sale:,.6g} is above the price of purchase, {price:,.6g}, in that hour{_more(above)}"
        place = f"{terms.names[row]}|{short_text(terms.hours[hour])}"
        yield Violation("contracts", place, "sale_usd_per_mwh", problem, f">= 0, <= {price:,.6g}")


def _farm_problems(terms: _Terms) -> Iterator[Violation]:
    """Yield a violation for every power zone of which contracts buy more than it gives."""
    for zone in dict.fromkeys(terms.zones):
        own = np.array([name == zone for name in terms.zones])
        label, shares = " + ".join(np.array(terms.names)[own]), float(np.nansum(terms.share[own]))
        if shares > 1 + INPUT:
            problem = f"{shares:,.6g} of {zone} in all"
            yield Violation("contracts", label, "output_share", problem, "at most 1 over all contracts of a power zone")
            continue
        bought, gives = _bought_mw(terms, own), terms.zone_mw[own][0]
        above = np.flatnonzero(bought > gives * (1 + INPUT))
        if above.size:
            hour = above[0]
            problem = f"{bought[hour]:,.6g} MW, of {gives[hour]:,.6g} MW that {zone} gives{_more(above)}"
            place = f"{label}|{short_text(terms.hours[hour])}"
            yield Violation("contracts", place, "limit_mw", problem, "at most limit_mw of the power zone")


def _bought_mw(terms: _Terms, own: BoolArray) -> FloatArray:
    """Return what some contracts by the hour buy together (hours,), MW."""
    by_hour = own & np.isnan(terms.total)
    offered = terms.offered_mw[by_hour]
    return np.where(np.isfinite(offered), offered, 0.0).sum(axis=0)


def _more(places: np.ndarray) -> str:
    count = len(places) - 1
    return f" (and in {count} more hour{'s' * (count > 1)})" if count else ""
