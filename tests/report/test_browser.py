"""Tests of the page in a real browser, without a window: Chromium through its driver, where both are installed."""

from __future__ import annotations

import contextlib
import csv
import json
import shutil

import numpy as np
import pytest

import placer
from placer.report.content.page import Subject
from placer.report.write import write_report

webdriver = pytest.importorskip("selenium.webdriver")
WebDriverWait = pytest.importorskip("selenium.webdriver.support.ui").WebDriverWait

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_SECONDS = 60
#: Written by nobody: a request for it would be one that left.
_OUTSIDE = "https://example.org/"


@pytest.fixture(scope="module")
def browser():
    """Return a browser that logs its console and everything it asks the network for."""
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("Chromium or its driver is not installed (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument("--window-size=1280,900")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    opened = webdriver.Chrome(options=options, service=service)
    opened.set_page_load_timeout(_PATIENCE_SECONDS)
    yield opened
    opened.quit()


@pytest.fixture
def show(browser, tmp_path):
    """Return a function that writes a report and opens it; at the end nothing was complained of and nothing asked."""
    address = (tmp_path / "report.html").as_uri()

    def open_page(*subjects):
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get_log("performance")
        write_report(tmp_path / "report.html", subjects)
        browser.get(address)
        return browser

    yield open_page
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    assert {url for url in _requests(browser) if not url.startswith("data:,")} <= {address}
    assert browser.execute_script("return window.hacked") is None


def _requests(browser):
    """Return every address the browser asked for since it was last looked."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"
    ]


def every(browser, selector):
    return browser.find_elements("css selector", selector)


def choose(browser, role, value):
    """Set a control as a person would leave it, and tell the page."""
    script = "const c = document.querySelector(`[data-role='${arguments[0]}']`); c.value = arguments[1];"
    events = "for (const name of ['input', 'change']) c.dispatchEvent(new Event(name, {bubbles: true}));"
    browser.execute_script(script + events, role, str(value))


def first_column(browser, table):
    script = "return [...arguments[0].tBodies[0].rows].map(row => row.cells[0].textContent)"
    return browser.execute_script(script, table)


def amounts(browser):
    """Return the Mtok of the flows listed."""
    script = "return [...document.querySelectorAll('.flows tbody tr')].map(row => row.cells[2].textContent)"
    return [float(text.replace(",", "")) for text in browser.execute_script(script)]


def test_the_page_loads_nothing_else(show, on_map):
    """Tests that there is no resource but the page, and the script has run."""
    browser = show(on_map)
    assert browser.execute_script("return performance.getEntriesByType('resource').map(e => e.name)") == []
    assert every(browser, "html.scripted")
    assert all(control.is_displayed() for control in every(browser, ".controls"))


def test_the_policy_stops_what_would_leave(browser, on_map, tmp_path):
    """Tests that requests, inline handlers and foreign scripts are blocked even for who gets a hand on the page."""
    browser.get(write_report(tmp_path / "report.html", [on_map]).as_uri())
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
    sent = [url for url in _requests(browser) if url.startswith(_OUTSIDE)]
    assert [url for url in sent if url not in _blocked(complaints)] == []


def _blocked(complaints):
    return {url for url in (_OUTSIDE, f"{_OUTSIDE}x.png", f"{_OUTSIDE}x.js") if any(url in text for text in complaints)}


def test_filters_choose_what_is_drawn(show, on_map):
    """Tests workload, data centre and hour against the placement's own table of flows."""
    browser, flows = show(on_map), on_map.placement.flows["mtok"]
    whole = flows.groupby(level=["hub", "data_centre"]).sum()
    assert len(every(browser, ".arcs path")) == len(whole)
    assert amounts(browser) == pytest.approx(sorted(whole, reverse=True)[:40], rel=1e-3)
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


def test_the_curve_is_read_at_its_corners(show, on_map):
    """Tests that the reader of the curve tells limit, exportable and unserved share of the corner it stands at."""
    browser, table = show(on_map), on_map.ceiling.curve.table
    choose(browser, "corner", 1)
    row = table.iloc[1]
    said = every(browser, "[data-role='corner-name']")[0].text
    assert f"{100 * row['share']:.2f}% exportable" in said
    assert f"{100 * row['unserved_mtok'] / on_map.ceiling.curve.total_mtok:.2f}% unserved" in said
    assert [circle.is_displayed() for circle in every(browser, ".cursor circle")] == [True, False]


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
    assert {"workload", "site", "step", "main", "corner", "button", "summary", "a"} <= seen


@contextlib.contextmanager
def screen(browser, width, scheme="light"):
    """Give the browser a screen of a width and a scheme of colours meanwhile."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


#: Elements that reach beyond the right edge, but for those in a box that scrolls and says so.
_OFF_SCREEN = """
const width = document.documentElement.clientWidth;
const boxes = [...document.querySelectorAll(".scroll")].filter((box) => box.scrollWidth > box.clientWidth + 1);
const silent = boxes.filter((box) => box.clientWidth && !box.previousElementSibling.checkVisibility());
const beyond = [...document.querySelectorAll("body *")].filter((element) => {
  if (element.closest(".scroll") || (element.closest("svg") && element.tagName !== "svg")) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.right > width + 1;
});
return [document.documentElement.scrollWidth - width, silent.length, beyond.map((e) => e.outerHTML.slice(0, 200)),
        boxes.length];
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 1280])
def test_nothing_is_off_screen_without_a_cue(show, on_map, width, scheme):
    """Tests that map, charts and texts fit either screen, and every table that is too wide says that it scrolls."""
    browser = show(on_map)
    with screen(browser, width, scheme):
        browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
        browser.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0], 50))")
        too_wide, silent, beyond, scrolling = browser.execute_script(_OFF_SCREEN)
        shown = [
            len([chart for chart in every(browser, f".{name} > svg.chart") if chart.is_displayed()])
            for name in ("wide", "narrow")
        ]
    assert (too_wide, silent, beyond) == (0, 0, [])
    assert scrolling > 0
    assert bool(shown[0]) == (width == 1280)
    assert bool(shown[1]) == (width == 420)


