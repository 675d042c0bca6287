"""A published figure, and whether ours is the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: Largest relative difference from a published figure.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Published:
    """A published problem.

    Attributes
    ----------
    verb : str
        What the problem is stated as.
    name, source : str
    figure : str
        What is compared.
    value : float
        The published answer.
    ours : callable
        Solves the problem with placer and returns the same figure.
    last_place : float
        The unit of the last place to which the answer is published; 0 if it is exact.
    """

    verb: str
    name: str
    source: str
    figure: str
    value: float
    ours: Callable[[], float]
    last_place: float = 0.0

    @property
    def problem(self) -> str:
        """The problem without its case: a name up to the first comma."""
        return self.name.partition(",")[0]

    def agrees(self, ours: float) -> bool:
        """Whether a figure is the published one: rounded to its last place, or to ``TOLERANCE`` if it is exact."""
        return abs(ours - self.value) <= max(TOLERANCE * abs(self.value), self.last_place / 2)
