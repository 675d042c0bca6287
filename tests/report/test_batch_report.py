"""The page of a batch: written from Python, and read in a browser."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, OutputError
from tests.report.browsing import every, requests_of, screen


@pytest.fixture(scope="module")
def sets():
    return placer.DemandSets(placer.load("tiny"), count=12, seed=7)


@pytest.fixture(scope="module")
def rows(sets):
    """Rows of a batch with a hostile failure and a hostile hub."""
    demand = [float(sets.demand(number)["mtok"].sum()) for number in range(12)]
    return pd.DataFrame(
        {
            "number": range(12),
            "status": ["optimal"] * 11 + ["infeasible"],
            "detail": [""] * 11 + ["<script>window.hacked=1</script>"],
            "cost_usd_per_mtok": [100.0 / each for each in demand[:11]] + [None],
            "export_share": [0.3 + 0.01 * number for number in range(11)] + [None],
            "price_usd_per_mtok <img src=x onerror='window.hacked=1'>": [1.0] * 11 + [None],
        }
    )


@pytest.mark.slow
def test_the_same_batch_gives_the_same_page(rows, sets, tmp_path):
    date = dt.date(2026, 3, 1)
    files = [
        placer.write_batch_report(rows, tmp_path / name, sets=sets, below={"export_share": 0.35}, date=date)
        for name in ("a.html", "b.html")
    ]
    first, second = (file.read_text(encoding="utf-8") for file in files)
    assert first == second
    assert "on 2026-03-01 by <code>placer.write_batch_report</code>" in first
    for heading in ("Below thresholds", "Distributions", "What moves the figures", "The extreme sets"):
        assert f">{heading}</h2>" in first
    assert "<script>window" not in first


def test_targets_and_rows_are_checked(rows, tmp_path):
    with pytest.raises(OutputError):
        placer.write_batch_report(rows, tmp_path / "a.pdf")
    with pytest.raises(ArgumentError, match="a table of rows"):
        placer.write_batch_report([{}], tmp_path / "a.html")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (420, "dark")])
def test_the_page_fits_and_asks_for_nothing(browser, rows, sets, tmp_path, width, scheme):
    """Tests that charts fit, the console is empty, and no request leaves the page."""
    file = placer.write_batch_report(rows, tmp_path / "a.html", sets=sets).as_uri()
    browser.get("about:blank")
    browser.get_log("browser")
    requests_of(browser)
    with screen(browser, width, scheme):
        browser.get(file)
        over = browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
        shown = [chart for chart in every(browser, "svg.chart") if chart.is_displayed()]
        paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        every(browser, "table.sortable thead button")[1].click()
    assert over <= 0
    assert len(shown) == 4
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    assert browser.get_log("browser") == []
    assert {url for url in requests_of(browser) if not url.startswith("data:")} <= {file}
    assert browser.execute_script("return window.hacked") is None
