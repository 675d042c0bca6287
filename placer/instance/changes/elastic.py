"""Demand that falls with its price, in steps.

With an elasticity e < 0 and a reference, the demand q0 at the price p0, users buy ``q(p) = q0 (p / p0)^e``. Between two
prices low < high, n steps of equal height stand for the curve:

    p_0 = low < p_1 < ... < p_n = high
    step s   q(p_{s-1}) - q(p_s)   at the value (p_{s-1} + p_s) / 2      s = 1, ..., n
    base     q(high)               at the value high

What is bought, and the surplus of its buyers between the two prices, are exact to second order of the height of a step;
the price is known to half a step. Demand of a value above ``high`` counts as worth ``high``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.attributes.schema import DEMAND, DEMAND_STEPS, VALUE
from placer.instance.attributes.validation import show
from placer.instance.changes.chosen_rows import Tables
from placer.utils.arrays import BoolArray

_CALL = "with_elastic_demand"


def elastic(
    tables: Tables, chosen: BoolArray, reference_usd_per_mtok: float, elasticity: float, steps: int, between: object
) -> dict[str, pd.DataFrame]:
    """Return the demand and its steps; see ``Instance.with_elastic_demand``.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    chosen : (demand rows,) bool array
        The rows that become elastic.
    reference_usd_per_mtok, elasticity, steps, between
        As there.
    """
    low, high = _check(reference_usd_per_mtok, elasticity, steps, between)
    prices = np.linspace(low, high, int(steps) + 1)
    bought = (prices / reference_usd_per_mtok) ** elasticity
    value = np.append((prices[:-1] + prices[1:]) / 2, high)
    amount = np.append(bought[:-1] - bought[1:], bought[-1])
    demand, key = tables["demand"], list(DEMAND.key)
    rows = demand.loc[chosen, key]
    every = rows.loc[rows.index.repeat(len(value))].reset_index(drop=True)
    made = every.assign(**{VALUE: np.tile(value, len(rows)), "share": np.tile(amount / amount.sum(), len(rows))})
    others = _of_rows(tables[DEMAND_STEPS.name], demand.loc[~chosen, key])
    mtok = demand["mtok"].where(~chosen, demand["mtok"] * amount.sum())
    left = made if others.empty else pd.concat([others, made], ignore_index=True)
    return {"demand": demand.assign(mtok=mtok), DEMAND_STEPS.name: left}


def _of_rows(steps: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the steps of some rows of demand; an empty table of steps has no hours of the type of the rows."""
    if steps.empty:
        return steps
    return steps[pd.MultiIndex.from_frame(steps[list(rows)]).isin(pd.MultiIndex.from_frame(rows))]


def _check(reference: Any, elasticity: Any, steps: Any, between: Any) -> tuple[float, float]:
    """Return the two prices, or raise an error that lists every violation."""
    found: list[tuple[str, object, str]] = []
    if not _is_number(reference) or not reference > 0:
        found.append(("reference_usd_per_mtok", reference, "> 0"))
    if not _is_number(elasticity) or not elasticity < 0:
        found.append(("elasticity", elasticity, "< 0"))
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or not steps >= 1:
        found.append(("steps", steps, "a whole number >= 1"))
    pair = list(between) if isinstance(between, tuple | list) else []
    if not (len(pair) == 2 and all(map(_is_number, pair)) and 0 < pair[0] < pair[1]):
        found.append(("between", between, "two prices, 0 < lowest < highest"))
    if found:
        raise InstanceError(Violation(_CALL, "", name, show(value), allowed) for name, value, allowed in found)
    return float(pair[0]), float(pair[1])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(float(value))
