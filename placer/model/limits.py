"""Limits of one's own, read from their table: one ``Limit`` for each row of the program, with its scope as indicators.

``placer.model.limit_rows`` turns each into a cap of the structure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.instance.checks.limit_checks import KINDS, SERVED
from placer.instance.checks.policy_checks import QUOTA
from placer.instance.hours.horizon import index_of
from placer.instance.hours.hour_scopes import EACH, chosen_hours
from placer.instance.hours.timestamps import short_text
from placer.model.policies import policies_of
from placer.utils.records import records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from placer.instance.problem import Instance
    from placer.utils.arrays import BoolArray


@dataclass(frozen=True, eq=False)
class Limit:
    """One row of a limit.

    Attributes
    ----------
    name, kind, sense, hours : str
        ``hours`` is the scope as it was given, the hour of a limit on each, or empty for all.
    amount : float
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

    @property
    def sign(self) -> float:
        """The factor of its row: 1 for at most, -1 for at least."""
        return 1.0 if self.sense == "<=" else -1.0

    @property
    def is_of_flows(self) -> bool:
        """Whether the amount is a share of flows: a coefficient of the row, whose limit is 0."""
        return self.kind == "green_share" or self.is_of_served

    @property
    def title(self) -> str:
        """Name and, where it is not about all hours, hours."""
        return f"{self.name} [{self.hours}]" if self.hours else self.name

    @property
    def unit(self) -> str:
        """Unit of the row."""
        return KINDS[self.kind].unit


def read_limits(instance: Instance) -> tuple[Limit, ...]:
    """Return the limits of an instance, those on each hour hour by hour; then quotas, then limits of power zones."""
    own = [limit for row in records_of(instance.limits) for limit in _limits_of(instance, row)]
    return (*own, *_quotas(instance), *_zone_limits(instance))


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

    There is one also where the supplies could not reach it, since what-ifs raise their limits.
    """
    supplies, hours = instance.supplies, index_of(instance.hours)
    length, only = instance.settings.hour_length * instance.weights, _each_alone(len(hours))
    every = {
        name: np.ones(len(table), dtype=bool)
        for name, table in (
            ("workload", instance.service_classes.workload),
            ("hub", instance.hubs),
            ("site", instance.data_centres),
        )
    }
    limits, zone_of_tier = instance.hourly("power_zones", "limit_mw"), supplies["power_zone"].to_numpy(object)
    for zone, limit_mw in zip(instance.power_zones["power_zone"], limits, strict=True):
        limited = np.flatnonzero(np.isfinite(limit_mw)).tolist()
        tier = zone_of_tier == zone
        for place in limited if tier.any() else ():
            yield Limit(
                name=f"limit_mw of {zone}",
                kind="energy_mwh",
                sense="<=",
                hours=short_text(hours[place]),
                amount=float(limit_mw[place] * length[place]),
                is_of_served=False,
                hour=only[place],
                tier=tier,
                of_hubs=False,
                of_zones=True,
                zone=str(zone),
                **every,
            )


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
