"""Solve in a process of its own where HiGHS neither hears Ctrl-C nor keeps a time limit: large programs, and ``pdlp``.

HiGHS asks nobody whether it shall go on while it presolves, which takes seconds on a large program. Its first-order
method (``pdlp``) never asks, and looks at the clock only between its own checks. In a process of its own HiGHS is ended
like any other program: at an interruption at once, and at the time limit, if it has not ended by itself, after a short
grace. The process ends with the one that started it, however that ends.
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

#: What the process may take beyond its time limit before it is ended. What it finds late would not be used.
GRACE_SECONDS = 0.2
_PROGRAM = Path(__file__).with_name("engine.py")


class EndedError(Exception):
    """The process ended, or was ended, before it had an answer. Never reaches a user."""


def solve_apart(options: dict[str, Any], model: list[Any]) -> dict[str, Any]:
    """Return what HiGHS found; see ``placer.solvers.engine``. What it tells meanwhile goes to ``placer.running``.

    Raises
    ------
    TimeoutError
        If the process had to be ended because the time was over.
    EndedError
        If the process ended by itself, for want of memory say.
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
            answer = _answer(process, message)
        finally:
            timer.cancel()
            process.kill()
    if answer is None and timer.is_over:
        raise TimeoutError
    if answer is None:
        raise EndedError(f"its process ended (exit code {process.returncode})")
    return answer


class _Timer:
    """Ends a process when the time is over."""

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


def _answer(process: subprocess.Popen[bytes], message: bytes) -> dict[str, Any] | None:
    """Tell what the process tells, and return its answer; None if it ended without one.

    Its input stays open: it ends with that.
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
