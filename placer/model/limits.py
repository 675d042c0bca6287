"""Limits of one's own, read from their table: one ``Limit`` for each row of the program, with its scope as indicators.

``placer.model.limit_rows`` turns each into a cap of the structure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from placer.instance.attributes.schema import BATTERIES
from placer.instance.checks.contract_checks import take_or_pay_name
from placer.instance.checks.limit_checks import KINDS, SERVED
from placer.instance.checks.policy_checks import QUOTA
from placer.instance.contracts import bought_mw, covered_supplies
from placer.instance.hours.horizon import index_of
from placer.instance.hours.hour_scopes import EACH, chosen_hours
from placer.instance.hours.timestamps import short_text
from placer.instance.pools import pool_site
from placer.instance.problem import Instance
from placer.model.policies import policies_of
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.records import records_of

GREEN_SHARE = "green_share"
#: The contents of a battery that a green share counts.
GREEN, GREY = "green", "grey"


@dataclass(frozen=True, eq=False)
class Limit:
    """One row of a limit.

    Attributes
    ----------
    name, kind, sense, hours : str
        ``hours`` is the scope as it was given, the hour of a limit on each, or empty for all.
    is_of_served : bool
        Whether a share is a share of served tokens.
    workload, hub, site, hour, tier : (k,), (h,), (j,), (t,), (s,) bool arrays
        The scope; ``tier`` the supplies of its power zones to its sites.
    of_hubs, of_zones : bool
        Whether the scope names hubs or their regions, and power zones.
    pairs : (h, j) bool array or None
        The hubs and data centres of a quota; None where scopes say them.
    zone : str
        The power zone whose ``limit_mw`` it is; empty for limits of one's own.
    pool : int
        The pool whose accelerators it is, by position; -1 for others.
    contract : str
        The contract whose energy over the horizon it is; empty for others.
    content : str
        ``GREEN`` or ``GREY`` for what is used of the supplies of a site and of one content of its batteries, at least 0
        in an hour; empty for others.
    """

    name: str
    kind: str
    sense: str
    hours: str
    amount: float
    is_of_served: bool
    workload: BoolArray
    hub: BoolArray
    site: BoolArray
    hour: BoolArray
    tier: BoolArray
    of_hubs: bool
    of_zones: bool
    pairs: BoolArray | None = None
    zone: str = ""
    pool: int = -1
    contract: str = ""
    content: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is a row of the table of limits, of a contract, or a quota: of no power zone, pool or content."""
        return not self.zone and self.pool < 0 and not self.content

    @property
    def sign(self) -> float:
        """The factor of its row: 1 for at most, -1 for at least."""
        return 1.0 if self.sense == "<=" else -1.0

    @property
    def is_of_flows(self) -> bool:
        """Whether the amount is a share of flows: a coefficient of the row, whose limit is 0."""
        return self.kind == GREEN_SHARE or self.is_of_served

    @property
    def title(self) -> str:
        """Name and, where it is not about all hours, hours."""
        return f"{self.name} [{self.hours}]" if self.hours else self.name

    @property
    def unit(self) -> str:
        """Unit of the row."""
        return KINDS[self.kind].unit


def read_limits(instance: Instance) -> tuple[Limit, ...]:
    """Return the limits of an instance, one on each hour hour by hour.

    Then those of contracts over the horizon, quotas, limits of power zones, pools, and contents of batteries.
    """
    own = [limit for row in records_of(instance.limits) for limit in _limits_of(instance, row)]
    contents = _contents(instance, [limit for limit in own if limit.kind == GREEN_SHARE])
    return (*own, *_contracts(instance), *_quotas(instance), *_zone_limits(instance), *_pools(instance), *contents)


def _contracts(instance: Instance) -> Iterator[Limit]:
    """Yield a row for every contract over the horizon: energy of its supply over all hours."""
    classes, supplies = len(instance.service_classes.workload), np.arange(len(instance.supplies))
    for row, supply in zip(records_of(instance.contracts), covered_supplies(instance).tolist(), strict=True):
        if np.isnan(row["take_or_pay_mwh"]):
            continue
        yield Limit(
            name=take_or_pay_name(row["contract"]),
            kind="energy_mwh",
            sense="<=",
            hours="",
            amount=float(row["take_or_pay_mwh"]),
            is_of_served=False,
            workload=np.ones(classes, dtype=bool),
            hub=_all(instance.hubs),
            site=_named(instance.data_centres["data_centre"], (row["data_centre"],)),
            hour=np.ones(len(instance.hours), dtype=bool),
            tier=supplies == supply,
            of_hubs=False,
            of_zones=True,
            contract=str(row["contract"]),
        )


