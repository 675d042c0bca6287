"""Figures of a trace: rate, tokens, peak, dispersion and lengths.

The index of dispersion of windows of some seconds is the variance of the number of requests in a window over its mean:
1 for Poisson arrivals. The variance is that within hours, pooled over all hours since the first request, so that the
course of a day counts as no burst. The peak is the fullest of the whole hours since the first request, over their mean.
Figures that need more time than a trace has are NaN.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.utils.arrays import FloatArray

#: Windows of the index of dispersion: column and seconds.
WINDOWS = {"dispersion_1s": 1, "dispersion_10s": 10, "dispersion_1min": 60, "dispersion_10min": 600}
_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_HOUR, _DAY = 3600, 86400


def seconds_of(time: pd.Series) -> FloatArray:
    """Return the times of a trace in seconds since the midnight before its first request."""
    if not pd.api.types.is_datetime64_any_dtype(time.dtype):
        seconds = time.to_numpy(float)
        return seconds - seconds[0] // _DAY * _DAY
    first = time.iloc[0].normalize()
    return (time - first).dt.total_seconds().to_numpy(float)


def summarised(table: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of a trace by workload, and of ``all`` requests as the last row."""
    rows = {}
    seconds = seconds_of(table["time"])
    if "workload" in table:
        codes = table["workload"].cat.codes.to_numpy()
        for code, name in enumerate(table["workload"].cat.categories):
            own = codes == code
            if own.any():
                rows[str(name)] = _figures(table[own], seconds[own])
    rows["all"] = _figures(table, seconds)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("workload")


def dispersion(seconds: FloatArray, window: float) -> float:
    """Return the index of dispersion of requests in windows of some seconds; NaN for fewer than two windows.

    Examples
    --------
    >>> dispersion(np.arange(7200.0), 10)  # one a second, evenly
    0.0
    """
    counts = window_counts(seconds, window)
    of_hour = np.arange(len(counts)) // round(_HOUR / window)
    size = np.bincount(of_hour)
    apart = counts - (np.bincount(of_hour, counts) / np.maximum(size, 1))[of_hour]
    freedom = int(np.maximum(size - 1, 0).sum())
    return float((apart**2).sum() / freedom / counts.mean()) if freedom else float("nan")


def window_counts(seconds: FloatArray, window: float) -> FloatArray:
    """Return the number of requests in every whole window since the first request."""
    place = ((seconds - seconds[0]) // window).astype(np.int64)
    whole = int((seconds[-1] - seconds[0]) // window)
    return np.bincount(place, minlength=whole)[:whole].astype(float)


def _figures(table: pd.DataFrame, seconds: FloatArray) -> dict[str, float]:
    span = float(seconds[-1] - seconds[0])
    by_hour = window_counts(seconds, _HOUR)
    tokens = {name: table[f"{name}_tokens"] for name in ("input", "output", "cached")}
    total = {name: int(values.sum()) for name, values in tokens.items()}
    found = {
        "requests": len(table),
        "span_hours": span / _HOUR,
        "requests_per_second": len(table) / span if span else float("nan"),
        **{f"{name}_mtok": total[name] / 1e6 for name in tokens},
        "cached_share": total["cached"] / total["input"] if total["input"] else float("nan"),
        "peak_over_mean": by_hour.max() / by_hour.mean() if len(by_hour) > 1 else float("nan"),
        **{name: dispersion(seconds, window) for name, window in WINDOWS.items()},
    }
    for name in ("input", "output"):
        found[f"mean_{name}_tokens"] = total[name] / len(table)
        at = np.quantile(tokens[name].to_numpy(), list(_QUANTILES.values()))
        found |= {f"{quantile}_{name}_tokens": float(value) for quantile, value in zip(_QUANTILES, at, strict=True)}
    return found
