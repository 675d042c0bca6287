"""Tests of the suite: its cases, its processes, and that nothing is measured twice."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

import placer

from . import suite
from .peers import REFERENCE
from .subjects import subject_of
from .suite import Case, Measurement, cases, measure_alone, own_cases, read, run, write

CASE = Case("fleet", "smoke", 0, "end-to-end", "simplex")


def _measured(case: Case, **facts: object) -> Measurement:
    return Measurement(case, 0, **({"status": "done", "columns": 10, "seconds": 1.0, "objective": 5.0} | facts))


def test_cases() -> None:
    """Tests that the sides of a case are together, the reference first, requested or not."""
    groups = cases(["fleet", "network"], ["smoke", "small"], ["end-to-end", "routes"], ["scipy", "networkx"], [0, 1])
    assert [(group[0].family, group[0].size) for group in groups if group[0].phase == "end-to-end"] == [
        ("fleet", "smoke"),
        ("fleet", "small"),
        ("fleet", "smoke"),
        ("fleet", "small"),
    ]
    assert {tuple(case.solver for case in group) for group in groups} == {(REFERENCE, "scipy"), ("placer", "networkx")}
    assert {group[0].phase for group in groups if group[0].family == "network"} == {"routes"}


def test_shapes_are_sizes() -> None:
    """Tests a shape in place of a name of a size, after the names, and that one of another length is refused."""
    groups = cases(["fleet"], ["3x4x2x6", "smoke"], ["end-to-end"], ["simplex"], [0])
    assert [group[0].size for group in groups] == ["smoke", "3x4x2x6"]
    instance = subject_of("fleet", "3x4x2x6", 0)
    assert (len(instance.data_centres), len(instance.hubs), len(instance.workloads)) == (3, 4, 2)
    with pytest.raises(ValueError, match="'3x4' is no size of 'fleet': a name, or 4 whole numbers"):
        cases(["fleet"], ["3x4"], ["end-to-end"], [], [0])


def test_own_cases() -> None:
    """Tests that a dataset is measured for each seed and phase, and a file once by the sides that take programs."""
    groups = own_cases(["tiny+patient"], ["a.mps"], ["solve", "end-to-end"], ["scipy"], [0, 1])
    assert [(group[0].family, group[0].size, group[0].phase, group[0].seed) for group in groups] == [
        ("dataset", "tiny+patient", "solve", 0),
        ("dataset", "tiny+patient", "solve", 1),
        ("dataset", "tiny+patient", "end-to-end", 0),
        ("dataset", "tiny+patient", "end-to-end", 1),
        ("file", "a.mps", "solve", 0),
    ]
    assert {tuple(case.solver for case in group) for group in groups} == {(REFERENCE, "scipy"), ("simplex", "scipy")}
    with pytest.raises(ValueError, match="'no' is unknown; there are "):
        own_cases(["tiny"], [], ["solve"], ["no"], [0])


@pytest.mark.slow
def test_subjects_of_ones_own(tmp_path: Path) -> None:
    """Tests that a dataset has its scenarios, and noise for seeds other than 0; and that a file is a program."""
    given, changed = (subject_of("dataset", "tiny+patient", seed) for seed in (0, 1))
    assert given.demand.equals(placer.load("tiny", ["patient"]).demand)
    assert not np.allclose(changed.demand["mtok"], given.demand["mtok"])
    placer.write_program(placer.to_program(given), tmp_path / "a.mps")
    assert subject_of("file", str(tmp_path / "a.mps"), 0).matrix.shape == placer.to_program(given).matrix.shape


@pytest.mark.parametrize(
    "wrong",
    [
        (["no"], ["smoke"], ["solve"], []),
        (["fleet"], ["no"], ["solve"], []),
        (["fleet"], ["smoke"], ["no"], []),
        (["fleet"], ["smoke"], ["solve"], ["no"]),
    ],
)
def test_unknown_names(wrong: tuple[list[str], ...]) -> None:
    """Tests that an unknown name is refused with a list of the known ones."""
    with pytest.raises(ValueError, match="'no' is unknown; there are "):
        cases(*wrong, [0])


@pytest.mark.slow
def test_measure_alone() -> None:
    """Tests that a measurement in its own process brings back time, memory, cost, gap and columns."""
    found = measure_alone(CASE, 2, 60)
    assert (found.case, found.round, found.status, found.columns) == (CASE, 2, "done", 1524)
    assert found.seconds > 0
    assert found.objective > 0
    assert abs(found.gap) < 1e-9
    assert found.memory_mb is None or found.memory_mb > 20


@pytest.mark.slow
def test_out_of_time() -> None:
    """Tests that a measurement that takes too long is ended and says so."""
    found = measure_alone(Case("capped", "small", 0, "end-to-end", "simplex"), 0, 0.05)
    assert found.status == "out of time (0 s)"
    assert (found.seconds, found.columns) == (None, 39_432)


@pytest.mark.slow
def test_cannot_express() -> None:
    """Tests that limitations and missing libraries of a peer are reported in words."""
    found = measure_alone(Case("fleet", "smoke", 0, "end-to-end", "pypsa"), 0, 60)
    assert found.status.startswith(("cannot express work that may wait", "not installed: pypsa"))


@pytest.mark.slow
def test_failure_is_said() -> None:
    """Tests that a failed process reports the reason."""
    found = measure_alone(Case("no such family", "smoke", 0, "end-to-end", "scipy"), 0, 60)
    assert found.status == "failed with code 1: KeyError: 'no such family'"


@pytest.mark.parametrize(
    ("code", "status", "said", "words"),
    [
        (0, "done", "", "done"),
        (None, "started", "", "out of time (not ready, or still at it after 960 s)"),
        (-signal.SIGKILL, "started", "", "out of memory (ended by the system)"),
        (-signal.SIGABRT, "started", "terminate called\nwhat(): std::bad_alloc\n", "out of memory"),
        (-signal.SIGSEGV, "started", "", "failed with code -11: nothing said"),
        (1, "started", "Traceback\nValueError: no\n", "failed with code 1: ValueError: no"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="signals end processes elsewhere in other ways")
def test_how_it_ended(code: int | None, status: str, said: str, words: str) -> None:
    """Tests the wording of every end of a measurement."""
    assert suite._words(code, status, 60.0, said) == words  # noqa: SLF001 - ways that cannot be brought about here


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that an interruption leaves no process behind."""
    started: list[int] = []

    class Interrupted(suite.subprocess.Popen):
        def wait(self, timeout: float | None = None) -> int:
            started.append(self.pid)
            if len(started) == 1:
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(suite.subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        measure_alone(Case("capped", "medium", 0, "end-to-end", "simplex"), 0, 60)
    time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)


