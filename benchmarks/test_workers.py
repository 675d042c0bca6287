"""Tests of the comparison of threads; people judge its measurements."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import placer

from .workers import _SHARING, Shared, main


@pytest.mark.slow
def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that a small case runs through on one and two threads, with equal answers."""
    assert main(["--size", "smoke", "--rounds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "threaded" in lines[0]
    assert [line.split()[0] for line in lines[2:]] == ["1", "2"]


def test_one_thread_is_asked_for() -> None:
    """Tests that there is something to compare with."""
    with pytest.raises(SystemExit):
        main(["--size", "smoke", "--workers", "2", "4"])


def test_items_go_to_the_worker_who_is_free_first() -> None:
    """Tests a piece of 3, 1, 1 and 4: on two workers they take 3 and 6; on four, 4."""
    shared = Shared([[3.0, 1.0, 1.0, 4.0]])
    assert [shared.seconds(workers) for workers in (1, 2, 4)] == [9.0, 6.0, 4.0]


def test_shared_work_returns_what_the_function_does() -> None:
    """Tests results in order, and a time for each item."""
    shared = Shared()
    assert shared.each(abs, [-1, 2]) == [1, 2]
    assert len(shared.pieces[0]) == 2


def test_work_within_an_item_is_a_part_of_it() -> None:
    """Tests that two items with work of their own are one piece, and that a single item is none: its work is shared."""
    shared = Shared()
    assert shared.each(lambda items: sum(shared.each(abs, items)), [[-1, 2], [3, -4]]) == [3, 7]
    assert [len(piece) for piece in shared.pieces] == [2]
    assert shared.each(lambda items: sum(shared.each(abs, items)), [[-1, 2, 3]]) == [6]
    assert [len(piece) for piece in shared.pieces] == [2, 3]


def test_every_use_of_threads_is_counted() -> None:
    """Tests that no module shares work by a name that the benchmark does not count."""
    rooms = Path(placer.__file__).parent / "column_generation"
    names = ("each", "one_by_one")
    used = {
        f"{path.relative_to(rooms).with_suffix('').as_posix().replace('/', '.')}.{name}"
        for path in rooms.rglob("*.py")
        for name in names
        if re.search(rf"import .*\b{name}\b", path.read_text())
    }
    assert used == set(_SHARING)
