"""The task of a worker: from the number of a set to its row of figures, or to a row with the failure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from placer.batch.figures import Row, figures_of
from placer.column_generation.warm_start import KnownPrices
from placer.errors import InstanceError, NoSolutionError
from placer.instance.problem import Instance
from placer.termination import Reason
from placer.utils.shared import Shared

#: Statuses of a row besides those of ``placer.Reason``: a refused instance, and any other error.
REFUSED, ERROR = "refused", "error"


@dataclass(frozen=True)
class Job:
    """The data that all sets of a batch share.

    Attributes
    ----------
    known : tuple of KnownPrices
        Prices of the base instance's placement.
    time_limit_seconds : float
        For each answer of a set.
    """

    sets: Sequence[Instance]
    analyses: tuple[str, ...]
    known: tuple[KnownPrices, ...]
    time_limit_seconds: float

    def figures(self, number: int) -> Row:
        """Return the figures of a set; a ``status`` among them stands for ``optimal``."""
        return figures_of(self.sets[number], self.analyses, self.known, self.time_limit_seconds)


def solve_one(job: Shared[Job], number: int) -> Row:
    """Return the row of one set; runs in the executor."""
    shared, started = job.value, time.perf_counter()
    row: Row = {"number": number, "status": str(Reason.OPTIMAL), "detail": ""}
    try:
        row |= shared.figures(number)
    except NoSolutionError as error:
        row |= {"status": str(error.reason), "detail": str(error)}
    except InstanceError as error:
        row |= {"status": REFUSED, "detail": str(error)}
    return row | {"seconds": time.perf_counter() - started}


def failed_row(number: int, status: str, detail: str) -> Row:
    """Return the row of a set without figures."""
    return {"number": number, "status": status, "detail": detail}
