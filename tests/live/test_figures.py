"""The figures of an answer beside those of the start."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

import placer
from placer.live.figures import Figures, figures_of, strip

START = Figures(
    cost_and_penalty_usd_per_day=24_000_000.0,
    unserved_share=0.0,
    cost_usd_per_mtok=1.25,
    export_share=0.5,
    ceiling_share=0.75,
    currency="EUR",
)


def _cells(now, start, *, is_whole=True):
    """Return the figure and the difference by label."""
    html = strip(now, start, is_whole=is_whole)
    return {
        name: (now, beside)
        for name, now, beside in re.findall(r"<dt>(.*?)</dt><dd><strong>(.*?)</strong><span>(.*?)</span>", html)
    }


def test_figures_are_those_of_the_placement():
    """Tests a day's cost and penalty of a horizon of two hours, by hand."""
    placement = placer.solve(placer.load("tiny"))
    found = figures_of(placement, 0.3)
    assert found.cost_and_penalty_usd_per_day == pytest.approx(placement.cost_and_penalty_usd * 12)
    assert (found.cost_usd_per_mtok, found.ceiling_share) == (placement.cost_usd_per_mtok, 0.3)


def test_differences_are_in_per_cent_and_in_points():
    """Tests a cost that rises by a fifth, a share that falls by ten points, one that is as it was, and one from 0."""
    now = replace(START, cost_usd_per_mtok=1.5, export_share=0.4, unserved_share=0.004)
    cells = _cells(now, START)
    assert cells["Cost, EUR/Mtok"] == ("1.500", "+20.0% from 1.250")
    assert cells["Cost and penalty a day, EUR"] == ("24.00 million", "as at the start")
    assert cells["Exported"] == ("40.0%", "\u221210.0 points from 50.0%")
    assert cells["Unserved"] == ("0.40%", "+0.40 points from 0.0%")


def test_a_site_that_is_switched_off_saves_nothing():
    """Tests a site without which cost falls, and cost with the penalty rises: it comes first, with what is unserved."""
    tiny = placer.load("tiny")
    start, now = (placer.solve(instance) for instance in (tiny, tiny.without("Port")))
    cells = _cells(figures_of(now, math.nan), figures_of(start, math.nan))
    assert now.cost_usd < start.cost_usd
    assert list(cells)[:2] == ["Cost and penalty a day, USD", "Unserved"]
    assert cells["Cost and penalty a day, USD"] == ("4,119", "+3.8% from 3,969")
    assert cells["Unserved"] == ("8.3%", "+8.3 points from 0.0%")


def test_what_is_not_known_is_a_dash_and_a_pending_ceiling_is_busy():
    now = replace(START, ceiling_share=math.nan)
    assert _cells(now, START)["Export ceiling"] == ("\u2013", "\u2013")
    assert _cells(START, None)["Exported"] == ("50.0%", "\u2013")
    assert 'data-figure="ceiling_share" aria-busy="true"' in strip(now, START, is_whole=False)
    assert "aria-busy" not in strip(now, START, is_whole=True)
