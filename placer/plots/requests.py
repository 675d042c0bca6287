"""Plots of real demand: the rate of a trace, the classes of a history, and days of it replayed under rules."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import PercentFormatter

from placer.errors import InstanceError, Violation
from placer.histories.history import History
from placer.histories.requests import Requests
from placer.histories.summary import seconds_of, window_counts
from placer.instance.arguments import need
from placer.instance.attributes.validation import show
from placer.plots.axes import FILLS, Axes, axis_or_new
from placer.replays.result import Replay
from placer.result_columns import heading
from placer.utils.numbers import in_full

#: Windows in seconds; the shortest with at most so many windows is drawn.
_WINDOWS = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 86_400: "1 day"}
_MOST_WINDOWS = 400


def plot_requests(requests: Requests, axis: Axes | None = None) -> Axes:
    """Draw the rate of requests over time, with its mean.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a trace of requests or an axis.
    """
    need(requests, Requests, "requests", "placer.read_requests(file) returns some")
    axis = axis_or_new(axis)
    seconds = seconds_of(requests.table["time"])
    span = float(seconds[-1] - seconds[0])
    window = next((each for each in _WINDOWS if span / each <= _MOST_WINDOWS), max(_WINDOWS))
    rate = window_counts(seconds, window) / window
    start = (seconds[0] + window * np.arange(len(rate))) / 3600
    axis.step(start, rate, where="post", color=FILLS[0]["facecolor"], label=f"in {_WINDOWS[window]}")
    if span:
        mean = len(requests) / span
        axis.axhline(mean, color="black", linestyle=":", label=f"mean {in_full(mean)}")
    axis.set(xlabel="hours since midnight", ylabel="requests a second", ylim=(0, None))
    axis.legend()
    return axis


def plot_history(history: History, axis: Axes | None = None) -> Axes:
    """Draw every class of a history over its days, relative to its mean, and mark the steps that were filled.

    Requests are drawn where they are known, and else tokens.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a history or an axis.
    """
    need(history, History, "a history", "placer.History.of_rates(file) returns one")
    axis = axis_or_new(axis, 9.0)
    per_day = history.steps_per_day
    day = np.arange(len(history.mtok)) / per_day
    filled = history.filled["day"] * per_day + history.filled["step"]
    for place, name in enumerate(history.classes):
        requests = history.requests[name]
        values = (history.mtok[name] if requests.isna().all() else requests).to_numpy(float)
        values = values / values.mean()
        colour = FILLS[place % len(FILLS)]["facecolor"]
        axis.plot(day, values, color=colour, linewidth=0.8, label=name)
        steps = filled[history.filled["class"] == name].to_numpy(int)
        if len(steps):
            axis.plot(day[steps], values[steps], ".", color=colour, markersize=4, label=f"{name}: {len(steps)} filled")
    axis.set(xlabel="day", ylabel="over the mean", ylim=(0, None))
    _legend(axis)
    return axis


#: Width of the bars that stand together.
_GROUP = 0.8


def plot_regret(found: Replay, axis: Axes | None = None) -> Axes:
    """Draw the regret of every rule as bars by day, the mean over seeds; lines run from the least to the most of them.

    Parameters
    ----------
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
