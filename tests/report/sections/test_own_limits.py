"""The section on limits of one's own."""

import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.own_limits import own_limits_section
from placer.report.write import page


def _content(instance):
    return content_of(Subject("small", placer.solve(instance)), 1000)


def test_every_limit_has_its_row(limited_instance):
    """Tests that a page has the limits with their amounts, uses and rents, in its navigation too."""
    content = _content(limited_instance)
    text = str(own_limits_section(content, "s0-"))
    for name in limited_instance.limits["limit"]:
        assert name in text
    assert "&lt;= 13.00 Mtok" in text
    assert 'href="#s0-limits"' in page([Subject("small", placer.solve(limited_instance))])


def test_hours_are_folded(make_instance):
    """Tests that a limit on each hour has a line, and its hours in a table of their own."""
    work = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in (0, 1)]
    limit = {"limit": "x", "kind": "tokens", "sense": ">=", "amount": 0.5, "data_centre": "X", "hours": "each"}
    text = str(own_limits_section(_content(make_instance(demand=work, limits=[limit])), "s0-"))
    assert "x [2 hours]" in text
    assert "Hour by hour" in text
    assert "30.00 USD per Mtok" in text


@pytest.mark.parametrize("prefix", ["s0-", "s1-"])
def test_without_limits_there_is_no_section(make_instance, prefix):
    """Tests that neither the section nor its link is there without limits of one's own."""
    content = _content(make_instance())
    assert own_limits_section(content, prefix) is None
    assert f"#{prefix}limits" not in page([Subject("small", placer.solve(make_instance()))])
