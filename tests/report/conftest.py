"""Fixtures of the report's tests: placements with places, with hostile names, and what stands beside them."""

from __future__ import annotations

import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.write import write_page
from tests.report.browsing import opened_browser, requests_of

#: Names as a stranger might give them: markup, quotes, templates, marks of direction, breaks, and very long ones.
HOSTILE = [
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    '"><img src=x onerror="window.hacked=1">',
    "' onmouseover='window.hacked=1' x='",
    "</title><script>window.hacked=1</script>",
    "</style><style>body{display:none}</style>",
    "<svg onload=window.hacked=1>",
    "<iframe src='javascript:window.hacked=1'></iframe>",
    "<!-- ",
    "]]>",
    "${window.hacked=1}",
    "$title $body $$",
    "javascript:window.hacked=1",
    "\u202ereversed\u202d",
    "\u2066isolated\u2069\u200f",
    "\u05e9\u05dc\u05d5\u05dd",
    "&lt;b&gt;&amp;",
    "\\u003cscript\\u003e",
    "{{7*7}}",
    "x" * 10_240,
]


def placed(instance, seed_degrees=0.0):
    """Return an instance whose hubs and data centres have a latitude and a longitude each."""
    hubs, sites = instance.hubs, instance.data_centres
    return instance.replace(
        hubs=hubs.assign(lat=[20.0 + 3 * place % 40 for place in range(len(hubs))], lon=range(len(hubs))),
        data_centres=sites.assign(
            lat=[25.0 + 5 * place % 30 for place in range(len(sites))],
            lon=[seed_degrees + 4.0 * place for place in range(len(sites))],
        ),
    )


@pytest.fixture(scope="session")
def on_map(make_random_instance):
    """Return what a report is on: a random instance with places, its ceiling and no dataset."""
    instance = placed(make_random_instance(5))
    return Subject("on the map", placer.solve(instance), placer.export_ceiling(instance))


@pytest.fixture(scope="session")
def placed_tiny():
    """Return the dataset ``tiny`` with places for hubs and data centres."""
    return placed(placer.load("tiny"))


@pytest.fixture(scope="session")
def content(on_map):
    """Return everything a page shows of the subject on the map."""
    return content_of(on_map, 100_000)


@pytest.fixture(scope="session")
def tiny():
    """Return the subject of the dataset ``tiny``, which has no places, with its sources."""
    instance = placer.load("tiny")
    return Subject("tiny", placer.solve(instance), placer.export_ceiling(instance), placer.datasets.describe("tiny"))


@pytest.fixture(scope="session")
def hostile_names():
    """Return the names that the hostile subject is made of; each has a letter behind it there."""
    return HOSTILE


@pytest.fixture(scope="session")
def hostile():
    """Return a subject with 60 hostile names: 20 hubs, 20 data centres and 20 workloads."""
    hubs, sites, works = ([f"{name}{kind}" for name in HOSTILE] for kind in ("h", "d", "w"))
    tables = {
        "hubs": [{"hub": hub, "region": HOSTILE[place % 3]} for place, hub in enumerate(hubs)],
        "data_centres": [
            {"data_centre": site, "region": HOSTILE[place % 5], "accelerators": 40.0}
            for place, site in enumerate(sites)
        ],
        "power_zones": [{"power_zone": HOSTILE[0], "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 300.0}],
        "links": [
            {"from": hub, "to": site, "rtt_ms": 5.0 + abs(one - other)}
            for one, hub in enumerate(hubs)
            for other, site in enumerate(sites)
        ],
        "supplies": [{"power_zone": HOSTILE[0], "data_centre": site} for site in sites],
        "workloads": [
            {"workload": work, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 10.0, "latency_slo_ms": 12.0 + place}
            for place, work in enumerate(works)
        ],
        "demand": [
            {"workload": work, "hub": hub, "hour": hour, "mtok": 1.0 + place % 4}
            for place, (work, hub) in enumerate(zip(works, hubs, strict=True))
            for hour in (0, 1)
        ],
    }
    instance = placed(placer.Instance.from_tables(tables))
    return Subject(HOSTILE[1], placer.solve(instance), placer.export_ceiling(instance))


@pytest.fixture(scope="module")
def browser():
    """Return a browser that logs its console and everything it asks the network for."""
    with opened_browser() as opened:
        yield opened


@pytest.fixture
def show(browser, tmp_path):
    """Return a function that writes a report and opens it; at the end nothing was complained of and nothing asked."""
    address = (tmp_path / "report.html").as_uri()

    def open_page(*subjects):
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get_log("performance")
        write_page(tmp_path / "report.html", subjects)
        browser.get(address)
        return browser

    yield open_page
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    assert {url for url in requests_of(browser) if not url.startswith("data:,")} <= {address}
    assert browser.execute_script("return window.hacked") is None
