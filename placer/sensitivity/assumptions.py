"""Assumptions: uncertain figures of an instance, and functions that set them to other values.

Each function returns an instance with one figure changed; its ``*_of`` returns the value in an instance.
``Instance.scaled`` and ``Instance.with_value`` are two more.

    scaled_to           a column scaled so that its largest value is a given one
    with_load           accelerators and power scaled so that all demand is a given mean load
    with_region_share   accelerators moved between a region and the rest, their joint speed unchanged
    with_network_ms     latency limits set so that some workloads leave a given number of ms for each round trip
    with_limit          the amount of a limit of one's own
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, field

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation
from placer.instance.arguments import need_instance, need_number
from placer.instance.changes.chosen_rows import Where
from placer.instance.changes.column_changes import column_of
from placer.instance.hours.by_hour import peaks, times
from placer.instance.pools import accelerators_of
from placer.instance.problem import Instance
from placer.sensitivity.plain_changes import Cases, Change, need_changes, plain_changes
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.numbers import in_full

_ACCELERATORS = ("data_centres.accelerators", "accelerator_pools.accelerators")
#: Columns that scale with the accelerators of a site, so that they bind as before.
_POWER = ("data_centres.power_limit_mw", "supplies.limit_mw")


@dataclass(frozen=True, eq=False)
class Assumption:
    """An uncertain figure, and the changes that set it to other values.

    Attributes
    ----------
    name : str
    changes : mapping of str to callable, optional
        Value, as tables show it -> function from the instance to one with that value. For all that columns do not
        hold; ``scale`` or ``set`` make them otherwise.
    unit : str
        ``times`` if not given, of factors.
    base : str
        The value in the instance as given, as tables show it.
    description, source, kind : str
        The meaning of the figure, the source of its range, and the kind of source (``official``, ``assumption`` ...).
    scale, set : mapping of str to sequence, optional
        ``table.column`` -> factors of all its values, or values in place of them: a case for each. Several columns
        change together.
    where : str, iterable or mapping, optional
        The rows, and hours, that change, as in ``Instance.scaled``.

    Raises
    ------
    ArgumentError
        If changes are no functions, or not just one of ``changes``, ``scale`` and ``set`` is given.

    Examples
    --------
    >>> import placer
    >>> price = placer.Assumption("price", scale={"power_zones.usd_per_mwh": [3]})
    >>> table = placer.sensitivity(placer.load("tiny"), [price], figures=["cost_usd_per_mtok"]).table
    >>> table["cost_usd_per_mtok"].round(4).tolist()
    [1.3782, 1.543]
    """

    name: str
    changes: Mapping[str, Change] = field(default_factory=dict)
    unit: str = ""
    base: str = "as given"
    description: str = field(default="", kw_only=True)
    source: str = field(default="", kw_only=True)
    kind: str = field(default="", kw_only=True)
    scale: InitVar[Cases | None] = field(default=None, kw_only=True)
    set: InitVar[Cases | None] = field(default=None, kw_only=True)
    where: InitVar[Where | None] = field(default=None, kw_only=True)

    def __post_init__(self, scale: Cases | None, values: Cases | None, where: Where | None) -> None:
        """Make the changes of the plain form, and refuse what is no change."""
        if scale is None and values is None and where is None and self.changes:
            need_changes(self.name, self.changes)
        elif self.changes:
            raise ArgumentError(f"changes of {self.name!r} say it all: leave out scale, set and where, or the changes")
        else:
            object.__setattr__(self, "changes", plain_changes(self.name, scale, values, where))
            object.__setattr__(self, "unit", self.unit or ("times" if scale else ""))


def scaled_to(instance: Instance, column: str, value: float) -> Instance:
    """Return the instance with a column scaled so that its largest value is a given one.

    Raises
    ------
    InstanceError
        As ``Instance.scaled``, or if the largest value is 0 or infinite.
    """
    largest = largest_of(instance, column)
    if not 0 < largest < math.inf:
        raise InstanceError([_problem(column, f"its largest value is {largest:g}", "one to scale: > 0, finite")])
    return instance.scaled(column, value / largest)


def largest_of(instance: Instance, column: str) -> float:
    """Return the largest value of a column."""
    table, found = column_of(column)
    return float(max(peaks(instance.tables[table.name][found.name]), default=0.0))


def values_of(instance: Instance, column: str) -> str:
    """Return the lowest and highest value of a column, as text.

    Raises
    ------
    InstanceError
        If the table has no rows.
    """
    table, found = column_of(column)
    cells = instance.tables[table.name][found.name]
    if cells.empty:
        raise InstanceError([_problem(column, f"{table.name} has no rows", "a row to change")])
    return _span(np.array([number for cell in cells for number in np.ravel(np.asarray(cell, dtype=float))]))


def with_load(instance: Instance, load: float) -> Instance:
    """Return the instance with accelerators and power scaled so that total demand gives a stated mean load.

    The load is all work over the capacity of all accelerators over the horizon. The power limits of sites and supplies
    are scaled as the accelerators are.

    Raises
    ------
    InstanceError
        If the load is not above 0, or accelerators are unlimited.

    Examples
    --------
    >>> import placer
    >>> placer.with_load(placer.load("china"), 0.5).data_centres["accelerators"].sum().round()
    np.float64(628767.0)
    """
    need_instance(instance)
    need_number(load, "load")
    if not 0 < load < math.inf:
        raise InstanceError([_problem("load", f"{load:g}", "a number, > 0, finite")])
    return instance.scaled([*_ACCELERATORS, *_POWER], load_of(instance) / load)


def load_of(instance: Instance) -> float:
    """Return the mean load: all work over the capacity of all accelerators over the horizon, both in reference hours.

    Raises
    ------
    InstanceError
        If accelerators are unlimited.
    """
    hours = instance.workloads.set_index("workload")["accelerator_hours_per_mtok"]
    mtok = instance.demand["mtok"] * instance.weights[instance.demand_period]
    work = float((mtok * instance.demand["workload"].map(hours)).sum())
    return work / (_joint_speed(instance).sum() * instance.weights.sum() * instance.settings.hour_length)


def with_region_share(instance: Instance, region: str, share: float) -> Instance:
    """Return the instance with a given share of all accelerators, by their speed, in a region.

    The joint speed of all accelerators is unchanged. Power limits of sites and supplies follow their accelerators.

    Raises
    ------
    InstanceError
        If no data centre lies in the region, or all do; if accelerators are unlimited; or if the share is not above 0
        and below 1.
    """
    before, inside = region_share_of(instance, region), _inside(instance, region)
    if not 0 < share < 1:
        raise InstanceError([_problem("share", f"{share:g}", "a number, > 0, < 1")])
    factor = np.where(inside, share / before, (1 - share) / (1 - before))
    centres, supplies = instance.data_centres, instance.supplies
    by_site = dict(zip(centres["data_centre"], factor, strict=True))
    for column in ("accelerators", "power_limit_mw"):
        centres[column] = times(centres[column], factor)
    supplies["limit_mw"] = times(supplies["limit_mw"], supplies["data_centre"].map(by_site))
    pools = instance.accelerator_pools
    pools["accelerators"] = times(pools["accelerators"], pools["data_centre"].map(by_site))
    return instance.replace(data_centres=centres, supplies=supplies, accelerator_pools=pools)


def region_share_of(instance: Instance, region: str) -> float:
    """Return the share of all accelerators, by their speed, in a region."""
    inside, speed = _inside(instance, region), _joint_speed(instance)
    return float(speed[inside].sum() / speed.sum())


def with_network_ms(instance: Instance, workloads: Iterable[str], ms: float) -> Instance:
    """Return the instance with latency limits that leave some workloads ``ms`` for each round trip.

    ``latency_slo_ms = server_ms + ms x round trips of a task``, the rule by which placements admit arcs. A workload
    with modes has the ``server_ms`` of its slowest one: up to ``ms`` away it may run in any, farther in faster ones.

    Raises
    ------
    InstanceError
        If a workload is unknown, or the time is negative.
    """
    table, chosen = instance.workloads, _chosen(instance, workloads)
    if not 0 <= ms < math.inf:
        raise InstanceError([_problem("network_ms", f"{ms:g} ms", "a number, >= 0, finite")])
    limits = _slowest_ms(instance) + ms * _round_trips(table)
    return instance.replace(workloads=table.assign(latency_slo_ms=table["latency_slo_ms"].where(~chosen, limits)))


def network_ms_of(instance: Instance, workloads: Iterable[str]) -> str:
    """Return the shortest and longest time that some workloads leave for a round trip, as text."""
    table, chosen = instance.workloads, _chosen(instance, workloads)
    left = (table["latency_slo_ms"] - _slowest_ms(instance)) / _round_trips(table)
    return _span(left[chosen].to_numpy(float))


def with_limit(instance: Instance, limit: str, amount: float) -> Instance:
    """Return the instance with another amount of a limit of one's own, in its unit.

    Raises
    ------
    InstanceError
        If there is no such limit, or the amount is out of range.
    """
    amount_of_limit(instance, limit)
    table = instance.limits
    return instance.replace(limits=table.assign(amount=table["amount"].where(table["limit"] != limit, amount)))


def amount_of_limit(instance: Instance, limit: str) -> float:
    """Return the amount of a limit of one's own."""
    amounts = dict(zip(instance.limits["limit"], instance.limits["amount"], strict=True))
    if limit not in amounts:
        known = ", ".join(amounts) or "the instance has none"
        raise InstanceError([Violation("limits", str(limit), "", "is unknown", known)])
    return float(amounts[limit])


