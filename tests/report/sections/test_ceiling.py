"""Tests of the section on the ceiling."""

from __future__ import annotations

from dataclasses import replace

from placer.report.sections.ceiling import ceiling_section
from placer.utils.numbers import percent


def test_three_ceilings_are_named_with_their_shares(content):
    text, found = ceiling_section(content, ""), content.ceiling
    for name, share in (("Ceiling", found.share), ("Latency ceiling", found.latency_share)):
        assert f"<dt>{name}</dt><dd><strong>{percent(share)}<span>of {found.weight}</span></strong>" in text


def test_range_that_is_not_proven_says_why(content):
    found = replace(content.ceiling, economic_detail="the time limit was reached")
    text = ceiling_section(replace(content, ceiling=found), "")
    assert "(bounds only, not proven: the time limit was reached)" in text


def test_corners_that_are_left_out_are_counted(content):
    found = replace(content.ceiling, corners_left_out=7)
    assert "7 further corners are left out of this page." in ceiling_section(replace(content, ceiling=found), "")


def test_report_without_a_ceiling_says_so(content):
    assert "The ceiling was not computed for this report." in ceiling_section(replace(content, ceiling=None), "")
