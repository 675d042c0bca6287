"""Tests of what a report takes from a sensitivity study."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

import placer
from placer.errors import InstanceError
from placer.report.content.study import check_study, study_content


@pytest.fixture(scope="module")
def study():
    """Return two figures of the assumptions of tiny."""
    given, _ = placer.read_assumptions("tiny")
    return placer.sensitivity(placer.load("tiny"), given, figures=["cost_usd_per_mtok", "unserved_share"])


@pytest.mark.slow
def test_assumptions_that_move_a_figure_stand_apart(study):
    """Tests that longer links alone leave demand unserved (voice, a third), and that prices do not."""
    found = study_content(study)
    assert found.swings["unserved_share"].index.tolist() == ["round trips"]
    assert found.unmoved["unserved_share"] == ("accelerator price", "who pays for accelerators")
    assert found.cases == 5
    assert found.ranges.loc["unserved_share", "high_at"] == "round trips 2"


@pytest.mark.slow
def test_names_are_fit_for_a_page(study):
    """Tests that long and unprintable names are shortened and escaped alike wherever they stand."""
    odd = "x" * 100
    table = study.table.rename(index={"round trips": odd}, level="assumption")
    assumptions = study.assumptions.rename(index={"round trips": odd}).assign(base="\u202e1")
    found = study_content(replace(study, table=table, assumptions=assumptions))
    (name,) = found.swings["unserved_share"].index
    assert name == "x" * 60 + "... (no. 2)"
    assert found.assumptions.loc[name, "base"] == "\\u202e1"


def test_figure_without_a_value_as_given_has_no_chart(study):
    table = study.table.assign(cost_usd_per_mtok=[float("nan"), *study.table["cost_usd_per_mtok"].iloc[1:]])
    assert "cost_usd_per_mtok" not in study_content(replace(study, table=table)).swings


def test_case_without_an_answer_is_named(study):
    table = study.table.assign(status=["optimal", "time limit", *["optimal"] * 3], detail="60 s")
    assert study_content(replace(study, table=table)).failed == ("accelerator price 0.5: time limit, 60 s",)


def test_study_of_another_instance_is_refused(study):
    """Tests that the costs as given tell: 1.37821 USD per Mtok rented and 0.0865417 paid for."""
    check_study(study, placer.solve(placer.load("tiny")))
    with pytest.raises(InstanceError, match=r"the study has 1\.37821 as given, the placement 0\.0865417"):
        check_study(study, placer.solve(placer.load("tiny", ["dispatch"])))
    cheap = study.table.assign(cost_usd_per_mtok=1e-13)
    free = SimpleNamespace(cost_usd_per_mtok=0.0, unserved_share=study.table["unserved_share"].iloc[0])
    with pytest.raises(InstanceError, match="the study has 1e-13 as given, the placement 0"):
        check_study(replace(study, table=cheap), free)
