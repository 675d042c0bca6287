"""Tests of the comparison of ceilings and curves with programs solved from scratch."""

from __future__ import annotations

import json

import pytest
from threadpoolctl import threadpool_limits

import placer

from . import ceiling_agreement
from .ceiling_agreement import AGREEMENT, Tally, compare, main


@pytest.mark.slow
def test_some_instances(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that all agree on three instances, and that the JSON says so."""
    assert main(["--count", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["instances"], found["ceilings"], found["differs"], found["inexact"]) == (3, 3, 0, 0)
    assert found["points"] >= 9
    assert found["apart"] <= AGREEMENT


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("factor", [1.0, 3.0, 1 / 7])
def test_served_demand_that_displaces_millions(monkeypatch: pytest.MonkeyPatch, factor: float, threads: int) -> None:
    """Tests the instance of the campaign in which serving one Mtok more costs over three million exports.

    Other scales of all amounts, and other thread counts, round differently.
    """
    proper = ceiling_agreement.make

    def scaled(seed: int, number: int) -> placer.Instance:
        found = proper(seed, number)
        return found.replace(demand=found.demand.assign(mtok=factor * found.demand["mtok"]))

    monkeypatch.setattr(ceiling_agreement, "make", scaled)
    tally = Tally()
    with threadpool_limits(threads):
        compare(tally, 0, 99)
    assert (tally.differs, tally.inexact, tally.unanswered) == (0, 0, 0)


def test_difference_is_seen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that slightly wrong claims end in exit status 1."""
    judge = ceiling_agreement.judge

    def off(tally, formulation, count, figures):
        judge(tally, formulation, count, (figures[0] + 1, *figures[1:]))

    monkeypatch.setattr(ceiling_agreement, "judge", off)
    assert main(["--count", "1"]) == 1
    assert "differs" in capsys.readouterr().out


def test_no_answer_is_counted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that points without an answer of HiGHS are counted."""
    solve = ceiling_agreement.most_export

    def give_up(formulation, count, solver=None):
        if solver is not None:
            raise placer.NoSolutionError(placer.Reason.TIME_LIMIT, "no")
        return solve(formulation, count)

    monkeypatch.setattr(ceiling_agreement, "most_export", give_up)
    assert main(["--count", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["unanswered"] == found["points"] + found["ceilings"]
