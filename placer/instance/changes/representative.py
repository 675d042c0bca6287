"""Representative days: a few days that stand for all days of a horizon, each with a weight.

Days are told apart by every value that changes by the hour, and clustered by Ward's method, which
merges the two clusters that add least to the squared distances within clusters. A cluster is represented by its day
nearest to the mean of its days, with the data of that day as they are. The weight of an hour is the sum of the weights
of that hour in all days of the cluster, so that weights sum to those of the whole. Days of other hours than most days
have represent themselves, and so do the extremes:

    peak demand      the day of the hour that asks for most accelerator-hours (Mtok, where no workload takes any)
    dearest power    the day of the highest mean price of power, over hours and zones
    scarcest supply  the day of the least accelerators, power and links, over the limits that change by the hour
    a day            by the name of its block, or its date

Work waits within a representative day only. Caps and limits over all hours stay as they are; limits on some hours
cannot be carried over.

The values that tell days apart are

    demand      accelerator-hours (Mtok, where no workload takes any), by workload and region of the hub
    others      each hourly column of data centres, power zones, links and supplies, by row

The values of a kind (demand, or one column) are divided by ``sqrt(sum over rows of (mean |value|)^2)``. So a change is
measured against the mean, and large rows count for more than small ones. A limit that is infinite in some hours counts
as twice its largest finite value there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import cut_tree, linkage

from placer.errors import InstanceError, Violation, collected, refuse
from placer.instance.attributes.columns import Column, Kind
from placer.instance.attributes.schema import TABLES
from placer.instance.attributes.validation import number_problem, show
from placer.instance.changes.rolling import at_hours
from placer.instance.checks.limit_checks import KINDS
from placer.instance.hours.days import Days, Extremes, days_of
from placer.instance.hours.horizon import Hours, hour_positions
from placer.instance.hours.hour_scopes import EACH
from placer.instance.reduced import Reduced, Whole
from placer.utils.arrays import FloatArray, IntArray, positions_in, sums_by

Tables = Mapping[str, pd.DataFrame]

_COUNT = Column("count", Kind.WHOLE, low=1, scaled=False)


def representative_days(instance: Whole, count: int, extremes: Extremes) -> Reduced[Whole]:
    """Return an instance with some number of days; see ``Instance.representative_days``.

    Raises
    ------
    InstanceError
        Listing every violation.
    """
    tables, hours, weights = instance.tables, instance.hours, instance.weights
    violations = _not_carried(tables)
    if text := number_problem(count, _COUNT):
        violations.append(_violation("count", text, _COUNT.allowed))
    days = collected(violations, lambda: days_of(hours, tables["periods"]))
    if days is None:
        raise InstanceError(violations)
    values = values_by_hour(tables, hours)
    own = _kept(days, values, extremes, violations)
    if not text:
        violations += _wrong_count(days, int(count), own)
    refuse(violations)
    hubs, sites = (np.arange(len(tables[name])) for name in ("hubs", "data_centres"))
    if count == len(days):
        return Reduced(instance, instance, hubs, sites, np.arange(len(hours)))
    of_day = _representatives(days, values, weights, int(count), own)
    changed, hour = _left(tables, hours, weights, days, of_day)
    return Reduced(instance, instance.replace(**changed), hubs, sites, hour)


def _violation(column: str, problem: str, allowed: str) -> Violation:
    return Violation("representative_days", "", column, problem, allowed)


def _not_carried(tables: Tables) -> list[Violation]:
    """Return what representative days cannot have."""
    limits = tables["limits"]
    by_hour = (limits["hours"] == EACH) & limits["kind"].map(lambda kind: KINDS[kind].is_share)
    named = limits["limit"][limits["hours"].notna() & ~by_hour]
    allowed = "limits over all hours, or shares of each hour"
    found = [Violation("limits", str(name), "hours", "some hours have no counterpart", allowed) for name in named]
    if tables["hubs"]["backlog_at"].notna().any():
        found.append(Violation("backlog", "", "", "it waits before the first day alone", "no backlog"))
    return found


def _kept(days: Days, values: Mapping[str, FloatArray], extremes: Extremes, violations: list[Violation]) -> IntArray:
    """Return the days that represent themselves, ascending; append what names none to the violations."""
    listed = [extremes] if isinstance(extremes, str | date) or not isinstance(extremes, Iterable) else list(extremes)
    kept = set(np.flatnonzero(~days.is_usual).tolist())
    for each in listed:
        named = _EXTREMES.get(each) if isinstance(each, str) else None
        place = days.find(each) if named is None else named(days, values)
        if place is not None:
            kept.add(place)
            continue
        known = ", ".join(_EXTREMES)
        why = " is no day" if named is None else ": none of its values changes by the hour"
        violations.append(_violation("extremes", f"{show(each)}{why}", f"{known}, or a day, as {days.labels[0]}"))
    return np.array(sorted(kept), dtype=int)


def _peak_demand(days: Days, values: Mapping[str, FloatArray]) -> int | None:
    asked = values[DEMAND].sum(axis=0)
    return int(days.of_hours[asked.argmax()]) if asked.min() < asked.max() else None


def _dearest_power(days: Days, values: Mapping[str, FloatArray]) -> int | None:
    return int(_mean_of_days(days, values[PRICE]).argmax()) if PRICE in values else None


def _scarcest_supply(days: Days, values: Mapping[str, FloatArray]) -> int | None:
    limits = limits_among(values)
    return int(_mean_of_days(days, np.concatenate(limits)).argmin()) if limits else None


def _mean_of_days(days: Days, rows: FloatArray) -> FloatArray:
    return sums_by(days.of_hours, rows.sum(axis=0), len(days)) / np.diff(days.starts)


_EXTREMES: dict[str, Callable[[Days, Mapping[str, FloatArray]], int | None]] = {
    "peak demand": _peak_demand,
    "dearest power": _dearest_power,
    "scarcest supply": _scarcest_supply,
}


def _wrong_count(days: Days, count: int, own: IntArray) -> list[Violation]:
    """Return why days cannot be so many."""
    if len(days) == 1:
        return [_violation("", "there is one day only", "at least two days")]
    if count > len(days):
        return [_violation("count", f"{count} of {len(days)} days", f"at most {len(days)}")]
    if count < len(days) and count <= len(own):
        odd = int((~days.is_usual).sum())
        text = f"{count}, and {len(own)} days represent themselves" + (f", {odd} for their hours" if odd else "")
        return [_violation("count", text, f"at least {len(own) + 1}")]
    return []


def _representatives(
    days: Days, values: Mapping[str, FloatArray], weights: FloatArray, count: int, own: IntArray
) -> IntArray:
    """Return the day that represents every day (days,)."""
    of_day = np.arange(len(days))
    usual = np.flatnonzero(days.is_usual)
    free = ~np.isin(usual, own)
    others, hours = usual[free], days.usual_hours[free]
    rows = np.concatenate(list(values.values()))
    features = rows[:, hours].transpose(1, 0, 2).reshape(len(others), -1)
    cluster = np.zeros(len(others), dtype=int)
    if len(others) > 1:
        cluster = cut_tree(linkage(features, "ward"), n_clusters=count - len(own)).ravel()
    often = weights[hours].sum(axis=1)
    for number in range(count - len(own)):
        mine = np.flatnonzero(cluster == number)
        mean = np.average(features[mine], axis=0, weights=often[mine])
        nearest = np.square(features[mine] - mean).sum(axis=1).argmin()
        of_day[others[mine]] = others[mine[nearest]]
    return of_day


def _left(
    tables: Tables, hours: Hours, weights: FloatArray, days: Days, of_day: IntArray
) -> tuple[dict[str, Any], IntArray]:
    """Return the tables and the place of every hour, given the day that represents every day."""
    first = days.starts[:-1]
    stands_for = first[of_day[days.of_hours]] + np.arange(len(hours)) - first[days.of_hours]
    places, hour = np.unique(stands_for, return_inverse=True)
    changed = at_hours(tables, hours, places)
    if isinstance(hours, range):  # whole hours follow each other
        new = {hours[place]: number for number, place in enumerate(places.tolist())}
        for name in {"demand", "demand_steps"} & set(changed):
            changed[name] = changed[name].assign(hour=changed[name]["hour"].map(new))
        left: Any = range(len(places))
    else:
        left = hours[places]
    labels = np.array(days.labels, dtype=object)[days.of_hours[places]]
    weight = sums_by(hour, weights, len(places))
    changed["periods"] = pd.DataFrame({"hour": left, "weight": weight, "block": labels})
    return changed, hour


#: The kind of demand among the kinds of values.
DEMAND = "demand.mtok"
#: The price of power.
PRICE = "power_zones.usd_per_mwh"


def values_by_hour(tables: Mapping[str, pd.DataFrame], hours: Hours) -> dict[str, FloatArray]:
    """Return the values that change by the hour, by kind, ``table.column``: (rows, hours) arrays in one scale."""
    found = {DEMAND: _demand(tables, hours)} | {
        f"{name}.{column.name}": rows
        for name, table in TABLES.items()
        for column in table.columns
        if column.kind is Kind.HOURLY and len(rows := _changing(tables[name][column.name]))
    }
    return {kind: _scaled(rows) for kind, rows in found.items()}


def limits_among(values: Mapping[str, FloatArray]) -> list[FloatArray]:
    """Return the values that limit what can be served: accelerators, power and links."""
    limiting = {
        f"{name}.{column.name}" for name, table in TABLES.items() for column in table.columns if column.unlimited
    }
    return [rows for kind, rows in values.items() if kind in limiting]


def _demand(tables: Mapping[str, pd.DataFrame], hours: Hours) -> FloatArray:
    demand, workloads, hubs = tables["demand"], tables["workloads"], tables["hubs"]
    workload = positions_in(workloads["workload"], demand["workload"])
    region, names = pd.factorize(hubs["region"], use_na_sentinel=False)
    need = workloads["accelerator_hours_per_mtok"].to_numpy(float)
    used = demand["mtok"].to_numpy(float) * (need[workload] if need.any() else 1.0)
    group = workload * len(names) + region[positions_in(hubs["hub"], demand["hub"])]
    total = np.zeros((len(workloads) * len(names), len(hours)))
    np.add.at(total, (group, hour_positions(demand["hour"], hours)), used)
    return total


def _changing(cells: pd.Series) -> FloatArray:
    """Return the values of the rows that change by the hour (rows, hours)."""
    rows = [np.array(cell) for cell in cells if isinstance(cell, tuple) and min(cell) < max(cell)]
    return np.array([np.where(np.isfinite(row), row, 2 * row[np.isfinite(row)].max(initial=0.5)) for row in rows])


def _scaled(rows: FloatArray) -> FloatArray:
    size = float(np.linalg.norm(np.abs(rows).mean(axis=1)))
    return rows / size if size > 0 else rows
