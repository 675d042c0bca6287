"""Demand sets from the days of a history, as they were or drawn with replacement."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from placer.errors import Violation, refuse
from placer.instance.attributes.columns import Column, Kind
from placer.instance.attributes.schema import DEMAND
from placer.instance.attributes.validation import clean_numbers
from placer.instance.problem import Instance
from placer.synthetic import SetsAround
from placer.synthetic.uncertainty import refuse_values
from placer.utils.arrays import FloatArray, IntArray

Block = Literal["day", "hour"]
Keep = Literal["weekday"] | None

_DRAWS = (
    Column("count", Kind.WHOLE, low=1, high=1e7, scaled=False),
    Column("seed", Kind.WHOLE, low=0, scaled=False),
)
_WEEK = 7


@dataclass(frozen=True, eq=False, repr=False)
class HistorySets(SetsAround):
    """Demand sets from the days of a history; ``placer.DemandHistory`` makes them.

    Attributes
    ----------
    instance : Instance
        The instance around which they lie.
    factors : (classes, days, hours) float array
        Of the demand, by class, day of the history and hour of the instance.
    class_of_row : (rows,) int array
        Class of every row of the demand.
    day_of_hour : (sets, hours) int array
        The day that every hour of every set is taken from.
    filled : DataFrame
        The filled steps of these days: ``class``, ``day``, ``step`` and ``rule``.
    """

    instance: Instance
    factors: FloatArray
    class_of_row: IntArray
    day_of_hour: IntArray
    filled: pd.DataFrame

    def __len__(self) -> int:
        """Return the number of sets."""
        return len(self.day_of_hour)

    @property
    def identity(self) -> dict[str, Any]:
        """All that the sets depend on beside the instance, in JSON types."""
        digest = hashlib.sha256(np.ascontiguousarray(self.factors).tobytes())
        digest.update(self.class_of_row.astype("<i8").tobytes())
        days = hashlib.sha256(self.day_of_hour.astype("<i8").tobytes())
        return {"history": digest.hexdigest(), "days": days.hexdigest(), "count": len(self)}

    def drawn(self, number: int) -> tuple[FloatArray, FloatArray]:
        """Return the Mtok of every row of the demand of one set, and the factor on the steps of every workload: 1."""
        period = self.instance.demand_period
        factor = self.factors[self.class_of_row, self.day_of_hour[self.place_of(number)][period], period]
        return self.instance.demand["mtok"].to_numpy(float) * factor, np.ones(len(self.instance.workloads))

    def __repr__(self) -> str:
        """Return the number of sets, of filled steps in their days, and the instance, in one line."""
        filled = f", {len(self.filled):,} steps filled" if len(self.filled) else ""
        return f"<{len(self):,} sets of a history{filled}, around {repr(self.instance).strip('<>')}>"


def amount_problems(days: HistorySets) -> list[Violation]:
    """Return the amounts of all days that no instance can state, or that are too far apart to be solved together."""
    demand = days.instance.demand
    amounts = np.concatenate([days.drawn(number)[0] for number in range(len(days))])

    def label(place: int) -> str:
        day, row = divmod(place, len(demand))
        workload, hub, hour = demand.loc[row, ["workload", "hub", "hour"]]
        return f"{workload}|{hub}|{hour}, day {day}"

    return clean_numbers(pd.Series(amounts), DEMAND.column("mtok"), "demand", label)[1]


def drawn_days(days: IntArray, hours: int, count: int, seed: int, block: Block, keep: Keep) -> IntArray:
    """Return the day that every hour of every set is taken from, drawn from days with replacement (sets, hours).

    A set depends on its number and the seed, not on the number of sets.

    Raises
    ------
    InstanceError
        Listing every violation, such as a weekday without a day.
    """
    refuse_values("history", {"count": count, "seed": seed}, _DRAWS)
    known: dict[str, tuple[object, tuple[object, ...]]] = {
        "block": (block, ("day", "hour")),
        "keep": (keep, ("weekday", None)),
    }
    found = [
        Violation("history", "", name, f"{given!r} is none", " or ".join(map(str, allowed)))
        for name, (given, allowed) in known.items()
        if given not in allowed
    ]
    found += [
        Violation("history", f"weekday {place}", "days", "no day to draw from", "a week or more, or keep=None")
        for place in range(_WEEK)
        if keep == "weekday" and not (days % _WEEK == place).any()
    ]
    refuse(found)
    drawn = np.empty((int(count), hours), dtype=np.int64)
    for number in range(len(drawn)):
        of_set = days[days % _WEEK == number % _WEEK] if keep == "weekday" else days
        size = hours if block == "hour" else 1
        drawn[number] = of_set[np.random.default_rng((int(seed), number)).integers(len(of_set), size=size)]
    return drawn
