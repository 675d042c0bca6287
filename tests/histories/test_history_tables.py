"""Histories read from tables and files."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.errors import InstanceError

RATES = [
    {"pool": "a", "second": 0, "requests_per_second": 2.0, "mean_input_tokens": 900, "mean_output_tokens": 100},
    {"pool": "a", "second": 43200, "requests_per_second": 1.0, "mean_input_tokens": 400, "mean_output_tokens": 100},
    {"pool": "b", "second": 0, "requests_per_second": 3.0},
    {"pool": "b", "second": 43200, "requests_per_second": 0.0},
]


def rates(**change):
    """Return the rates of two pools, with a column replaced."""
    return pd.DataFrame(RATES).assign(**change)


def test_rates_are_requests_and_tokens_of_steps():
    """Tests pool a by hand: 2 a second over 43,200 s are 86,400 requests of 1,000 tokens."""
    history = placer.History.of_rates(rates(), ["a"])
    assert history.step_minutes == 720
    assert history.requests["a"].tolist() == [86_400, 43_200]
    assert history.mtok["a"].tolist() == pytest.approx([86.4, 21.6])


def test_a_pool_of_rates_alone_has_no_tokens():
    history = placer.History.of_rates(rates(), ["b"], missing="zero")
    assert history.requests["b"].tolist() == [129_600, 0]
    assert history.mtok["b"].isna().all()


def test_empty_steps_need_a_rule():
    with pytest.raises(InstanceError, match=r"class b, day 0, step 1.: an empty step"):
        placer.History.of_rates(rates())


def test_unknown_pools_are_named():
    with pytest.raises(InstanceError) as error:
        placer.History.of_rates(rates(), ["a", "c", "d"])
    assert [(each.row, each.allowed) for each in error.value.violations] == [("c", "a, b"), ("d", "a, b")]


def test_a_history_needs_pools_and_steps():
    with pytest.raises(InstanceError, match="no pools are asked for"):
        placer.History.of_rates(rates(), [])
    with pytest.raises(InstanceError, match="one step alone"):
        placer.History.of_rates(rates().iloc[:1])


def test_seconds_between_steps_are_named():
    odd = pd.concat([rates(), rates(second=[86_400, 129_600, 86_400, 130_000])])
    with pytest.raises(InstanceError, match=r"rates\[b\|130000\].second: between two steps .allowed: 43200 apart"):
        placer.History.of_rates(odd)


def test_every_bad_figure_is_named_at_once():
    with pytest.raises(InstanceError) as error:
        placer.History.of_rates(rates(requests_per_second=[-1, 2, None, 3], second=[0, 0, 0, 1]))
    assert [each.column for each in error.value.violations] == ["requests_per_second", "requests_per_second", ""]


def test_days_asked_for_are_there(make_history):
    assert make_history(days=1, live=[1, 2, 3, 4] * 2).days == 1
    for days in (0, 3, True, "all"):
        with pytest.raises(InstanceError, match="and there are 2"):
            make_history(days=days, live=[1, 2, 3, 4] * 2)


def test_a_day_that_ends_early_has_gaps(make_history):
    with pytest.raises(InstanceError, match="day 1, step 3"):
        make_history(live=[1, 2, 3, 4, 1, 2, 3])


def test_unknown_rules_and_empty_tables_are_refused(make_history):
    with pytest.raises(InstanceError, match="'guess' is no rule"):
        make_history("guess", live=[1, 2, 3, 4])
    with pytest.raises(InstanceError, match="no rows"):
        placer.History.of_table(pd.DataFrame(columns=["class", "step"]), 360)


@pytest.mark.slow
def test_servegen_lacks_121_steps():
    """Tests the shipped rates: 84 empty steps of m-mid and 37 of m-small, as their source says."""
    pools = ["m-large", "m-mid", "m-small"]
    with pytest.raises(InstanceError) as error:
        placer.History.of_rates("servegen_rates", pools)
    assert len(error.value.violations) == 121
    history = placer.History.of_rates("servegen_rates", pools, missing="profile")
    assert history.filled["class"].value_counts().to_dict() == {"m-mid": 84, "m-small": 37}
    assert (history.requests > 0).all(axis=None)
