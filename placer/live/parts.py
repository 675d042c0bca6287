"""Answers as a live page takes them: messages of sections as HTML, with the data that their script draws from."""

from __future__ import annotations

from typing import Any

from placer.live.answers import LiveAnswer
from placer.live.figures import Figures, strip
from placer.report.content.origin import origin_of
from placer.report.html.markup import Html, section, tag
from placer.report.write import (
    SECTIONS,
    Section,
    curve_data,
    headed,
    links_to,
    opening,
    page,
    script_data,
    shown_sections,
)

#: Prefix of the identities of the sections.
PREFIX = "s0-"
#: The sections that a stage makes fresh, by the key of the one that was pending before it; others stay as they are.
_FRESH = {"ceiling": ("figures", "ceiling"), "rules": ("ceiling", "rules")}

Message = dict[str, Any]


def first_message(answer: LiveAnswer) -> Message:
    """Return the message of the first stage of an answer: all its sections, and placeholders for those pending."""
    made = shown_sections(answer.content, [each for each in SECTIONS if each.key not in answer.pending])
    shown = [each for each in SECTIONS if each in made or each.key in answer.pending]
    links = links_to((each.link, f"{PREFIX}{each.key}") for each in shown)
    pending = {f"{PREFIX}{each.key}": _pending(each) for each in shown if each.key in answer.pending}
    order = [f"{PREFIX}{each.key}" for each in shown]
    data = script_data(answer.content)
    return _message(answer, made) | {"navigation": links, "order": order, "pending": pending, "data": data}


def next_message(answer: LiveAnswer, before: LiveAnswer) -> Message:
    """Return the message of a later stage: the sections that were pending before it, and those that show them too."""
    fresh = {key for done in before.pending if done not in answer.pending for key in _FRESH[done]}
    made = shown_sections(answer.content, [each for each in SECTIONS if each.key in fresh])
    return _message(answer, made) | {"data": curve_data(answer.content)}


def _message(answer: LiveAnswer, made: dict[Section, Html]) -> Message:
    content = answer.content
    by_identity = {f"{PREFIX}{each.key}": html for each, html in zip(made, headed(made, PREFIX), strict=True)}
    return {
        "kind": "sections",
        "title": content.title,
        "opening": opening(content),
        "sections": by_identity,
        "notes": list(answer.notes),
    }


def _pending(made: Section) -> Html:
    return section(f"{PREFIX}{made.key}", made.heading, tag("p", "Not solved yet.", class_="lead"))


def strip_message(answer: LiveAnswer, start: Figures | None) -> Message:
    """Return the message of the figures beside those of the start."""
    return {"kind": "strip", "html": strip(answer.figures, start, is_whole="ceiling" not in answer.pending)}


def report(answer: LiveAnswer, command: str) -> str:
    """Return a whole answer as the text of a report; ``command`` stands in its foot."""
    return page([answer.subject], origin_of(command))
