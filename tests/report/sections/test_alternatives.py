"""The section on other answers of nearly the same cost."""

from __future__ import annotations

import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.alternatives import alternatives_section, plan_alternatives_section


@pytest.fixture(scope="module")
def placement(make_instance):
    return placer.solve(make_instance())


def section(placement, within=0.1, **chosen):
    found = placer.alternatives(placement, within, **chosen)
    return str(alternatives_section(content_of(Subject("small", placement, alternatives=found), 1000)))


@pytest.mark.slow
def test_sentence_ranges_and_answers_stand_on_the_page(placement):
    shown = section(placement)
    assert "Every placement that costs at most 10% more than the least has at least 14.93 Mtok" in shown
    assert "data centre X" in shown
    assert ">1.067</td>" in shown
    assert 'class="line c1"' in shown
    assert "hop 1" in shown


def test_without_a_range_there_is_no_chart(placement):
    assert "line c0" not in section(placement, within=0.0)


def test_there_is_none_without_alternatives(placement):
    content = content_of(Subject("small", placement), 1000)
    assert alternatives_section(content) is None
    assert plan_alternatives_section(content) is None


@pytest.mark.slow
def test_names_cannot_put_markup_on_the_page(make_instance):
    evil = "<script>window.hacked=1</script>"
    sites = [{"data_centre": "X", "region": evil}, {"data_centre": "Y", "region": "west"}]
    assert "<script>window" not in section(placer.solve(make_instance(data_centres=sites)))