#: The least contrast of a text with what stands behind it, over all texts that are shown; letters on a drawing's own
#: shapes are left out, for they have a border in the colour of the paper.
_CONTRAST = """
const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
const behind = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const colour = parse(getComputedStyle(each).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const worst = [1e9, ""];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || !element.checkVisibility() || ["SCRIPT", "STYLE", "OPTION"].includes(element.tagName)) continue;
  const style = getComputedStyle(element);
  const ink = parse(element.closest("svg") ? style.fill : style.color);
  const [one, other] = [light(ink), light(behind(element))].sort((a, b) => b - a);
  const contrast = (one + 0.05) / (other + 0.05);
  if (contrast < worst[0]) { worst[0] = contrast; worst[1] = element.outerHTML.slice(0, 120); }
}
return worst;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 1280])
def test_texts_can_be_read_in_both_schemes(show, on_map, width, scheme):
    """Tests that every text has the contrast that WCAG 2.1 asks of level AA, 4.5 to 1, and the schemes differ."""
    browser = show(on_map)
    with screen(browser, width, scheme):
        worst, where = browser.execute_script(_CONTRAST)
        paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert worst >= 4.5, where
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


def test_print_stays_light(show, on_map):
    """Tests that a dark screen prints dark letters on white."""
    browser = show(on_map)
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    hub = browser.execute_script("return document.querySelector('.labels.wide .hub-name').checkVisibility()")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert paper == "rgb(255, 255, 255)"
    assert hub


def saved(browser, table, folder):
    """Press the button of a table and return the file that is saved, as rows of fields."""
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    browser.execute_script("arguments[0].closest('.scroll').nextElementSibling.click()", table)
    WebDriverWait(browser, _PATIENCE_SECONDS).until(lambda _: list(folder.glob("*.csv")))
    (file,) = folder.glob("*.csv")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return file.name, list(csv.reader(stream))


def test_tables_are_saved_as_csv(show, on_map, tmp_path):
    """Tests that the table of data centres is saved with its headings and the figures of the placement."""
    browser = show(on_map)
    table = every(browser, "#s0-use table.sortable")[0]
    name, (headings, *rows) = saved(browser, table, tmp_path)
    assert name == "on-the-map-data-centres.csv"
    assert headings[:3] == ["data centre", "Mtok served", "used, %"]
    centres = on_map.placement.data_centres
    for site, mtok, used, *_ in rows:
        assert float(mtok) == pytest.approx(centres.loc[site, "mtok"], rel=1e-9)
        share = centres.loc[site, "utilisation"]
        assert used == "" if np.isnan(share) else float(used) == pytest.approx(100 * share, rel=1e-9)
    assert len(rows) == len(centres)


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


def test_without_script_all_is_there(show, on_map):
    """Tests that map, charts and tables can be read where scripts are off, and controls that need one are not shown."""
    browser = show(on_map)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(browser.current_url)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert not any(control.is_displayed() for control in every(browser, ".controls"))
    assert every(browser, ".arcs path")
    assert len(every(browser, "svg.chart")) >= 5


def test_print_holds_what_is_folded(show, on_map):
    """Tests that in print the navigation is gone and a whole page comes out."""
    browser = show(on_map)
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    assert len(pdf) > 50_000
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = [element.is_displayed() for element in every(browser, "nav, .controls")]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert not any(hidden)


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
