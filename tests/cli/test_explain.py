"""The command ``placer explain``."""

from __future__ import annotations

import json

import pytest


@pytest.mark.slow
def test_explain(run, short_folder):
    """Tests that a shortage is explained with a cure, and that nothing short is said to be."""
    code, out, _ = run("explain", str(short_folder))
    assert code == 0
    assert "more accelerators" in out
    code, out, _ = run("explain", str(short_folder), "--json")
    assert json.loads(out)["shortages"]
    code, out, _ = run("explain", "tiny")
    assert code == 0
    assert "All demand is served" in out
