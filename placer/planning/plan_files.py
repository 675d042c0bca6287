"""The tables of a plan for files, and its headline figures as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.io import table_files

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from pathlib import Path

    from placer.planning.plan_figures import PlanFigures

#: Tables of a plan that files hold.
TABLE_NAMES = ("builds", "build_limits", "protection", "states")
#: A table of a plan that takes a solve of every state: files hold it only after it was requested.
STRANDED = "stranded"


def plan_tables(plan: PlanFigures) -> dict[str, pd.DataFrame]:
    """Return the tables of a plan by name, those without rows left out.

    ``Plan.stranded`` is included only if it was requested before, since it takes a solve of every state.
    """
    tables = {name: getattr(plan, name) for name in TABLE_NAMES}
    if (sites := sites_of(plan)) is not None:
        tables[STRANDED] = sites
    return {name: table for name, table in tables.items() if len(table)}


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
    }


def build_curve_table(curves: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return curves over build limits as one table, its index their names; nothing without any."""
    if not curves:
        return {}
    return {"curves": pd.concat(dict(curves), names=["limit", ""]).droplevel(1)}


def save_plan_tables(
    plan: PlanFigures, folder: str | os.PathLike[str], curves: Mapping[str, pd.DataFrame] | None = None
) -> list[Path]:
    """Write the tables of a plan as CSV into a folder, created if missing, and return the files.

    Parameters
    ----------
    plan : PlanFigures
    folder : str or path
    curves : mapping of str to DataFrame, optional
        Of ``Plan.curve``, by build limit: one more table.
    """
    return table_files.write_csv_tables(plan_tables(plan) | build_curve_table(curves or {}), folder)


def save_plan_parquet(
    plan: PlanFigures, folder: str | os.PathLike[str], curves: Mapping[str, pd.DataFrame] | None = None
) -> list[Path]:
    """Write the tables of a plan as Parquet into a folder, likewise; needs ``token-placer[parquet]``."""
    return table_files.write_parquet_tables(plan_tables(plan) | build_curve_table(curves or {}), folder)


def save_plan_excel(
    plan: PlanFigures, file: str | os.PathLike[str], curves: Mapping[str, pd.DataFrame] | None = None
) -> Path:
    """Write headline figures and tables of a plan as sheets of one Excel file; needs ``token-placer[excel]``."""
    tables = plan_tables(plan) | build_curve_table(curves or {})
    return table_files.write_excel({"summary": plan_sheet(plan)} | tables, file)


def plan_sheet(plan: PlanFigures) -> pd.DataFrame:
    """Return the headline figures of a plan as a sheet: one row a figure."""
    return pd.Series(plan_summary(plan), name="value", dtype=object).rename_axis("figure").to_frame()
