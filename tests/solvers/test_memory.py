"""Instances too large for the memory that is free are refused before anything is built."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import placer
from placer.column_generation.solver import ColumnGeneration, column_generation_bytes
from placer.errors import NoSolutionError
from placer.ladder.proven import solve_structure
from placer.model.answer import Answer
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.solvers import memory
from placer.solvers.memory import (
    MEASURED,
    USABLE_SHARE,
    check_memory,
    left_to_groups,
    whole_program_bytes,
)
from placer.termination import Reason, Termination


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
    with pytest.raises(
        NoSolutionError, match=r"the model needs about 3\.5 GB and 2\.0 GB are free, of which 90% may be taken"
    ) as caught:
        check_memory(3_500_000_000, "the model")
    assert caught.value.reason is Reason.MEMORY_LIMIT
    assert caught.value.bound_usd == -np.inf
    assert caught.value.placement is None


def test_little_memory_is_told_in_mb(make_free):
    """Tests that sizes below 1 GB do not round to the same figure."""
    make_free(260_000_000)
    with pytest.raises(NoSolutionError, match="needs about 241 MB and 260 MB are free, of which 90% may be taken"):
        check_memory(241_000_000, "it")


@pytest.mark.parametrize("solver", [None, placer.HiGHS(), ColumnGeneration()], ids=["default", "HiGHS", "columns"])
def test_refused_before_anything_is_built(make_free, monkeypatch, solver):
    """Tests that with next to no memory neither the program is expanded nor a market made."""

    def never(*_, **__):
        raise AssertionError("something was built")

    monkeypatch.setattr(memory, "expand", never)
    monkeypatch.setattr("placer.column_generation.descent.path_problem_of", never)
    make_free(1)
    with pytest.raises(NoSolutionError, match=r"needs about \d+ MB and 0 MB are free") as caught:
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
    assert needed == MEASURED.bytes_per_column * len(expand(structure).cost)


#: What asks for memory before it builds the whole program of a placement's instance.
WHOLE = {
    "to_program": lambda placement: placer.to_program(placement.instance),
    "placement.program": lambda placement: placement.program,
    "export_ceiling": lambda placement: placer.export_ceiling(placement.instance, solver=placer.HiGHS()),
    "export_cost": placer.export_cost,
    "explain": placer.explain,
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_programs_are_refused_wherever_they_are_built(make_free, monkeypatch, name):
    """Tests that every public function that builds a whole program asks first."""
    tiny = placer.load("tiny")
    short = placer.solve(tiny.replace(data_centres=tiny.data_centres.assign(accelerators=[20, 100, 100])))
    monkeypatch.setattr(memory, "expand", lambda *_: pytest.fail("something was built"))
    make_free(1)
    with pytest.raises(NoSolutionError, match="the whole program of") as caught:
        WHOLE[name](short)
    assert caught.value.reason is Reason.MEMORY_LIMIT


@pytest.mark.parametrize("walk", [placer.export_ceiling, placer.ceiling_curve], ids=["ceiling", "curve"])
def test_walks_that_do_not_fit_are_refused(make_free, monkeypatch, walk):
    """Tests that a ceiling and its curve ask before anything is split into blocks."""
    monkeypatch.setattr("placer.ceiling.walk.answer.split", lambda *_: pytest.fail("something was split"))
    monkeypatch.setattr("placer.ceiling.curve.split", lambda *_: pytest.fail("something was split"))
    make_free(1)
    with pytest.raises(NoSolutionError, match=r"the walk over \d+ assignments needs about 0 MB") as caught:
        walk(placer.load("tiny"))
    assert caught.value.reason is Reason.MEMORY_LIMIT


@pytest.mark.parametrize("walk", [placer.export_ceiling, placer.ceiling_curve], ids=["ceiling", "curve"])
def test_walks_of_too_many_arcs_are_refused(make_free, monkeypatch, walk):
    """Tests that a ceiling and its curve ask for the arcs that like demands leave before these are laid out."""
    tiny = placer.load("tiny")
    columns = formulate(tiny).structure.assignment_count
    monkeypatch.setattr("placer.ceiling.walk.blocks._Arcs", lambda *_: pytest.fail("something was laid out"))
    make_free((MEASURED.bytes_per_walk_column * columns + 1) / USABLE_SHARE)
    with pytest.raises(NoSolutionError, match=r"the walk over \d+ arcs needs about 0 MB") as caught:
        walk(tiny)
    assert caught.value.reason is Reason.MEMORY_LIMIT


@pytest.fixture
def make_groups(tmp_path):
    """Return a function that writes control groups as Linux shows them: files by folder, and what the process is in."""

    def make(membership, groups):
        for folder, files in groups.items():
            (tmp_path / "groups" / folder).mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                (tmp_path / "groups" / folder / name).write_text(text)
        (tmp_path / "membership").write_text(membership)
        return left_to_groups(tmp_path / "membership", tmp_path / "groups")

    return make


def test_tightest_group_of_version_2_counts(make_groups):
    """Tests that limits of the groups above hold too, and that files only cached count as free."""
    own = {"memory.max": "max\n", "memory.current": "100\n", "memory.stat": "anon 60\ninactive_file 0\n"}
    above = {"memory.max": "1000\n", "memory.current": "300\n", "memory.stat": "anon 60\ninactive_file 50\n"}
    assert make_groups("0::/batch/job\n", {"batch/job": own, "batch": above}) == 1000 - 300 + 50


def test_group_of_version_1_counts(make_groups):
    """Tests the older files, and that other controllers are passed over."""
    files = {"memory.limit_in_bytes": "1000", "memory.usage_in_bytes": "300", "memory.stat": "total_inactive_file 20\n"}
    membership = "5:cpu,cpuacct:/job\n4:memory:/job\n"
    assert make_groups(membership, {"memory/job": files}) == 720


def test_group_that_is_not_to_be_seen(make_groups):
    """Tests that within a container, which sees its own group as the root, the root counts."""
    root = {"memory.max": "500", "memory.current": "100", "memory.stat": ""}
    assert make_groups("0::/machine/container\n", {"": root}) == 400


def test_no_groups_no_limit(tmp_path):
    """Tests that elsewhere than on Linux nothing is limited."""
    assert left_to_groups(tmp_path / "absent", tmp_path) == np.inf
