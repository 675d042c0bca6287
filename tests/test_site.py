"""The site of the documentation: it builds without a warning, every link leads somewhere, tutorials show results."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from count_words import words_of
from search_words import LOOK_UPS, SEARCH_WORDS

import placer
from tests.effort import PATIENCE_SECONDS
from tests.report.browsing import requests_of, screen, wait_for, wait_until_gone
from tests.report.conftest import browser  # noqa: F401 - a fixture

ROOT = Path(__file__).parents[1]
#: Words that a page of each kind may have, code and tables included.
MOST_WORDS = {"guide": 3_000, "tutorial": 1_300, "reference": 5_000}
#: What a person types into the search, and the page that should come first.
QUERIES = {
    "remove": "scenarios",
    "remove a site": "scenarios",
    "GPU": "data",
    "how many GPUs": "plans",
    "EUR": "data",
    "currency euro": "data",
    "infeasible": "troubleshooting",
    "hourly price": "time",
    "who pays": "accounts",
    "N-1": "security",
    "secure": "security",
    "shadow price": "placement",
    "DataFrame": "index",
    "batch": "batches",
    "worst set": "batches",
    "which links to shorten": "ceiling",
    "survive the loss of a site": "security",
    "sensitivity of my data": "sensitivity",
    "shell completion": "formats",
    "carbon": "limits",
    "export_cost": "reference/how_much_can_leave",
}


def _hooks():
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "site" / "hooks.py")
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    return hooks


def test_reference_lists_every_public_name():
    """Tests that each public name stands under one question, once."""
    pytest.importorskip("mkdocs")
    listed = [name for names in _hooks().REFERENCE.values() for name in names.split()]
    assert sorted(listed) == sorted(set(placer.__all__) - {"__version__"})


def test_every_page_is_in_the_menu():
    """Tests that the menu of the site leads to every page of ``docs``, and to those made from other files."""
    pytest.importorskip("mkdocs")
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    hooks = _hooks()
    pages = {*hooks.MADE, "reference.md", *(name for name in hooks.OUTSIDE if name.endswith(".md"))}
    pages |= {page.name for page in (ROOT / "docs").glob("*.md")} - {"start.md"}  # which is index.md there
    assert pages - set(re.findall(r"[\w/]+\.md", menu)) == set()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site with warnings as errors, and return its folder. The build runs every tutorial."""
    pytest.importorskip("mkdocs")
    pytest.importorskip("pypsa", reason="a tutorial solves with PyPSA")
    folder = tmp_path_factory.mktemp("built") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(  # noqa: S603 - this interpreter, and arguments of ours
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_site_builds(site):
    """Tests that the site builds without a warning, begins with Start, and asks for nothing outside."""
    assert '<h1 id="start">Start' in (site / "index.html").read_text(encoding="utf-8")
    outside = re.compile(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)="?https?://[^>]*>""")
    pages = {page.name: outside.findall(page.read_text(encoding="utf-8")) for page in site.rglob("*.html")}
    assert {name: found for name, found in pages.items() if found} == {}


@pytest.mark.slow
def test_tutorials_show_results(site):
    """Tests that every tutorial has a page with a figure, and a notebook whose cells have their outputs."""
    for source in (ROOT / "docs" / "tutorials").glob("*.py"):
        page = (site / "tutorials" / f"{source.stem}.html").read_text(encoding="utf-8")
        assert 'class="dataframe"' not in page, "the theme styles tables without a class"
        assert f'src="{source.stem}_1.png"' in page
        book = json.loads((site / "tutorials" / f"{source.stem}.ipynb").read_text(encoding="utf-8"))
        assert sum(len(cell["outputs"]) for cell in book["cells"] if cell["cell_type"] == "code") >= 5


