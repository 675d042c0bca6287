"""Tests of runs: each is a process of its own, its row is kept, and none is measured twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import runs
from .runs import FAST, NUMPY, OUT_OF_TIME, Finished, Run, forget, measure, read, write

#: A command that takes no time to start, whatever it is given.
QUICK = Run("version", "platform --big", "platform --small {seed}", rounds=2)


def _kept(name: str = "a", **facts: object) -> Finished:
    figures = {"round": 0, "date": "now", "seconds": 1.0, "processor_seconds": 2.0, "peak_mb": 3.0, "status": 0}
    return Finished(**({"name": name, "command": "platform", "extra": FAST, "output": ""} | figures | facts))


def test_file_is_whole(tmp_path: Path) -> None:
    """Tests that runs are read as they were written, lines and quotes of their output too, and long outputs."""
    found = [_kept(output='{"a": "b, c"}\nand "more"\n'), _kept("b", status=1), _kept("c", output="[]" * 100_000)]
    write(tmp_path / "runs.csv", found)
    assert read(tmp_path / "runs.csv") == found
    assert read(tmp_path / "none.csv") == []


@pytest.mark.parametrize(
    "output",
    [
        '{"a": 1}\n{"a": 2}\n',
        '[{"a": 1}, {"a": 2}]',
        '{"machine": {}, "rows": [{"a": 1}, {"a": 2}]}',
        'x\n{"a": 1}\n{"a": 2}',
    ],
)
def test_rows_of_json(output: str) -> None:
    """Tests lines, a list, the list of an object, and lines among others."""
    assert _kept(output=output).rows == [{"a": 1}, {"a": 2}]


def test_a_run_is_measured_once(tmp_path: Path) -> None:
    """Tests figures and output of a process, and that the second call measures nothing."""
    told: list[str] = []
    [found] = measure([QUICK], tmp_path / "runs.csv", seed=3, quick=True, tell=told.append)
    assert (found.name, found.command, found.status) == ("version", "platform --small 3", 0)
    assert found.output.strip()
    assert found.seconds > 0
    assert measure([QUICK], tmp_path / "runs.csv", seed=3, quick=True, tell=told.append) == [found]
    assert told == ["version, round 1, fast: python -m platform --small 3"]
    assert [each.round for each in measure([QUICK], tmp_path / "runs.csv")] == [0, 1]


def test_forgotten_runs_go_on_from_nothing(tmp_path: Path) -> None:
    """Tests that the row of a run and the folder of its own files go, and those of others stay."""
    file, kept = tmp_path / "runs.csv", _kept("b")
    write(file, [_kept("a run"), kept])
    for name in ("a_run", "b"):
        (tmp_path / name / FAST).mkdir(parents=True)
    forget(file, {"a run"})
    assert read(file) == [kept]
    assert [(tmp_path / name).exists() for name in ("a_run", "b")] == [False, True]


@pytest.mark.slow
def test_the_extra_is_hidden(tmp_path: Path) -> None:
    """Tests that the library of the extra cannot be imported without it, and that a limit ends a process."""
    (tmp_path / "tried.py").write_text("import numba\n", encoding="utf-8")
    (tmp_path / "sleeping.py").write_text("import time; time.sleep(60)\n", encoding="utf-8")
    tried = Run("tried", "tried", "", extras=(NUMPY,), path=str(tmp_path))
    sleeping = Run("sleeping", "sleeping", "", path=str(tmp_path))
    assert measure([tried], tmp_path / "runs.csv")[0].status == 1
    assert measure([sleeping], tmp_path / "runs.csv", limit_seconds=0.5)[0].status == OUT_OF_TIME


def test_an_interrupted_run_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that an interruption ends the process and leaves no row."""
    started = []

    class Interrupted(runs.subprocess.Popen):
        def wait(self, timeout: float | None = None) -> int:
            started.append(self)
            if len(started) == 1:
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(runs.subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        measure([QUICK], tmp_path / "runs.csv", quick=True)
    assert started[0].poll() is not None
    assert read(tmp_path / "runs.csv") == []
