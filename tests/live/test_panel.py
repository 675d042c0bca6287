"""The controls as HTML: every assumption has one, with a name for screen readers."""

from __future__ import annotations

import html
import json
import re

from placer.live.assumptions import assumptions_of
from placer.live.panel import panel


def test_every_assumption_has_its_control(rich):
    """Tests that all keys of factors, switches and law stand in the page once, and each slider has a name."""
    there = assumptions_of(rich.load(()))
    text = panel(there, rich)
    assert [html.unescape(key) for key in re.findall(r'data-factor="(.*?)"', text)] == list(there.factors)
    assert [html.unescape(key) for key in re.findall(r'data-switch="(.*?)"', text)] == list(there.switches)
    assert re.findall(r'data-law="(.*?)"', text) == ["voice", "chat", "batch"]
    for slider in re.findall(r'<input type="range".*?>', text):
        assert re.search(r'aria-label="[^"]+: [^"]+"', slider)
    assert len(set(re.findall(r' id="(.*?)"', text))) == len(re.findall(r' id="', text))


def test_law_is_ticked_as_it_is(rich):
    text = panel(assumptions_of(rich.load(())), rich)
    voice = text.partition('data-law="voice"')[2].partition("</fieldset>")[0]
    assert re.findall(r'<input type="checkbox"( checked)? value="(\w+)"', voice) == [(" checked", "east"), ("", "west")]


def test_scenarios_are_listed_with_what_they_change(source):
    text = panel(assumptions_of(source.load(())), source)
    assert re.findall(r'data-scenario="(\w+)"', text) == list(source.scenarios)
    assert html.escape(source.scenarios["dispatch"]) in text


def test_links_are_pairs_of_places(source):
    """Tests the data that the choice of a link is filled from."""
    there = assumptions_of(source.load(()))
    text = panel(there, source)
    data = json.loads(re.search(r'id="links">(.*?)</script>', text)[1])
    assert [tuple(data["names"][at] for at in ends) for ends in data["links"]] == list(there.links)


def test_names_are_escaped(rich, asked):
    """Tests that markup in a name of a policy is text."""
    instance = rich.load(())
    hostile = "<img src=x onerror=alert(1)>\"'"
    policies = instance.tables["policies"].assign(policy=[hostile, "</script>"])
    text = panel(assumptions_of(instance.replace(policies=policies)), rich)
    assert "<img" not in text
    assert hostile in html.unescape(text)
