"""Tests of the tables of the page on service."""

from __future__ import annotations

import pytest

from . import service


def test_page_has_all_tables() -> None:
    """Tests that the page has a place for each table, and that each is written there."""
    page = service.PAGE.read_text(encoding="utf-8")
    for name in service.TABLES:
        assert f"<!-- {name} -->\n\n| " in page
    assert page.count("<!-- end -->\n") == len(service.TABLES)


@pytest.mark.slow
def test_china_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that more modes never cost more, and that three classes of China pay for distance."""
    monkeypatch.setattr(service, "CUTS", service.CUTS[:1])
    assert service.main(["cases", "chips"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| china")]
    rows = [line.strip("| ").split(" | ") for line in lines]
    costs = {row[1]: float(row[3]) for row in rows[:4]}
    assert list(costs) == list(service.CASES)
    assert costs["modes"] <= min(costs["slowest"], costs["fastest"])
    assert len({row[1] for row in rows[4:-1]}) == 3
    assert max(float(row[5]) for row in rows[4:]) > 1.1
