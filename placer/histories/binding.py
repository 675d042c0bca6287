"""How a history is bound to an instance: the hours they share, classes of workloads, shares of hubs, and defects."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation, refuse
from placer.histories.history import History
from placer.histories.history_tables import table_of
from placer.instance.attributes.columns import Column, Kind, Table
from placer.instance.attributes.validation import is_missing
from placer.instance.hours.horizon import index_of
from placer.instance.problem import Instance
from placer.instance.tables.cleaning import FILE_ROUNDING
from placer.utils.arrays import FloatArray, IntArray, positions_in, ratio

#: The class that each workload follows; none for a workload whose demand stays as the instance has it.
CLASSES = Table("classes", ("workload",), (Column("workload", Kind.TEXT), Column("class", Kind.TEXT, default=None)))
#: Shares of hubs; without a workload, of every workload.
SHARES = Table(
    "shares",
    ("workload", "hub"),
    (
        Column("workload", Kind.TEXT, default=None),
        Column("hub", Kind.TEXT),
        Column("share", low=0, high=1, scaled=False),
    ),
)

#: Names as a user gives classes: a mapping from workload to class, a table, or a CSV file.
Classes = Mapping[str, str | None] | pd.DataFrame | str | os.PathLike[str]


def classes_of(given: Classes) -> dict[str, str | None]:
    """Return the class of every workload by its name; raises ``InstanceError`` for a table with violations."""
    if isinstance(given, Mapping):
        given = pd.DataFrame({"workload": list(given), "class": list(given.values())}, dtype=object)
    table = table_of(given, CLASSES)
    return {
        str(workload): None if is_missing(name) else str(name)
        for workload, name in zip(table["workload"], table["class"], strict=True)
    }


def day_problems(instance: Instance, history: History) -> list[Violation]:
    """Return why the horizon of an instance is no day whose hours are whole numbers of steps of a history."""
    length = instance.settings.hour_length
    hours = instance.hours
    found = []
    if abs(len(hours) * length - 24) > FILE_ROUNDING or (instance.weights != 1).any():
        problem = f"a horizon of {len(hours) * length:g} hours, or hours with weights"
        found.append(Violation("instance", "", "hours", problem, "one day whose hours count once"))
    first = index_of(hours)[0]
    from_midnight = first.hour + first.minute / 60 if isinstance(first, pd.Timestamp) else first * length % 24
    if from_midnight:
        found.append(Violation("instance", "", "hours", f"begin {from_midnight:g} h after midnight", "a midnight"))
    steps = 60 * length / history.step_minutes
    if abs(steps - round(steps)) > FILE_ROUNDING or round(steps) < 1:
        problem = f"{history.step_minutes:g} minutes do not divide the hours of the instance, {60 * length:g} minutes"
        found.append(Violation("history", "", "step_minutes", problem, "a whole number of steps an hour"))
    return found


def class_problems(instance: Instance, history: History, classes: Mapping[str, str | None]) -> list[Violation]:
    """Return the workloads without a class, the classes without a workload, and unknown ones of both."""
    workloads, asked = instance.workloads["workload"].tolist(), instance.demand["workload"].unique().tolist()
    known = ", ".join(history.classes)
    found = [Violation("classes", name, "", "no such workload", ", ".join(workloads)) for name in classes]
    found = [each for each in found if each.row not in workloads]
    found += [
        Violation("classes", name, "class", f"no class {label!r} in the history", known)
        for name, label in classes.items()
        if label is not None and label not in history.classes
    ]
    found += [
        Violation("classes", name, "class", "a workload without a class", f"{known}; None for demand as it is")
        for name in asked
        if name not in classes
    ]
    unused = [label for label in history.classes if label not in classes.values()]
    return found + [
        Violation("classes", "", label, "a class without a workload", "one workload or more, or a history without it")
        for label in unused
    ]


def hub_shares(instance: Instance, given: pd.DataFrame | str | os.PathLike[str] | None) -> FloatArray:
    """Return the share of every hub in the demand of every workload (workloads, hubs): as given, or of the instance.

    Raises
    ------
    InstanceError
        Listing every unknown name, and every workload whose shares do not sum to 1.
    """
    workloads, hubs = instance.workloads["workload"], instance.hubs["hub"]
    shares = np.zeros((len(workloads), len(hubs)))
    if given is None:
        demand = instance.demand
        at = positions_in(workloads, demand["workload"]), positions_in(hubs, demand["hub"])
        np.add.at(shares, at, demand["mtok"].to_numpy(float))
        return np.nan_to_num(ratio(shares, shares.sum(axis=1, keepdims=True)))
    table = table_of(given, SHARES)
    everywhere = table["workload"].isna().to_numpy()
    kind, hub = positions_in(workloads, table["workload"]), positions_in(hubs, table["hub"])
    found = [
        Violation("shares", str(table[column].iloc[row]), column, f"no such {column}", "a name of the instance")
        for column, places in (("workload", np.where(everywhere, 0, kind)), ("hub", hub))
        for row in np.flatnonzero(places < 0)
    ]
    if not found:
        share = table["share"].to_numpy(float)
        np.add.at(shares.T, hub[everywhere], share[everywhere, None])
        np.add.at(shares, (kind[~everywhere], hub[~everywhere]), share[~everywhere])
        asked = np.isin(np.arange(len(workloads)), positions_in(workloads, instance.demand["workload"]))
        total = shares.sum(axis=1)
        found = [
            Violation("shares", str(workloads[row]), "share", f"shares sum to {total[row]:.9g}", "1")
            for row in np.flatnonzero(asked & (np.abs(total - 1) > FILE_ROUNDING))
        ]
    refuse(found)
    return shares


def workload_totals(instance: Instance) -> FloatArray:
    """Return the demand of every workload in every hour, in Mtok (workloads, hours)."""
    demand = instance.demand
    totals = np.zeros((len(instance.workloads), len(instance.hours)))
    at = positions_in(instance.workloads["workload"], demand["workload"]), instance.demand_period
    np.add.at(totals, at, demand["mtok"].to_numpy(float))
    return totals


def spread(instance: Instance, totals: FloatArray, shares: FloatArray) -> Instance:
    """Return an instance whose demand is that of every workload and hour, shared out among hubs.

    Parameters
    ----------
    totals : (workloads, hours) float array
    shares : (workloads, hubs) float array
    """
    kind, hub = np.nonzero((shares > 0) & (totals.sum(axis=1) > 0)[:, None])
    hours = index_of(instance.hours)
    demand = {
        "workload": np.repeat(instance.workloads["workload"].to_numpy(object)[kind], len(hours)),
        "hub": np.repeat(instance.hubs["hub"].to_numpy(object)[hub], len(hours)),
        "hour": hours.take(np.tile(np.arange(len(hours)), len(kind))),
        "mtok": (totals[kind] * shares[kind, hub, None]).ravel(),
    }
    return instance.replace(demand=pd.DataFrame(demand))


def tokens_as_they_came(instance: Instance, mtok: FloatArray, place: IntArray) -> FloatArray:
    """Return the mean demand of every workload in every hour of a history, in Mtok (workloads, hours).

    Workloads of one class share its tokens as they do in the instance; those without a class keep their demand.

    Parameters
    ----------
    mtok : (classes, hours) float array
        Mean over the days of the history.
    place : (workloads,) int array
        Class of every workload; the number of classes for none.

    Raises
    ------
    InstanceError
        If a class has several workloads, or one, without demand in the instance.
    """
    own = workload_totals(instance)
    weight = own.sum(axis=1)
    of_class = np.bincount(place, weight, len(mtok) + 1)
    names = instance.workloads["workload"]
    empty = [str(names[row]) for row in np.flatnonzero((place < len(mtok)) & (of_class[place] <= 0))]
    if empty:
        problem = "no demand in the instance of any workload of its class"
        raise InstanceError(Violation("classes", name, "", problem, "demand that sets shares") for name in empty)
    share = weight / of_class[place]
    return np.where((place < len(mtok))[:, None], share[:, None] * np.vstack([mtok, mtok[:1]])[place], own)


def reference_problems(figure: FloatArray, reference: FloatArray, used: dict[str, int], name: str) -> list[Violation]:
    """Return the classes whose figure is unknown, and hours with demand whose reference is 0.

    Parameters
    ----------
    figure : (classes, days, hours, steps) float array
    reference : (classes, hours) float array
    used : dict
        Place of every class that a workload follows.
    name : str
        Of the figure.
    """
    found = []
    for label, place in used.items():
        if math.isnan(float(figure[place].sum())):
            found.append(Violation("history", label, name, "not known", "a class that has it, or the other figure"))
            continue
        hours = np.flatnonzero((reference[place] == 0) & (figure[place].sum(axis=(0, 2)) > 0))
        found += [
            Violation("history", f"{label}, hour {hour}", name, "0 at the reference, and more later", "other days")
            for hour in hours
        ]
    return found