@pytest.mark.slow
def test_reference_has_what_names_inherit(site):
    """Tests that tables that a class has from another one stand in its reference: readers look for them there."""
    for page, name in (
        ("what_runs_where_at_what_cost", "placement.result.Placement.prices"),
        ("what_to_build", "planning.answer.result.Plan.builds"),
        ("when_to_build", "planning.years.years_plan.YearsPlan.gap"),
    ):
        assert f'id="placer.{name}"' in (site / "reference" / f"{page}.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_reference_has_a_line_and_a_section_for_each_name(site):
    """Tests that the index has a line for each name, with the anchor and the text of its section on another page."""
    index = (site / "reference.html").read_text(encoding="utf-8")
    line = r'<li><a id="([^"]+)"></a><a [^>]*?href="(reference/\w+\.html)#\1"><code>(\w+)</code></a>: \w'
    lines = re.findall(line, index)
    assert sorted(name for _, _, name in lines) == sorted(set(placer.__all__) - {"__version__"})
    for anchor, file, _ in lines:
        assert f'id="{anchor}"' in (site / file).read_text(encoding="utf-8")


@pytest.mark.slow
def test_no_link_is_broken(site):
    """Tests that every link and picture of every page leads to a file of the site, and to an anchor of it."""
    pages = {page: _Page(page.read_text(encoding="utf-8")) for page in site.rglob("*.html")}
    del pages[site / "404.html"]  # whose links begin at the root of a server
    broken = []
    for page, read in pages.items():
        for link in read.links:
            path, _, anchor = unquote(link).partition("#")
            other = (page.parent / path).resolve() if path else page
            if not other.is_file() or (anchor and other in pages and anchor not in pages[other].anchors):
                broken.append((page.name, link))
    assert broken == []


@pytest.mark.slow
def test_search_works_from_files(site, browser):  # noqa: F811 - the fixture
    """Tests that pages opened from files, without a server or a network, find the page that a person looks for."""
    box = wait_for(browser, "input.md-search__input", to_open=(site / "tutorials" / "prices.html").as_uri())
    box.click()
    box.send_keys("latency rent")
    wait_for(browser, ".md-search-result__item")
    first = {query: _first_result(box, query) for query in QUERIES}
    assert first == {query: f"{page}.html" for query, page in QUERIES.items()}
    assert [url for url in requests_of(browser) if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.slow
def test_code_copies_as_it_runs_and_fits(site, browser):  # noqa: F811 - the fixture
    """Tests on every page, at 1280 pixels, that code has no prompt, and that it and formulas fit their frames."""
    blocks = """return [...document.querySelectorAll('.md-content pre > code, div.formulas')].filter(
        code => code.scrollWidth > code.clientWidth || /^(>>>|\\.\\.\\.) /m.test(code.textContent)
    ).map(code => code.textContent)"""
    with screen(browser, 1280):
        for page in sorted(site.rglob("*.html")):
            browser.get(page.as_uri())
            assert browser.execute_script(blocks) == [], page.name


@pytest.mark.slow
def test_pages_are_dark_where_the_reader_asks_for_it(site, browser):  # noqa: F811 - the fixture
    """Tests in both schemes that words, code and formulas are far lighter or far darker than what is behind them."""
    lightness = """
        const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).reduce((all, one) => all + one / 765, 0);
        return ['p', 'pre > code', 'math'].map(name => {
            const style = getComputedStyle(document.querySelector('.md-content ' + name));
            return light(style.color) - light(getComputedStyle(document.body).backgroundColor);
        })"""
    for scheme, sign in (("light", -1), ("dark", 1)):
        with screen(browser, 1280, scheme):
            browser.get((site / "algorithms.html").as_uri())
            assert min(sign * each for each in browser.execute_script(lightness)) > 0.4, scheme


@pytest.mark.slow
def test_pages_are_short(site):
    """Tests that no guide, tutorial or page of the reference has more words than its kind may have."""
    words = words_of(site)
    guides = {page.stem for page in (ROOT / "docs").glob("*.md")} - {"algorithms", "mathematics"} | {"index"}
    kinds = {
        "guide": [name for name in words if name in guides],
        "tutorial": [name for name in words if name.startswith("tutorials/")],
        "reference": [name for name in words if name.startswith("reference")],
    }
    assert {kind: [name for name in kinds[kind] if words[name] > MOST_WORDS[kind]] for kind in kinds} == {
        kind: [] for kind in kinds
    }
    assert len(kinds["guide"]) > 20


#: Equal looks at the first result, a tenth of a second apart, that are taken for the last of it; and most looks.
_SAME_LOOKS = 4


def _first_result(box, query):
    """Return the page that the search lists first; one key is pressed, so that no result is of a part of the query.

    On a busy machine the answer to an earlier key may come late: the first result must stay the same for a while.
    """
    box.clear()
    wait_until_gone(box.parent, ".md-search-result__item")
    box.parent.execute_script("arguments[0].value = arguments[1]", box, query[:-1])
    box.send_keys(query[-1])
    wait_for(box.parent, ".md-search-result__item a")
    script = "return document.querySelector('.md-search-result__item a')?.href"
    seen, over = [], time.monotonic() + PATIENCE_SECONDS
    while len(seen) < _SAME_LOOKS or len(set(seen[-_SAME_LOOKS:])) > 1 or seen[-1] is None:
        seen.append(box.parent.execute_script(script))
        assert time.monotonic() < over, f"the results of {query} do not come to rest"
        time.sleep(0.1)
    return re.search(r"/site/(.*?\.html)", seen[-1])[1]


def test_words_to_search_for_are_of_pages():
    """Tests that words to be found by belong to pages of ``docs``, and that pages to look up are there."""
    hooks = _hooks()
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} | {*hooks.OUTSIDE, *hooks.MADE}
    assert set(SEARCH_WORDS) <= pages
    assert set(LOOK_UPS) - {"reference"} <= pages


class _Page(HTMLParser):
    """The links of a page inside the site, and its anchors."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - of the parser
        for name, value in attrs:
            if name in ("id", "name"):
                self.anchors.add(value)
            if name in ("href", "src") and value and not re.match(r"[a-z]+:|//", value):
                self.links.add(value.partition("?")[0])
