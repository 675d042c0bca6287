"""Tests of the pieces of a section."""

from __future__ import annotations

from placer.report.html.layout import folded, para, section
from placer.report.html.markup import tag


def test_section_is_labelled_by_its_heading():
    """Tests that the heading has the id that the section refers to, and that texts are escaped."""
    text = section("x", "A & B", para("1 < 2"), None, folded("more", tag("b", "c")))
    assert text.startswith('<section id="x" aria-labelledby="x-heading"><h2 id="x-heading">A &amp; B</h2>')
    assert '<p class="lead">1 &lt; 2</p>' in text
    assert "<details><summary>more</summary><b>c</b></details>" in text
