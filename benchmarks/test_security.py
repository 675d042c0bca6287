"""Smoke test of the benchmark of security; people judge its measurements."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Self

import pytest

import placer

from . import security
from .families import build
from .security import (
    Row,
    by_audit,
    by_explicit_program,
    by_merged_program,
    by_placer,
    check_agreement,
    lines,
    main,
    missed,
)


@pytest.mark.slow
def test_ways_agree() -> None:
    """Tests that placer and both programs find one cost and one amount of stranded work."""
    instance, lost = build("fleet", "smoke"), placer.Security("data_centres")
    placement = placer.solve(instance, tie_break=None)
    found = [
        by_placer(instance, lost),
        by_explicit_program(placement, lost, 60.0),
        by_merged_program(placement, lost, 60.0),
    ]
    assert [each.cost for each in found] == pytest.approx([found[0].cost] * 3)
    assert [each.stranded for each in found] == pytest.approx([found[0].stranded] * 3)
    assert found[0].columns < found[2].columns < found[1].columns
    assert by_audit(instance, lost).contingencies == 5


@pytest.mark.slow
def test_time_runs_out() -> None:
    """Tests that a program out of time is a line with a note, not a cost."""
    placement = placer.solve(build("fleet", "small"), tie_break=None)
    found = by_merged_program(placement, placer.Security("data_centres"), 1e-3)
    assert found.note == "time limit"


@pytest.mark.slow
def test_rows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests table and JSON of a small run, with the lines measured in this process."""
    monkeypatch.setattr(
        security, "QUICK", (Row("tiny", "", "data_centres", "placer"), Row("tiny", "", "data_centres", "merged"))
    )
    monkeypatch.setattr(security, "ProcessPoolExecutor", _Here)
    assert main(["--quick"]) == 0
    header, ours, other = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["what", "way", "columns"]
    assert (ours.split()[3], other.split()[3]) == ("placer", "merged")
    assert main(["--quick", "--only", "merged", "--json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["lines"]
    assert line["way"] == "merged"


class _Here:
    """A pool that runs its work in this process."""

    def __init__(self, *_: object, **__: object) -> None:
        self._result = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def submit(self, call, *arguments) -> _Here:
        self._result = call(*arguments)
        return self

    def result(self):
        return self._result


def test_differences_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that another cost ends the run, not a program out of time, and what misses a target."""
    monkeypatch.setattr(security, "ProcessPoolExecutor", _Here)
    row = Row("tiny", "", "data_centres", "placer", most_seconds=1e-9)
    (ours,) = lines([row], 60.0)
    assert missed(row, ours)
    assert not missed(replace(row, most_seconds=1e9), ours)
    with pytest.raises(SystemExit, match="by placer and"):
        check_agreement(ours, replace(ours, way="merged", cost=ours.cost + 1.0))
    check_agreement(ours, replace(ours, way="merged", cost=float("nan"), note="time limit"))
