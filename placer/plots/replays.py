"""Plots of replays: the regret of every rule by day, and what each workload lost under a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import PercentFormatter

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.instance.attributes.validation import show
from placer.plots.axes import FILLS, axis_or_new
from placer.replays.result import Replay
from placer.result_columns import heading

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Width of the bars that stand together.
_GROUP = 0.8


def plot_regret(found: Replay, axis: Axes | None = None) -> Axes:
    """Draw the regret of every rule as bars by day, the mean over seeds; lines run from the least to the most of them.

    Parameters
    ----------
    found : Replay
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a replay or an axis.
    """
    need(found, Replay, "a replay", "placer.replay(instance, history) returns one")
    by_seed = found.days["regret_share"].groupby(["day", "rule"], sort=False)
    mean, least, most = (each.unstack("rule").sort_index() for each in (by_seed.mean(), by_seed.min(), by_seed.max()))
    axis = axis_or_new(axis, 2.0 + 0.25 * mean.size)
    place, width = np.arange(len(mean)), _GROUP / len(mean.columns)
    for number, rule in enumerate(mean):
        at = place - _GROUP / 2 + (number + 0.5) * width
        known = np.isfinite(mean[rule])
        axis.bar(at, mean[rule].where(known, 0.0), width, label=str(rule), **FILLS[number % len(FILLS)])
        for unknown in at[~known]:
            axis.text(unknown, 0.0, "inf", ha="center", va="bottom", fontsize=8)
        if (most[rule] > least[rule])[known].any():
            axis.vlines(at[known], least[rule][known], most[rule][known], color="black", linewidth=0.8)
    axis.set_xticks(place, [str(day) for day in mean.index])
    axis.set(xlabel="day", ylabel=heading("regret_share"))
    axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
    _legend(axis)
    return axis


def plot_losses(found: Replay, rule: str, axis: Axes | None = None) -> Axes:
    """Draw the unserved part of every workload under a rule, and beside it the part unserved behind the bound.

    Parts are sums over days and seeds, of the demand of the workload.

    Parameters
    ----------
    found : Replay
    rule : str
        Its name.
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a replay or an axis.
    InstanceError
        If the replay has no such rule.
    """
    need(found, Replay, "a replay", "placer.replay(instance, history) returns one")
    rules = found.workloads.index.unique("rule")
    if rule not in rules:
        allowed = ", ".join(map(str, rules))
        raise InstanceError([Violation("plot_losses", "", "rule", f"no rule {show(rule)}", allowed)])
    lost = found.workloads.loc[rule].groupby("workload", sort=False).sum().iloc[::-1]
    axis = axis_or_new(axis, 7.0, 1.5 + 0.35 * len(lost))
    place, width = np.arange(len(lost)), _GROUP / 2
    columns = {f"{rule}": "unserved_mtok", heading("least_unserved_mtok").partition(",")[0]: "least_unserved_mtok"}
    for number, (label, column) in enumerate(columns.items()):
        at = place + (0.5 - number) * width
        axis.barh(at, lost[column] / lost["demand_mtok"], width, label=label, **FILLS[number])
    axis.set_yticks(place, [str(name) for name in lost.index], parse_math=False)
    axis.set(xlabel=heading("unserved_share"))
    axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
    _legend(axis)
    return axis


def _legend(axis: Axes) -> None:
    for text in axis.legend().get_texts():
        text.set_parse_math(False)
