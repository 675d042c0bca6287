"""Figures of a placement by month, week, day or block of its hours, which add up to those of the whole.

Amounts count times the weight of their hours, so that the months of representative days add up to a year. Demand,
service, exports, costs and prices stand in the period in which tokens are asked for; energy, carbon, water and spilt
power in the period in which they are drawn. The two differ only for work that waits into the next period.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from placer.errors import ArgumentError
from placer.instance.attributes.validation import show
from placer.placement.resource_tables import spilt_mwh
from placer.utils.arrays import sums_by, without_noise

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.model.formulation import Formulation
    from placer.placement.accounts import SettledFlows
    from placer.utils.arrays import FloatArray, IntArray

By = Literal["month", "week", "day", "block"]

#: How a period is written (ISO 8601): in the time zone of the hours, weeks from Monday on.
_FORMATS = {"month": "%Y-%m", "week": "%G-W%V", "day": "%Y-%m-%d"}
#: Label of the block of hours without a name.
_ALL = "all"


def period_axis(instance: Instance, by: By) -> tuple[IntArray, pd.Index]:
    """Return the period of every hour (hours,), numbered in their order, and the labels of the periods.

    Raises
    ------
    ArgumentError
        If ``by`` is unknown, or the hours are whole numbers, which have no month, week or day.

    Examples
    --------
    >>> import placer
    >>> month, labels = period_axis(placer.datasets.year("china", days=32), "month")
    >>> labels.tolist(), month[[0, 743, 744]].tolist()
    (['2026-01', '2026-02'], [0, 0, 1])
    """
    if by not in get_args(By):
        raise ArgumentError(f"expected month, week, day or block as by, not {show(by)}")
    hours = instance.hours
    if by == "block":
        number, named = instance.blocks, instance.periods.set_index("hour")["block"]
        firsts = np.flatnonzero(np.append(True, np.diff(number) > 0))
        names = named.reindex(hours).to_numpy(object)[firsts] if len(named) else np.array([None])
        return number, pd.Index([_ALL if pd.isna(name) else str(name) for name in names], dtype=object, name=by)
    if isinstance(hours, range):
        raise ArgumentError(f"whole hours have no {by}: give the demand timestamps, or write by='block'")
    number, labels = pd.factorize(hours.strftime(_FORMATS[by]))
    return number, pd.Index(labels, dtype=object, name=by)


def period_table(
    formulation: Formulation, accounts: SettledFlows, summary: pd.DataFrame, period: IntArray
) -> pd.DataFrame:
    """Return a summary of demand by period with the hours of each period, and what is drawn in them.

    Parameters
    ----------
    formulation : Formulation
    accounts : SettledFlows
    summary : DataFrame
        One row per period, as ``placer.placement.tables.demand_summary`` returns it.
    period : (hours,) int array

    Returns
    -------
    DataFrame
        Columns: ``hours`` (times their weight); those of the summary; ``energy_mwh``, ``spilt_mwh``, ``carbon_kg``,
        ``water_litres``.
    """
    structure, bought = formulation.structure, accounts.bought

    def summed(values: FloatArray) -> FloatArray:
        return without_noise(sums_by(period, values, len(summary)), float(np.abs(values).sum()))

    table = summary.assign(
        energy_mwh=summed(accounts.drawn.sum(axis=0)),
        spilt_mwh=summed(spilt_mwh(structure, bought).sum(axis=0)),
        carbon_kg=summed((formulation.carbon_kg * bought).sum(axis=0)),
        water_litres=summed(np.einsum("kj,kjt->t", formulation.water_litres, accounts.served)),
    )
    table.insert(0, "hours", sums_by(period, formulation.period_hours, len(summary)))
    return table
