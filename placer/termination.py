"""Why a solver stopped: the words that answers, errors and certificates have in common."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a solver stopped."""

    OPTIMAL = "optimal"
    """The solver claims an optimal solution."""
    INFEASIBLE = "infeasible"
    """No point satisfies the rows and bounds."""
    UNBOUNDED = "unbounded"
    """The cost can fall without limit."""
    INFEASIBLE_OR_UNBOUNDED = "infeasible or unbounded"
    """One of the two; the solver did not find out which."""
    TIME_LIMIT = "time limit"
    """The time allowed is over."""
    ITERATION_LIMIT = "iteration limit"
    """The iterations allowed are done."""
    MEMORY_LIMIT = "memory limit"
    """The memory is used up."""
    INTERRUPTED = "interrupted"
    """The user stopped it."""
    FAILED = "failed"
    """The solver gave up, crashed, or returned an unreadable answer."""


@dataclass(frozen=True)
class Termination:
    """Why a solver stopped, and its own words for it.

    Attributes
    ----------
    reason : Reason
    detail : str
        The solver's name, method and status as it says them; how many attempts were needed, if more than one.
    """

    reason: Reason
    detail: str = ""
