"""Smoke test of the benchmark of secure ceilings; people judge its measurements."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import placer

from . import secure_ceilings
from .secure_ceilings import QUICK, main, measure


@pytest.mark.slow
def test_lines_are_what_the_library_finds() -> None:
    """Tests points of the curve, and that survivable ceilings have no stranded work."""
    ceiling = placer.export_ceiling(placer.load("tiny"), security=placer.Security())
    line = measure(QUICK[0])
    assert line.share == pytest.approx(ceiling.share)
    assert line.stranded_mtok == pytest.approx(90.0)
    assert line.what == "tiny, data centres, displaced, 2 limits"
    last = measure(QUICK[2])
    assert np.isnan(last.stranded_mtok)


@pytest.mark.slow
def test_main(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests text, JSON, and that a missed target is the status."""
    assert main(["--quick", "--only", "links"]) == 0
    assert "tiny, links, displaced" in capsys.readouterr().out
    assert main(["--quick", "--only", "regions", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["proven"] for each in told["lines"]] == [True]
    monkeypatch.setattr(secure_ceilings, "QUICK", (replace(QUICK[1], most_seconds=0.0),))
    assert main(["--quick"]) == 1
