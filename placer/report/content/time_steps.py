"""The time steps of a report, hours or groups of hours that keep the page legible, and the figures of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.instance.hours.timestamps import short_text
from placer.placement.accounts import COST_PARTS
from placer.placement.price_summary import summarise_prices
from placer.placement.prices import RENTS
from placer.report.content.headlines import KG_PER_T, LITRES_PER_M3
from placer.report.content.own_limits import own_parts, with_own_prices
from placer.report.html.markup import labels

if TYPE_CHECKING:
    from placer.model.formulation import Formulation
    from placer.placement.result import Placement
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


#: The parts of a price: costs, then rents.
PRICE_PARTS = (*COST_PARTS, *RENTS)


def prices_by_step(placement: Placement, steps: Steps) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the mean price of served demand by step in its parts, and by workload and step."""
    structure = placement.formulation.structure
    at = steps.of_hour[structure.demand_period]
    by_step = with_own_prices(
        summarise_prices(placement.prices, at, pd.Index(steps.labels, name="hour")), placement, at
    )
    parts = [*PRICE_PARTS, *own_parts(placement)]
    hours = by_step[[f"{part}_usd_per_mtok" for part in parts]].set_axis(parts, axis=1)
    names = labels([str(name) for name in placement.formulation.workloads])
    both = pd.RangeIndex(len(names) * len(steps))
    price = summarise_prices(placement.prices, structure.demand_class * len(steps) + at, both)["mean_usd_per_mtok"]
    by_workload = pd.DataFrame(
        price.to_numpy().reshape(len(names), len(steps)), index=names, columns=list(steps.labels)
    )
    return hours, by_workload


def utilisation_by_step(placement: Placement, steps: Steps) -> pd.DataFrame:
    """Return the mean utilisation of every data centre by step; NaN without a limit."""
    values = steps.mean(_hourly(placement, "utilisation"))
    names = labels([str(name) for name in placement.formulation.data_centres])
    return pd.DataFrame(values, index=pd.Index(names, name="data_centre"), columns=list(steps.labels))


def energy_by_step(placement: Placement, steps: Steps) -> pd.DataFrame:
    """Return the energy in MWh, carbon in t and water in cubic metres of every step."""
    units = {
        "mwh": ("mwh", 1.0),
        "carbon_t": ("carbon_kg", KG_PER_T),
        "water_m3": ("water_litres", LITRES_PER_M3),
    }
    values = {
        name: steps.total(_hourly(placement, column).sum(axis=0)) / unit for name, (column, unit) in units.items()
    }
    return pd.DataFrame(values, index=pd.Index(steps.labels, name="hour"))


def _hourly(placement: Placement, column: str) -> FloatArray:
    formulation = placement.formulation
    shape = (len(formulation.data_centres), len(formulation.hours))
    return placement.data_centre_hours[column].to_numpy().reshape(shape)
