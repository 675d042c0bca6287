"""Tests that no text becomes markup."""

from __future__ import annotations

import json
import re

import pytest

from placer.report.html.markup import (
    Html,
    data_block,
    folded,
    fragment,
    labels,
    name_of,
    para,
    plain,
    section,
    shortened,
    tag,
)


@pytest.mark.parametrize("text", ["<b>", "a & b", '"quoted"', "it's", "</td><script>"])
def test_texts_are_escaped_as_content_and_as_attribute(text):
    """Tests that a text stands in an element and in an attribute without a sign that could end it."""
    written = tag("td", text, title=text)
    assert re.fullmatch(r'<td title="[^"<>]*">[^<>]*</td>', written)


def test_only_what_was_made_as_html_stays_html():
    """Tests that joining keeps elements, and escapes what was put together from them outside."""
    element = tag("b", "x")
    assert fragment(element, "<i>") == "<b>x</b>&lt;i&gt;"
    assert isinstance(fragment(element), Html)
    assert fragment(element + "<i>") == "&lt;b&gt;x&lt;/b&gt;&lt;i&gt;"


def test_attributes_that_are_not_there():
    """Tests attributes without a value, left out, and with names that Python has taken."""
    assert tag("input", hidden=True, open=False, value=None, class_="a", aria_label="b") == (
        '<input hidden class="a" aria-label="b">'
    )


def test_data_cannot_end_its_block():
    """Tests that data come back as they were, and no sign of theirs could end the element or a line of a script."""
    data = {"names": ["</script><script>", "<!--", "a&b", "\u2028\u2029", "\\u003c"]}
    block = data_block("d", data)
    inside = re.fullmatch(r'<script type="application/json" id="d">(.*)</script>', block).group(1)
    assert not set(inside) & set("<>&\u2028\u2029")
    assert json.loads(inside) == data


def test_data_that_json_cannot_hold_are_refused():
    """Tests that what is not a number is an error and not a word no browser reads."""
    with pytest.raises(ValueError, match="JSON"):
        data_block("d", [float("nan")])


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\x00", "\x1b", "\u2028", "\ud800", "\ufeff"])
def test_what_cannot_be_seen_is_spelt_out(mark):
    """Tests that controls, marks of direction and lone surrogates become visible."""
    shown = plain(f"a{mark}b")
    assert shown.isprintable()
    assert shown.startswith("a\\")
    shown.encode()


def test_long_names_are_shortened_and_stay_apart():
    """Tests that long names are cut with a mark, their place in the list, and short ones are left alone."""
    shown = labels(["x" * 10_240, "short", "x" * 10_240])
    assert shown[1] == "short"
    assert shown[0] != shown[2]
    assert all(len(name) < 100 and "..." in name for name in (shown[0], shown[2]))
    assert shortened("\u202e" * 61, longest=61) == "\\u202e" * 10 + "\\..."


def test_names_are_apart_from_the_text_around_them():
    """Tests that a name is isolated from the direction of its surroundings."""
    assert name_of("\u05d0") == "<bdi>\u05d0</bdi>"


def test_section_is_labelled_by_its_heading():
    """Tests that the heading has the id that the section refers to, and that texts are escaped."""
    text = section("x", "A & B", para("1 < 2"), None, folded("more", tag("b", "c")))
    assert text.startswith('<section id="x" aria-labelledby="x-heading"><h2 id="x-heading">A &amp; B</h2>')
    assert '<p class="lead">1 &lt; 2</p>' in text
    assert "<details><summary>more</summary><b>c</b></details>" in text
