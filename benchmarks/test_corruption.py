"""Tests of corruption: no wrong answer is returned, and a wrong one would be found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import placer

from . import corruption
from .corruption import ANSWERS, Corrupted, corruptions, faults, main
from .sides import Problem, problem_of

if TYPE_CHECKING:
    from placer.model.answer import Answer


@pytest.fixture(scope="module")
def problem() -> Problem:
    """Return the problem of the smallest dataset."""
    return problem_of(placer.load("tiny"))


@pytest.fixture(scope="module")
def answer(problem: Problem) -> Answer:
    """Return column generation's own answer to it."""
    return placer.ColumnGeneration().answer(problem.structure)


@pytest.mark.slow
def test_nothing_wrong_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that ``solve`` returns no wrong answer out of a hundred corrupted answers of wild instances."""
    assert main(["--verbs", ANSWERS, "--instances", "5", "--each", "20"]) == 0
    tried, refused, right, wrong = map(int, capsys.readouterr().out.splitlines()[1].split()[3:])
    assert tried == refused + right == 100
    assert wrong == 0
    assert refused > 75


def test_what_is_wrong_would_be_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that wrong answers would be reported if all answers were returned."""
    monkeypatch.setattr(corruption, "solve_structure", lambda _, solver: (solver.told, None))
    assert main(["--verbs", ANSWERS, "--instances", "1", "--each", "25"]) == 1
    assert sum(line.startswith("instance 0: ") for line in capsys.readouterr().out.splitlines()) > 15


def test_each_corruption_changes_one_array(answer: Answer) -> None:
    """Tests that a corrupted answer differs in one array, and that the original answer is unchanged."""
    before = answer.point.amount.copy()
    for _, (words, wrong) in zip(range(50), corruptions(answer, np.random.default_rng(0)), strict=False):
        family = words.split(",")[0]
        side = "flows" if family in corruption.FLOWS else "duals"
        ours, theirs = getattr(answer, side), getattr(wrong, side)
        assert not np.array_equal(getattr(ours, family), getattr(theirs, family))
    np.testing.assert_array_equal(answer.point.amount, before)


def test_judgement_of_the_right_answer(problem: Problem, answer: Answer) -> None:
    """Tests that the optimum has no fault."""
    optimum = placer.solve(placer.load("tiny")).certificate.objective
    assert faults(problem, answer, optimum) == []


@pytest.mark.parametrize(
    ("side", "family", "value", "fault"),
    [
        ("flows", "amount", np.nan, "not finite"),
        ("flows", "unserved", 1e3, "point"),
        ("flows", "taken", -1e3, "point"),
        ("duals", "demand", 1e3, "duals"),
        ("duals", "demand", 1e25, "size"),
        ("duals", "capacity", -1e3, "sign"),
        ("duals", "cap", 1.0, "rents of nothing"),
    ],
)
def test_judgement_of_wrong_answers(
    problem: Problem, answer: Answer, side: str, family: str, value: float, fault: str
) -> None:
    """Tests that each kind of fault is named."""
    optimum = placer.solve(placer.load("tiny")).certificate.objective
    part = getattr(answer, side)
    array = getattr(part, family).copy()
    array.reshape(-1)[:1] = value
    wrong = replace(answer, **{side: replace(part, **{family: array})})
    assert any(each.startswith(fault) for each in faults(problem, wrong, optimum))


def test_told_answer_is_given(problem: Problem, answer: Answer) -> None:
    """Tests the solver that stands for column generation."""
    assert Corrupted(told=answer).answer(problem.structure) is answer
