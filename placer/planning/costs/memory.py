"""A memory of states that were solved or priced."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from placer.column_generation.early_point import EarlyPoint
from placer.decomposition.oracle import Evaluated
from placer.utils.arrays import FloatArray


class Memory(Protocol):
    """A store of solved states, such as ``placer.planning.search.journal``."""

    @property
    def points(self) -> Mapping[int, EarlyPoint]:
        """The last early point of every state that was priced inexactly."""
        ...

    def find(self, state: int, units: FloatArray) -> Evaluated | None:
        """Return a state at some units, if it was solved there."""
        ...

    def add(self, units: FloatArray, each: Evaluated) -> None:
        """Remember a state that was solved at some units."""
        ...

    def add_priced(self, units: FloatArray, each: Evaluated, point: EarlyPoint) -> None:
        """Remember a state that was priced inexactly at some units."""
        ...

    def priced_at(self) -> FloatArray | None:
        """Return the units at which most states were priced inexactly; None if none was."""
        ...


class NoMemory:
    """Remembers nothing."""

    points: Mapping[int, EarlyPoint] = MappingProxyType({})

    def find(self, state: int, units: FloatArray) -> None:
        """Return None."""

    def add(self, units: FloatArray, each: Evaluated) -> None:
        """Do nothing."""

    def add_priced(self, units: FloatArray, each: Evaluated, point: EarlyPoint) -> None:
        """Do nothing."""

    def priced_at(self) -> None:
        """Return None."""