def _slowest_ms(instance: Instance) -> pd.Series:
    """Return the time of the server of every workload, in its slowest mode if it has modes."""
    classes = instance.service_classes
    slowest = np.zeros(len(instance.workloads))
    np.maximum.at(slowest, classes.workload, classes.server_ms)
    return pd.Series(slowest, instance.workloads.index)


def _round_trips(workloads: pd.DataFrame) -> pd.Series:
    return workloads["user_round_trips"] + (1 - workloads["tools_colocated"]) * workloads["tool_round_trips"]


def _chosen(instance: Instance, workloads: Iterable[str]) -> BoolArray:
    """Return the mask of the named workloads."""
    names, table = list(workloads), instance.workloads
    known = table["workload"].tolist()
    if unknown := [name for name in names if name not in known]:
        raise InstanceError(Violation("workloads", str(name), "", "is unknown", ", ".join(known)) for name in unknown)
    return table["workload"].isin(names).to_numpy()


def _inside(instance: Instance, region: str) -> BoolArray:
    """Return the mask of the data centres in a region; refuse a region with none or all of them."""
    regions = instance.data_centres["region"]
    inside = (regions == region).to_numpy()
    if not inside.any() or inside.all():
        known = ", ".join(sorted(set(regions.dropna()))) or "none has a region"
        problem = "all data centres lie there" if inside.any() else "no data centre lies there"
        raise InstanceError([Violation("regions", str(region), "", problem, known)])
    return inside


def _joint_speed(instance: Instance) -> FloatArray:
    """Return the accelerators of every data centre, as a mean over the hours, times their speed."""
    mean = np.average(accelerators_of(instance), axis=1, weights=instance.weights)
    speed = mean * instance.data_centres["speed"].to_numpy(float)
    if not 0 < speed.sum() < math.inf:
        raise InstanceError([_problem("data_centres.accelerators", "unlimited, or none", "a finite number of them")])
    return speed


def _span(values: FloatArray) -> str:
    low, high = (in_full(value) for value in (values.min(), values.max()))
    return low if low == high else f"{low} to {high}"


def _problem(what: str, problem: str, allowed: str) -> Violation:
    return Violation("assumption", "", what, problem, allowed)
