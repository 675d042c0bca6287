"""The page in a real browser, without a window: its requests, its filters, its tables, and hostile names."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.report.content.page import Subject
from placer.report.write import write_page
from placer.utils.numbers import figure
from tests.report.browsing import amounts, choose, every, first_column, requests_of, saved

webdriver = pytest.importorskip("selenium.webdriver")

#: Written by nobody: a request for it would be one that left.
_OUTSIDE = "https://example.org/"


@pytest.mark.slow
def test_the_page_loads_nothing_else(show, on_map):
    """Tests that there is no resource but the page, and the script has run."""
    browser = show(on_map)
    assert browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)") == []
    assert every(browser, "html.scripted")
    assert all(control.is_displayed() for control in every(browser, ".controls"))


@pytest.mark.slow
def test_the_policy_stops_what_would_leave(browser, on_map, tmp_path):
    """Tests that requests, inline handlers and foreign scripts are blocked even for who gets a hand on the page."""
    browser.get(write_page(tmp_path / "report.html", [on_map]).as_uri())
    fetched = browser.execute_async_script(
        "fetch(arguments[0]).then(() => arguments[1]('sent'), () => arguments[1]('blocked'))", _OUTSIDE
    )
    assert fetched == "blocked"
    browser.execute_script(
        """
        const add = (name, set) => { const e = document.createElement(name); set(e); document.body.append(e); };
        add("img", (e) => { e.src = arguments[0] + "x.png"; });
        add("script", (e) => { e.src = arguments[0] + "x.js"; });
        add("script", (e) => { e.textContent = "window.hacked = 1"; });
        add("button", (e) => { e.setAttribute("onclick", "window.hacked = 1"); e.click(); });
        """,
        _OUTSIDE,
    )
    assert browser.execute_script("return window.hacked") is None
    complaints = [entry["message"] for entry in browser.get_log("browser")]
    assert len([text for text in complaints if "Content Security Policy" in text]) >= 5
    sent = [url for url in requests_of(browser) if url.startswith(_OUTSIDE)]
    assert [url for url in sent if url not in _blocked(complaints)] == []


def _blocked(complaints):
    return {url for url in (_OUTSIDE, f"{_OUTSIDE}x.png", f"{_OUTSIDE}x.js") if any(url in text for text in complaints)}


@pytest.mark.slow
def test_filters_choose_what_is_drawn(show, on_map):
    """Tests workload, data centre and hour against the placement's own table of flows."""
    browser, flows = show(on_map), on_map.placement.flows["mtok"]
    whole = flows.groupby(level=["hub", "data_centre"]).sum()
    assert len(every(browser, ".arcs path")) == len(whole)
    assert amounts(browser) == pytest.approx(sorted(whole, reverse=True)[:40], rel=1e-3)
    assert every(browser, ".status")[0].text.startswith(f"{figure(on_map.placement.served_mtok)} Mtok in ")
    workloads = list(on_map.placement.formulation.workloads)
    choose(browser, "workload", workloads.index("night"))
    chosen = flows.xs("night", level="workload")
    by_pair = chosen.groupby(level=["hub", "data_centre"]).sum()
    assert amounts(browser) == pytest.approx(sorted(by_pair, reverse=True)[:40], rel=1e-3)
    hour = int(chosen.index.get_level_values("hour")[0])
    choose(browser, "step", hour)
    by_pair = chosen.xs(hour, level="hour").groupby(level=["hub", "data_centre"]).sum()
    assert amounts(browser) == pytest.approx(sorted(by_pair, reverse=True)[:40], rel=1e-3)
    assert every(browser, "[data-role='step-name']")[0].text == f"hour {hour}"
    sites = list(on_map.placement.formulation.data_centres)
    site = by_pair.index.get_level_values("data_centre")[0]
    choose(browser, "site", sites.index(site))
    assert amounts(browser) == pytest.approx(sorted(by_pair.xs(site, level="data_centre"), reverse=True), rel=1e-3)
    assert "arcs" in every(browser, ".status")[0].text


