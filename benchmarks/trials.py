"""How often something was tried, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trials:
    """A number of trials, and what each that failed says."""

    what: str
    tries: int
    failures: tuple[str, ...] = ()
    said: str = ""

    @property
    def survived(self) -> bool:
        """Whether none failed."""
        return not self.failures

    def __str__(self) -> str:
        """Return the counts as a line, and a line for each failure."""
        detail = f": {self.said}" if self.said else ""
        return "\n".join([f"{self.what}: {self.tries} tries, {len(self.failures)} failed{detail}", *self.failures])
