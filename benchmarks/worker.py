"""One measurement in a separate process: ``python -m benchmarks.worker CASE LIMIT FILE``.

CASE is a case as JSON, LIMIT seconds, FILE where the result goes as JSON: once before the clock starts, with the number
of columns, and again at the end. The process ends itself by an alarm when the limit is reached, within a solver too.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

from placer import LinearProgram

from .columns import count_columns
from .measure import PHASES, checked, lacking, measure
from .peers.peer import PeerError
from .subjects import subject_of

try:
    import resource
except ImportError:  # not on Windows
    resource = None

#: Share of the memory free at the start that a measurement may take.
MEMORY_SHARE = 0.95


def main(case: dict[str, Any], limit_seconds: float, file: Path) -> None:
    """Measure a case and write the result."""
    _limit_memory()
    found: dict[str, Any] = {}

    def note(**facts: Any) -> None:
        found.update(facts)
        file.write_text(json.dumps(found), encoding="utf-8")

    try:
        instance = subject_of(case["family"], case["size"], case["seed"])
        if isinstance(instance, LinearProgram):
            note(columns=len(instance.cost))
        elif not isinstance(instance, Path):
            note(columns=count_columns(instance))
        if words := lacking(instance, case["solver"]):
            note(status=words)
            return
        call = PHASES[case["phase"]].ready(instance, case["solver"])
        note(status="started")
        _alarm(limit_seconds)
        timed = measure(call)
        _alarm(0)
        note(
            status="done",
            memory_mb=peak_mb(),
            seconds=timed.seconds,
            processor_seconds=timed.processor_seconds,
            objective=timed.answer.objective,
            **checked(instance, timed.answer),
        )
    except PeerError as error:
        note(status=f"no answer: {error}")
    except MemoryError:
        note(status="out of memory")


def peak_mb() -> float:
    """Return the peak memory of this process, or of its children if larger, in MB; NaN if unknown."""
    if resource is None:
        return float("nan")
    unit = 1 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    status = Path("/proc/self/status")
    if status.exists():  # the other figure may belong to the parent process
        own = int(status.read_text(encoding="utf-8").partition("VmHWM:")[2].split()[0]) * 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    return max(own, children) / 2**20


def _limit_memory() -> None:
    """Limit memory to the free amount, so that only this process fails, with a message."""
    free = Path("/proc/meminfo")
    if resource is None or not free.exists():
        return
    available = int(free.read_text(encoding="utf-8").partition("MemAvailable:")[2].split()[0]) * 1024
    limit = int(MEMORY_SHARE * available)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _alarm(seconds: float) -> None:
    """End the process after a number of seconds; 0 cancels the alarm."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
