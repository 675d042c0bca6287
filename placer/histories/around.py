"""A history around an instance: its classes mapped to workloads, and each of its days a demand set.

With c the class of workload w, the demand of w at hub h in step s of day d, which lies in hour t of the instance, is

    mtok(d)[w, h, s] = D[w, h, t] / K . x[c, d, s] / r[c, t]

where D is the demand of the instance around which the days lie, K the steps of its hour, x a figure of the history, and
r the reference of x:

    requests, mtok    x is that figure, and r the median over the reference days of its mean in the hour. D is the
                      demand of the instance: the instance gives the level, the history the shape
    absolute          x is the Mtok, and r its mean in the hour over all days. D is the mean over all days of the Mtok
                      of c in the hour, shared out among its workloads as in the instance: tokens as they came

A workload without a class has the demand of the instance every day, evenly over the steps of an hour. Shares of hubs
are those of each workload in the instance, or given in a table, then equal in all hours; absolute demand has equal
shares in all hours too.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation, collected, refuse
from placer.histories.binding import (
    Classes,
    class_problems,
    classes_of,
    day_problems,
    hub_shares,
    reference_problems,
    spread,
    tokens_as_they_came,
    workload_totals,
)
from placer.histories.history import History
from placer.histories.history_sets import Block, HistorySets, Keep, amount_problems, drawn_days
from placer.instance.arguments import need, need_instance
from placer.instance.problem import Instance
from placer.utils.arrays import FloatArray, IntArray, positions_in, ratio

Scale = Literal["requests", "mtok", "absolute"]
_SCALES = ("requests", "mtok", "absolute")
_WEEK = 7


@dataclass(frozen=True, eq=False, repr=False)
class DemandHistory:
    """A history whose classes are mapped to the workloads of an instance.

    Attributes
    ----------
    history : History
    instance : Instance
        Of one day, from a midnight on. Once built, the instance around which the days lie: its demand is D above.
    classes : mapping of str to (str or None), DataFrame or path
        The class that each workload follows; None for demand as the instance has it. As a table or CSV file: columns
        ``workload`` and ``class``.
    scale : str
        ``requests``, ``mtok`` or ``absolute``, as above.
    reference_days : int
        The first days, whose median is the reference of ``requests`` and ``mtok``.
    shares : DataFrame or path, optional
        ``hub`` and ``share``, with a ``workload`` where shares differ; those of a workload sum to 1.

    Raises
    ------
    InstanceError
        Listing every violation: a workload without a class, a class without a workload, unknown names, shares that do
        not sum to 1, hours that are no whole number of steps, fewer days than the reference takes, a reference of 0, or
        amounts that no instance can state.

    Examples
    --------
    >>> import pandas as pd, placer
    >>> rows = [{"class": "all", "step": step, "requests": n} for step, n in enumerate([10, 20, 30, 20])]
    >>> history = placer.History.of_table(pd.DataFrame(rows), step_minutes=720)
    >>> tiny = placer.load("tiny").replace(hour_length=12.0)
    >>> days = placer.DemandHistory(history, tiny, dict.fromkeys(["voice", "chat", "batch"], "all"), reference_days=1)
    >>> [float(days.demand(day)["mtok"].sum()) for day in range(2)]
    [240.0, 530.0]
    >>> len(days.sets())
    2
    """

    history: History
    instance: Instance
    classes: Classes
    scale: Scale = "requests"
    reference_days: int = _WEEK
    shares: pd.DataFrame | str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        """Check the parts, and find the instance around which the days lie."""
        need(self.history, History, "a history", "placer.History.of_rates(file) returns one")
        need_instance(self.instance)
        found = day_problems(self.instance, self.history)
        classes = collected(found, lambda: classes_of(self.classes))
        shares = collected(found, lambda: hub_shares(self.instance, self.shares))
        if self.scale not in _SCALES:
            found.append(Violation("history", "", "scale", f"{self.scale!r} is none", ", ".join(_SCALES)))
        days = self.history.days
        is_whole = isinstance(self.reference_days, int)
        if self.scale != "absolute" and not (is_whole and 1 <= self.reference_days <= days):
            problem = f"{self.reference_days!r} of {days} days"
            found.append(Violation("history", "", "reference_days", problem, f"a whole number from 1 to {days}"))
        found += [] if classes is None else class_problems(self.instance, self.history, classes)
        if found or classes is None or shares is None:
            raise InstanceError(found)
        object.__setattr__(self, "classes", classes)
        used = {name: number for number, name in enumerate(self.history.classes)}
        refuse(reference_problems(self._figure, self._reference, used, self._measure))
        if self.scale == "absolute":
            mean = self._figure.sum(axis=3).mean(axis=1)
            totals = tokens_as_they_came(self.instance, mean, self._class_of_workload)
            object.__setattr__(self, "instance", spread(self.instance, totals, shares))
        elif self.shares is not None:
            object.__setattr__(self, "instance", spread(self.instance, workload_totals(self.instance), shares))
        refuse(amount_problems(self.sets()))

    @property
    def days(self) -> int:
        """Number of days."""
        return self.history.days

    @property
    def steps_per_hour(self) -> int:
        """Steps of the history in an hour of the instance."""
        return self.history.steps_per_day // len(self.instance.hours)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """One row per pair of ``workload`` and ``hub`` with demand, in the order of the rows of ``mtok``."""
        return self.instance.demand[["workload", "hub"]].drop_duplicates(ignore_index=True)

    @property
    def mtok_per_request(self) -> FloatArray:
        """Mean size of a request of every pair, Mtok (pairs,); NaN where its class has no requests or no tokens."""
        mtok, requests = (getattr(self.history, name).to_numpy(float).sum(axis=0) for name in ("mtok", "requests"))
        return np.append(ratio(mtok, requests), np.nan)[self._class_of_pair]

    def mtok(self, day: int) -> FloatArray:
        """Return the demand of a day in Mtok (pairs, steps); the steps of an hour sum to the row of ``demand``."""
        factor = self._factors[self._class_of_pair, self._day(day)]
        return (self._amounts[:, :, None] / self.steps_per_hour * factor).reshape(len(self.pairs), -1)

    def demand(self, day: int) -> pd.DataFrame:
        """Return the demand table of a day, with the rows of the instance in their order."""
        return self.sets([self._day(day)]).demand(0)

    def sets(self, days: Iterable[int] | None = None) -> HistorySets:
        """Return days as demand sets: all days if not given.

        Raises
        ------
        InstanceError
            Listing every day that the history does not have.
        """
        return self._sets(np.repeat(self._chosen(days)[:, None], len(self.instance.hours), axis=1))

    def bootstrap(
        self,
        count: int,
        seed: int = 0,
        block: Block = "day",
        keep: Keep = "weekday",
        days: Iterable[int] | None = None,
    ) -> HistorySets:
        """Return demand sets drawn with replacement from the days of the history.

        A set depends on its number and the seed, not on the number of sets.

        Parameters
        ----------
        count : int
            Number of sets.
        seed : int
        block : str
            ``day``: a set is a day as it was. ``hour``: every hour is drawn from a day of its own.
        keep : str, optional
            ``weekday``: set n is drawn from the days d with d - n a multiple of 7. None: from all days.
        days : iterable of int, optional
            The days that are drawn from; all if not given.

        Raises
        ------
        InstanceError
            Listing every violation, such as a weekday without a day.
        """
        return self._sets(drawn_days(self._chosen(days), len(self.instance.hours), count, seed, block, keep))

    def __repr__(self) -> str:
        """Return the size of the history, and of the instance, in one line."""
        return f"<{repr(self.history).strip('<>')} around {repr(self.instance).strip('<>')}>"

    def __getstate__(self) -> dict[str, Any]:
        """Omit attributes that can be derived again."""
        derived = {name for name, kind in vars(type(self)).items() if isinstance(kind, cached_property)}
        return {name: value for name, value in vars(self).items() if name not in derived}

    @property
    def _measure(self) -> str:
        return "requests" if self.scale == "requests" else "mtok"

    @cached_property
    def _figure(self) -> FloatArray:
        """The figure x (classes, days, hours, steps of an hour)."""
        values = getattr(self.history, self._measure).to_numpy(float)
        return values.T.reshape(values.shape[1], self.days, len(self.instance.hours), -1)

    @cached_property
    def _reference(self) -> FloatArray:
        """The reference r (classes, hours)."""
        means = self._figure.mean(axis=3)
        return means.mean(axis=1) if self.scale == "absolute" else np.median(means[:, : self.reference_days], axis=1)

    @cached_property
    def _factors(self) -> FloatArray:
        """The ratio x / r (classes, days, hours, steps), with 1 as a last class; 0 where both are 0."""
        found = np.nan_to_num(
            ratio(self._figure, np.broadcast_to(self._reference[:, None, :, None], self._figure.shape))
        )
        return np.concatenate([found, np.ones((1, *found.shape[1:]))])

    @cached_property
    def _class_of_workload(self) -> IntArray:
        """The class of every workload (workloads,): the number of classes where it has none."""
        place = {name: number for number, name in enumerate(self.history.classes)}
        given = classes_of(self.classes)
        return np.array([place.get(given.get(name) or "", len(place)) for name in self.instance.workloads["workload"]])

    @cached_property
    def _class_of_pair(self) -> IntArray:
        return self._class_of_workload[positions_in(self.instance.workloads["workload"], self.pairs["workload"])]

    @cached_property
    def _pair_of_row(self) -> IntArray:
        found = self.instance.demand.groupby(["workload", "hub"], sort=False).ngroup()  # numbered as they first appear
        return found.to_numpy()

    @cached_property
    def _amounts(self) -> FloatArray:
        """The demand D (pairs, hours)."""
        amounts = np.zeros((len(self.pairs), len(self.instance.hours)))
        amounts[self._pair_of_row, self.instance.demand_period] = self.instance.demand["mtok"]
        return amounts

    def _sets(self, day_of_hour: IntArray) -> HistorySets:
        filled = self.history.filled
        of_days = filled[filled["day"].isin(np.unique(day_of_hour))].reset_index(drop=True)
        class_of_row = self._class_of_pair[self._pair_of_row]
        return HistorySets(self.instance, self._factors.mean(axis=3), class_of_row, day_of_hour, of_days)

    def _day(self, day: int) -> int:
        """Return the place of a day; raises ``IndexError`` if the history does not have it."""
        place = operator.index(day)
        if not 0 <= place < self.days:
            raise IndexError(f"day {place} of {self.days}")
        return place

    def _chosen(self, days: Iterable[int] | None) -> IntArray:
        """Return the places of some days, all if none are given."""
        chosen = list(range(self.days)) if days is None else list(days)
        bad = [day for day in chosen if not (isinstance(day, (int, np.integer)) and 0 <= day < self.days)]
        allowed = f"a whole number from 0 to {self.days - 1}"
        found = [Violation("history", f"day {day!r}", "days", "no such day", allowed) for day in bad]
        if not chosen:
            found.append(Violation("history", "", "days", "no days", "one or more"))
        refuse(found)
        return np.array(chosen, dtype=np.int64)
