"""The clock of the benchmarks that run in processes: solvers of large programs run in a child."""

from __future__ import annotations

import os


def processor_seconds() -> float:
    """Return the processor time of this process and its finished children."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system
