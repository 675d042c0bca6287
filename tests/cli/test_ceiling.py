"""The command ``placer ceiling``."""

from __future__ import annotations

import json

import pytest


@pytest.mark.slow
def test_ceiling(run, tmp_path):
    """Tests that the ceiling is printed, given as JSON, and written with its plots."""
    code, out, _ = run("ceiling", "tiny")
    assert code == 0
    assert "Export ceiling: 43.75% of tokens" in out
    code, out, _ = run("ceiling", "tiny", "--by", "slo", "--json", "--out", str(tmp_path / "out"))
    found = json.loads(out)
    assert code == 0
    assert found["share"] == pytest.approx(105 / 240)
    assert found["exporting"] == ["east"]
    assert found["curve"][-1]["exact"]
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"curve_slo.csv", "curve_slo.png", "limits.png", "summary.json"} <= names
    code, out, _ = run("ceiling", "tiny", "--exporting", "west", "--weight", "work")
    assert code == 0
    assert "of work" in out
    assert "from west to east" in out
