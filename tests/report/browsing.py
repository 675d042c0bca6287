"""Steps of a person who reads a page in a browser, for its tests."""

from __future__ import annotations

import contextlib
import csv
import json
import shutil
import time

import pytest

from tests.effort import PATIENCE_SECONDS

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@contextlib.contextmanager
def opened_browser():
    """Open a browser that logs its console and everything it asks the network for; skip the test without one."""
    webdriver = pytest.importorskip("selenium.webdriver")
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
    opened.set_page_load_timeout(PATIENCE_SECONDS)
    try:
        yield opened
    finally:
        opened.quit()


def _messages(browser):
    return [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]


def _asked(messages):
    return [
        message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"
    ]


def requests_of(browser):
    """Return every address the browser asked for since it was last looked."""
    return _asked(_messages(browser))


def requests_until_loaded(browser):
    """Wait for the end of a load; return every address the browser asked for since it was last looked.

    With scripts off the driver itself waits for nothing.
    """
    messages, over = [], time.monotonic() + PATIENCE_SECONDS
    while not any(message["method"] == "Page.loadEventFired" for message in messages):
        assert time.monotonic() < over, "the page was not loaded"
        messages += _messages(browser)
        time.sleep(0.01)
    return _asked(messages)


def every(browser, selector):
    return browser.find_elements("css selector", selector)


def wait_for(browser, selector, *, to_open=None):
    """Return the first shown element of a selector, of a page that is opened first if one is given.

    A browser that has just started on a busy machine may still be loading a page of its own when the driver says that
    the page asked for is loaded, and show that page instead: the page is opened again while it is not there.
    """
    script = "return [...document.querySelectorAll(arguments[0])].find(element => element.checkVisibility())"
    over = time.monotonic() + PATIENCE_SECONDS
    while True:
        if to_open and browser.current_url != to_open:
            browser.get(to_open)
        shown = browser.execute_script(script, selector)
        if shown:
            return shown
        begin = browser.page_source[:300]
        assert time.monotonic() < over, f"{selector} is not shown by {browser.current_url}, which begins with {begin}"
        time.sleep(0.05)


def wait_until_gone(browser, selector):
    """Wait until the page has no element of a selector."""
    over = time.monotonic() + PATIENCE_SECONDS
    while every(browser, selector):
        assert time.monotonic() < over, f"{selector} stays"
        time.sleep(0.05)


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


def downloaded(folder, pattern):
    """Wait for a file that the browser saves, and return it.

    The browser creates the file before it writes it: its size must be the same twice, a tenth of a second apart.
    """
    size, over = 0, time.monotonic() + PATIENCE_SECONDS
    while True:
        files = list(folder.glob(pattern))
        before, size = size, sum(file.stat().st_size for file in files)
        if 0 < size == before:
            (file,) = files
            return file
        assert time.monotonic() < over, f"no {pattern} is saved"
        time.sleep(0.1)


def saved(browser, table, folder):
    """Press the button of a table and return the file that is saved, as rows of fields."""
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    browser.execute_script("arguments[0].closest('.scroll').nextElementSibling.click()", table)
    file = downloaded(folder, "*.csv")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return file.name, list(csv.reader(stream))
