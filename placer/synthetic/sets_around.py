"""Demand sets around an instance: a sequence of instances that differ from it in their demand, each built on access."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from placer.instance.problem import Instance
from placer.synthetic.grid import within_limits

if TYPE_CHECKING:
    import pandas as pd

    from placer.utils.arrays import FloatArray


class SetsAround(Sequence[Instance], ABC):
    """Demand sets around an instance. Batches, plans and stores take any; a kind of sets says how demand is drawn.

    Attributes
    ----------
    instance : Instance
        The instance around which the sets lie.
    """

    instance: Instance

    @property
    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """All that the sets depend on beside the instance, in JSON types: a store keeps it."""

    @abstractmethod
    def drawn(self, number: int) -> tuple[FloatArray, FloatArray]:
        """Return the Mtok of every row of the demand of one set, and the factor on the steps of every workload."""

    def __getitem__(self, number: int) -> Instance:  # type: ignore[override]  # a slice would build them all
        """Return the instance of one set."""
        mtok, steps = self.drawn(number)
        changes = {"demand": self.instance.demand.assign(mtok=mtok)}
        if (steps != 1).any():
            workloads = self.instance.workloads
            trips = within_limits(workloads["tool_round_trips"].to_numpy(float) * steps)
            changes["workloads"] = workloads.assign(tool_round_trips=trips)
        return self.instance.replace(**changes)

    def demand(self, number: int) -> pd.DataFrame:
        """Return the demand table of one set, with the rows of the instance in their order."""
        return self.instance.demand.assign(mtok=self.drawn(number)[0])

    def place_of(self, number: int) -> int:
        """Return the place of a set that may be counted from the end; raises ``IndexError`` if there is none."""
        place = operator.index(number)
        if not -len(self) <= place < len(self):
            raise IndexError(f"set {place} of {len(self)}")
        return place % len(self)
