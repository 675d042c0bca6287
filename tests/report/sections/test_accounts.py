"""Tests the section on who earns what."""

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.accounts import accounts_section
from placer.report.write import page


def test_a_page_says_who_earns_what(make_instance):
    """Tests bars, table, matrix and sentence, and the link in the navigation."""
    subject = Subject("small", placer.solve(make_instance()))
    text = str(accounts_section(content_of(subject, 1000), "s0-"))
    assert "Who earns what" in text
    assert "does better alone" in text
    assert "spent by its users" in text
    assert "Who pays whom" in text
    assert 'href="#s0-accounts"' in page([subject])


def test_without_regions_there_is_no_section(make_instance):
    """Tests hubs and data centres without regions."""
    tables = {"hubs": [{"hub": "A"}, {"hub": "B"}], "data_centres": [{"data_centre": "X"}, {"data_centre": "Y"}]}
    content = content_of(Subject("small", placer.solve(make_instance(**tables))), 1000)
    assert accounts_section(content, "s0-") is None
