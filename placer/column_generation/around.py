"""Base class of the solvers that wrap column generation and choose its start."""

from __future__ import annotations

from dataclasses import dataclass

from placer.column_generation.solver import ColumnGeneration
from placer.model.program import Solver


@dataclass(frozen=True, eq=False)
class AroundColumnGeneration:
    """All of a ``StructureSolver`` but ``answer``, as column generation has it.

    Attributes
    ----------
    solver : ColumnGeneration
    """

    solver: ColumnGeneration

    @property
    def name(self) -> str:
        """Name for messages."""
        return self.solver.name

    @property
    def time_limit_seconds(self) -> float:
        """Time after which it stops."""
        return self.solver.time_limit_seconds

    def fallback(self, seconds_left: float) -> Solver:
        """Return a solver for the whole program."""
        return self.solver.fallback(seconds_left)
