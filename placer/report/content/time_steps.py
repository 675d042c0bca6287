"""The time steps of a report: single hours, or groups of hours that keep the page legible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.instance.timestamps import short_text

if TYPE_CHECKING:
    from placer.model.formulation import Formulation
    from placer.utils.arrays import FloatArray, IntArray

#: Largest number of steps of a report; a longer horizon is shown in groups of hours.
MOST_STEPS = 48


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps and the hours that they cover.

    Attributes
    ----------
    labels : tuple of str
        ``7``, or ``6-8`` where a step is several hours.
    of_hour : (hours,) int array
        The step of each hour of the horizon.
    hours_each : int
        Hours of the horizon in a step; the last may have fewer.
    """

    labels: tuple[str, ...]
    of_hour: IntArray
    hours_each: int

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.labels)

    def mean(self, hourly: FloatArray) -> FloatArray:
        """Return the means over the hours of each step (things, steps) of a figure (things, hours)."""
        return self.total(hourly) / np.bincount(self.of_hour)

    def total(self, hourly: FloatArray) -> FloatArray:
        """Return the sums over the hours of each step, likewise."""
        starts = np.searchsorted(self.of_hour, np.arange(len(self)))
        return np.add.reduceat(hourly, starts, axis=-1)


def steps_of(formulation: Formulation) -> Steps:
    """Return the steps of a horizon.

    Examples
    --------
    >>> import placer
    >>> steps_of(placer.model.formulation.formulate(placer.load("tiny"))).labels
    ('0', '1')
    """
    hours = formulation.hours
    each = -(-len(hours) // MOST_STEPS)
    of_hour = np.arange(len(hours)) // each
    groups = [hours[start : start + each] for start in range(0, len(hours), each)]
    between = "-" if isinstance(hours, range) else " to "
    labels = (between.join(dict.fromkeys((short_text(group[0]), short_text(group[-1])))) for group in groups)
    return Steps(tuple(labels), of_hour, each)
