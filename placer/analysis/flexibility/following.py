"""Column generation of structures that differ in limits alone, each from the last master of the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from placer.column_generation.around import AroundColumnGeneration

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.column_generation.opening import Opening
    from placer.column_generation.start import Start
    from placer.model.answer import Answer
    from placer.model.structure import Structure


@dataclass(eq=False)
class LastMaster:
    """The master that was solved last; a solve takes it and leaves its own.

    Attributes
    ----------
    opening : Opening or None
        None before the first solve, and after one whose master is too large to go on from.
    """

    opening: Opening | None = None


@dataclass(frozen=True, eq=False)
class Following(AroundColumnGeneration):
    """A ``StructureSolver`` that moves the last master to the limits of a structure.

    A structure that the master cannot be moved to is solved from prices.

    Attributes
    ----------
    solver : ColumnGeneration
    last : LastMaster
    known : callable
        Returns a start from prices, None if none are known.
    """

    last: LastMaster
    known: Callable[[], Start | None]

    def answer(self, structure: Structure, start: Start | None = None) -> Answer:
        """Answer a structure, and keep the master."""
        opening, self.last.opening = self.last.opening, None
        found = None if opening is None else self.solver.answer_moved(structure, opening)
        if found is None:
            found = self.solver.answer_from(structure, self.known() if start is None else start)
        answer, self.last.opening = found
        return answer
