"""Answers as messages: sections as HTML, and the report."""

from __future__ import annotations

import json

import pytest

from placer.live.answers import Answers
from placer.live.parts import first_message, next_message, report, strip_message
from placer.report.write import page


@pytest.fixture(scope="module")
def stages(source, asked):
    return list(Answers(source).stages(asked({"factors": {"power_zones.usd_per_mwh": 1.5}})))


@pytest.mark.slow
def test_the_first_message_has_every_section_or_its_place(stages):
    """Tests that what is in order is in sections or pending, with its heading, and in the navigation."""
    message = first_message(stages[0])
    assert set(message["order"]) == message["sections"].keys() | message["pending"].keys()
    assert message["pending"].keys() == {"s0-ceiling", "s0-rules"}
    for identity in message["order"]:
        made = message["sections"].get(identity) or message["pending"][identity]
        assert made.startswith(f'<section id="{identity}"')
        assert f'href="#{identity}"' in message["navigation"]
    assert json.loads(json.dumps(message, allow_nan=False)) == message


def test_later_messages_have_what_became_fresh(stages):
    """Tests that a ceiling comes with the headlines that hold it, and the curve for the script."""
    second, third = next_message(stages[1], stages[0]), next_message(stages[2], stages[1])
    assert second["sections"].keys() == {"s0-figures", "s0-ceiling"}
    assert "curve" in second["data"]
    assert third["sections"].keys() == {"s0-rules", "s0-ceiling"}
    assert "map" not in third["data"]
    assert "order" not in second


def test_an_answer_that_is_whole_is_one_message(stages):
    message = first_message(stages[-1])
    assert message["pending"] == {}
    assert {"s0-ceiling", "s0-rules"} <= message["sections"].keys()


@pytest.mark.slow
def test_sections_are_those_of_the_report(stages):
    """Tests that the report of the same answer holds every section to the letter, and says its command."""
    text = report(stages[-1], "placer explore tiny")
    assert all(html in text for html in first_message(stages[-1])["sections"].values())
    assert "placer explore tiny" in text
    assert text.count("<section") == page([stages[-1].subject]).count("<section")


def test_the_strip_has_the_figures_of_the_stage(stages):
    assert 'aria-busy="true"' in strip_message(stages[0], None)["html"]
    assert "aria-busy" not in strip_message(stages[-1], stages[-1].figures)["html"]
