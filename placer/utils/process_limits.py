"""What the limits of this process, as ``ulimit -v`` and ``-d`` set them, leave it of memory."""

from __future__ import annotations

import importlib
import math

import psutil


def left_to_process() -> float:
    """Return the rest of the limits of the process (``ulimit -v`` and ``-d``); inf without one, and on Windows."""
    try:
        resource = importlib.import_module("resource")
    except ModuleNotFoundError:
        return math.inf
    taken, left = psutil.Process().memory_info(), math.inf
    for name, used in (("RLIMIT_AS", taken.vms), ("RLIMIT_DATA", getattr(taken, "data", taken.rss))):
        limit = resource.getrlimit(getattr(resource, name))[0]
        if limit != resource.RLIM_INFINITY:
            left = min(left, limit - used)
    return left
