"""Tests of the page as a file: it needs nothing else, may do nothing else, and is the same every time."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import html
import re
from html.parser import HTMLParser

import pytest

import placer
from placer.batch.identity import digest
from placer.errors import PlacerError
from placer.report.content.origin import Origin
from placer.report.content.page import Subject
from placer.report.write import MOST_SUBJECTS, SECTIONS, page, write_page
from placer.utils.numbers import figure

#: A day of its own, so that a page is the same whenever the tests run.
ORIGIN = Origin("tests", dt.date(2026, 1, 2))


class Page(HTMLParser):
    """What a page is made of: tags with their attributes, the text of each element, and whether all is closed."""

    void = ("br", "input", "link", "meta")

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts = [], [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Keep a tag, and that it is open."""
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Keep a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        """Check that what ends is what began last."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keep a text by the element it stands in."""
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)


@pytest.fixture(scope="module")
def text(on_map):
    return page([on_map], ORIGIN)


@pytest.mark.slow
def test_every_section_is_there(text):
    """Tests that all that was promised has its section and its heading."""
    found = Page(text)
    assert [attributes["id"] for tag, attributes in found.tags if tag == "section"] == [
        *("s0-figures", "s0-map", "s0-cost", "s0-ceiling", "s0-use", "s0-prices", "s0-footprint"),
        *("s0-accounts", "s0-trade", "s0-rules", "s0-certificate", "s0-assumptions"),
    ]
    assert found.open == []


def test_anchors_lead_somewhere_and_names_are_not_given_twice(text):
    """Tests that every link within the page has its target, and every id is given once."""
    found = Page(text)
    names = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(names) == len(set(names))
    links = {attributes["href"].removeprefix("#") for tag, attributes in found.tags if tag == "a"}
    labelled = {attributes["aria-labelledby"] for _, attributes in found.tags if "aria-labelledby" in attributes}
    assert links | labelled <= set(names)


def test_nothing_is_fetched(text):
    """Tests that no element names a thing outside the file."""
    for tag, attributes in Page(text).tags:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form", "video", "audio")
        assert not {"src", "srcset", "action", "data", "poster", "style"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "#").startswith(("#", "data:,"))
    assert "url(" not in re.sub(r"url\(#\w+\)", "", text)
    assert "@import" not in text


def test_the_policy_forbids_all_but_what_is_embedded(text):
    """Tests that the policy knows style and script by their hashes, stands before them, and allows nothing else."""
    policy = next(attributes["content"] for tag, attributes in Page(text).tags if "http-equiv" in attributes)
    assert text.index("Content-Security-Policy") < text.index("<style>")
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for name in ("default-src", "connect-src", "form-action", "base-uri"):
        assert rules[name] == "'none'"
    assert "unsafe" not in policy
    for name, tag in (("style-src", "style"), ("script-src", "script")):
        embedded = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(embedded.encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"


@pytest.mark.slow
def test_the_same_placement_gives_the_same_bytes(on_map, text):
    """Tests that a page is written the same again, from a placement solved anew."""
    assert page([on_map], ORIGIN) == text
    instance = on_map.placement.instance
    again = Subject("on the map", placer.solve(instance), placer.export_ceiling(instance))
    assert page([again], ORIGIN) == text


@pytest.mark.slow
def test_the_foot_says_where_the_page_comes_from(tiny):
    """Tests version, date, command and digest, and that the digest follows the data."""
    day = dt.date(2026, 2, 3)
    foot = page([tiny], Origin("placer report 'a&b'", day)).split("<footer>")[1].split("</footer>")[0]
    assert f"placer {placer.__version__} on 2026-02-03 by <code>placer report &#x27;a&amp;b&#x27;</code>" in foot
    assert digest(tiny.placement.instance) in foot
    dearer = tiny.placement.instance.replace(
        data_centres=tiny.placement.instance.data_centres.assign(accelerator_usd_per_hour=2.0)
    )
    assert digest(dearer) not in foot


def test_findings_stand_before_the_figures(text, on_map):
    """Tests that the page says in sentences what it found, with the figures of the placement and its ceiling."""
    opening = html.unescape(re.search(r'class="summary">(.*?)</p>', text).group(1))
    assert text.index('class="summary"') < text.index("Headline figures")
    assert f"costs {figure(on_map.placement.cost_usd_per_mtok)} USD" in opening
    assert f"At most {on_map.ceiling.share:.1%} of tokens ({on_map.ceiling.work_share:.1%} of the work)" in opening
    assert f"{on_map.ceiling.latency_share:.1%}" in opening
    assert "The placement is proven" in opening


def test_the_ceilings_are_named_and_explained(text, on_map):
    """Tests that the three shares stand beside each other, each with its meaning, tokens and work together."""
    section = text[text.index('id="s0-ceiling"') : text.index('id="s0-use"')]
    for name, share in (
        ("Ceiling", on_map.ceiling.share),
        ("Latency ceiling", on_map.ceiling.latency_share),
        ("Ceiling with swaps (gross)", on_map.ceiling.gross_share),
    ):
        assert f"<dt>{name}</dt><dd><strong>{share:.1%}<span>of tokens</span>" in section
    assert f"{on_map.ceiling.work_share:.1%} of the work" in section
    assert "leaves it unserved" in section


@pytest.mark.slow
def test_hostile_names_stay_text(hostile, hostile_names):
    """Tests that no name becomes an element, an attribute or a script, and that it is readable as text."""
    text = page([hostile])
    found = Page(text)
    assert found.open == []
    kinds = {tag for tag, _ in found.tags}
    assert not kinds & {"img", "iframe", "b"}
    scripts = [attributes for tag, attributes in found.tags if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "s0-data"}, {}]
    names = found.texts["bdi"]
    for name in hostile_names[:12]:
        assert f"{name}h" in names
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert len(text.encode()) < 2_000_000


