"""Plots of the exportable demand, and of the limits on the rest."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.ticker import PercentFormatter

from placer.ceiling.curve import CeilingCurve
from placer.ceiling.effort import EffortCurve
from placer.ceiling.result import ExportCeiling
from placer.instance.arguments import need
from placer.plots.axes import FILLS, Axes, axis_or_new
from placer.result_columns import RESULT_COLUMNS
from placer.utils.arrays import without_noise
from placer.utils.numbers import percent


def plot_curve(curve: CeilingCurve | EffortCurve, axis: Axes | None = None, **line: Any) -> Axes:
    """Draw a ceiling curve as steps, with the unserved share below it; intervals between bounds are shaded.

    A ceiling by effort is drawn as a line, each row marked.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.
    **line
        Further arguments of the ceiling's line.

    Raises
    ------
    ArgumentError
        If an argument is not a curve or an axis.
    """
    need(curve, (CeilingCurve, EffortCurve), "a ceiling curve", "placer.export_ceiling(instance).curve is one")
    axis = axis_or_new(axis)
    limit = curve.table.columns[0]
    if isinstance(curve, EffortCurve):
        axis.plot(curve.table[limit], curve.table["share"], marker="o", label="exportable", **line)
    else:
        _steps(curve, axis, **line)
    axis.set(xlabel=RESULT_COLUMNS[limit].long, ylabel="share of demand", ylim=(0, 1))
    axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    axis.legend()
    return axis


def _steps(curve: CeilingCurve, axis: Axes, **line: Any) -> None:
    """Draw a ceiling curve, the unserved share and the bounds."""
    table = curve.table
    limit = table.columns[0]
    beyond = table.tail(1).assign(**{limit: 1.05 * table[limit].max()})  # shows where the last corner leads
    table = pd.concat([table, beyond], ignore_index=True)
    axis.step(table[limit], table["share"], where="post", label="exportable", **line)
    axis.step(
        table[limit],
        table["unserved_mtok"] / (curve.total_mtok or 1.0),
        where="post",
        linestyle=":",
        color="grey",
        label="unserved",
    )
    if not table["exact"].all():
        axis.fill_between(table[limit], table["share_low"], table["share_high"], step="post", alpha=0.3, label="bounds")


def plot_limits(ceiling: ExportCeiling, axis: Axes | None = None) -> Axes:
    """Draw the ceiling and the parts that limits take (Shapley) as one stacked bar; negative parts lie below zero.

    Each part is labelled with its share and, if any, the demand that it leaves unserved. Lines mark the latency ceiling
    (the exports that distance and law alone allow) and the ceiling with swaps. The title gives the ceiling in its own
    weight and in work.

    Raises
    ------
    ArgumentError
        If an argument is not a ceiling or an axis.
    """
    need(ceiling, ExportCeiling, "a ceiling", "placer.export_ceiling(instance) returns one")
    axis = axis_or_new(axis, 4.5, 5.0)
    limits = ceiling.limits
    kept = without_noise(limits["share"].to_numpy(float), size=1.0).tolist()
    short = without_noise(limits["unserved_share"].to_numpy(float), size=1.0).tolist()
    parts = [("exportable", ceiling.share, 0.0), *zip(limits.index, kept, short, strict=True)]
    above = below = 0.0
    for (name, value, unserved), fill in zip(parts, FILLS, strict=False):
        bottom = above if value >= 0 else below
        beside = f" ({percent(unserved, 2)} unserved)" if unserved else ""
        axis.bar([f"all {ceiling.weight}"], [value], bottom=bottom, label=f"{name} {percent(value)}{beside}", **fill)
        above, below = (above + value, below) if value >= 0 else (above, below + value)
    for name, share, style in (
        ("distance and law alone", ceiling.latency_share, "--"),
        ("with swaps", ceiling.gross_share, ":"),
    ):
        axis.axhline(share, color="black", linestyle=style, label=f"{name} {percent(share)}")
    work = "" if math.isnan(ceiling.work_share) else f", {percent(ceiling.work_share)} of work"
    axis.set_title(f"Ceiling: {percent(ceiling.share)} of {ceiling.weight}{work}", fontsize="medium")
    axis.set(ylabel="share of demand")
    axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return axis