@pytest.mark.slow
def test_arcs_are_drawn_as_they_were_written(show, on_map):
    """Tests that the script draws with all selected what the page held before it ran: same paths, same classes."""
    browser = show(on_map)
    file = browser.current_url
    drawn = browser.execute_script(
        "return [...document.querySelectorAll('.arcs path')].map(p => [p.getAttribute('class'), p.getAttribute('d')])"
    )
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(file)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    held = browser.execute_script(
        "return [...document.querySelectorAll('.arcs path')].map(p => [p.getAttribute('class'), p.getAttribute('d')])"
    )
    assert len(held) == len(drawn)
    assert [name for name, _ in held] == [name for name, _ in drawn]
    numbers = [
        [float(part) for part in path.replace("M", " ").replace("Q", " ").split() if "c" not in part]
        for paths in (held, drawn)
        for _, path in paths
    ]
    for one, other in zip(numbers[: len(held)], numbers[len(held) :], strict=True):
        assert one == pytest.approx(other, abs=0.6)


@pytest.mark.slow
def test_tables_sort_by_a_click_and_by_keys(show, on_map):
    """Tests both directions, by numbers and by names, and that the direction is told to whoever cannot see it."""
    browser = show(on_map)
    table = every(browser, "#s0-use table.sortable")[0]
    buttons = table.find_elements("css selector", "thead button")
    by_served = on_map.placement.data_centres["mtok"].sort_values(kind="stable")
    buttons[0].click()
    assert first_column(browser, table) == ["D0", "D1", "D2", "D3"]
    buttons[0].send_keys("\n")
    assert first_column(browser, table) == ["D3", "D2", "D1", "D0"]
    buttons[1].click()
    assert first_column(browser, table) == by_served.index[::-1].tolist()
    buttons[1].click()
    assert first_column(browser, table) == by_served.index.tolist()
    headings = table.find_elements("css selector", "thead th")
    assert [heading.get_attribute("aria-sort") for heading in headings[:2]] == [None, "ascending"]


@pytest.mark.slow
def test_the_curve_is_read_at_its_corners(show, on_map):
    """Tests that the reader of the curve tells limit, exportable and unserved share of the corner it stands at."""
    browser, table = show(on_map), on_map.ceiling.curve.table
    choose(browser, "corner", 1)
    row = table.iloc[1]
    said = every(browser, "[data-role='corner-name']")[0].text
    assert f"{100 * row['share']:.2f}% exportable" in said
    assert f"{100 * row['unserved_mtok'] / on_map.ceiling.curve.total_mtok:.2f}% unserved" in said
    assert [circle.is_displayed() for circle in every(browser, ".cursor circle")] == [True, False]


@pytest.mark.slow
def test_what_is_pointed_at_is_told(show, on_map):
    """Tests that a square says its data centre as text, and the tip is gone elsewhere."""
    browser = show(on_map)
    square = every(browser, ".sites rect")[0]
    actions = webdriver.ActionChains(browser)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", square)
    actions.move_to_element(square).perform()
    tip = every(browser, "#tip")[0]
    assert tip.text.startswith("D0 (data centre):")
    faint = every(browser, ".arcs .faint")
    assert len(faint) < len(every(browser, ".arcs path"))
    actions.move_to_element(every(browser, ".kicker")[0]).perform()
    assert not tip.is_displayed()


@pytest.mark.slow
def test_everything_can_be_reached_by_keys(show, on_map):
    """Tests that tabbing visits every control, and what has the focus can be seen."""
    browser = show(on_map)
    seen = set()
    for _ in range(200):
        webdriver.ActionChains(browser).send_keys("\ue004").perform()
        role = browser.execute_script(
            "const e = document.activeElement; return e.dataset.role || e.tagName.toLowerCase()"
        )
        if role == "body":
            break
        seen.add(role)
    assert {"region", "workload", "site", "step", "main", "corner", "button", "summary", "a", "svg"} <= seen


