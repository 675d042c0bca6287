"""The process in which HiGHS' first-order method runs; started by ``placer.solvers.apart`` and by nothing else.

It imports neither placer nor anything heavy, so that it starts in a fraction of a second. It reads the arrays of a
program from standard input, writes what HiGHS found to standard output, and ends at once when its input does: then
whoever started it is gone.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from typing import Any

import highspy
import numpy as np


def main() -> None:
    """Read a program, solve it, write the answer."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no part of the answer
    given = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    pickle.dump(solve(**given), answers)
    answers.close()


def solve(options: dict[str, Any], model: list[Any]) -> dict[str, Any]:
    """Return the status, and values and duals if HiGHS claims an optimum."""
    engine = highspy.Highs()
    for name, value in options.items():
        engine.setOptionValue(name, value)
    if engine.passModel(*model) != highspy.HighsStatus.kOk:
        return {"status": "kModelError", "iterations": 0}
    failed = engine.run() == highspy.HighsStatus.kError
    status = "kSolveError" if failed else engine.getModelStatus().name
    found: dict[str, Any] = {"status": status, "iterations": engine.getInfo().pdlp_iteration_count}
    if status == "kOptimal":
        solution = engine.getSolution()
        found["values"] = np.array(solution.col_value, dtype=float)
        found["row_duals"] = np.array(solution.row_dual, dtype=float)
        found["basic"] = engine.getBasis().valid
    return found


def _end_with_the_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
