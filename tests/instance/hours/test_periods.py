"""Tests weights and blocks of hours: what they must be, and the positions they give."""

import numpy as np
import pandas as pd
import pytest

from placer.errors import InstanceError
from placer.instance.hours.periods import blocks_of, weights_of

CHAT = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
BATCH = CHAT | {"deadline_hours": 2.0}


def _demand(hours):
    return [{"workload": "w", "hub": "A", "hour": hour, "mtok": 5.0} for hour in hours]


def _problems(make_instance, hours, periods, workload=BATCH):
    with pytest.raises(InstanceError) as caught:
        make_instance(workloads=[workload], demand=_demand(hours), periods=periods)
    return [str(each) for each in caught.value.violations]


def test_without_a_table_all_hours_count_once_in_one_block(make_instance):
    """Tests the default: weights of 1, and one block."""
    instance = make_instance(workloads=[BATCH], demand=_demand(range(3)))
    assert instance.weights.tolist() == [1, 1, 1]
    assert instance.blocks.tolist() == [0, 0, 0]


def test_periods_may_come_in_any_order():
    """Tests that weights and blocks follow the hours of the demand, whatever the order of the rows."""
    periods = pd.DataFrame({"hour": [2, 0, 1], "weight": [3.0, 1.0, 1.0], "block": ["b", "a", "a"]})
    assert weights_of(periods, range(3)).tolist() == [1, 1, 3]
    assert blocks_of(periods, range(3)).tolist() == [0, 0, 1]


def test_hours_are_those_of_the_demand(make_instance):
    """Tests that a missing hour and a strange one are told, and a duplicate is."""
    rows = [{"hour": hour} for hour in (0, 2)]
    (said,) = _problems(make_instance, range(2), rows)
    assert "hour 1 is missing" in said
    assert "hour 2 is not in the demand" in said
    assert any("given twice" in each for each in _problems(make_instance, range(2), [{"hour": 0}] * 2))


def test_a_block_is_of_hours_in_a_row(make_instance):
    """Tests that a block that is interrupted by another is refused."""
    rows = [{"hour": hour, "block": name} for hour, name in enumerate("aba")]
    (said,) = _problems(make_instance, range(3), rows)
    assert "block a goes on after another block" in said


def test_weights_are_constant_where_work_waits(make_instance):
    """Tests that weights that differ within a block are refused if work waits there, and only then."""
    rows = [{"hour": hour, "weight": 1.0 + hour} for hour in range(2)]
    (said,) = _problems(make_instance, range(2), rows)
    assert "a weight of 2 after 1 in one block" in said
    instance = make_instance(workloads=[CHAT], demand=_demand(range(2)), periods=rows)
    assert instance.weights.tolist() == [1, 2]


@pytest.mark.parametrize(("weight", "said"), [(0, "out of range"), (-1, "out of range"), ("x", "is text")])
def test_weights_are_positive_numbers(make_instance, weight, said):
    """Tests that a weight of 0, below 0, or that is no number is refused."""
    assert said in _problems(make_instance, [0], [{"hour": 0, "weight": weight}])[0]


def test_days_of_a_calendar_may_lie_apart(make_instance):
    """Tests that timestamps of different blocks may lie any time apart, and those of one block may not."""
    days = [pd.date_range(day, periods=3, freq="h") for day in ("2026-01-15", "2026-07-15")]
    hours = days[0].append(days[1])
    rows = pd.DataFrame({"hour": hours, "weight": 182.5, "block": np.repeat(["winter", "summer"], 3)})
    instance = make_instance(workloads=[BATCH], demand=_demand(hours), periods=rows)
    assert instance.blocks.tolist() == [0, 0, 0, 1, 1, 1]
    (said,) = _problems(make_instance, hours, rows.assign(block="all"))
    assert "hours have gaps" in said
