"""Tests of the foot of a page."""

from __future__ import annotations

import datetime as dt

import placer
from placer.batch.identity import digest
from placer.report.content.origin import foot, origin_of, today


def test_foot_has_version_day_command_and_digest():
    """Tests that a foot tells all four, with a hostile title and command as text."""
    tiny = placer.load("tiny")
    text = foot(origin_of("placer report <b>", dt.date(2026, 1, 2)), [("<i>", tiny)])
    assert f"placer {placer.__version__} on 2026-01-02" in text
    assert "placer report &lt;b&gt;" in text
    assert "&lt;i&gt;" in text
    assert digest(tiny) in text


def test_day_is_todays_unless_given():
    assert origin_of("").date == today()
    assert "<code>" not in foot(origin_of(""), [])
