"""Plots of real demand: the rate of a trace, and the classes of a history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.histories.history import History
from placer.histories.requests import Requests
from placer.histories.summary import seconds_of, window_counts
from placer.instance.arguments import need
from placer.plots.axes import FILLS, axis_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Windows in seconds; the shortest with at most so many windows is drawn.
_WINDOWS = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 86_400: "1 day"}
_MOST_WINDOWS = 400


def plot_requests(requests: Requests, axis: Axes | None = None) -> Axes:
    """Draw the rate of requests over time, with its mean.

    Parameters
    ----------
    requests : Requests
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
        axis.axhline(mean, color="black", linestyle=":", label=f"mean {mean:.3g}")
    axis.set(xlabel="hours since midnight", ylabel="requests a second", ylim=(0, None))
    axis.legend()
    return axis


def plot_history(history: History, axis: Axes | None = None) -> Axes:
    """Draw every class of a history over its days, relative to its mean, and mark the steps that were filled.

    Requests are drawn where they are known, and else tokens.

    Parameters
    ----------
    history : History
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
    legend = axis.legend()
    for text in legend.get_texts():
        text.set_parse_math(False)
    return axis
