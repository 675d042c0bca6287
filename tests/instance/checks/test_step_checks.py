"""Checks of the table of steps of demand."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.errors import InstanceError


def test_table_of_steps_is_checked(make_instance):
    """Tests shares that do not sum to 1, an unknown demand, and a workload with steps for a part of its demand."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 5.0} for hour in (0, 1)]
    steps = pd.DataFrame(
        [
            {"workload": "w", "hub": "A", "hour": 0, "value_usd_per_mtok": 1.0, "share": 0.75},
            {"workload": "w", "hub": "A", "hour": 9, "value_usd_per_mtok": 1.0, "share": 1.0},
        ]
    )
    with pytest.raises(InstanceError) as caught:
        make_instance(demand=demand, demand_steps=steps)
    text = str(caught.value)
    assert "shares sum to 0.75" in text
    assert "no such demand" in text
    assert "only part of its demand has steps" in text
