"""The page as it looks in a real browser: on small screens, in dark colours, on paper, and without its script."""

from __future__ import annotations

import pytest

from tests.report.browsing import every, requests_of, requests_until_loaded, screen

#: Elements that reach beyond the right edge, except those in a box that scrolls and says so.
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_without_script_all_is_there(show, on_map):
    """Tests that map, charts and tables can be read where scripts are off, and controls that need one are not shown."""
    browser = show(on_map)
    page, asked = browser.current_url, requests_of(browser)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(page)
    asked += requests_until_loaded(browser)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert {url for url in asked if not url.startswith("data:,")} <= {page}
    assert not any(control.is_displayed() for control in every(browser, ".controls"))
    assert every(browser, ".arcs path")
    assert len(every(browser, "svg.chart")) >= 5


@pytest.mark.slow
def test_print_holds_what_is_folded(show, on_map):
    """Tests that in print the navigation is gone and a whole page comes out."""
    browser = show(on_map)
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    assert len(pdf) > 50_000
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = [element.is_displayed() for element in every(browser, "nav, .controls")]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert not any(hidden)
