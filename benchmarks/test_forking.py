"""Tests of running tests on many mutants from one process: the verdicts of children, and missing verdicts."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

import pytest

from .forking import _BROKEN, CAN_FORK, _ended, screened

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="processes cannot be forked here")

SHARED = """import pytest
import stock
from stock import left

@pytest.fixture(scope="module")
def seven():
    return left(9, 2)

def test_left(seven):
    assert left(seven, 3) == stock.left(seven, 3) == 4

def test_the_module_is_what_is_patched(monkeypatch):
    monkeypatch.setattr(stock, "LEAST", 5)
    assert left(9, 8) == 5
"""
MORE = """import pytest
from stock import left

@pytest.fixture(scope="module")
def nothing():
    return left(1, 2)

@pytest.mark.parametrize("number", range(3))
def test_nothing_is_left(nothing, number):
    assert nothing == left(0, 0) == 0
"""
AS_IT_IS = "LEAST = 0\ndef left(held, taken):\n    return max(held - taken, LEAST)\n"


def _screened(folder: Path, mutants: list[str]) -> list[bool]:
    (folder / "stock.py").write_text(AS_IT_IS, encoding="utf-8")
    (folder / "test_stock.py").write_text(SHARED, encoding="utf-8")
    context = multiprocessing.get_context("spawn")
    return list(screened(context, folder, "stock", [AS_IT_IS, *mutants], ("test_stock.py",)))


@pytest.mark.slow
def test_mutants_take_the_place_of_what_was_imported(tmp_path: Path) -> None:
    """Tests that a change is noticed wherever it was imported, and that a neutral change is not noticed.

    The value of the module's fixture stays 7, the value under the original module.
    """
    changes = [("held - taken", "held + taken"), ("max", "min"), ("LEAST = 0", "LEAST = 1"), ("LEAST = 0", "LEAST = ")]
    assert _screened(tmp_path, [AS_IT_IS.replace(*change) for change in changes]) == [True, True, False, True]


@pytest.mark.slow
def test_each_file_has_its_own_fixtures(tmp_path: Path) -> None:
    """Tests that either of two files kills a mutant, though pytest keeps the module fixtures of one file at a time."""
    (tmp_path / "stock.py").write_text(AS_IT_IS, encoding="utf-8")
    (tmp_path / "test_stock.py").write_text(SHARED, encoding="utf-8")
    (tmp_path / "test_more.py").write_text(MORE, encoding="utf-8")
    mutants = [AS_IT_IS.replace(*change) for change in [("-", "+"), ("LEAST = 0", "LEAST = 3"), ("held - ", "0 - ")]]

    def verdicts(*files: str) -> list[bool]:
        context = multiprocessing.get_context("spawn")
        found = list(screened(context, tmp_path, "stock", [AS_IT_IS, *mutants], files))
        assert not multiprocessing.active_children(), "the folder may go"
        return found

    assert verdicts("test_stock.py") == [True, False, True]
    assert verdicts("test_more.py") == [False, True, False]
    assert verdicts("test_stock.py", "test_more.py") == [True, True, True]


@pytest.mark.slow
def test_tests_that_fail_as_it_is_are_an_error(tmp_path: Path) -> None:
    """Tests that mutants get no verdict if the tests fail without a mutant."""
    (tmp_path / "test_stock.py").write_text("def test_nothing():\n    assert False\n", encoding="utf-8")
    (tmp_path / "stock.py").write_text(AS_IT_IS, encoding="utf-8")
    context = multiprocessing.get_context("spawn")
    with pytest.raises(RuntimeError, match="do not pass as it is"):
        next(screened(context, tmp_path, "stock", [AS_IT_IS, ""], ("test_stock.py",)))


def test_child_that_does_not_end_says_nothing() -> None:
    """Tests that a process past the limit is ended, and counts as neither passed nor failed."""
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"], os.environ)
    assert _ended(child, 0.01) == _BROKEN
