"""A clock that long work looks at: it stops the work when time is up, and tells how far it is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: A path of prices takes up to so many steps on instances that column generation suits.
USUAL_STEPS = 50
#: Dear steps are given up if so many of them would take more than this multiple of the patience.
DEAR = 5.0


class OutOfTimeError(Exception):
    """The time allowed is used up. Caught where the work was begun; never reaches a user."""


class OutOfPatienceError(Exception):
    """The path takes longer than it is worth. Caught where the work was begun; never reaches a user."""


@dataclass(frozen=True)
class Watch:
    """When to stop, and whom to tell.

    Attributes
    ----------
    limit_seconds : float
    tell : callable
        Given a sentence on how far the work is.
    started : float
    patience_seconds : float
        Estimated work on the path after which it is given up, if it is long or its steps are dear. The estimate counts
        operations (``placer.solvers.column_generation.dual.path.step_seconds``) and never looks at the clock, so that
        the same instance ends the same way on every machine.
    spent : list of float
        The estimate of every step so far.
    """

    limit_seconds: float = math.inf
    tell: Callable[[str], None] = lambda _: None
    started: float = field(default_factory=time.perf_counter)
    patience_seconds: float = math.inf
    spent: list[float] = field(default_factory=list)

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def left(self) -> float:
        """Seconds left; inf without a limit."""
        return self.limit_seconds - self.passed

    def check(self) -> None:
        """Raise OutOfTimeError if no time is left."""
        if self.left <= 0:
            raise OutOfTimeError

    def spend(self, seconds: float) -> None:
        """Count the estimate of a step; raise OutOfPatienceError if the path is not worth more of them."""
        self.spent.append(seconds)
        self._judge()

    def spend_more(self, seconds: float) -> None:
        """Count work beside the steps (prices of caps are sought by paths of their own) as part of the last one."""
        self.spent[-1:] = [sum(self.spent[-1:]) + seconds]
        self._judge()

    def _judge(self) -> None:
        total, steps = sum(self.spent), len(self.spent)
        is_long, is_dear = steps >= USUAL_STEPS, total / steps * USUAL_STEPS > DEAR * self.patience_seconds
        if total > self.patience_seconds and (is_long or is_dear):
            raise OutOfPatienceError
