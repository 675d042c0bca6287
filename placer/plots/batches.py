"""Plots of the results of many demand sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.instance.validation import show
from placer.plots.axes import axis_or_new, figure_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_distributions(rows: pd.DataFrame, axis: Axes | None = None, figure: str = "cost_usd_per_mtok") -> Axes:
    """Draw the distribution of a figure over the sets of a batch, with its median and 5 and 95 % quantiles.

    Parameters
    ----------
    rows : DataFrame
        Of ``placer.solve_many``, or of a store.
    axis : matplotlib Axes, optional
        A new one if not given.
    figure : str
        A column of the rows.

    Raises
    ------
    ArgumentError
        If an argument is not a table, a name or an axis.
    InstanceError
        If no row has such a figure.
    """
    need(rows, pd.DataFrame, "a table of rows", "pandas.DataFrame(placer.solve_many(sets)) is one")
    need(figure, str, "the name of a figure", "write 'cost_usd_per_mtok'")
    if figure not in rows or not rows[figure].notna().any():
        known = ", ".join(str(name) for name in rows.select_dtypes("number") if rows[name].notna().any())
        raise InstanceError([Violation("plot_distributions", "", "figure", f"no row has {show(figure)}", known)])
    values = rows[figure].dropna().astype(float)
    if not np.isfinite(values).all():
        raise InstanceError([Violation("plot_distributions", "", "figure", f"{show(figure)} is infinite", "finite")])
    axis = axis_or_new(axis)
    axis.hist(values, bins="auto", color="tab:blue", alpha=0.7)
    for quantile, style in ((0.05, ":"), (0.5, "-"), (0.95, ":")):
        at = float(values.quantile(quantile))
        axis.axvline(at, linestyle=style, color="black", label=f"{100 * quantile:.0f} %: {at:.4g}")
    axis.set(xlabel=figure_label(figure), ylabel="demand sets")
    axis.legend()
    return axis
