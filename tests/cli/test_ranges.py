"""Tests of export ranges on the command line."""

from __future__ import annotations

import importlib
import json

import pytest

import placer
from placer.solve import place


@pytest.fixture(scope="module")
def tied(make_instance, tmp_path_factory):
    """Return the folder of a dataset whose data centres cost the same, so that all may be exported or nothing."""
    same = make_instance(power_zones=[{"power_zone": zone, "usd_per_mwh": 20.0} for zone in ("zx", "zy")])
    return placer.save(same, tmp_path_factory.mktemp("data") / "tied")


@pytest.mark.slow
def test_solve_shows_ranges_beside_exports(run_placer, tied):
    code, out, _ = run_placer("solve", tied, "--ranges")
    assert code == 0
    header = next(line for line in out.splitlines() if line.startswith("workload "))
    assert header.split()[3:6] == ["exported", "least", "most"]
    row = next(line for line in out.splitlines() if line.startswith("w "))
    assert row.split()[4:6] == ["0.00%", "100.00%"]
    assert "least" not in run_placer("solve", tied)[1]


@pytest.mark.slow
def test_ranges_as_json(run_placer, tied):
    code, out, _ = run_placer("solve", tied, "--ranges", "--json")
    found = json.loads(out)["export_ranges"]
    assert code == 0
    assert [row["hub"] for row in found["hub"]] == ["A", "B"]
    assert [row["high_share"] for row in found["hub"]] == pytest.approx([1, 1])
    assert "export_ranges" not in json.loads(run_placer("solve", tied, "--json")[1])


@pytest.mark.slow
def test_ranges_in_the_report(run_placer, tied, tmp_path):
    """Tests that the page has the columns, and its foot the command."""
    code, _, err = run_placer("report", tied, "--no-ceiling", "--ranges", "-o", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert code == 0
    assert text.count("most at this cost, %") == 2
    assert "--no-ceiling --ranges</code>" in text
    assert "export range of hub B, 2 of 2" in err


@pytest.mark.slow
def test_no_choice_is_told_with_the_way_to_the_ranges(run_placer, tied, monkeypatch):
    """Tests that where no rule chose among placements of least cost, the tables are followed by a sentence."""
    monkeypatch.setattr(
        importlib.import_module("placer.cli.solve"), "place", lambda *given, **_: place(*given, tie_break=None)
    )
    code, out, _ = run_placer("solve", tied)
    assert code == 0
    assert "No rule chose among them" in out
    assert "--ranges" in out
