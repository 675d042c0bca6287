"""Description of the machine on which figures are measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import placer

LIBRARIES = ("highspy", "numpy", "scipy", "pandas", "networkx", "pulp")
PEER_LIBRARIES = ("linopy", "ortools", "cvxpy", "pypsa")


def machine() -> dict[str, str]:
    """Return cores, memory, and versions; missing libraries are omitted."""
    found = {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "placer": placer.__version__,
    }
    if memory := _memory_gb():
        found["machine"] += f", {memory:.0f} GB"
    for name in (*LIBRARIES, *PEER_LIBRARIES):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _memory_gb() -> float:
    """Return the memory of the machine; 0 if unknown."""
    file = Path("/proc/meminfo")
    if not file.exists():
        return 0.0
    return int(file.read_text(encoding="utf-8").partition("MemTotal:")[2].split()[0]) / 2**20
