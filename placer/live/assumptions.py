"""The assumptions of an instance that a live page has controls for: factors, switches and law, by their keys."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from placer.instance.changes.chosen_rows import Where
from placer.instance.changes.column_changes import column_of
from placer.instance.problem import Instance

#: Largest factor of a control, and the least where 0 is no value of its column.
MOST_FACTOR, LEAST_FACTOR = 100.0, 0.01
#: Largest number of jurisdictions with which workloads have a control that state none.
_FEW_JURISDICTIONS = 12
_ACCELERATORS = ("data_centres.accelerators", "accelerator_pools.accelerators")


@dataclass(frozen=True)
class Factor:
    """A control that multiplies columns.

    Attributes
    ----------
    columns : tuple of str
        ``table.column`` of each.
    where : str, mapping or None
        The rows, as ``Instance.scaled`` takes them; None for all.
    least : float
        Least factor: 0 where 0 is a value of the column.
    base : float
        What the factor multiplies, in its unit: a mean over hours, or demand a day; NaN where rows differ.
    """

    key: str
    columns: tuple[str, ...]
    where: Where | None
    least: float
    base: float = math.nan
    unit: str = ""


@dataclass(frozen=True)
class Switch:
    """A control that removes a data centre, or a policy."""

    key: str
    table: str
    name: str


@dataclass(frozen=True)
class Row:
    """One line of the controls: a factor, a switch, or both, of what ``label`` names."""

    label: str
    factor: Factor | None = None
    switch: Switch | None = None


@dataclass(frozen=True)
class Law:
    """The jurisdictions that a workload may run in, a control over those there are."""

    workload: str
    admitted: tuple[str, ...]


@dataclass(frozen=True)
class ControlGroup:
    """Controls under one heading, with a line that says what they change."""

    title: str
    says: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Controls:
    """Every control of an instance.

    Attributes
    ----------
    links : tuple of (str, str)
        The ends of all links that can be switched off; in this direction if links are directed.
    jurisdictions : tuple of str
        Those of the data centres.
    """

    groups: tuple[ControlGroup, ...]
    law: tuple[Law, ...]
    links: tuple[tuple[str, str], ...]
    jurisdictions: tuple[str, ...]

    @cached_property
    def factors(self) -> dict[str, Factor]:
        """Factors by key."""
        return {row.factor.key: row.factor for group in self.groups for row in group.rows if row.factor}

    @cached_property
    def switches(self) -> dict[str, Switch]:
        """Switches by key."""
        return {row.switch.key: row.switch for group in self.groups for row in group.rows if row.switch}


def assumptions_of(instance: Instance) -> Controls:
    """Return the controls of an instance; groups without any are left out."""
    power, sites, demand = (tuple(rows(instance)) for rows in (_power, _sites, _demand))
    groups = (
        ControlGroup("Price of power", "A factor on the price of a power zone, in every hour.", power),
        ControlGroup("Accelerators", "A factor on the accelerators of a site; unticked, the site is gone.", sites),
        ControlGroup("Demand", "A factor on the demand of a workload, everywhere.", demand),
        ControlGroup("Latency limits", "A factor on the longest time that a task may take.", tuple(_latency(instance))),
        ControlGroup(
            "Policies", "A factor on the amount of a policy; unticked, it no longer holds.", tuple(_policies(instance))
        ),
        ControlGroup("Surcharges", "A factor on what a Mtok pays between regions.", tuple(_surcharges(instance))),
    )
    ends = instance.tables["links"][["from", "to"]].itertuples(index=False, name=None)
    there = tuple(sorted({str(name) for name in instance.data_centres["jurisdiction"].dropna()}))
    return Controls(
        tuple(group for group in groups if group.rows),
        tuple(_law(instance, there)),
        tuple(dict.fromkeys((str(first), str(second)) for first, second in ends)),
        there,
    )


def _factor(column: str, key: str, where: Where | None, base: float = math.nan, unit: str = "") -> Factor:
    """Return a factor on one column."""
    least = LEAST_FACTOR if column_of(column)[1].low_open else 0.0
    return Factor(f"{column}[{key}]" if key else column, (column,), where, least, base, unit)


def _means(instance: Instance, column: str) -> dict[str, float]:
    """Return the mean of a column over the hours, by the name of the row."""
    table, name = column.split(".")
    frame = instance.tables[table]
    rows = np.average(instance.hourly(table, name), axis=1, weights=instance.weights)
    return dict(zip(map(str, frame[frame.columns[0]]), rows.tolist(), strict=True))


def _rows_of(instance: Instance, column: str, unit: str) -> Iterator[Row]:
    """Return a factor for all rows of a column, and one for each row whose value is limited."""
    means = {name: value for name, value in _means(instance, column).items() if math.isfinite(value)}
    if len(means) > 1:
        yield Row("All", _factor(column, "", None))
    for name, value in means.items():
        yield Row(name, _factor(column, name, name, value, unit))


def _power(instance: Instance) -> Iterator[Row]:
    yield from _rows_of(instance, "power_zones.usd_per_mwh", f"{instance.settings.currency}/MWh")


def _latency(instance: Instance) -> Iterator[Row]:
    yield from _rows_of(instance, "workloads.latency_slo_ms", "ms")


def _policies(instance: Instance) -> Iterator[Row]:
    table = instance.tables["policies"]
    for name, kind, amount in zip(table["policy"], table["kind"], table["amount"], strict=True):
        given = amount is not None and not pd.isna(amount) and float(amount) > 0
        factor = _factor("policies.amount", str(name), str(name), float(amount), str(kind)) if given else None
        yield Row(str(name), factor, Switch(f"policies[{name}]", "policies", str(name)))


def _surcharges(instance: Instance) -> Iterator[Row]:
    if len(instance.tables["surcharges"]):
        yield Row("All", _factor("surcharges.usd_per_mtok", "", None))


def _demand(instance: Instance) -> Iterator[Row]:
    demand = instance.demand
    days = float(instance.weights.sum()) * instance.settings.hour_length / 24
    weighted = demand["mtok"] * instance.weights[instance.demand_period]
    by_workload = weighted.groupby(demand["workload"].astype(str), sort=False).sum() / days
    if len(by_workload) > 1:
        yield Row("All", _factor("demand.mtok", "", None))
    for name, mtok in by_workload.items():
        yield Row(str(name), _factor("demand.mtok", str(name), {"workload": str(name)}, float(mtok), "Mtok a day"))


def _sites(instance: Instance) -> Iterator[Row]:
    """Return a row for each data centre: a factor on its limited accelerators, of all its pools, and its switch."""
    pools = instance.tables["accelerator_pools"]
    own = {name: value for name, value in _means(instance, _ACCELERATORS[0]).items() if math.isfinite(value)}
    pooled: dict[str, float] = {}
    if len(pools):
        means = np.average(instance.hourly("accelerator_pools", "accelerators"), axis=1, weights=instance.weights)
        sums = pd.Series(means).groupby(pools["data_centre"].astype(str).to_numpy()).sum()
        pooled = {str(name): value for name, value in sums.items() if math.isfinite(value)}
    columns = tuple(column for column, found in zip(_ACCELERATORS, (own, pooled), strict=True) if found)
    if len(own | pooled) > 1:
        yield Row("All", Factor("accelerators", columns, None, LEAST_FACTOR))
    for name in map(str, instance.data_centres["data_centre"]):
        here = tuple(column for column, found in zip(_ACCELERATORS, (own, pooled), strict=True) if name in found)
        count = own.get(name, 0.0) + pooled.get(name, 0.0)
        factor = Factor(f"accelerators[{name}]", here, name, 0.0, count, "accelerators") if here else None
        yield Row(name, factor, Switch(f"data_centres[{name}]", "data_centres", name))


def _law(instance: Instance, there: tuple[str, ...]) -> Iterator[Law]:
    """Return the law of each workload that states one, and of the others where jurisdictions are few."""
    if len(there) < 2:
        return
    for name, admitted in instance.workloads[["workload", "jurisdictions"]].itertuples(index=False, name=None):
        if admitted is not None:
            yield Law(str(name), tuple(each for each in there if each in admitted))
        elif len(there) <= _FEW_JURISDICTIONS:
            yield Law(str(name), there)
