"""Memory of walks to a ceiling and along its curve, beside the estimate by which they are refused; on Linux.

    python -m benchmarks.walk_memory                            # two minutes
    python -m benchmarks.walk_memory ceiling "china 28" alike   # one walk: days of china, or a family and a size

Each walk is a process of its own, and needs its peak less what it had before the call. Where demands are *apart*, work
has a value that falls with latency, and exports are counted by value: no two hubs are then alike. The exit status is 1
if a walk needs more than its estimate and some room for libraries.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import psutil

import placer
from placer.ceiling.walk import blocks
from placer.solvers import memory

from .families import SCENARIOS, build

#: What is walked, and whether demands are alike.
WALKS = (
    *(("ceiling", case, "alike") for case in ("china 1", "china 7", "china 28", "fleet large", "fleet wide")),
    *(("ceiling", case, "apart") for case in ("china 1", "china 7", "fleet medium", "capped medium")),
    *(("curve", case, "alike") for case in ("china 1", "fleet medium", "fleet wide", "online medium")),
)
#: Libraries that the walk is the first to need.
_ROOM_MB = 20.0


def instance_of(case: str, demands: str) -> placer.Instance:
    """Return the instance of a case, its demands alike or apart."""
    name, size = case.split()
    scarce = SCENARIOS.get(name, ())
    found = placer.datasets.year(name, days=int(size), scenarios=scarce) if scarce else build(name, size)
    if demands == "alike":
        return found
    names, share_lost = found.workloads["workload"], {0.0: 0.0, 1e5: 0.9}
    rows = [{"workload": each, "ms": ms, "share_lost": lost} for each in names for ms, lost in share_lost.items()]
    valued = found.workloads.assign(value_usd_per_mtok=1_000.0)
    return found.replace(workloads=valued, latency_value=pd.DataFrame(rows))


def walk(what: str, case: str, demands: str) -> bool:
    """Walk in this process, print a line, and return whether the estimate holds."""
    instance, estimates = instance_of(case, demands), list[tuple[int, str]]()

    def note(needed: int, what: str) -> None:
        estimates.append((needed, what))

    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = psutil.Process().memory_info().rss
    weight = "tokens" if demands == "alike" else "value"
    ask = placer.export_ceiling if what == "ceiling" else placer.ceiling_curve
    with patch.object(memory, "check_memory", note), patch.object(blocks, "check_memory", note):
        ask(instance, weight=weight)
    peak_kb = Path("/proc/self/status").read_text(encoding="ascii").split("VmHWM:")[1].split()[0]
    needed = (int(peak_kb) * 1024 - before) / 1e6
    last = estimates[-2:]  # before a curve there is the ceiling that finds its regions
    estimated = sum(count for count, _ in last) / 1e6
    said = " and ".join(text.removeprefix("the walk over ") for _, text in last)
    print(f"{what} of {case}, demands {demands}: {said}, estimated {estimated:,.0f} MB, needed {needed:,.0f} MB")
    return needed <= estimated + _ROOM_MB


def main(given: list[str]) -> int:
    """Walk as asked for, by default each in a process of its own; return the exit status."""
    if given:
        return int(not walk(*given))
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.walk_memory"]
    return max(subprocess.run([*command, *each], check=False).returncode for each in WALKS)  # noqa: S603 - our own


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
