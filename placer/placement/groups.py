"""Groups that the figures of a placement can be summed by, and the group of every assignment and every demand.

A group is of a workload, a hub, a data centre or an hour, whichever it follows from. Unserved demand is at no data
centre: there its group is ``not served``. Power zones are no group of an assignment, since several may supply a data
centre; ``placer.placement.statistics_table`` splits assignments among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from placer.errors import ArgumentError
from placer.instance.attributes.synonyms import meant, nearest_name
from placer.instance.attributes.validation import show
from placer.instance.changes.chosen_rows import listed
from placer.placement.accounts import assignment_axes
from placer.placement.period_table import period_axis

if TYPE_CHECKING:
    from collections.abc import Hashable

    from placer.instance.problem import Instance
    from placer.model.formulation import Formulation
    from placer.placement.accounts import SettledFlows
    from placer.placement.period_table import By
    from placer.utils.arrays import IntArray

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
#: Groups of hours.
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
