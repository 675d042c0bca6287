"""Alternatives to plans, by hand: 16 units at 10 USD an hour each, or 11.42 from a dear hall, and 20 USD of power.

Of 480 USD an hour, 1 % is 4.8. A unit that moves to the dear hall costs 1.42 more, a unit less of both leaves a Mtok at
1,000, and one more is idle.
"""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.alternatives import alternatives_section, plan_alternatives_section

MORE, DEARER = 4.8, (100_000 - 87_600) / 8760


@pytest.mark.slow
def test_ranges_of_candidates_join_in(hall_plan):
    found, ranges = placer.alternatives(hall_plan, 0.01), hall_plan.ranges(within=0.01)
    own = found.ranges[["least", "most", "least_found", "most_found"]].droplevel("kind")
    pd.testing.assert_frame_equal(own, ranges, check_names=False)
    ends = found.ranges.loc[("candidate", "hall")]
    assert (ends["least"], ends["most"]) == pytest.approx((16 - MORE / DEARER, 16 + MORE / 10), rel=1e-4)
    assert found.in_words.startswith(
        "Every plan that costs at most 1% more than the least has at least 12.61 units of hall."
    )
    assert found.placements == ()


def test_answers_are_plans_within_the_budget(hall_plan):
    found = placer.alternatives(hall_plan, 0.01)
    assert len(found.answers) > 1
    assert found.answers["cost_usd_per_year"].max() <= found.most_usd * (1 + 1e-9)
    assert found.answers["above_share"].iloc[0] == 0
    counted = found.amounts["counted"].unstack("answer")
    assert (counted.ge(found.ranges["least"] - 1e-6, axis=0) & counted.le(found.ranges["most"] + 1e-6, axis=0)).all(
        axis=None
    )
    assert len(placer.alternatives(hall_plan, 0.01, answers=0).answers) == 1


def test_a_group_counts_the_units_of_its_candidates(hall_plan):
    ends = placer.alternatives(hall_plan, 0.01, {"all": ["hall", "dear hall"]}).ranges.loc[("own group", "all")]
    assert (ends["least"], ends["most"]) == pytest.approx((16 - MORE / 970, 16 + MORE / 10), rel=1e-4)


@pytest.mark.slow
def test_halls_that_stand_for_each_other_are_a_tie(hall_plan):
    """Tests 24 USD an hour: all 16 units move to the dear hall for 22.6, and the rest pays for 24 / 10 idle ones."""
    found = placer.alternatives(hall_plan, 0.05)
    assert found.tie is not None
    assert found.tie.groups == ("hall", "dear hall")
    assert (found.tie.least, found.tie.most) == pytest.approx((16 - 24 / 970, 16 + 24 / 10), rel=1e-4)
    assert found.in_words.endswith(
        "hall and dear hall stand for each other: each can have next to nothing or nearly all. All have between 15.98 "
        "and 18.40 units."
    )
    assert placer.alternatives(hall_plan, 0.01).tie is None
    assert placer.alternatives(hall_plan, 0.05, {"a": ["dear hall"], "b": ["dear hall"]}).tie is None


def test_large_plans_solve_for_each_end(hall_plan, monkeypatch):
    """Tests that the ends are found of a plan that counts as large, whose search found the best plan alone."""
    monkeypatch.setattr("placer.near_optimal.plans.is_small", lambda _: False)
    monkeypatch.setattr("placer.planning.answer.group_ranges.is_small", lambda _: False)
    found = placer.alternatives(hall_plan, 0.05)
    assert found.ranges["least_found"].tolist() == pytest.approx([0, 0], abs=1e-6)
    assert found.tie is not None


def test_plans_over_years_are_refused(hall_plan):
    with pytest.raises(placer.ArgumentError, match="expected a placement"):
        placer.alternatives(hall_plan.question)


def test_plans_refuse_what_is_of_placements(hall_plan):
    with pytest.raises(placer.InstanceError, match="'region' is unknown"):
        placer.alternatives(hall_plan, groups="region")
    with pytest.raises(placer.InstanceError, match="is of placements"):
        placer.alternatives(hall_plan, counted="work")
    with pytest.raises(placer.InstanceError) as caught:
        placer.alternatives(hall_plan, -0.1, {"a": ["hull"], "b": []})
    assert all(part in str(caught.value) for part in ("-0.1", "'hull' is unknown", "perhaps hall", "has no members"))


@pytest.mark.slow
def test_a_section_on_plans(hall_plan):
    found = placer.alternatives(hall_plan, 0.01)
    content = content_of(Subject("small", hall_plan.placement(), plan=hall_plan, alternatives=found), 1000)
    assert alternatives_section(content) is None
    assert "units of hall" in str(plan_alternatives_section(content))
