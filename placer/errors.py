"""What can go wrong, said in the project's own words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from placer.texts import visible

if TYPE_CHECKING:
    from collections.abc import Iterable


#: How many violations a message spells out; all of them are in ``InstanceError.violations``.
SHOWN = 20


class PlacerError(Exception):
    """Base of every error this package raises on purpose."""


@dataclass(frozen=True)
class Violation:
    """One defect of the input.

    Attributes
    ----------
    table : str
        Table, file or graph part the value stands in.
    row : str
        Name of the node, edge, workload or line; empty if the whole table is meant.
    column : str
        Column or attribute; empty if the whole row is meant.
    problem : str
        What is wrong, in a few words.
    allowed : str
        What would be right.
    """

    table: str
    row: str
    column: str
    problem: str
    allowed: str = ""

    def __str__(self) -> str:
        """Return the violation as one line, with what cannot be printed escaped: names may come from broken files."""
        place = self.table + (f"[{self.row}]" if self.row else "") + (f".{self.column}" if self.column else "")
        text = f"{place}: {self.problem}" + (f" (allowed: {self.allowed})" if self.allowed else "")
        return visible(text)


class InstanceError(PlacerError, ValueError):
    """The input is not a valid instance. Lists every violation found, not only the first.

    Attributes
    ----------
    violations : tuple of Violation
        All defects, in the order of the tables.
    """

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__(self.violations)

    def __str__(self) -> str:
        """Return one line per violation, the first 20 of them."""
        lines = [f"  {violation}" for violation in self.violations[:SHOWN]]
        hidden = len(self.violations) - len(lines)
        if hidden:
            lines.append(f"  and {hidden} more")
        count = len(self.violations)
        return "\n".join([f"{count} violation{'s' * (count != 1)} in the input", *lines])


class SolverError(PlacerError):
    """A solver is not available here, or was given an option it does not have."""


class OutputError(PlacerError, OSError):
    """A file or folder cannot be written. What stood there before stays."""


class StoreError(PlacerError):
    """Results cannot be stored, read or resumed. The file is left as it is."""


class BatchError(PlacerError):
    """A batch cannot go on, or cannot be kept as asked. The rows there are, are kept."""


class WorkerDiedError(PlacerError):
    """The process a task ran in ended before the task did: it was killed, crashed, or ran out of memory."""


class NoSolutionError(PlacerError):
    """No verified solution was reached.

    Attributes
    ----------
    reason : str
        Why the solver stopped, as in ``placer.Termination.reason``.
    detail : str
        What happened, attempt by attempt.
    bound_usd : float
        The least any placement can cost, penalty included, as far as it was proven; -inf if nothing was.
    placement : Placement or None
        The best placement found before a limit was reached, feasible as its ``certificate`` shows and not proven
        optimal; None if there is none.
    """

    def __init__(self, reason: str, detail: str, bound_usd: float = -math.inf, placement: Any = None) -> None:
        self.reason = reason
        self.detail = detail
        self.bound_usd = bound_usd
        self.placement = placement
        super().__init__(reason, detail, bound_usd, placement)

    def __str__(self) -> str:
        """Return the reason and what happened."""
        bound = "" if math.isinf(self.bound_usd) else f"; no placement costs less than {self.bound_usd:,.2f} USD"
        best = "" if self.placement is None else f", the best so far {self.placement.certificate.objective:,.2f} USD"
        return f"no verified solution ({self.reason}): {self.detail}{bound}{best}"
