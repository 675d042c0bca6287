"""Every command under limits of memory: it answers, or one line says what it needs.

python -m benchmarks.short_memory 800 1100        # MB of addresses, as ``ulimit -v`` sets them
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from .commands import CALLS, COMMANDS, limited, line_of, start
from .trials import Trials

#: Limits on the addresses of a process: libraries take 600 MB of them, the whole program of ``china`` 600 MB more.
LIMITS_MB = (800, 1100)
_SECONDS = 300.0
#: What a command says of memory in its last line, or of a set of a batch.
_SAID = ("memory limit", "memory ran out")


def short_of_memory(limits_mb: tuple[int, ...] = LIMITS_MB) -> list[Trials]:
    """Run all commands under each limit."""
    found = []
    for limit in limits_mb:
        for name in (*COMMANDS, *CALLS):
            status, said = under_limit(name, limit)
            refused = any(words in said for words in _SAID)
            failed = status != 0 and (not refused or "Traceback" in said)
            last = said.strip().splitlines()[-1] if said.strip() else ""
            how = "an answer" if not status else last
            found.append(Trials(f"{limit} MB, {name}", 1, (f"status {status}: {last}",) if failed else (), how))
    return found


def under_limit(name: str, limit_mb: int) -> tuple[int, str]:
    """Run a command under a limit, and return its status and all that it says."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "temporary").mkdir()
        with start(limited(line_of(name), "RLIMIT_AS", limit_mb << 20), folder) as process:
            try:
                out, err = process.communicate(timeout=_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # its processes too, which hold the pipes
                return process.wait(), f"no end within {_SECONDS:g} s"
    return process.returncode, out + err


if __name__ == "__main__":
    print("\n".join(map(str, short_of_memory(tuple(map(int, sys.argv[1:])) or LIMITS_MB))))
