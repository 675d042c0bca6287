"""Instances too large for the memory that is free are refused before anything is built."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import placer
from placer import memory
from placer.answer import Answer
from placer.column_generation import ColumnGeneration
from placer.errors import NoSolutionError
from placer.expansion import expand
from placer.formulation import formulate
from placer.memory import BYTES_PER_COLUMN, check_memory, column_generation_bytes, whole_program_bytes
from placer.program import Reason, Termination
from placer.solve import solve_structure


@pytest.fixture
def make_free(monkeypatch):
    """Return a function that lets so many bytes be free."""

    def make(free):
        monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: SimpleNamespace(available=free))

    return make


@pytest.fixture(scope="module")
def structure():
    """Return the structure of the smallest dataset."""
    return formulate(placer.load("tiny")).structure


def test_what_fits_is_let_through(make_free):
    """Tests that nine tenths of what is free may be taken, and no more."""
    make_free(1_000)
    check_memory(900, "it")
    with pytest.raises(NoSolutionError):
        check_memory(901, "it")


def test_refusal_tells_need_and_room(make_free):
    """Tests the reason, and the figures in GB."""
    make_free(2_000_000_000)
    with pytest.raises(NoSolutionError, match=r"the model needs about 3\.5 GB and 2\.0 GB are free") as caught:
        check_memory(3_500_000_000, "the model")
    assert caught.value.reason is Reason.MEMORY_LIMIT
    assert caught.value.bound_usd == -np.inf
    assert caught.value.placement is None


@pytest.mark.parametrize("solver", [None, placer.HiGHS(), ColumnGeneration()], ids=["default", "HiGHS", "columns"])
def test_refused_before_anything_is_built(make_free, monkeypatch, solver):
    """Tests that with next to no memory neither the program is expanded nor a market made."""

    def never(*_, **__):
        raise AssertionError("something was built")

    monkeypatch.setattr(sys.modules["placer.solve"], "expand", never)
    monkeypatch.setattr("placer.large.generation.market", never)
    make_free(1)
    with pytest.raises(NoSolutionError, match=r"needs about [0-9.]+ GB and 0\.0 GB are free") as caught:
        placer.solve(placer.load("tiny"), solver)
    assert caught.value.reason is Reason.MEMORY_LIMIT


def test_fallback_that_does_not_fit_is_told(make_free, monkeypatch, structure):
    """Tests that where column generation fits and fails, and the whole program does not fit, both are told."""
    failed = Answer(Termination(Reason.FAILED, "scripted failure"))
    monkeypatch.setattr(ColumnGeneration, "answer", lambda *_: failed)
    least, most = column_generation_bytes(structure), whole_program_bytes(structure)
    assert least < most
    make_free((least + most) // 2 / 0.9)
    with pytest.raises(NoSolutionError, match="scripted failure; the whole program of 29 assignments needs"):
        solve_structure(structure, ColumnGeneration())


@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize("window", [[0, 0], [0, 1], [2, 5], [9, 9]])
def test_whole_program_is_counted_by_its_columns(make_random_instance, cyclic, window):
    """Tests that every column counts, those of queues too, without any being laid out."""
    structure = formulate(make_random_instance(1)).structure
    structure = replace(structure, cyclic=cyclic, window=np.array([*window, 0, 3]))
    needed = whole_program_bytes(structure)
    assert "queue_flows" not in vars(structure)
    assert needed == BYTES_PER_COLUMN * len(expand(structure).cost)


def test_column_generation_needs_more_for_longer_windows(make_random_instance):
    """Tests that the curvature is counted by the periods that windows couple, up to all there are."""
    structure = formulate(make_random_instance(1)).structure
    needed = [column_generation_bytes(replace(structure, window=np.full(4, window))) for window in (0, 1, 3, 4, 5, 99)]
    assert needed == sorted(needed)
    assert needed[0] < needed[1] < needed[2] < needed[3] == needed[4] == needed[5]
