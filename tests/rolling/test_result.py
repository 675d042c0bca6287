"""Tests of a rolled horizon as a result."""

from __future__ import annotations

import pandas as pd
import pytest

import placer


def test_sums_and_text():
    """Tests that figures are sums over steps and workloads, and that the text names transfers if there are any."""
    usd = {"cost_usd": [5.0, 1.0], "transfers_usd": [2.0, 0.0], "penalty_usd": [0.0, 3.0], "value_bought_usd": [9.0, 0]}
    mtok = {"demand_mtok": [4.0], "not_bought_mtok": [1.0], "served_mtok": [2.5], "unserved_mtok": [0.5]}
    rolled = placer.RolledPlacement((None, None), pd.DataFrame(usd), pd.DataFrame(mtok))
    assert rolled.summary() == {"steps": 2} | {name: sum(values) for name, values in (usd | mtok).items()}
    assert rolled.cost_and_penalty_usd == pytest.approx(9.0)
    assert repr(rolled) == (
        "<2 steps: 2.5 Mtok served, 1 not bought, 0.5 unserved, 6.00 USD and 3.00 USD penalty, 2.00 USD of transfers>"
    )
    assert rolled.tables["steps"] is rolled.table
