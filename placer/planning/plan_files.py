"""The tables of a plan for files, and its headline figures as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.io import table_files

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from placer.planning.result import Plan

#: Tables of a plan that files hold.
TABLE_NAMES = ("builds", "build_limits", "states")


def plan_tables(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables of a plan by name, those without rows left out."""
    tables = {name: getattr(plan, name) for name in TABLE_NAMES}
    return {name: table for name, table in tables.items() if len(table)}


def plan_summary(plan: Plan) -> dict[str, Any]:
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


def save_plan_tables(plan: Plan, folder: str | os.PathLike[str]) -> list[Path]:
    """Write the tables of a plan as CSV into a folder, created if missing, and return the files."""
    return table_files.write_csv_tables(plan_tables(plan), folder)


def save_plan_parquet(plan: Plan, folder: str | os.PathLike[str]) -> list[Path]:
    """Write the tables of a plan as Parquet into a folder, likewise; needs ``token-placer[parquet]``."""
    return table_files.write_parquet_tables(plan_tables(plan), folder)


def save_plan_excel(plan: Plan, file: str | os.PathLike[str]) -> Path:
    """Write headline figures and tables of a plan as sheets of one Excel file; needs ``token-placer[excel]``."""
    figures = pd.Series(plan_summary(plan), name="value", dtype=object).rename_axis("figure").to_frame()
    return table_files.write_excel({"summary": figures} | plan_tables(plan), file)
