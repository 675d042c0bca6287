"""The tables of own rows and own columns of a solved model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.extended.extension import BLOCK, Extension, OwnRows
from placer.utils.arrays import NOISE, FloatArray

if TYPE_CHECKING:
    from placer.model.program import LinearProgram, LPSolution


def own_row_table(program: LinearProgram, solution: LPSolution, rows: OwnRows, *, integers_fixed: bool) -> pd.DataFrame:
    """Return one row per own row; index ``row`` (its name).

    Columns: ``lower``, ``upper``, ``activity`` (the value of the row at the placement), ``side`` (``lower`` or
    ``upper``, the binding side; empty if the row does not bind), ``rent_usd_per_unit`` (the saving per unit of
    relaxation of that side, >= 0), ``rent_usd`` (its part of the settlement: the rent times an upper side, less the
    rent times a lower side), ``integers_fixed`` (whether rents hold at the integers found).

    Parameters
    ----------
    program : LinearProgram
        Extended.
    solution : LPSolution
        Of that program.
    rows : OwnRows
    integers_fixed : bool
        Whether the model has integers.
    """
    part = program.row_blocks[BLOCK]
    dual = _without_rounding(program, solution, solution.duals[part], rows)
    pressed = np.where(dual > 0, rows.lower, rows.upper)
    return pd.DataFrame(
        {
            "lower": rows.lower,
            "upper": rows.upper,
            "activity": rows.matrix @ solution.point,
            "side": np.select([dual > 0, dual < 0], ["lower", "upper"], ""),
            "rent_usd_per_unit": np.abs(dual),
            "rent_usd": np.where(dual != 0, -dual * np.where(dual != 0, pressed, 0.0), 0.0),
            "integers_fixed": integers_fixed,
        },
        index=pd.Index(rows.names, name="row", dtype=object),
    )


def own_column_table(program: LinearProgram, solution: LPSolution, extension: Extension) -> pd.DataFrame:
    """Return one row per own column; index ``column`` (its name).

    Columns: ``value``; ``usd_per_unit`` and ``cost_usd`` (of the value); ``lower``, ``upper``, ``integer``;
    ``reduced_cost_usd_per_unit`` (the change of the least cost per unit by which the value is raised from its bound);
    ``integers_fixed`` (whether reduced costs hold at the integers found).
    """
    part, own = program.col_blocks[BLOCK], extension.columns
    value = solution.point[part]
    reduced = (program.cost - program.matrix.T @ solution.duals)[part]
    size = np.abs(program.cost[part]) + np.abs(program.matrix[:, [*range(part.start, part.stop)]].T) @ np.abs(
        solution.duals
    )
    return pd.DataFrame(
        {
            "value": value,
            "usd_per_unit": own.cost,
            "cost_usd": own.cost * value,
            "lower": own.lower,
            "upper": own.upper,
            "integer": own.integer,
            "reduced_cost_usd_per_unit": np.where(np.abs(reduced) <= NOISE * size, 0.0, reduced),
            "integers_fixed": extension.has_integers,
        },
        index=pd.Index(own.names, name="column", dtype=object),
    )


def scarce_own_rows(table: pd.DataFrame, hours: int) -> pd.DataFrame:
    """Return the own rows that bind as rows of ``Placement.scarcities``: ``own row`` and its name, over all hours."""
    bound = table[table["side"] != ""]
    index = pd.MultiIndex.from_arrays([["own row"] * len(bound), bound.index], names=["limit", "name"])
    return pd.DataFrame({"hours": hours, "rent_usd": bound["rent_usd"].to_numpy()}, index=index)


def _without_rounding(program: LinearProgram, solution: LPSolution, dual: FloatArray, rows: OwnRows) -> FloatArray:
    """Return duals, with 0 for those that rounding of the cost explains, or whose side is infinite."""
    cost = float(np.abs(program.cost) @ np.abs(solution.point))
    entries = np.abs(rows.matrix) @ np.abs(solution.point)
    sides = [np.where(np.isfinite(side), np.abs(side), 0.0) for side in (rows.lower, rows.upper)]
    worth = np.abs(dual) * np.maximum(entries, np.maximum(*sides))
    there = np.where(dual > 0, np.isfinite(rows.lower), np.isfinite(rows.upper))
    return np.where(there & (worth > NOISE * cost), dual, 0.0)
