"""The axes of time in a real browser: a day, a week, four weeks and a year of timestamps on both widths and schemes."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.report.content.page import Subject
from tests.report.browsing import every, saved, screen

pytest.importorskip("selenium.webdriver")

#: Labels of a drawing or of the head of a heat map that overlap another, labels outside of their drawing, and heat maps
#: that are wider than their frame.
_UNTIDY = """
const found = [];
for (const drawing of document.querySelectorAll("svg.chart, table.heat thead")) {
  if (!drawing.checkVisibility()) continue;
  const frame = drawing.getBoundingClientRect();
  const labels = [...drawing.querySelectorAll("text, th span")].filter((label) => label.checkVisibility());
  const boxes = labels.map((label) => label.getBoundingClientRect());
  boxes.forEach((one, at) => {
    if (one.left < frame.left - 1 || one.right > frame.right + 1) found.push(["outside", labels[at].textContent]);
    boxes.slice(0, at).forEach((other, before) => {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const up = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 0.5 && up > 2) found.push(["overlap", labels[before].textContent, labels[at].textContent]);
    });
  });
}
for (const heat of document.querySelectorAll(".heat")) {
  const box = heat.closest(".scroll");
  if (box.scrollWidth > box.clientWidth + 1) found.push(["wider than its frame", heat.caption.textContent]);
}
return found;
"""
#: Marks that are shown below the columns of prices.
_MARKS = """
const shown = [...document.querySelectorAll("#s0-prices svg.chart")].find((chart) => chart.checkVisibility());
return [...shown.querySelectorAll("text[text-anchor=middle]")].map((label) => label.textContent);
"""
_DAYS = {
    1: ("hour", ["00", "06", "12", "18"]),
    7: ("quarter-day", ["10 Mar", "12 Mar", "14 Mar", "16 Mar"]),
    28: ("day", ["16 Mar", "23 Mar", "30 Mar", "6 Apr"]),
    365: ("week", ["May", "Jul", "Sep", "Nov", "2027", "Mar"]),
}


@pytest.fixture(scope="module", params=list(_DAYS))
def horizon(request, make_instance):
    """Return days and a subject of hours in Berlin: two sites, one of them with 8 accelerators."""
    hours = pd.date_range("2026-03-10", periods=24 * request.param, freq="h", tz="Europe/Berlin")
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 10.0 + hour.hour} for hour in hours]
    sites = [{"data_centre": "X", "accelerators": 100.0}, {"data_centre": "Y", "accelerators": 8.0}]
    return request.param, Subject("hours", placer.solve(make_instance(demand=demand, data_centres=sites)))


@pytest.mark.slow
def test_axes_of_time_are_tidy(show, horizon):
    """Tests that no label overlaps another, that heat maps fit, and which marks a narrow screen has."""
    days, subject = horizon
    browser = show(subject)
    found = {}
    for width in (1280, 420):
        for scheme in ("light", "dark"):
            with screen(browser, width, scheme):
                browser.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0], 50))")
                found[width, scheme] = browser.execute_script(_UNTIDY)
                marks = browser.execute_script(_MARKS)
    assert found == {key: [] for key in found}
    assert marks == _DAYS[days][1]


@pytest.mark.slow
def test_heat_maps_are_saved_with_full_names(show, horizon, tmp_path):
    """Tests that the CSV has a name for each step, though the page marks few of them."""
    days, subject = horizon
    browser = show(subject)
    _, (headings, *rows) = saved(browser, every(browser, ".heat")[0], tmp_path)
    assert len(set(headings)) == len(headings) == len(rows[0])
    assert not any(name == "" for name in headings)
    assert every(browser, "#s0-prices details summary")[0].text == f"Prices by {_DAYS[days][0]}"
