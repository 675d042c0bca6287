"""Models with own rows: one that is worked out by hand, and random ones that always have a placement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from placer.extended.model import Model

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def at_y(make_instance):
    """16 Mtok at 20 at Y or 50 at X; at most 6 at Y, and 2 more at 10 each. Cost 8 x 20 + 8 x 50 + 2 x 10 = 580."""
    model = Model(make_instance())
    model.add_columns("room", cost_usd=10.0, upper=2.0)
    served = (model.columns["block"] == "x") & (model.columns["data_centre"] == "Y")
    row = pd.concat([pd.Series(1.0, index=model.columns.index[served]), pd.Series({"room": -1.0})])
    model.add_rows(row, name="at most 6 at Y", upper=6.0)
    return model


@pytest.fixture(scope="session")
def make_random_model(make_random_instance) -> Callable[..., Model]:
    """Return a function from a seed to a model with three random own rows, each with a way out at 3 USD a unit."""

    def make(seed: int) -> Model:
        random = np.random.default_rng([seed, 1])
        base = Model(make_random_instance(seed))
        columns, point = base.columns, base.solve().solution.point
        model = Model(base.instance)
        added = model.add_columns(
            ["spare", "way out"], cost_usd=[random.choice([-2.0, 1.0, 5.0]), 3.0], upper=[4, np.inf]
        )
        for number, block in enumerate(random.choice(["x", "u", "f", "y"], 3)):
            there = np.flatnonzero(columns["block"] == block)
            chosen = random.choice(there, min(len(there), 20), replace=False)
            row = pd.Series(random.choice([0.5, 1.0, 2.0], len(chosen)), index=chosen)
            value = float(row @ point[chosen])
            row[added["spare"]] = random.choice([-1.0, 1.0])
            if random.random() < 0.5:
                row[added["way out"]] = -1.0
                model.add_rows(row, name=f"row {number}", upper=value * random.choice([0.5, 0.9]))
            else:
                row[added["way out"]] = 1.0
                model.add_rows(row, name=f"row {number}", lower=value * random.choice([1.1, 1.5]) + 1.0)
        return model

    return make


@pytest.fixture(scope="session")
def least_cost() -> Callable[..., float]:
    """Return a function from a linear program to its least cost by scipy's own interface to HiGHS."""
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    def least(program) -> float:
        rows = program.matrix.tocsr()
        upper, lower = np.isfinite(program.row_upper), np.isfinite(program.row_lower)
        found = linprog(
            program.cost,
            A_ub=vstack([rows[upper], -rows[lower]]),
            b_ub=np.concatenate([program.row_upper[upper], -program.row_lower[lower]]),
            bounds=np.column_stack([program.col_lower, program.col_upper]),
        )
        assert found.success
        return float(found.fun)

    return least
