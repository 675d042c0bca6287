"""The section on limits of one's own."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.evidence import certificate_section
from placer.report.sections.own_limits import own_limits_section, own_rows_section
from placer.report.write import page


def _content(instance):
    return content_of(Subject("small", placer.solve(instance)), 1000)


@pytest.mark.slow
def test_every_limit_has_its_row(limited_instance):
    """Tests that a page has the limits with their amounts, uses and rents, in its navigation too."""
    content = _content(limited_instance)
    text = str(own_limits_section(content))
    for name in limited_instance.limits["limit"]:
        assert name in text
    assert "&lt;= 13.00 Mtok" in text
    assert 'href="#s0-limits"' in page([Subject("small", placer.solve(limited_instance))])


@pytest.mark.slow
def test_hours_are_folded(make_instance):
    """Tests that a limit on each hour has a line, and its hours in a table of their own."""
    work = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in (0, 1)]
    limit = {"limit": "x", "kind": "tokens", "sense": ">=", "amount": 0.5, "data_centre": "X", "hours": "each"}
    text = str(own_limits_section(_content(make_instance(demand=work, limits=[limit]))))
    assert "x [2 hours]" in text
    assert "Hour by hour" in text
    assert "30.00 USD per Mtok" in text


@pytest.mark.slow
def test_without_limits_there_is_no_section(make_instance):
    """Tests that neither the section nor its link is there without limits of one's own."""
    content = _content(make_instance())
    assert own_limits_section(content) is None
    assert "#s0-limits" not in page([Subject("small", placer.solve(make_instance()))])


def _model(instance, *, integer):
    model = placer.Model(instance)
    at_y = (model.columns["block"] == "x") & (model.columns["data_centre"] == "Y")
    model.add_columns("built", cost_usd=10.0, upper=1.0, integer=integer)
    terms = pd.concat([at_y[at_y].astype(float), pd.Series({"built": -6.0})])
    model.add_rows(terms, name="needs a hall", upper=0.0)
    return model.solve()


@pytest.mark.slow
@pytest.mark.parametrize("integer", [False, True])
def test_a_page_says_what_holds_with_integers(make_instance, integer):
    """Tests that rows and columns are named, and that rents with fixed integers and the bound are labelled as such."""
    placement = _model(make_instance(), integer=integer)
    content = content_of(Subject("mine", placement), 1000)
    text = str(own_rows_section(content))
    assert "needs a hall" in text
    assert "built" in text
    assert ("hold with the integers fixed" in text) is integer
    proof = str(certificate_section(content))
    assert ("Whether other integers cost less is decided by branch and bound" in proof) is integer
    whole = page([Subject("mine", placement)])
    assert 'href="#s0-own"' in whole
    assert "#s0-rules" not in whole
    assert ("none costs less" in whole) is not integer


@pytest.mark.slow
def test_the_placement_of_an_instance_has_no_such_section(make_instance):
    """Tests that neither the section nor its link is there."""
    subject = Subject("plain", placer.solve(make_instance()))
    assert own_rows_section(content_of(subject, 1000)) is None
    assert "#s0-own" not in page([subject])
