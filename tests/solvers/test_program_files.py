"""Linear programs from files."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import placer
from placer.errors import SolverError
from placer.ladder.whole_program import solve_program
from placer.solvers.program_files import read_program

#: max 3x + 2y with x + y <= 4, x + 3y <= 6 and x <= 3: x = 3 and y = 1.
LARGEST = """Maximize
 obj: 3 x + 2 y + 10
Subject To
 c1: x + y <= 4
 c2: x + 3 y <= 6
Bounds
 x <= 3
End
"""


@pytest.mark.parametrize("ending", ["lp", "mps"])
def test_written_programs_come_back(tmp_path, ending):
    """Tests that a program that was written has its names, sizes and optimum."""
    program = placer.to_program(placer.load("tiny"))
    placer.write_program(program, tmp_path / f"tiny.{ending}")
    read = read_program(tmp_path / f"tiny.{ending}")
    assert set(read.row_names) == set(program.row_names)
    assert set(read.col_names) == set(program.col_names)
    assert solve_program(read, placer.HiGHS())[1].objective == pytest.approx(330.77)
    assert pickle.loads(pickle.dumps(read)).row_names == read.row_names  # noqa: S301 - our own


def test_a_maximum_is_the_minimum_of_the_negative(tmp_path):
    """Tests a program of two columns by hand; its constant is left out."""
    file = tmp_path / "largest.lp"
    file.write_text(LARGEST, encoding="utf-8")
    solution, certificate = solve_program(read_program(file), placer.HiGHS())
    assert solution.values == pytest.approx(np.array([3.0, 1.0]))
    assert certificate.objective == pytest.approx(-11.0)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("absent.mps", None, "is not a file of a linear program"),
        ("notes.txt", "hello", "is not a file of a linear program"),
        ("bad.lp", "Minimize\n x +\n", "is not a file of a linear program"),
        ("integers.lp", LARGEST.replace("End", "General\n x\nEnd"), "integers or quadratic terms"),
        ("empty.lp", "Minimize\n obj:\nSubject To\nEnd\n", "there are no columns"),
    ],
)
def test_what_is_no_linear_program(tmp_path, name, text, said):
    """Tests that each is one message that names the file."""
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SolverError, match=said) as caught:
        read_program(tmp_path / name)
    assert name in str(caught.value)
