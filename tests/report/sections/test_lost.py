"""The section *If one is lost*."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import placer
from placer.report.content.page import Subject, content_of
from placer.report.sections.lost import lost_section


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


def test_where_nothing_strands(tmp_path, make_instance):
    """Tests the words of an audit that passes, and of one in which everything may be placed anew."""
    links = [{"from": hub, "to": site, "rtt_ms": 1.0} for hub in "AB" for site in "XY"]
    placement = placer.solve(make_instance(links=links))
    audit = placer.audit(placement, placer.Security(recourse="all"))
    text = placer.write_report(placement, tmp_path / "report.html", audit=audit).read_text(encoding="utf-8")
    assert "everything may be placed anew. No protected work strands." in text
    assert "as a share of all protected work" in text


def test_map(placed_tiny):
    """Tests that sites whose loss strands work are marked, zones by the sites that they supply, and links as lines."""
    placement = placer.solve(placed_tiny)
    drawn = {
        kind: str(lost_section(content_of(Subject("tiny", placement, audit=audit), 1000), "s0-"))
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
