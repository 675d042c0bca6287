"""Checks of the table of steps of demand beside the demand."""

from __future__ import annotations

from typing import Any

import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.schema import DEMAND, DEMAND_STEPS
from placer.instance.checks.clean_tables import CleanTables
from placer.instance.hours.timestamps import short_text
from placer.instance.tables.cleaning import FILE_ROUNDING

_KEY = list(DEMAND.key)


def step_problems(tables: CleanTables) -> list[Violation]:
    """Return the defects of the clean table of steps beside those of its cells."""
    steps, demand = tables.frames[DEMAND_STEPS.name], tables.frames["demand"]
    if steps.empty or not all(tables.sound(name, *_KEY, "share") for name in ("demand", DEMAND_STEPS.name)):
        return []
    known = pd.MultiIndex.from_frame(demand[_KEY])
    total = steps.groupby(_KEY, sort=False)["share"].sum()
    strange = total.index[~total.index.isin(known)]
    off = total[(total - 1).abs() > FILE_ROUNDING]
    return [
        *(_violation(key, "", "no such demand", "a row of demand") for key in strange),
        *(_violation(key, "share", f"shares sum to {value:.9g}", "1") for key, value in off.items()),
        *_partly_stepped(demand, steps),
    ]


def _partly_stepped(demand: pd.DataFrame, steps: pd.DataFrame) -> list[Violation]:
    """Return a violation for each workload with demand of both kinds: what of it is unserved would not be known."""
    stepped = demand[_KEY].merge(steps[_KEY].drop_duplicates(), on=_KEY)["workload"].value_counts()
    rows = demand["workload"].value_counts().reindex(stepped.index)
    problem, allowed = "only part of its demand has steps", "steps for all demand of a workload, or none"
    return [Violation(DEMAND_STEPS.name, str(name), "", problem, allowed) for name in stepped.index[stepped < rows]]


def _violation(key: Any, column: str, problem: str, allowed: str) -> Violation:
    return Violation(DEMAND_STEPS.name, "|".join(map(short_text, key)), column, problem, allowed)
