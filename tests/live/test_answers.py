"""Answers in stages: placement, ceiling, naive rules."""

from __future__ import annotations

import pytest

import placer
from placer.errors import NoSolutionError
from placer.live.answers import Answers
from placer.live.source import instance_source

POWER = "power_zones.usd_per_mwh"


@pytest.fixture
def answers(source):
    return Answers(source)


@pytest.mark.slow
def test_stages_end_with_nothing_pending(answers, asked):
    """Tests the sections that are pending, and that each stage is proven and costs what the library says."""
    stages = list(answers.stages(asked({"factors": {POWER: 1.5}})))
    assert [stage.pending for stage in stages] == [("ceiling", "rules"), ("rules",), ()]
    changed = placer.load("tiny").scaled(POWER, 1.5)
    alone = placer.solve(changed)
    for stage in stages:
        assert stage.placement.certificate.proven
        assert stage.placement.cost_usd == pytest.approx(alone.cost_usd, rel=1e-9)
    whole = stages[-1]
    assert whole.content.ceiling.share == pytest.approx(placer.export_ceiling(changed).share, abs=1e-9)
    assert whole.content.rules.equals(whole.subject.rules)
    assert whole.figures.ceiling_share == whole.content.ceiling.share
    assert whole.content.title == "tiny + changes"


@pytest.mark.slow
def test_the_last_answers_are_kept_whole(answers, asked, monkeypatch):
    """Tests that one asked for again comes at once, and that the oldest are given up."""
    monkeypatch.setattr("placer.live.answers.KEPT", 1)
    first = answers.whole(asked({}))
    assert list(answers.stages(asked({"factors": {POWER: 1}}))) == [first]
    answers.whole(asked({"factors": {POWER: 1.1}}))
    assert next(answers.stages(asked({}))).pending == ("ceiling", "rules")


@pytest.mark.slow
def test_an_answer_without_a_ceiling_says_why(asked):
    """Tests that a cap on the least of an amount leaves the ceiling out, and nothing pending but the rules."""
    limits = [{"limit": "least", "kind": "tokens", "sense": ">=", "amount": 1.0, "data_centre": "Port"}]
    source = instance_source(placer.load("tiny").replace(limits=limits), "least")
    first, last = Answers(source).stages(asked({}, source))
    assert (first.pending, last.pending) == (("rules",), ())
    assert any(note.startswith("no ceiling") for note in last.notes)


def test_limits_that_nothing_meets_are_the_error_of_the_library(asked):
    limits = [{"limit": "much", "kind": "tokens", "sense": ">=", "amount": 1e9, "data_centre": "Port"}]
    source = instance_source(placer.load("tiny").replace(limits=limits), "much")
    with pytest.raises(NoSolutionError):
        next(Answers(source).stages(asked({}, source)))
