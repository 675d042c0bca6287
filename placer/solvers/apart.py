"""Solve in a process of its own where HiGHS neither hears Ctrl-C nor keeps a time limit: large programs, and ``pdlp``.

HiGHS does not call back while it presolves, which takes seconds on a large program. Its first-order method (``pdlp``)
never calls back, and looks at the clock only between its own checks. A process of its own can be killed: at once at an
interruption, and shortly after the time limit if HiGHS has not stopped. The process ends with the one that started it,
however that ends.
"""

from __future__ import annotations

import logging
import math
import os
import pickle
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from placer.running import seconds_left, tell

_log = logging.getLogger(__name__)

#: Time that the process may take beyond its limit before it is killed. A late answer would not be used.
GRACE_SECONDS = 0.2
_PROGRAM = Path(__file__).with_name("engine.py")


class EndedError(Exception):
    """The process ended, or was ended, before it had an answer. Never reaches a user."""


def solve_apart(options: dict[str, Any], model: list[Any]) -> dict[str, Any]:
    """Return the result of HiGHS (see ``placer.solvers.engine``), and pass its progress on to ``placer.running``.

    Raises
    ------
    TimeoutError
        If the process was killed because the time was over.
    EndedError
        If the process ended without an answer, because of lack of memory for example.
    """
    given = {"options": options, "model": model, "sent": time.time()}  # a clock that processes have in common
    message = pickle.dumps(given, pickle.HIGHEST_PROTOCOL)
    limit = min(float(options.get("time_limit", math.inf)), seconds_left())
    patience = limit + GRACE_SECONDS
    with subprocess.Popen(  # noqa: S603 - our own file, by this interpreter
        [sys.executable, "-P", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    ) as process:
        timer = _Timer(process, patience)
        try:
            answer = _received_answer(process, message)
        finally:
            timer.cancel()
            process.kill()
    if answer is None and timer.is_over:
        raise TimeoutError
    if answer is None:
        raise EndedError(f"its process ended (exit code {process.returncode})")
    return answer


class _Timer:
    """Kills a process when the time is over."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.is_over = False
        self._process = process
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        if seconds < threading.TIMEOUT_MAX:
            self._timer.start()

    def cancel(self) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.is_over = True
        self._process.kill()


def _received_answer(process: subprocess.Popen[bytes], message: bytes) -> dict[str, Any] | None:
    """Pass the progress of the process on, and return its answer; None if it ended without one.

    Its input stays open: the process ends when its input does.
    """
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    try:
        process.stdin.write(message)
        process.stdin.flush()
        while isinstance(said := pickle.load(process.stdout), str):  # noqa: S301 - from our own process
            tell(_log, said)
    except (BrokenPipeError, EOFError, pickle.UnpicklingError):  # the last where it was killed as it wrote
        return None
    return dict(said)
