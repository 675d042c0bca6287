"""Smaller instances that stand for a whole one: merged hubs and data centres, representative hours.

Each hub, data centre and hour of the whole has a place in the smaller instance. Workloads, power zones, supplies and
links stay as they are, at their positions. Reductions chain: the place of a place is a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

import pandas as pd

from placer.instance.attributes.settings import Settings
from placer.instance.hours.days import Extremes
from placer.instance.hours.horizon import Hours, index_of
from placer.instance.network.routes import Routes
from placer.utils.arrays import FloatArray, IntArray

Whole = TypeVar("Whole", bound="Reducible")


class Reducible(Protocol):
    """What a reduction needs of an instance."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Every table by name."""
        ...

    @property
    def settings(self) -> Settings:
        """Settings of the whole instance."""
        ...

    @property
    def routes(self) -> Routes:
        """The routes from hubs to data centres."""
        ...

    @property
    def hours(self) -> Hours:
        """The hours of the horizon."""
        ...

    @property
    def weights(self) -> FloatArray:
        """How often every hour counts (hours,)."""
        ...

    def hourly(self, table: str, column: str) -> FloatArray:
        """Return an hourly or constant attribute (rows, hours)."""
        ...

    def replace(self, **changes: Any) -> Self:
        """Return an instance with some tables replaced."""
        ...

    def merge_hubs(self, count: int) -> Reduced[Self]:
        """Return an instance with fewer hubs."""
        ...

    def merge_data_centres(self, count: int) -> Reduced[Self]:
        """Return an instance with fewer data centres."""
        ...

    def representative_days(self, count: int, extremes: Extremes = ()) -> Reduced[Self]:
        """Return an instance with fewer days."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Reduced(Generic[Whole]):
    """A smaller instance, and where each part of the whole is found in it. ``placer.carry_back`` takes its answer back.

    Attributes
    ----------
    whole : Instance
        As it was.
    instance : Instance
        The smaller one: an instance like any other.
    hub, data_centre, hour : (hubs,), (data centres,), (hours,) int arrays
        The position in ``instance`` of what stands for each of ``whole``.

    Examples
    --------
    >>> import placer
    >>> small = placer.load("tiny").merge_hubs(2)
    >>> small
    <Reduced: 2 of 3 hubs, 3 of 3 data centres, 2 of 2 hours>
    >>> small.hubs
           merged_into
    hub
    Coast        Coast
    Delta        Coast
    Inland      Inland
    """

    whole: Whole
    instance: Whole
    hub: IntArray
    data_centre: IntArray
    hour: IntArray

    def merge_hubs(self, count: int) -> Reduced[Whole]:
        """Return the same with fewer hubs, as ``Instance.merge_hubs``."""
        return self.then(self.instance.merge_hubs(count))

    def merge_data_centres(self, count: int) -> Reduced[Whole]:
        """Return the same with fewer data centres, as ``Instance.merge_data_centres``."""
        return self.then(self.instance.merge_data_centres(count))

    def representative_days(self, count: int, extremes: Extremes = ()) -> Reduced[Whole]:
        """Return the same with fewer days, as ``Instance.representative_days``."""
        return self.then(self.instance.representative_days(count, extremes))

    def then(self, next_one: Reduced[Whole]) -> Reduced[Whole]:
        """Return the reduction of the whole that a reduction of ``instance`` makes."""
        return Reduced(
            self.whole,
            next_one.instance,
            next_one.hub[self.hub],
            next_one.data_centre[self.data_centre],
            next_one.hour[self.hour],
        )

    @property
    def hubs(self) -> pd.DataFrame:
        """The hub of ``instance`` that stands for each of ``whole``: ``merged_into``."""
        return _merged(self.whole, self.instance, "hubs", "hub", self.hub)

    @property
    def data_centres(self) -> pd.DataFrame:
        """The data centre of ``instance`` that stands for each of ``whole``: ``merged_into``."""
        return _merged(self.whole, self.instance, "data_centres", "data_centre", self.data_centre)

    @property
    def hours(self) -> pd.DataFrame:
        """The hour of ``instance`` that stands for each of ``whole``: ``represented_by``."""
        hours = index_of(self.instance.hours)[self.hour]
        return pd.DataFrame({"represented_by": hours}, index=index_of(self.whole.hours).rename("hour"))

    def __repr__(self) -> str:
        """Return the sizes in one line."""
        sizes = [
            f"{few:,} of {many:,} {name}"
            for name, few, many in (
                ("hubs", len(self.instance.tables["hubs"]), len(self.hub)),
                ("data centres", len(self.instance.tables["data_centres"]), len(self.data_centre)),
                ("hours", len(self.instance.hours), len(self.hour)),
            )
        ]
        return f"<Reduced: {', '.join(sizes)}>"


def _merged(whole: Reducible, small: Reducible, table: str, key: str, place: IntArray) -> pd.DataFrame:
    names = small.tables[table][key].to_numpy(object)[place]
    return pd.DataFrame({"merged_into": names}, index=pd.Index(whole.tables[table][key], name=key))