@pytest.mark.slow
def test_tables_are_saved_as_csv(show, on_map, tmp_path):
    """Tests that the table of data centres is saved with its headings and the figures of the placement."""
    browser = show(on_map)
    table = every(browser, "#s0-use table.sortable")[0]
    name, (headings, *rows) = saved(browser, table, tmp_path)
    assert name == "on-the-map-data-centres.csv"
    assert headings[:3] == ["data centre", "Mtok", "used, %"]
    centres = on_map.placement.data_centres
    for site, mtok, used, *_ in rows:
        assert float(mtok) == pytest.approx(centres.loc[site, "mtok"], rel=1e-9)
        share = centres.loc[site, "utilisation"]
        assert used == "" if np.isnan(share) else float(used) == pytest.approx(100 * share, rel=1e-9)
    assert len(rows) == len(centres)


@pytest.mark.slow
def test_saved_names_are_no_formulas(show, hostile, tmp_path):
    """Tests that names a spreadsheet would run are saved with an apostrophe, as placer.io.table_files writes them."""
    hubs = hostile.placement.instance.hubs
    names = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "a;=1+1", 'x,"y";+2', *hubs["hub"].iloc[6:]]
    renamed = dict(zip(hubs["hub"], names, strict=True))
    instance = hostile.placement.instance
    changed = instance.replace(
        hubs=hubs.assign(hub=names),
        links=instance.links.assign(**{"from": instance.links["from"].replace(renamed)}),
        demand=instance.demand.assign(hub=instance.demand["hub"].replace(renamed)),
    )
    browser = show(Subject("formulas", placer.solve(changed)))
    table = every(browser, "#s0-cost table")[0]
    _, (_, *rows) = saved(browser, table, tmp_path)
    first = {row[0] for row in rows}
    assert {"'=1+1", "'+cmd|' /C calc'!A0", "'-2", "'@SUM(A1)", "a;'=1+1", 'x,"y";\'+2'} <= first
    assert not any(name.startswith(("=", "+", "-", "@")) for name in first)


@pytest.mark.slow
def test_the_forty_largest_flows_stand_out(show, on_map):
    """Tests that small flows are faded until all are asked for."""
    browser = show(on_map)
    arcs = every(browser, ".arcs path")
    assert len(every(browser, ".arcs .rest")) == max(len(arcs) - 40, 0)
    browser.execute_script("document.querySelector(\"[data-role='main']\").options[0].value = 2")
    choose(browser, "main", 2)
    assert len(every(browser, ".arcs .rest")) == len(arcs) - 2
    choose(browser, "main", 400)
    assert every(browser, ".arcs .rest") == []


@pytest.mark.slow
def test_sixty_hostile_names_are_inert(show, hostile, hostile_names):
    """Tests that no name runs, adds an element or hides the page, and that all are read as they are written."""
    browser = show(hostile)
    for script in ("img", "iframe", "main script", "svg script", "[onload]", "[onmouseover]", "[onerror]"):
        assert every(browser, script) == []
    assert len(every(browser, "script:not([type])")) == 1
    assert len(every(browser, "style")) == 1
    script = "return [...document.querySelectorAll('[data-role=workload] option')].map(o => o.textContent)"
    options = browser.execute_script(script)
    assert len(options) == 21
    assert options[1:13] == [f"{name}w" for name in hostile_names[:12]]
    assert every(browser, "body")[0].is_displayed()
    choose(browser, "workload", 0)
    for node in every(browser, ".places circle, .sites rect")[:4]:
        webdriver.ActionChains(browser).move_to_element(node).perform()
    assert browser.title.startswith("placer: ")


@pytest.mark.slow
def test_placements_side_by_side(show, tiny):
    """Tests that one placement is shown in full at a time, and which is chosen by a control; in print all are."""
    dispatch = placer.load("tiny", ["dispatch"])
    browser = show(tiny, Subject("tiny + dispatch", placer.solve(dispatch)))
    parts = every(browser, ".part")
    assert [part.is_displayed() for part in parts] == [True, False]
    choose(browser, "part", 1)
    assert [part.is_displayed() for part in parts] == [False, True]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    printed = [part.is_displayed() for part in parts]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert printed == [True, True]
