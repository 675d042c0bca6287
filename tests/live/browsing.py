"""Steps of a person at the controls of a live page, for its tests and its film."""

from __future__ import annotations

import contextlib
import time

from tests.effort import PATIENCE_SECONDS
from tests.report.browsing import every

FRESH, OLD = "Fresh", "Old"


def until(browser, state):
    """Wait until the page says a state, and no change waits to be asked."""
    over = time.monotonic() + PATIENCE_SECONDS
    script = "return document.querySelector('[data-live=state]').textContent"
    while not browser.execute_script(script).startswith(state) or every(browser, "[aria-busy=true]"):
        assert time.monotonic() < over, browser.execute_script("return document.body.innerText")[:2000]
        time.sleep(0.05)


def control(browser, kind, key):
    """Return a control by its key, its fold opened."""
    script = """
        const found = [...document.querySelectorAll(`[data-${arguments[0]}]`)].find(
            (each) => each.dataset[arguments[0]] === arguments[1]);
        for (let at = found; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
        found.scrollIntoView({block: 'center'});
        return found"""
    return browser.execute_script(script, kind, key)


@contextlib.contextmanager
def answered(browser, state=FRESH):
    """Wait until a change that is made within is answered, and the page says a state."""
    count = "return performance.getEntriesByType('resource').filter(({name}) => name.endsWith('answer')).length"
    before = browser.execute_script(count)
    yield
    over = time.monotonic() + PATIENCE_SECONDS
    while browser.execute_script(count) == before:
        assert time.monotonic() < over, "the page has not asked"
        time.sleep(0.02)
    until(browser, state)


def put(browser, slider, value):
    """Set a slider."""
    script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))"
    browser.execute_script(script, slider, str(value))
