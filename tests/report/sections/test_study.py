"""Tests of the section on a sensitivity study."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.report.content.page import Subject
from placer.report.write import page


@pytest.fixture(scope="module")
def subject():
    """Return tiny with a study of its assumptions and conclusions."""
    tiny = placer.load("tiny")
    given, conclusions = placer.read_assumptions("tiny")
    study = placer.sensitivity(tiny, given, conclusions=conclusions)
    return Subject("tiny", placer.solve(tiny), sensitivity=study)


@pytest.mark.slow
def test_ranges_charts_and_conclusions_stand_on_the_page(subject):
    """Tests the range of cost by hand (20.77 / 240 to 408.27 / 240 USD), a chart, and both verdicts."""
    text = page([subject])
    section = text[text.index('id="s0-study"') : text.index('id="s0-certificate"')]
    assert ">0.08654</td><td>who pays for accelerators paid for</td>" in section
    assert ">1.701</td><td>accelerator price 1.25</td>" in section
    assert "What moves it: cost<" in section
    assert "accelerator price (1 as given), 1.25: 1.701" in section
    assert "Does not hold at: accelerator price 1.25; round trips 2." in section
    assert "Holds in all cases." in section
    assert "Without effect: " in section
    assert '<a href="#s0-study">Assumptions</a>' in text


@pytest.mark.slow
def test_page_without_a_study_has_no_such_section(subject):
    text = page([replace(subject, sensitivity=None)])
    assert "s0-study" not in text


@pytest.mark.slow
def test_labels_are_escaped(subject):
    """Tests that a study from elsewhere cannot put markup on the page."""
    study = subject.sensitivity
    evil = "<script>window.hacked=1</script>"
    table = study.table.rename(index={"round trips": evil}, level="assumption").rename(index={"2": evil}, level="value")
    assumptions = study.assumptions.rename(index={"round trips": evil}).assign(source=evil)
    conclusions = study.conclusions.assign(conclusion=evil, fails_at=evil)
    hostile = replace(study, table=table, assumptions=assumptions, conclusions=conclusions)
    assert "<script>window" not in page([replace(subject, sensitivity=hostile)])