def _contents(instance: Instance, shares: list[Limit]) -> Iterator[Limit]:
    """Yield two rows for every hour and data centre with a battery that a green share counts: green and grey power.

    What work uses of either is at least 0: what the supplies bring, less what the content of batteries gains.
    """
    counted = np.logical_or.reduce([np.zeros(len(instance.supplies), dtype=bool), *(each.tier for each in shares)])
    of_supply, centres = instance.supplies["data_centre"], instance.data_centres["data_centre"]
    batteries = centres.isin(instance.tables[BATTERIES.name]["data_centre"].dropna())
    classes, nothing = np.ones(len(instance.service_classes.workload), dtype=bool), np.zeros(len(instance.hours))
    for centre in centres[batteries & centres.isin(of_supply[counted])]:
        for content in (GREEN, GREY):
            tier, here = (of_supply == centre).to_numpy(bool), (centres == centre).to_numpy(bool)
            name = f"{content} power at {centre}"
            one = _Physical(name, "energy_mwh", classes, here, tier, content=content)
            yield from _by_hour(instance, one, nothing, sense=">=")


def _quotas(instance: Instance) -> Iterator[Limit]:
    """Yield a row for every quota among the policies: the tokens that are sent between its regions."""
    hours, of = np.ones(len(instance.hours), dtype=bool), instance.service_classes.workload
    for row, workload, pairs in policies_of(instance, QUOTA):
        hub, site = np.asarray(pairs.any(axis=1)), np.asarray(pairs.any(axis=0))
        yield Limit(
            name=str(row["policy"]),
            kind="tokens",
            sense="<=",
            hours="",
            amount=float(row["amount"]),
            is_of_served=False,
            workload=workload[of],
            hub=hub,
            site=site,
            hour=hours,
            tier=instance.supplies["data_centre"].isin(instance.data_centres["data_centre"][site]).to_numpy(bool),
            of_hubs=True,
            of_zones=False,
            pairs=pairs,
        )


def _zone_limits(instance: Instance) -> Iterator[Limit]:
    """Yield a row for every power zone and hour with a limit: energy bought of it over all supplies.

    There is one also where the supplies could not reach it, since what-ifs raise their limits. What contracts by the
    hour buy is sold, used or not: the others share the rest.
    """
    zone_of_tier, sites = instance.supplies["power_zone"].to_numpy(object), _all(instance.data_centres)
    sold = covered_supplies(instance)[instance.contracts["take_or_pay_mwh"].isna().to_numpy()]
    is_left = ~np.isin(np.arange(len(zone_of_tier)), sold)
    sold_to, sold_mw = instance.contracts["power_zone"].to_numpy(object), bought_mw(instance)
    classes = np.ones(len(instance.service_classes.workload), dtype=bool)
    for zone, limit_mw in zip(
        instance.power_zones["power_zone"], instance.hourly("power_zones", "limit_mw"), strict=True
    ):
        tier = zone_of_tier == zone
        if (tier & is_left).any() and np.isfinite(limit_mw).any():
            one = _Physical(f"limit_mw of {zone}", "energy_mwh", classes, sites, tier & is_left, str(zone))
            yield from _by_hour(instance, one, np.maximum(limit_mw - sold_mw[sold_to == zone].sum(axis=0), 0.0))


