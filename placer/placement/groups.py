"""Groups that the figures of a placement can be summed by, and the group of every assignment and every demand.

A group is of a workload, a hub, a data centre or an hour, whichever it follows from. Unserved demand is at no data
centre: there its group is ``not served``. Power zones are no group of an assignment, since several may supply a data
centre; ``placer.placement.statistics_table`` splits assignments among them.

Figures by month, week, day or block of hours add up to those of the whole. Amounts count times the weight of their
hours, so that the months of representative days add up to a year. Demand, service, exports, costs and prices stand in
the period in which tokens are asked for; energy, carbon, water and spilt power in the period in which they are drawn.
The two differ only for work that waits into the next period.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from placer.errors import ArgumentError
from placer.instance.attributes.synonyms import meant, nearest_name
from placer.instance.attributes.validation import show
from placer.instance.changes.chosen_rows import listed
from placer.instance.problem import Instance
from placer.model.formulation import Formulation
from placer.placement.accounts import SettledFlows, assignment_axes
from placer.placement.resource_tables import spilt_mwh
from placer.utils.arrays import FloatArray, IntArray, sums_by, without_noise

#: Groups of hours.
By = Literal["month", "week", "day", "block"]

#: How a period is written (ISO 8601): in the time zone of the hours, weeks from Monday on.
_FORMATS = {"month": "%Y-%m", "week": "%G-W%V", "day": "%Y-%m-%d"}
#: Label of the block of hours without a name.
_ALL = "all"
#: What a group follows from.
Of = Literal["class", "origin", "site", "period", "zone"]
#: Columns of a table that are groups: group -> table, column, what it follows from.
_COLUMNS: dict[str, tuple[str, str, Of]] = {
    "hub_region": ("hubs", "region", "origin"),
    "region": ("data_centres", "region", "site"),
    "jurisdiction": ("data_centres", "jurisdiction", "site"),
}
ZONE = "power_zone"
_THINGS = ("workload", "hub", "hub_region", "data_centre", "region", "jurisdiction", ZONE, "hour")
#: The same by their names among all groups.
PERIODS: dict[str, By] = {"month": "month", "week": "week", "day": "day", "block": "block"}
GROUPS = (*_THINGS, *PERIODS)
#: Labels of the region of what has none, of demand at no data centre, and of work that draws no power.
NONE, NOT_SERVED, NO_POWER = "none", "not served", "no power"


@dataclass(frozen=True, eq=False)
class Group:
    """A grouping: what it follows from, the position of each of these, and the labels; the last is of all else."""

    name: str
    of: Of
    position: IntArray
    labels: list[Hashable]


def groups_of(instance: Instance, formulation: Formulation, by: object) -> list[Group]:
    """Return the groupings of some names.

    Raises
    ------
    ArgumentError
        If a name is unknown or given twice, or none is given; or if whole hours have no month, week or day.
    """
    names = listed(by)
    for name in names:
        if name not in GROUPS:
            near = meant(str(name), GROUPS) or nearest_name(str(name), GROUPS)
            perhaps = f"perhaps {near}; " if near else ""
            raise ArgumentError(f"expected {perhaps}one or several of {', '.join(GROUPS)}, not {show(name)}")
    if len(set(names)) < max(len(names), 1):
        raise ArgumentError(f"expected one or several of {', '.join(GROUPS)}, each once, not {show(by)}")
    return [_group(instance, formulation, str(name)) for name in names]


def _group(instance: Instance, formulation: Formulation, name: str) -> Group:
    if name in _COLUMNS:
        table, column, of = _COLUMNS[name]
        place, values = pd.factorize(instance.tables[table][column].fillna(NONE))
        return Group(name, of, place, [*values, NOT_SERVED])
    if name in PERIODS:
        period, index = period_axis(instance, PERIODS[name])
        return Group(name, "period", period, index.tolist())
    if name == ZONE:
        return Group(name, "zone", np.zeros(0, dtype=int), [*instance.power_zones[ZONE], NO_POWER, NOT_SERVED])
    kinds: dict[str, tuple[Of, list[Hashable]]] = {
        "workload": ("class", list(formulation.workloads)),
        "hub": ("origin", list(formulation.hubs)),
        "data_centre": ("site", [*formulation.data_centres, NOT_SERVED]),
        "hour": ("period", formulation.hour_labels.tolist()),
    }
    of, labels = kinds[name]
    return Group(name, of, np.arange(len(labels)), labels)


class Cells:
    """The cells of several groupings, one for each combination of labels, numbered in the order of the labels."""

    def __init__(self, groups: list[Group], formulation: Formulation, accounts: SettledFlows) -> None:
        self.groups = groups
        self._structure, self._accounts = formulation.structure, accounts
        self._shape = tuple(len(group.labels) for group in groups)

    @property
    def are_of_sites(self) -> bool:
        """Whether the cell of a Mtok depends on the data centre that serves it."""
        return any(group.of in ("site", "zone") for group in self.groups)

    def of_assignments(self, chosen: slice, zone: int) -> IntArray:
        """Return the cells of some used assignments, powered from a zone (its place among the labels)."""
        axes = assignment_axes(self._structure, self._accounts.demand[chosen], self._accounts.arc[chosen])
        at = dict(zip(("class", "origin", "site", "period"), axes, strict=True))
        at["class"] = self._structure.served_class[at["class"]]
        size = len(axes[0])
        return self._numbered(
            [np.full(size, zone) if group.of == "zone" else group.position[at[group.of]] for group in self.groups]
        )

    def of_demands(self, demands: IntArray) -> IntArray:
        """Return the cells of what is unserved of some demands."""
        structure = self._structure
        at = {
            "class": structure.demand_class[demands],
            "origin": structure.demand_origin[demands],
            "period": structure.demand_period[demands],
        }
        return self._numbered(
            [
                group.position[at[group.of]] if group.of in at else np.full(len(demands), len(group.labels) - 1)
                for group in self.groups
            ]
        )

    def _numbered(self, places: list[IntArray]) -> IntArray:
        return np.asarray(np.ravel_multi_index(tuple(places), self._shape), dtype=np.int64)

    def index(self, cells: IntArray) -> pd.Index:
        """Return the labels of some cells."""
        places = np.unravel_index(cells, self._shape)
        levels = [
            pd.Index(group.labels, dtype=None if group.of == "period" else object, name=group.name).take(place)
            for group, place in zip(self.groups, places, strict=True)
        ]
        return levels[0] if len(levels) == 1 else pd.MultiIndex.from_arrays(levels)


def period_axis(instance: Instance, by: By) -> tuple[IntArray, pd.Index]:
    """Return the period of every hour (hours,), numbered in their order, and the labels of the periods.

    Raises
    ------
    ArgumentError
        If ``by`` is unknown, or the hours are whole numbers, which have no month, week or day.

    Examples
    --------
    >>> import placer
    >>> month, labels = period_axis(placer.datasets.year("china", days=32), "month")
    >>> labels.tolist(), month[[0, 743, 744]].tolist()
    (['2026-01', '2026-02'], [0, 0, 1])
    """
    if by not in get_args(By):
        raise ArgumentError(f"expected month, week, day or block as by, not {show(by)}")
    hours = instance.hours
    if by == "block":
        number, named = instance.blocks, instance.periods.set_index("hour")["block"]
        firsts = np.flatnonzero(np.append(True, np.diff(number) > 0))
        names = named.reindex(hours).to_numpy(object)[firsts] if len(named) else np.array([None])
        return number, pd.Index([_ALL if pd.isna(name) else str(name) for name in names], dtype=object, name=by)
    if isinstance(hours, range):
        raise ArgumentError(f"whole hours have no {by}: give the demand timestamps, or write by='block'")
    number, labels = pd.factorize(hours.strftime(_FORMATS[by]))
    return number, pd.Index(labels, dtype=object, name=by)


def period_table(
    formulation: Formulation, accounts: SettledFlows, summary: pd.DataFrame, period: IntArray
) -> pd.DataFrame:
    """Return a summary of demand by period with the hours of each period, and what is drawn in them.

    Parameters
    ----------
    summary : DataFrame
        One row per period, as ``placer.placement.tables.demand_summary`` returns it.
    period : (hours,) int array

    Returns
    -------
    DataFrame
        Columns: ``hours`` (times their weight); those of the summary; ``energy_mwh``, ``spilt_mwh``, ``carbon_kg``,
        ``water_litres``.
    """
    bought = accounts.bought

    def summed(values: FloatArray) -> FloatArray:
        return without_noise(sums_by(period, values, len(summary)), float(np.abs(values).sum()))

    table = summary.assign(
        energy_mwh=summed(accounts.drawn.sum(axis=0)),
        spilt_mwh=summed(spilt_mwh(formulation, bought).sum(axis=0)),
        carbon_kg=summed((accounts.carbon_kg * bought).sum(axis=0)),
        water_litres=summed(np.einsum("kj,kjt->t", formulation.water_litres, accounts.served)),
    )
    table.insert(0, "hours", sums_by(period, formulation.period_hours, len(summary)))
    return table
