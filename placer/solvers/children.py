"""Solvers that PuLP starts as programs of their own: ended in time, and their files removed, however a solve ends.

PuLP waits for its program without a limit, and removes the files it wrote only after an answer. Here every solve has a
folder of its own for these files. The folder also identifies the program, whose command line names it. When the solve
ends, is interrupted or runs out of time, every program that names the folder is killed, and the folder is removed.
"""

from __future__ import annotations

import math
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

#: Time that a program may take beyond its limit before it is killed: a part of the limit, plus seconds.
GRACE_PART, GRACE_SECONDS = 0.1, 0.5
#: Seconds between two looks for programs that were started after the time was over.
_SECONDS_BETWEEN_LOOKS = 0.5


@contextmanager
def own_folder(time_limit_seconds: float = math.inf) -> Iterator[str]:
    """Yield a folder for the files of programs, and kill these programs at its end or when the time is over."""
    with tempfile.TemporaryDirectory(prefix="placer-", ignore_cleanup_errors=True) as folder:
        over = threading.Event()
        patience = time_limit_seconds * (1 + GRACE_PART) + GRACE_SECONDS
        if patience < threading.TIMEOUT_MAX:
            threading.Thread(target=_end_late, args=(folder, patience, over), daemon=True).start()
        try:
            yield folder
        finally:
            over.set()
            _end_programs(folder)


def _end_late(folder: str, patience: float, over: threading.Event) -> None:
    """Kill the programs that still run after some seconds, and those that start later, until the solve is over."""
    while not over.wait(patience):
        _kill(folder)
        patience = _SECONDS_BETWEEN_LOOKS


def _end_programs(folder: str) -> None:
    """Kill the programs that still run, and wait until they are gone: they may hold files open."""
    for child in _kill(folder):
        with suppress(psutil.Error):
            child.wait()


def _kill(folder: str) -> list[psutil.Process]:
    """Kill the programs that this process started and that name a folder, and return them without waiting."""
    killed = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if any(folder in part for part in child.cmdline()):
                child.kill()
                killed.append(child)
    return killed
