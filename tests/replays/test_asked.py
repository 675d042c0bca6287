"""Tests of what a replay refuses: every violation at once."""

from __future__ import annotations

import re

import numpy as np
import pytest

import placer
from placer.replays.asked import rules_of
from placer.replays.rules import RULES, nearest_rule


def test_all_options_at_once(make_random_history):
    """Tests one error that lists every bad option."""
    instance, history = make_random_history(0)
    with pytest.raises(placer.InstanceError) as caught:
        placer.replay(
            instance,
            history,
            days=[0, 2, "1", 0, True],
            substeps=0,
            order="sideways",
            dispersion=0.5,
            seeds=[-1, 3, 1.0, 3],
            forecast="none",
            late_usd_per_mtok={"nothing": 1.0, "w0": -2.0},
        )
    text = str(caught.value)
    assert len(caught.value.violations) == 13
    for part in (
        "no day 2",
        "no day '1'",
        "no day True",
        "days: 0 stands 2 times (allowed: once)",
        "seeds: 3 stands 2 times (allowed: once)",
        "seeds: 1.0 is no integer",
        "substeps",
        "sideways",
        "dispersion",
        "seeds",
        "forecast",
        "nothing",
        "-2.0",
    ):
        assert part in text


def test_instances_that_no_rule_can_keep(make_random_history):
    """Tests caps, quotas, steps of value, limits of one's own, limits of zones and other names and hours."""
    instance, history = make_random_history(0)
    zones = instance.power_zones.assign(limit_mw=5.0)
    limits = [{"limit": "l", "kind": "tokens", "sense": "<=", "amount": 5.0}]
    pooled = instance.replace(
        data_centres=instance.data_centres.assign(accelerators=np.inf),
        accelerator_pools=[
            {"data_centre": name, "accelerator_type": "A"} for name in instance.data_centres["data_centre"]
        ],
    )
    quota = {"policy": "q", "kind": "quota_mtok", "amount": 5.0}
    elastic = instance.replace(demand=instance.demand.assign(value_usd_per_mtok=9.0))
    for changed, problem in (
        (instance.replace(carbon_limit_kg=5.0), "limits over the day"),
        (instance.replace(limits=limits), "limits over the day"),
        (instance.replace(policies=[quota]), "a quota over the day"),
        (instance.replace(power_zones=zones), "limits of zones"),
        (pooled, "a replay takes one type of accelerators"),
        (instance.replace(hour_length=3.0), "not those of the history"),
        (elastic, r"instance\.demand_steps: steps of value: the demand of a day is that of its history"),
    ):
        with pytest.raises(placer.InstanceError, match=problem):
            placer.replay(changed, history)
    other = instance.replace(
        hubs=instance.hubs.replace("h0", "new"),
        links=instance.links.replace("h0", "new"),
        demand=instance.demand.replace("h0", "new"),
    )
    with pytest.raises(placer.InstanceError, match=re.escape("h0")):
        placer.replay(other, history)


def test_a_history_without_requests_draws_none(make_random_history):
    """Tests dispersion where sizes of requests are not known."""
    instance, history = make_random_history(0)
    mtok = history.history.mtok
    bare = placer.History(mtok * np.nan, mtok, 180.0)
    around = placer.DemandHistory(bare, history.instance, history.classes, scale="mtok", reference_days=1)
    with pytest.raises(placer.InstanceError, match="no requests or no tokens"):
        placer.replay(instance, around, dispersion=2.0)


def test_names_of_rules():
    """Tests names, functions and mappings, and rules that are none."""

    def mine(brief):
        return nearest_rule(brief)

    assert rules_of("plan") == {"plan": RULES["plan"]}
    assert rules_of(["nearest", mine]) == {"nearest": nearest_rule, "mine": mine}
    assert rules_of({"other": mine}) == {"other": mine}
    with pytest.raises(placer.InstanceError, match="no rule 'best'") as caught:
        rules_of(["best", "plan", "plan"])
    assert len(caught.value.violations) == 2
    for none in ([], {}):
        with pytest.raises(placer.InstanceError, match="no rules"):
            rules_of(none)


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        (5, ["no rule 5"]),
        (None, ["no rule None"]),
        (["online", {}, 5], ["no rule {}", "no rule 5"]),
        ({"mine": "online", "other": None, 5: nearest_rule}, ["no rule 'online'", "no rule None", "no rule 5"]),
        (["online", nearest_rule, nearest_rule], ["nearest_rule stands 2 times"]),
    ],
)
def test_rules_that_cannot_be_called(given, problems):
    """Tests that each is one violation, alone, in a list and in a mapping, and so is a function that stands twice."""
    with pytest.raises(placer.InstanceError) as caught:
        rules_of(given)
    assert [violation.problem for violation in caught.value.violations] == problems


def test_one_day_or_seed_alone(make_random_history):
    """Tests a number in place of several."""
    instance, history = make_random_history(0)
    for name in ("days", "seeds"):
        with pytest.raises(placer.ArgumentError, match=f"expected several whole numbers as {name}, not 1; write"):
            placer.replay(instance, history, **{name: 1})


def test_rules_that_cannot_be_sent(make_random_history):
    """Tests a rule of a function's own in two processes."""
    instance, history = make_random_history(0)

    def mine(brief):
        return nearest_rule(brief)

    with pytest.raises(placer.ArgumentError, match="rule mine cannot be sent to other processes"):
        placer.replay(instance, history, mine, workers=2)
