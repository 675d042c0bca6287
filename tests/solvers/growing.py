"""Parts of programs that grow."""

from __future__ import annotations

import numpy as np

from placer.solvers.simplex import Vectors

INF = np.inf


def column(*pairs):
    """Return the entries of one column."""
    rows, values = zip(*pairs, strict=True)
    return Vectors(np.zeros(1, np.int32), np.array(rows, np.int32), np.array(values, float))


def results(lp):
    """Run a program and return its point as lists."""
    lp.run()
    return [lp.point().values.tolist(), lp.point().duals.tolist()]
