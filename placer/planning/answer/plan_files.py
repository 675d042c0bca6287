"""The tables of a plan for files, and its headline figures as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from placer.io import table_files
from placer.planning.answer.annual_use import annual_tables
from placer.planning.answer.plan_figures import PlanFigures
from placer.planning.answer.state_parts import PARTS, figures_of_parts, parts_in_time

#: Tables of a plan that files hold.
TABLE_NAMES = ("builds", "build_limits", "protection", "states")
#: A table of a plan that takes a solve of every state: files hold it only after it was requested.
STRANDED = "stranded"


def plan_tables(plan: PlanFigures, curves: Mapping[str, pd.DataFrame] | None = None) -> dict[str, pd.DataFrame]:
    """Return the tables of a plan by name, those without rows left out, and one of curves over build limits.

    ``Plan.stranded`` is included only if it was requested before, since it takes a solve of every state; so is
    ``Plan.parts``, unless the cost holds more than cost and penalty.
    """
    tables = {name: getattr(plan, name) for name in TABLE_NAMES}
    if (parts := parts_in_time(plan)) is not None:
        tables[PARTS] = parts
    tables |= annual_tables(plan)
    if (sites := sites_of(plan)) is not None:
        tables[STRANDED] = sites
    return {name: table for name, table in tables.items() if len(table)} | build_curve_table(curves or {})


def sites_of(plan: PlanFigures) -> pd.DataFrame | None:
    """Return ``Plan.stranded`` if it was requested before."""
    return plan.stranded if STRANDED in vars(plan) else None


def plan_summary(plan: PlanFigures) -> dict[str, Any]:
    """Return the headline figures of a plan as plain values."""
    return {
        "cost_usd_per_year": plan.cost_usd_per_year,
        "build_cost_usd_per_year": plan.build_cost_usd_per_year,
        "bound_usd_per_year": plan.bound_usd_per_year,
        "gap": plan.gap,
        "proven": plan.certificate.proven,
        "verdict": plan.certificate.verdict,
        "stopped": plan.stopped,
        "built": int((plan.builds["units"] > 0).sum()),
        "candidates": len(plan.builds),
        "states": len(plan.states),
        "accelerators_set_sunk": plan.question.sets_sunk,
        **figures_of_parts(plan),
    }


def build_curve_table(curves: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return curves over build limits as one table, its index their names; nothing without any."""
    if not curves:
        return {}
    return {"curves": pd.concat(dict(curves), names=["limit", ""]).droplevel(1)}


def plan_sheet(plan: PlanFigures) -> pd.DataFrame:
    """Return the headline figures of a plan as a sheet: one row a figure."""
    return table_files.figure_sheet(plan_summary(plan))
