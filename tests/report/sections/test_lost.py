"""The section *If one is lost*."""

from __future__ import annotations

import placer


def test_section(tmp_path):
    """Tests that the page has a row for each contingency, the finding in words, and a link to the section."""
    placement = placer.solve(placer.load("tiny"))
    audit = placer.audit(placement, placer.Security())
    text = placement.report(tmp_path / "report.html", audit=audit).read_text(encoding="utf-8")
    assert "If one is lost" in text
    assert 'href="#s0-lost"' in text
    assert "Protected work strands in 3 of them, most where Metro is lost: 60.00 Mtok." in text
    assert "What strands if Metro is lost" in text
    assert "If one is lost" not in placement.report(tmp_path / "plain.html").read_text(encoding="utf-8")


def test_where_nothing_strands(tmp_path, make_instance):
    """Tests the words of an audit that passes, and of one in which everything may be placed anew."""
    links = [{"from": hub, "to": site, "rtt_ms": 1.0} for hub in "AB" for site in "XY"]
    placement = placer.solve(make_instance(links=links))
    audit = placer.audit(placement, placer.Security(recourse="all"))
    text = placement.report(tmp_path / "report.html", audit=audit).read_text(encoding="utf-8")
    assert "everything may be placed anew. No protected work strands." in text
    assert "as a share of all protected work" in text
