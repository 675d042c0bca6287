"""A clock that long work looks at: it stops the work when time is up, and tells how far it is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field


class OutOfTimeError(Exception):
    """The time allowed is used up. Caught where the work was begun; never reaches a user."""


@dataclass(frozen=True)
class Watch:
    """When to stop, and whom to tell.

    Attributes
    ----------
    limit_seconds : float
    tell : callable
        Given a sentence on how far the work is.
    started : float
    """

    limit_seconds: float = math.inf
    tell: Callable[[str], None] = lambda _: None
    started: float = field(default_factory=time.perf_counter)

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
