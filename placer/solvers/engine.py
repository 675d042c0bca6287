"""The program of the process in which HiGHS solves apart; started by ``placer.solvers.apart`` alone.

It imports neither placer nor any large library but numpy, so that it starts in a fraction of a second. It reads the
arrays of a linear program from standard input and writes pickles to standard output: the iterations so far once a
second, and at the end the result. It ends at once when its input does: the process that started it is then gone.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import highspy
import numpy as np

#: ``placer.running.SECONDS_BETWEEN_LINES``; this file imports nothing of placer.
_SECONDS_BETWEEN_LINES = 1.0
#: Name of the iteration count by method.
_ITERATIONS = {
    "simplex": "simplex_iteration_count",
    "ipm": "ipm_iteration_count",
    "pdlp": "pdlp_iteration_count",
}
_QUESTIONS = (
    highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt,
    highspy.cb.HighsCallbackType.kCallbackIpmInterrupt,
)


def serve() -> None:
    """Read a program, solve it, write the answer."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # output of libraries must not mix with the answer
    given = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    threading.Thread(target=_end_with_the_parent, daemon=True).start()

    def say(message: Any) -> None:
        pickle.dump(message, answers)
        answers.flush()

    say(solve_model(**given, tell=say))
    answers.close()


def solve_model(options: dict[str, Any], model: list[Any], sent: float, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return the status, and values and duals if HiGHS claims an optimum; tell the iterations so far once a second.

    The time limit among the options counts from the moment ``sent``, by ``time.time``.
    """
    if "time_limit" in options:
        options["time_limit"] = max(options["time_limit"] - (time.time() - sent), 0.0)
    engine = highspy.Highs()
    for name, value in options.items():
        engine.setOptionValue(name, value)
    if engine.passModel(*model) != highspy.HighsStatus.kOk:
        return {"status": "kModelError", "iterations": 0}
    engine.setCallback(_progress_callback(tell), None)
    for question in _QUESTIONS:
        engine.startCallback(question)
    failed = engine.run() == highspy.HighsStatus.kError
    status = "kSolveError" if failed else engine.getModelStatus().name
    found: dict[str, Any] = {"status": status, "iterations": getattr(engine.getInfo(), _ITERATIONS[options["solver"]])}
    if status == "kOptimal":
        solution = engine.getSolution()
        found["values"] = np.array(solution.col_value, dtype=float)
        found["row_duals"] = np.array(solution.row_dual, dtype=float)
        found["basic"] = engine.getBasis().valid
    return found


def _progress_callback(tell: Callable[[str], None]) -> Callable[..., None]:
    """Return a callback for HiGHS that tells the progress, with the time by a clock of its own: HiGHS gives none."""
    started = told = time.monotonic()

    def answer(_kind: Any, _text: str, state: Any, _answer: Any, _data: Any) -> None:
        nonlocal told
        if state is not None and time.monotonic() - told >= _SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            tell(f"solving: {iterations_so_far(state)}{told - started:.0f} s")

    return answer


def iterations_so_far(state: Any) -> str:
    """Return the iterations of the method that runs, as text; nothing where HiGHS counts none, as before its first.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> iterations_so_far(SimpleNamespace(simplex_iteration_count=1200, ipm_iteration_count=-1))
    '1,200 iterations, '
    """
    iterations = max(state.simplex_iteration_count, state.ipm_iteration_count)
    return f"{iterations:,} iterations, " if iterations > 0 else ""


def _end_with_the_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    serve()
