"""The table of published answers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from benchmarks import validation


@pytest.mark.slow
def test_table(capsys):
    """Tests that every figure has a row, that all agree, and that the page of the docs has both tables."""
    assert validation.main([]) == 0
    printed = capsys.readouterr().out.strip().split("\n\n")
    page = (validation.PAGE).read_text(encoding="utf-8")
    assert len(printed) == 2
    assert all(table in page for table in printed)


def test_a_figure_that_differs(monkeypatch, capsys):
    """Tests the exit status, and the row, of a figure that differs from the published one."""
    first = validation.PUBLISHED[0]
    monkeypatch.setattr(validation, "PUBLISHED", (replace(first, value=first.value + 1),))
    assert validation.main(["--json"]) == 1
    (row,) = json.loads(capsys.readouterr().out)
    assert row["agrees"] is False
    assert row["ours"] == pytest.approx(first.value)
