"""The live page in a browser: drag, switch, link, tabs, keyboard, small screens, files, and the end of its server."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest

import placer
from placer.live.background import LivePage
from placer.live.source import dataset_source
from tests.live.browsing import FRESH, OLD, answered, control, put, until
from tests.report.browsing import downloaded, every, opened_browser, requests_of, screen, wait_for
from tests.report.conftest import placed

webdriver = pytest.importorskip("selenium.webdriver")
Select = pytest.importorskip("selenium.webdriver.support.ui").Select
pytestmark = pytest.mark.slow

POWER, CHAT, PORT = "power_zones.usd_per_mwh", "demand.mtok[chat]", "data_centres[Port]"
RIGHT, SPACE, TAB = "\ue014", " ", "\ue004"


@pytest.fixture(scope="module")
def browser():
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def address():
    """Serve the dataset ``tiny`` with places, so that there is a map."""
    source = dataset_source("tiny")
    with LivePage(replace(source, load=lambda scenarios: placed(source.load(scenarios)))) as page:
        yield page.address


@pytest.fixture
def page(browser, address):
    """Open the page afresh; at the end nothing was complained of, and nothing but its own server was asked."""
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(address)
    until(browser, FRESH)
    yield browser
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    asked = {url for url in requests_of(browser) if not url.startswith(("data:,", "blob:", "about:"))}
    assert all(url.startswith(address) for url in asked)
    assert browser.execute_script("return window.hacked") is None


def touch(browser, key, value):
    """Set a slider, and wait for the answer."""
    with answered(browser):
        put(browser, control(browser, "factor", key), value)


def cost(browser):
    return every(browser, "[data-figure=cost_usd_per_mtok] strong")[0].text


def written(instance):
    return f"{placer.solve(instance).cost_usd_per_mtok:.3f}"


def test_a_slider_is_dragged(page):
    """Tests that the pointer moves the factor, and that strip, sections, map and address follow."""
    before, slider = cost(page), control(page, "factor", POWER)
    with answered(page):
        webdriver.ActionChains(page).drag_and_drop_by_offset(slider, 60, 0).perform()
    factor = float(slider.get_attribute("value"))
    assert factor > 1
    assert cost(page) == written(placer.load("tiny").scaled(POWER, factor)) > before
    assert "%" in every(page, "[data-figure=cost_usd_per_mtok] span")[0].text
    assert every(page, "#s0-figures .card strong")[0].text.startswith(cost(page))
    assert every(page, "h1")[0].text == "tiny + changes"
    assert "changes=" in page.current_url
    assert every(page, "#s0-map .arcs path")
    assert every(page, "#s0-ceiling .cursor circle")
    assert [each.text for each in every(page, "#s0-rules .save")] == ["Save as CSV"]


def test_a_site_a_link_and_a_scenario_are_switched(page):
    """Tests that tables follow, that the controls become those of the scenario, and that all is reset at once."""
    for end, name in (("from", "Delta"), ("to", "East exchange")):
        Select(control(page, "link", end)).select_by_visible_text(name)
    with answered(page):
        control(page, "link", "off").click()
    assert [each.text for each in every(page, ".links-off li")] == ["Delta \u2013 East exchange Switch on"]
    with answered(page):
        every(page, ".links-off button")[0].click()
    assert every(page, ".links-off li") == []
    with answered(page):
        control(page, "switch", PORT).click()
    assert "Port" not in every(page, "#s0-use")[0].text
    with answered(page):
        control(page, "scenario", "dispatch").click()
    assert every(page, "h1")[0].text == "tiny + dispatch + changes"
    assert not control(page, "switch", PORT).is_selected()
    with answered(page):
        every(page, "[data-act=reset]")[0].click()
    assert control(page, "switch", PORT).is_selected()
    assert cost(page) == written(placer.load("tiny"))
    assert "changes=" not in page.current_url


def test_a_link_brings_the_changes_back_and_tabs_are_independent(page):
    """Tests a reload and another tab, and that a change in one leaves the other as it is."""
    touch(page, CHAT, 2)
    shown, link = cost(page), page.current_url
    page.refresh()
    until(page, FRESH)
    assert cost(page) == shown
    assert control(page, "factor", CHAT).get_attribute("value") == "2"
    first = page.current_window_handle
    page.switch_to.new_window("tab")
    page.get(link)
    until(page, FRESH)
    assert cost(page) == shown
    touch(page, CHAT, 0.5)
    other = cost(page)
    page.close()
    page.switch_to.window(first)
    assert cost(page) == shown != other


@pytest.mark.parametrize(
    "changes", ['{"off": 3}', '{"factors": {"demand.mtok": "<img src=x onerror=window.hacked=1>"}}']
)
def test_an_address_that_cannot_be_read_shows_the_start(page, changes):
    """Tests that hostile changes in a link are said, and run nothing."""
    page.get(page.current_url + "?" + urlencode({"changes": changes}))
    until(page, FRESH)
    assert "cannot be read" in every(page, "[data-live=alert]")[0].text
    assert cost(page) == written(placer.load("tiny"))


def test_a_link_to_what_is_not_there_is_refused(page):
    """Tests that the error of the library is said where no control has it."""
    page.get(page.current_url + "?" + urlencode({"changes": '{"factors": {"<b>nowhere</b>": 2}}'}))
    until(page, "No answer")
    assert "factors[<b>nowhere</b>]: unknown" in every(page, "[data-live=alert]")[0].text


def test_the_last_change_wins(page):
    """Tests two changes one at once after the other: the answer is that of the second."""
    slider = control(page, "factor", POWER)
    for value in (3, 2.5):
        put(page, slider, value)
        page.execute_async_script("setTimeout(arguments[0], 200)")
    with answered(page):
        put(page, slider, 1.5)
    assert cost(page) == written(placer.load("tiny").scaled(POWER, 1.5))


def test_a_refused_change_says_why_and_leaves_the_old_answer(page):
    """Tests that the error stands at the control, the answer is marked as old, and a cure makes it fresh."""
    shown = cost(page)
    with answered(page, OLD):
        for name in ("Metro", "Port", "Plateau"):
            switch = control(page, "switch", f"data_centres[{name}]")
            page.execute_script("arguments[0].click()", switch)
    wrong = page.execute_script("return arguments[0].closest('.row').querySelector('.wrong')", switch)
    assert wrong.is_displayed()
    assert "data_centres" in wrong.text
    assert wrong.get_attribute("role") == "alert"
    assert cost(page) == shown
    assert every(page, ".answer.old")
    with answered(page):
        switch.click()
    assert not wrong.is_displayed()
    assert not every(page, ".answer.old")


def test_the_keyboard_is_enough_and_every_control_has_a_name(page):
    """Tests folds, sliders and switches by keys alone, and names and values for screen readers."""
    fold = every(page, ".panel details details summary")[1]
    fold.send_keys(SPACE)
    slider = page.switch_to.active_element
    while slider.get_attribute("type") != "range":
        slider.send_keys(TAB)
        slider = page.switch_to.active_element
    with answered(page):
        slider.send_keys(RIGHT, RIGHT)
    assert (slider.get_attribute("aria-valuetext"), slider.accessible_name) == ("\u00d7 1.1", "Price of power: All")
    assert page.switch_to.active_element == slider
    with answered(page):
        control(page, "switch", PORT).send_keys(SPACE)
    page.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    names = [each.accessible_name for each in every(page, ".panel input, .panel select, .panel button")]
    assert all(names)
    of_rows = [each.accessible_name for each in every(page, ".row input")]
    assert len(set(of_rows)) == len(of_rows)
    assert every(page, "[data-live=state]")[0].aria_role == "status"


def test_what_a_reader_chose_stays_where_sections_are_swapped(page):
    """Tests that the workload on the map and an opened fold survive a change."""
    page.execute_script("""
        const map = document.getElementById('s0-map'), choice = map.querySelector("[data-role='workload']");
        map.querySelector('details').open = true;
        choice.value = '1';
        choice.dispatchEvent(new Event('input', {bubbles: true}));""")
    said = every(page, "#s0-map .status")[0].text
    touch(page, POWER, 1.05)
    assert every(page, "#s0-map .status")[0].text == said
    assert every(page, "#s0-map details[open]")


def test_a_small_screen_needs_no_scrolling_sideways(page):
    """Tests that nothing is wider than 420 px, with controls shut and open."""
    with screen(page, 420, "dark"):
        page.refresh()
        until(page, FRESH)
        width = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.execute_script(width) == 0
        page.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        assert page.execute_script(width) == 0


def test_report_and_script_are_saved(page, tmp_path):
    """Tests that both files come with the changes, and that the report is the page of the changed instance."""
    page.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    touch(page, POWER, 1.5)
    for act, name in (("script", "tiny.py"), ("report", "tiny.html")):
        every(page, f"[data-act={act}]")[0].click()
        downloaded(tmp_path, name)
    assert f"instance.scaled({POWER!r}, 1.5)" in (tmp_path / "tiny.py").read_text(encoding="utf-8")
    assert "tiny + changes" in (tmp_path / "tiny.html").read_text(encoding="utf-8")


def test_the_end_of_the_server_is_said_and_leaves_what_is_shown(browser):
    """Tests the message, that figures stay, and that a change meanwhile is no answer."""
    with LivePage(dataset_source("tiny")) as served:
        browser.get(served.address)
        until(browser, FRESH)
        shown = cost(browser)
    alert = wait_for(browser, "[data-live=alert]:not([hidden])")
    assert "has ended" in alert.text
    assert (cost(browser), len(every(browser, "#s0-figures .card"))) == (shown, 9)
    with answered(browser, OLD):
        put(browser, control(browser, "factor", POWER), 2)
    assert cost(browser) == shown