@pytest.mark.slow
def test_hostile_names_stay_text_side_by_side(hostile):
    """Tests that the comparison, its map of differences and its foot escape every name too."""
    instance = hostile.placement.instance
    fewer = instance.replace(data_centres=instance.data_centres.assign(accelerators=[0.0, *[40.0] * 19]))
    text = page([hostile, Subject("${title} <b>bold</b>", placer.solve(fewer))], Origin("<script>placer</script>"))
    found = Page(text)
    assert found.open == []
    assert 'class="map" id="changes1"' in text
    assert not {tag for tag, _ in found.tags} & {"img", "iframe", "b"}
    scripts = [attributes.get("type") for tag, attributes in found.tags if tag == "script"]
    assert scripts == ["application/json", "application/json", None]


@pytest.mark.slow
def test_a_page_without_places_and_with_sources(tiny):
    """Tests that a dataset without places has a note in place of a map, and its sources are on the page."""
    text = page([tiny])
    assert "There is no map" in text
    assert "invented for illustration" in text
    assert "Metro" in text


@pytest.mark.slow
def test_placements_side_by_side(tiny):
    """Tests that figures stand beside each other with their differences to the first, and each in full below."""
    dispatch = placer.load("tiny", ["dispatch"])
    other = Subject("tiny + dispatch", placer.solve(dispatch), None, tiny.dataset, ("dispatch",))
    text = page([tiny, other])
    found = Page(text)
    names = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(names) == len(set(names))
    cells = found.texts["td"]
    assert "330.8" in cells
    assert cells[cells.index("330.8") : cells.index("330.8") + 3] == ["330.8", "20.77", "\u221293.7%"]
    assert text.index("What changed") < text.index("Headline figures")
    same = text[text.index("Figures that did not change") :]
    assert "41.7%" in same[: same.index("</table>")]
    assert {"compared", "s0-map", "s1-map"} <= set(names)
    assert len([tag for tag, _ in found.tags if tag == "article"]) == 2


def test_too_few_and_too_many(tiny):
    """Tests that nothing, or more than a page holds, is refused."""
    for count in (0, MOST_SUBJECTS + 1):
        with pytest.raises(PlacerError, match="page holds"):
            page([tiny] * count)


def test_where_nothing_can_be_written(tiny, tmp_path):
    """Tests that a folder that is not there, and a folder in place of a file, are errors that say so."""
    with pytest.raises(PlacerError, match="no folder"):
        write_page(tmp_path / "missing" / "report.html", [tiny])
    with pytest.raises(PlacerError, match="is a folder"):
        write_page(tmp_path, [tiny])


@pytest.mark.slow
def test_an_older_file_stays_where_writing_fails(tiny, tmp_path, monkeypatch):
    """Tests that a failure on the way leaves the older file as it was and nothing beside it."""
    file = tmp_path / "report.html"
    file.write_text("old", encoding="utf-8")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_page(file, [tiny])
    assert file.read_text(encoding="utf-8") == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]


def test_the_navigation_names_the_sections_that_stand_on_the_page(text):
    """Tests that each section has one link, in the order of the page, and that sections left out have none."""
    links = re.findall(r'<li><a href="#([^"]+)">([^<]+)', text)
    assert [key for key, _ in links] == re.findall(r'<section id="([^"]+)"', text)
    named = {f"s0-{each.key}": each.link for each in SECTIONS}
    assert dict(links).items() <= named.items()
    assert named.keys() - dict(links).keys() >= {"s0-own", "s0-lost", "s0-study"}


def test_every_section_has_its_heading(text):
    headings = dict(re.findall(r'<h2 id="s0-([^"]+)-heading">([^<]+)</h2>', text))
    assert headings == {each.key: html.escape(each.heading) for each in SECTIONS if each.key in headings}
    assert len(headings) >= 10