def _pools(instance: Instance) -> Iterator[Limit]:
    """Yield a row for every pool and hour: accelerator-hours of its classes.

    There is none where the limit of the data centre says as much: of one pool without a ``max_utilisation`` of its own.
    """
    pools, site, nothing = instance.accelerator_pools, pool_site(instance), np.zeros(len(instance.supplies), dtype=bool)
    centres, pool_of = instance.data_centres, instance.service_classes.pool
    part = pools["max_utilisation"].to_numpy(float)
    usable = part * centres["max_utilisation"].to_numpy(float)[site]
    for row in np.flatnonzero((np.bincount(site)[site] > 1) | (part < 1)).tolist():
        classes, here = (pool_of == row).any(axis=1), np.arange(len(centres)) == site[row]
        name = f"{pools['accelerator_type'].iloc[row]} at {pools['data_centre'].iloc[row]}"
        count = np.full(len(instance.hours), usable[row] * pools["accelerators"].iloc[row])
        yield from _by_hour(instance, _Physical(name, "accelerator_hours", classes, here, nothing, pool=row), count)


@dataclass(frozen=True, eq=False)
class _Physical:
    """What limits of a power zone, of a pool and of a content have of their own; fields are those of ``Limit``."""

    name: str
    kind: str
    workload: BoolArray
    site: BoolArray
    tier: BoolArray
    zone: str = ""
    pool: int = -1
    content: str = ""


def _by_hour(instance: Instance, one: _Physical, per_hour: FloatArray, sense: str = "<=") -> Iterator[Limit]:
    """Yield a row for every hour with a limit, given what it allows in an hour (hours,)."""
    hours, only = index_of(instance.hours), _each_alone(len(instance.hours))
    amount, hubs = per_hour * (instance.settings.hour_length * instance.weights), _all(instance.hubs)
    for place in np.flatnonzero(np.isfinite(per_hour)).tolist():
        yield Limit(
            name=one.name,
            kind=one.kind,
            sense=sense,
            hours=short_text(hours[place]),
            amount=float(amount[place]),
            is_of_served=False,
            workload=one.workload,
            hub=hubs,
            site=one.site,
            hour=only[place],
            tier=one.tier,
            of_hubs=False,
            of_zones=bool(one.zone),
            zone=one.zone,
            pool=one.pool,
            content=one.content,
        )


def _all(table: pd.DataFrame) -> BoolArray:
    return np.ones(len(table), dtype=bool)


def _limits_of(instance: Instance, row: Mapping[str, Any]) -> Iterator[Limit]:
    """Yield the rows of a limit: one, or one for each hour."""
    centres, supplies, hours = instance.data_centres, instance.supplies, instance.hours
    site = _named(centres["data_centre"], row["data_centre"]) & _named(centres["region"], row["region"])
    tier = supplies["data_centre"].isin(centres["data_centre"][site]).to_numpy(bool)
    text = row["hours"] or ""
    if text == EACH:
        scopes = [
            (short_text(hour), alone) for hour, alone in zip(index_of(hours), _each_alone(len(hours)), strict=True)
        ]
    else:
        scopes = [(text, chosen_hours(text, hours) if text else np.ones(len(hours), dtype=bool))]
    for label, chosen in scopes:
        yield Limit(
            name=str(row["limit"]),
            kind=str(row["kind"]),
            sense=str(row["sense"]),
            hours=label,
            amount=float(row["amount"]),
            is_of_served=row["of"] == SERVED,
            workload=_workloads(instance, row["workload"]),
            hub=_named(instance.hubs["hub"], row["hub"]) & _named(instance.hubs["region"], row["hub_region"]),
            site=site,
            hour=chosen,
            tier=tier & _named(supplies["power_zone"], row["power_zone"]),
            of_hubs=row["hub"] is not None or row["hub_region"] is not None,
            of_zones=row["power_zone"] is not None,
        )


def _each_alone(count: int) -> BoolArray:
    """Return the rows of a unit matrix, all of them views of one array: of a year they would take 77 MB."""
    one = np.arange(2 * count - 1) == count - 1
    return np.lib.stride_tricks.sliding_window_view(one, count)[::-1]


def _workloads(instance: Instance, chosen: tuple[str, ...] | None) -> BoolArray:
    """Return the classes of the workloads that a scope names, and of what waits of these when the horizon begins."""
    workloads = instance.workloads
    named = _named(workloads["workload"], chosen) | _named(workloads["backlog_of"], chosen)
    return named[instance.service_classes.workload]


def _named(names: pd.Series, chosen: tuple[str, ...] | None) -> BoolArray:
    """Return which names a scope chooses; all if it is empty."""
    return np.ones(len(names), dtype=bool) if chosen is None else names.isin(chosen).to_numpy(bool)
