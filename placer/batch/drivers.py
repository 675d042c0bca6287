"""What moves the figures of a batch: rank correlations with the demand that was drawn for its sets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from placer.batch.report import solved_figures
from placer.synthetic import SetsAround
from placer.tolerances import INPUT

#: Least number of sets whose correlations say anything.
FEWEST_SETS = 8
_DEMAND, _PEAK = "demand, Mtok", "fullest hour over the mean"


def drivers(rows: pd.DataFrame, sets: SetsAround, figures: Sequence[str]) -> pd.DataFrame:
    """Return how closely figures move with features of the drawn demand: rank correlations by Spearman, -1 to 1.

    The features are the total demand, the shares of workloads and regions in it, the fullest hour over the mean of all
    hours, and the factors on the steps of workloads, as far as they vary.

    Parameters
    ----------
    rows : DataFrame
        Of ``placer.solve_many`` over the sets.
    sets : SetsAround
        The sets that were solved.
    figures : sequence of str
        Columns of the rows.

    Returns
    -------
    DataFrame
        A row for every feature, a column for every figure that varies; empty below ``FEWEST_SETS`` solved sets.
    """
    found = solved_figures(rows, figures)
    if len(found) < FEWEST_SETS:
        return pd.DataFrame()
    features = _varying(demand_features(sets, found.index))
    ranked, figures_ranked = features.rank(), _varying(found).rank()
    return pd.DataFrame({name: ranked.corrwith(column) for name, column in figures_ranked.items()})


def by_chance(sets: int) -> float:
    """Return the size that a rank correlation of unrelated figures exceeds in one of twenty batches.

    Examples
    --------
    >>> round(by_chance(101), 3)
    0.196
    """
    return 1.96 / math.sqrt(sets - 1)


def demand_features(sets: SetsAround, numbers: Iterable[int]) -> pd.DataFrame:
    """Return features of the demand of some sets: a row for every set, indexed by its number."""
    demand = sets.instance.demand
    region = (
        demand["hub"].map(sets.instance.hubs.set_index("hub")["region"]) if "region" in sets.instance.hubs else None
    )
    parts = {"share of {}": demand["workload"]} | ({} if region is None else {"share of region {}": region})
    names = sets.instance.workloads["workload"]
    records = {}
    for number in numbers:
        mtok, steps = sets.drawn(number)
        amount, total = pd.Series(mtok, demand.index), float(mtok.sum())
        record = {_DEMAND: total}
        for words, labels in parts.items():
            record |= {words.format(name): part / total for name, part in amount.groupby(labels).sum().items() if total}
        hours = amount.groupby(demand["hour"]).sum()
        record[_PEAK] = float(hours.max() / hours.mean()) if total else math.nan
        record |= {
            f"steps of {name}": factor for name, factor in zip(names, np.broadcast_to(steps, len(names)), strict=True)
        }
        records[number] = record
    return pd.DataFrame.from_dict(records, orient="index")


def _varying(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns whose values differ by more than rounding."""
    spread = table.max() - table.min()
    return table.loc[:, spread > INPUT * table.abs().max()]
