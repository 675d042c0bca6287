"""The table ``accelerator_pools``: what it may hold beside the ranges of its cells.

A pool is the accelerators of one type at a data centre that has several types. Such a data centre has the accelerators
of its pools, and so none and no type of its own. Its ``accelerator_usd_per_hour`` is the price of pools without one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.validation import show
from placer.instance.checks.clean_tables import CleanTables
from placer.utils.records import records_of

#: Columns of data centres that pools stand in place of.
_OF_POOLS = {
    "accelerators": "empty: those of its pools count",
    "accelerator_type": "empty: each pool has its own",
}


def pool_problems(tables: CleanTables) -> list[Violation]:
    """Return the defects of the clean table ``accelerator_pools`` beside those of its cells and its unknown names."""
    pools, centres = tables.frames["accelerator_pools"], tables.frames["data_centres"]
    if pools.empty or not all(tables.sound(table, "data_centre") for table in ("accelerator_pools", "data_centres")):
        return []
    return [
        Violation("data_centres", str(row["data_centre"]), column, problem, allowed)
        for row in records_of(centres[centres["data_centre"].isin(pools["data_centre"])])
        for column, problem, allowed in _beside_pools(row)
        if ("data_centres", column) not in tables.defects
    ]


def _beside_pools(centre: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Yield column, problem and allowed values of what a data centre with pools may not have."""
    own = {
        "accelerators": not np.isinf(np.asarray(centre["accelerators"], dtype=float)).all(),
        "accelerator_type": centre["accelerator_type"] is not None,
    }
    for column, allowed in _OF_POOLS.items():
        if own[column]:
            yield column, f"{show(centre[column])} beside the pools of the data centre", allowed


def pools_refused(pools: pd.DataFrame, what: str) -> list[Violation]:
    """Return the violation of pools where ``what`` takes data centres with accelerators of one type."""
    problem, allowed = f"{what} takes one type of accelerators a data centre", "no pools: accelerators of data_centres"
    return [Violation("accelerator_pools", "", "", problem, allowed)] if len(pools) else []
