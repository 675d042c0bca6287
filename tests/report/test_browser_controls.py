"""The controls of the page in a real browser: the map zooms and moves, regions are picked, tables are filtered."""

from __future__ import annotations

import pytest

from tests.report.browsing import choose, every, first_column, saved

webdriver = pytest.importorskip("selenium.webdriver")


def _view(browser):
    """Return left, top, width and height of the part of the map in view, once it is drawn."""
    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    text = browser.execute_script("return document.querySelector('#s0-map svg.map').getAttribute('viewBox')")
    return [float(part) for part in text.split()]


@pytest.mark.slow
def test_the_map_zooms_by_buttons_and_by_keys(show, on_map):
    """Tests that both zoom to the middle, arrows move, and the whole map comes back; marks keep their size."""
    browser = show(on_map)
    whole, circle = _view(browser), every(browser, ".places circle")[0]
    size = circle.size["width"]
    browser.execute_script("document.querySelector('#s0-map').scrollIntoView()")
    every(browser, "[data-zoom='in']")[0].send_keys("\n")
    left, top, width, height = _view(browser)
    assert (width, height) == pytest.approx((whole[2] / 1.5, whole[3] / 1.5), rel=1e-3)
    assert (left, top) == pytest.approx((whole[2] / 6, whole[3] / 6), rel=1e-2)
    assert every(browser, ".names text")
    assert circle.size["width"] == pytest.approx(size, abs=1.5)
    drawing = every(browser, "#s0-map svg.map")[0]
    drawing.send_keys("+", "\ue014")  # the arrow to the right
    moved = _view(browser)
    assert moved[2] == pytest.approx(whole[2] / 1.5**2, rel=1e-3)
    assert moved[0] > left
    every(browser, "[data-zoom='whole']")[0].send_keys("\n")
    assert _view(browser) == whole
    assert every(browser, ".names text") == []


@pytest.mark.slow
def test_the_map_zooms_by_the_wheel_and_is_dragged(show, on_map):
    """Tests that the wheel zooms with Ctrl alone, so that it scrolls the page without, and a zoomed map is dragged."""
    browser = show(on_map)
    whole = _view(browser)
    wheel = (
        "const map = document.querySelector('#s0-map svg.map'), box = map.getBoundingClientRect();"
        "map.dispatchEvent(new WheelEvent('wheel', {deltaY: -200, ctrlKey: arguments[0], cancelable: true,"
        " clientX: box.left + box.width / 2, clientY: box.top + box.height / 2}))"
    )
    browser.execute_script(wheel, False)
    assert _view(browser) == whole
    browser.execute_script(wheel, True)
    before = _view(browser)
    assert before[2] == pytest.approx(whole[2] / 2, rel=1e-3)
    drawing = every(browser, "#s0-map svg.map")[0]
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", drawing)
    webdriver.ActionChains(browser).drag_and_drop_by_offset(drawing, 60, 0).perform()
    assert _view(browser)[0] < before[0]


@pytest.mark.slow
def test_a_region_is_picked(show, on_map):
    """Tests that the nodes of the region are in view, and all of the map after all are picked again."""
    browser = show(on_map)
    whole = _view(browser)
    name = every(browser, "[data-role='region'] option")[1].text
    choose(browser, "region", 0)
    left, top, width, height = _view(browser)
    nodes = on_map.placement.instance.hubs
    count = int((nodes["region"] == name).sum())
    circles = every(browser, ".places circle")
    points = [(float(each.get_attribute("cx")), float(each.get_attribute("cy"))) for each in circles]
    seen = [left <= x <= left + width and top <= y <= top + height for x, y in points]
    assert sum(seen) >= count > 0
    choose(browser, "region", -1)
    assert _view(browser) == whole


@pytest.mark.slow
def test_tables_are_filtered(show, hostile, tmp_path):
    """Tests that only rows with all words are shown and saved, and that short tables have no filter."""
    browser = show(hostile)
    table = next(each for each in every(browser, "#s0-use table.sortable") if "Data centres" in each.text)
    names = first_column(browser, table)
    browser.execute_script(
        "const f = document.querySelector(`input[aria-label='Filter: Data centres']`); f.value = 'SCRIPT hacked';"
        "f.dispatchEvent(new Event('input'))"
    )
    kept = [name for name in names if "script" in name.lower() and "hacked" in name.lower()]
    shown = "return [...arguments[0].tBodies[0].rows].filter(row => !row.hidden).map(row => row.cells[0].textContent)"
    assert browser.execute_script(shown, table) == kept
    assert 0 < len(kept) < len(names)
    table.find_elements("css selector", "thead button")[0].click()
    browser.execute_async_script("setTimeout(arguments[0], 20)")
    assert sorted(browser.execute_script(shown, table)) == sorted(kept)
    _, (_, *rows) = saved(browser, table, tmp_path)
    assert len(rows) == len(kept)
    rows = browser.execute_script(
        "return [...document.querySelectorAll('.sortable')].map(t => t.tBodies[0].rows.length)"
    )
    heat = len(names) > 8
    assert len(every(browser, ".filter")) == sum(count > 8 for count in rows) + heat


@pytest.mark.slow
def test_the_slider_of_the_curve_redraws_what_may_leave(show, on_map, content):
    """Tests the arcs and the text of the last solved limit up to a corner, at the first corner and at the last."""
    browser = show(on_map)
    curve = content.ceiling.curve
    for place, limit in ((0, "Within"), (-1, "Without a limit")):
        found = content.exports[place]
        choose(browser, "corner", found.corner)
        said = every(browser, ".exports-said")[0].text
        assert len(every(browser, ".exports path")) == len(found.flows)
        assert said.startswith(limit)
        assert f"{100 * curve['share'].iloc[found.corner]:.2f}% may leave" in said
