"""When column generation stops before it is done: a time limit, and patience with the path of prices."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from placer.column_generation.dual.parameters import EFFORT, EffortParameters


class OutOfTimeError(Exception):
    """The time limit is reached. ``generation`` catches it; it never reaches a user."""


class OutOfPatienceError(Exception):
    """Path or masters take more work than they are worth. ``generation`` catches it; it never reaches a user."""


@dataclass(eq=False)
class Deadline:
    """When to stop, and whom to tell of progress.

    Attributes
    ----------
    limit_seconds : float
        Time limit, from ``started`` on.
    tell : callable
        Called with a sentence on progress.
    started : float
        Reading of ``time.perf_counter`` at the start.
    patience_seconds : float
        Estimated work on the path after which it is given up, if the path is long or its steps are dear. The estimate
        counts operations (``dual.effort``) and never reads the clock, so that the same instance ends the
        same way on every machine.
    effort : EffortParameters
        Says when a path is long, and when its steps are dear.
    spent : list of float
        Estimated seconds of every step so far.
    """

    limit_seconds: float = math.inf
    tell: Callable[[str], None] = lambda _: None
    started: float = field(default_factory=time.perf_counter)
    patience_seconds: float = math.inf
    effort: EffortParameters = EFFORT
    spent: list[float] = field(default_factory=list)

    @property
    def seconds_passed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def seconds_left(self) -> float:
        """Seconds until the limit; inf without one."""
        return self.limit_seconds - self.seconds_passed

    def check(self) -> None:
        """Raise OutOfTimeError if no time is left."""
        if self.seconds_left <= 0:
            raise OutOfTimeError

    def count_set_up(self, seconds: float, first_step: float) -> None:
        """Raise OutOfPatienceError before the path starts if its set-up takes the patience, or its steps will be dear.

        Parameters
        ----------
        seconds : float
            Estimated seconds before the first step.
        first_step : float
            Estimated seconds of a step at prices of zero; no step takes less.
        """
        if seconds > self.patience_seconds or self._is_dear(first_step):
            raise OutOfPatienceError

    def count_step(self, seconds: float) -> None:
        """Count a step by its estimated seconds; raise OutOfPatienceError if the path is not worth more of them."""
        self.spent.append(seconds)
        self._judge()

    def count_work(self, seconds: float) -> None:
        """Count work beside the steps, such as the paths that price a cap, towards the last step."""
        self.spent[-1:] = [sum(self.spent[-1:]) + seconds]
        self._judge()

    def count_round(self, number: int, columns: int, assignments: int) -> None:
        """Raise OutOfPatienceError before a late master that is a large part of the whole program.

        Parameters
        ----------
        number : int
            Number of the round, from 1 on.
        columns, assignments : int
            Columns of the master, and of the whole program.
        """
        is_late, is_large = number > self.effort.usual_rounds, columns > self.effort.most_master_part * assignments
        if math.isfinite(self.patience_seconds) and is_late and is_large:
            raise OutOfPatienceError

    def _judge(self) -> None:
        """Raise if ``total > patience`` and the path is long or, at the mean of its steps so far, will be dear."""
        total, steps = sum(self.spent), len(self.spent)
        is_long = steps >= self.effort.usual_steps
        if total > self.patience_seconds and (is_long or self._is_dear(total / steps)):
            raise OutOfPatienceError

    def _is_dear(self, step: float) -> bool:
        """Return whether ``usual_steps * step > dear_multiple * patience``, with the seconds of a step."""
        return step * self.effort.usual_steps > self.effort.dear_multiple * self.patience_seconds