def test_results_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that sides alternate, results are written as they come, and none is measured twice."""
    file, asked = tmp_path / "results.json", []

    def measured(case: Case, place: int, limit: float) -> Measurement:
        asked.append((case.solver, place, limit))
        return Measurement(case, place, "done", seconds=20.0 if case.solver == REFERENCE else 1.0)

    monkeypatch.setattr(suite, "measure_alone", measured)
    groups = cases(["fleet"], ["smoke"], ["end-to-end"], ["scipy"], [0])
    told: list[tuple[str, int, int]] = []
    run(groups, file, rounds=1, progress=lambda *step: told.append(step))
    assert asked == [(REFERENCE, 0, suite.REFERENCE_LIMIT), ("scipy", 0, 200.0)]
    assert told[0] == (f"fleet smoke end-to-end: {REFERENCE}", 0, 2)
    assert told[-1] == ("done", 2, 2)
    asked.clear()
    found = run(groups, file, rounds=2, limit_seconds=7)
    assert asked == [(REFERENCE, 1, 7), ("scipy", 1, 7)]
    assert read(file) == found
    assert json.loads(file.read_text(encoding="utf-8"))["machine"]["python"]


def test_hopeless_is_not_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that a case that ran out of time is tried neither again nor at larger sizes."""
    words = {"scipy": "out of time (60 s)", "cvxpy": "no answer: gave up"}
    monkeypatch.setattr(
        suite, "measure_alone", lambda case, place, _: Measurement(case, place, words.get(case.solver, "done"))
    )
    groups = cases(["fleet"], ["smoke", "small"], ["end-to-end"], ["scipy", "cvxpy"], [0])
    found = run(groups, tmp_path / "results.json", rounds=2)
    said = [(item.case.size, item.case.solver, item.status) for item in found if item.case.solver != REFERENCE]
    assert set(said) == {
        ("smoke", "scipy", "out of time (60 s)"),
        ("smoke", "cvxpy", "no answer: gave up"),
        ("small", "scipy", "not tried: out of time (60 s) at smoke"),
        ("small", "cvxpy", "no answer: gave up"),
    }


def test_file_is_whole(tmp_path: Path) -> None:
    """Tests that measurements are read back as they were written, and that no file holds none."""
    file = tmp_path / "results.json"
    assert read(file) == []
    found = [_measured(CASE), Measurement(CASE, 1, "out of memory")]
    write(file, found)
    assert read(file) == found
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]
