"""Steps of demand: rows of the demand with one workload, hub and hour, and values of their own.

An instance holds one row of ``demand`` for all of them, with their sum, and in ``demand_steps`` the share and the value
of each. A change of the amount thus keeps the steps, and a demand of no amount keeps them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.columns import Table
from placer.instance.attributes.schema import DEMAND, DEMAND_STEPS, VALUE
from placer.instance.attributes.validation import is_missing
from placer.instance.hours.timestamps import short_text
from placer.instance.tables.cleaning import clean, with_key

_KEY = list(DEMAND.key)
#: The demand as a user gives it with values.
_VALUED = Table(
    DEMAND.name,
    (*DEMAND.key, VALUE),
    (*DEMAND.columns, replace(DEMAND_STEPS.column(VALUE), default=None)),
    once="one row of each value",
)


def has_values(demand: pd.DataFrame) -> bool:
    """Return whether a row of the demand, as a user gives it, has a value of its own."""
    return VALUE in demand and not all(map(is_missing, demand[VALUE]))


def split_steps(
    frames: Mapping[str, pd.DataFrame],
) -> tuple[dict[str, pd.DataFrame], list[Violation], set[tuple[str, str]]]:
    """Move the values of rows of the demand into the table of steps.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Tables as given; those without values are returned as they are.

    Returns
    -------
    frames : dict of str to DataFrame
    violations : list of Violation
    unknown : set of (str, str)
        The tables that are not known for them: the steps, where only values have defects, or else the demand.
    """
    if "demand" not in frames or not has_values(frames["demand"]):
        return dict(frames), [], set()
    given = with_key(frames["demand"], DEMAND)
    rows, violations = clean(given, _VALUED)
    if any(each.column != VALUE if each.column else not each.row for each in violations):
        return dict(frames), violations, {("demand", "")}
    group = rows.groupby(_KEY, sort=False)["mtok"]
    valued, size, total = ~given[VALUE].map(is_missing), group.transform("size"), group.transform("sum")
    violations += [
        Violation("demand", "|".join(map(short_text, key)), VALUE, "missing beside other rows", "a value for each step")
        for key in rows.loc[(size > 1) & ~valued, _KEY].drop_duplicates().itertuples(index=False)
    ]
    if DEMAND_STEPS.name in frames:
        violations.append(Violation("demand", "", VALUE, f"given beside {DEMAND_STEPS.name}", "only one of the two"))
    whole = rows.assign(mtok=total)[~rows.duplicated(_KEY)].drop(columns=VALUE).reset_index(drop=True)
    if violations:
        return {**frames, "demand": whole}, violations, {(DEMAND_STEPS.name, "")}
    share = np.where(total > 0, rows["mtok"] / total.where(total > 0, 1.0), 1.0 / size)
    steps = rows.assign(share=share).loc[valued, [*_KEY, VALUE, "share"]].reset_index(drop=True)
    return {**frames, "demand": whole, DEMAND_STEPS.name: steps}, [], set()


def kept_steps(tables: Mapping[str, pd.DataFrame], demand: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the steps of some demand, as a change of tables; nothing if there are no steps."""
    steps = tables[DEMAND_STEPS.name]
    if steps.empty:
        return {}
    return {DEMAND_STEPS.name: steps.merge(demand[_KEY], on=_KEY)}
