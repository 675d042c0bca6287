"""Demand sets: an instance under uncertain demand, drawn from a seed with the shocks of ``placer.synthetic.shocks``."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import pandas as pd

from placer.instance.arguments import need_instance
from placer.instance.attributes.columns import Column, Kind
from placer.instance.problem import Instance
from placer.synthetic.grid import DemandGrid, demand_grid, within_limits
from placer.synthetic.shocks import draw_demand
from placer.synthetic.uncertainty import Uncertainty, refuse_values
from placer.utils import notebook
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


_COUNT = Column("count", Kind.WHOLE, low=1, high=1e15, scaled=False)
_SEED = Column("seed", Kind.WHOLE, low=0, scaled=False)


@dataclass(frozen=True, repr=False)
class DemandSets(SetsAround):
    """A sequence of instances that differ in their demand, each built on access.

    Attributes
    ----------
    count : int
        Number of sets, at least 1.
    seed : int
        At least 0.

    Examples
    --------
    >>> import placer
    >>> sets = placer.DemandSets(placer.load("tiny"), count=3, seed=7)
    >>> [round(placer.solve(each).cost_usd, 2) for each in sets] == [
    ...     round(placer.solve(sets[number]).cost_usd, 2) for number in range(3)
    ... ]
    True
    >>> sets.demand(1).columns.tolist()
    ['workload', 'hub', 'hour', 'mtok']
    """

    instance: Instance
    uncertainty: Uncertainty = field(default_factory=Uncertainty)
    count: int = 100  # type: ignore[assignment]  # in place of the method that counts equal items
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse an invalid count or seed."""
        refuse_values("demand_sets", {"count": self.count, "seed": self.seed}, (_COUNT, _SEED))

    def __len__(self) -> int:
        """Return the number of sets."""
        return int(self.count)

    @property
    def identity(self) -> dict[str, Any]:
        """All that the sets depend on beside the instance, in JSON types."""
        return {"uncertainty": self.uncertainty.as_dict(), "count": len(self), "seed": self.seed}

    def drawn(self, number: int) -> tuple[FloatArray, FloatArray]:
        """Return the Mtok of every row of the demand of one set, and the factor on the steps of every workload."""
        mtok, steps = draw_demand(self._grid, self.uncertainty, int(self.seed), self.place_of(number))
        return mtok.ravel()[self._grid.cell], steps

    def __repr__(self) -> str:
        """Return the number of sets, the seed, and the instance that they are around, in one line."""
        return f"<{len(self):,} demand sets of seed {self.seed} around {str(self.instance).strip('<>')}>"

    def _repr_html_(self) -> str:
        """Return the parameters of the sets as HTML, for notebooks."""
        given = [(item.name, getattr(self.uncertainty, item.name)) for item in fields(Uncertainty)]
        return notebook.figures(
            [
                ("Demand sets", f"{len(self):,} of seed {self.seed}"),
                ("Around", repr(self.instance).strip("<>")),
                *((name, f"{value:g}") for name, value in given),
            ]
        )

    def __getstate__(self) -> dict[str, Any]:
        """Omit attributes that can be derived again."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @cached_property
    def _grid(self) -> DemandGrid:
        return demand_grid(self.instance)


def demand_sets(instance: Instance, n: int = 100, seed: int = 0, uncertainty: Uncertainty | None = None) -> DemandSets:
    """Return ``n`` demand sets around an instance: ``DemandSets`` with the arguments in a natural order.

    Raises
    ------
    InstanceError
        If the number or the seed is invalid.

    Examples
    --------
    >>> import placer
    >>> len(placer.synthetic.demand_sets(placer.load("tiny"), n=3, seed=7))
    3
    """
    need_instance(instance)
    return DemandSets(instance, uncertainty or Uncertainty(), n, seed)
