"""The section *If one is lost*."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.lost import lost_section


@pytest.mark.slow
def test_section(tmp_path):
    """Tests that the page has a row for each contingency, the finding in words, and a link to the section."""
    placement = placer.solve(placer.load("tiny"))
    audit = placer.audit(placement, placer.Security())
    text = placer.write_report(placement, tmp_path / "report.html", audit=audit).read_text(encoding="utf-8")
    assert "If one is lost" in text
    assert 'href="#s0-lost"' in text
    assert "Protected work strands in 3 of them, most where Metro is lost: 60.00 Mtok." in text
    assert "What strands if Metro is lost" in text
    assert "If one is lost" not in placer.write_report(placement, tmp_path / "plain.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_where_nothing_strands(tmp_path, make_instance):
    """Tests the words of an audit that passes, and of one in which everything may be placed anew."""
    links = [{"from": hub, "to": site, "rtt_ms": 1.0} for hub in "AB" for site in "XY"]
    placement = placer.solve(make_instance(links=links))
    audit = placer.audit(placement, placer.Security(recourse="all"))
    text = placer.write_report(placement, tmp_path / "report.html", audit=audit).read_text(encoding="utf-8")
    assert "everything may be placed anew. No protected work strands." in text
    assert "as a share of all protected work" in text


@pytest.mark.slow
def test_map(placed_tiny):
    """Tests that sites whose loss strands work are marked, zones by the sites that they supply, and links as lines."""
    placement = placer.solve(placed_tiny)
    drawn = {
        kind: str(lost_section(content_of(Subject("tiny", placement, audit=audit), 1000)))
        for kind in ("data_centres", "power_zones", "links")
        if (audit := placer.audit(placement, placer.Security(kind)))
    }
    assert 'id="s0-lost-map"' in drawn["data_centres"]
    assert "<title>Metro: 60.00 of 80.00 Mtok strand</title>" in drawn["data_centres"]
    assert "grid is lost, " in drawn["power_zones"]
    root = ET.fromstring(f"<div>{drawn['links']}</div>")  # noqa: S314 - it was written by the function that is tested
    lines = root.findall(".//g[@class='arcs changes']/path")
    links = placed_tiny.links
    assert {line.find("title").text.partition(":")[0] for line in lines} == set(links["from"] + " - " + links["to"])
    assert {"L" in line.get("d") for line in lines} == {True, False}, "some exchanges stand where their neighbour is"
    assert not root.findall(".//g[@class='marks']/rect")


#: A1 of the contract: voice may run in A and B, chat in B and W.
_SITES = {"A": ("north", 45.0, "a"), "B": ("south", 85.0, "b"), "W": ("west", 90.0, "w")}
_WORKLOADS = {"voice": ("a", "b"), "chat": ("b", "w")}


def _a1():
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": name, "region": region, "accelerators": size, "jurisdiction": place}
                for name, (region, size, place) in _SITES.items()
            ],
            "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in _SITES],
            "workloads": [
                {"workload": name, "jurisdictions": at, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
                for name, at in _WORKLOADS.items()
            ],
            "demand": [{"workload": "voice", "hub": "H", "mtok": 40.0}, {"workload": "chat", "hub": "H", "mtok": 80.0}],
        }
    )


def _page(tmp_path, placement, security):
    ceiling = placer.export_ceiling(placement.instance, exporting="north", security=security)
    return placer.write_report(placement, tmp_path / "report.html", secure_ceiling=ceiling).read_text(encoding="utf-8")


@pytest.mark.slow
def test_a1_by_hand(tmp_path):
    """Tests A1: all of it can leave without security, 85 of 120 with it, and W binds."""
    text = _page(tmp_path, placer.solve(_a1()), placer.Security())
    assert 'href="#s0-lost"' in text
    assert "Without security 100.00% of tokens can be exported. 70.83% can be exported if the loss of any one" in text
    assert "1 of them binds: more could be exported without it." in text
    table = text[text.index("Contingencies that bind the secure ceiling") :]
    assert ">W</bdi></th><td>yes</td>" in table[: table.index("</table>")]
    assert "What each loss displaces" not in text  # no audit


@pytest.mark.slow
def test_survivable(tmp_path):
    """Tests A1 with everything placed anew: without B 80 of 120 can leave."""
    text = _page(tmp_path, placer.solve(_a1()), placer.Security(recourse="all"))
    assert "at least 66.67% still can; least if B is lost." in text
    assert "The export ceiling if it is lost" in text


@pytest.mark.slow
def test_report_of_a_secure_placement(tmp_path):
    """Tests that the page of a secure placement has its audit and the ceilings in one section."""
    security = placer.Security()
    text = _page(tmp_path, placer.solve(_a1(), security=security), security)
    assert text.count(">If one is lost</h2>") == 1
    assert "No protected work strands." in text
    assert "70.83% can be exported" in text


@pytest.mark.slow
def test_nothing_binds(tmp_path):
    """Tests a security that costs no export: of A alone, whose voice finds a place in B."""
    security = placer.Security([{"contingency": "A", "data_centre": "A"}])
    text = _page(tmp_path, placer.solve(_a1()), security)
    assert "None of them binds." in text
    assert "Contingencies that bind the secure ceiling" not in text
