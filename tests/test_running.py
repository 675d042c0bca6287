"""What holds while placer computes: progress, the time limit, one BLAS thread."""

from __future__ import annotations

import logging
import math
import threading
from dataclasses import replace

import pytest

import placer
from placer.errors import NoSolutionError, SolverError
from placer.running import check_time, in_time, phase, running, seconds_left, tell
from placer.termination import Reason
from placer.utils import threads
from placer.utils.threads import blas_threads

LOG = logging.getLogger("placer.test")


@pytest.fixture(scope="module")
def tiny():
    """Return the smallest dataset."""
    return placer.load("tiny")


def test_nothing_holds_outside():
    """Tests that without a scope nobody is told and there is no limit."""
    tell(LOG, "nobody hears this")
    assert seconds_left() == math.inf
    check_time("there is time")


def test_whoever_asked_is_told():
    """Tests that the innermost progress is told, and the outer one where the inner has none."""
    outer, inner = [], []
    with running(outer.append):
        tell(LOG, "one")
        with running():
            tell(LOG, "two")
        with running(inner.append):
            tell(LOG, "three")
    tell(LOG, "four")
    assert (outer, inner) == (["one", "two"], ["three"])


def test_a_limit_can_only_be_shortened():
    """Tests that a longer limit inside a shorter one changes nothing, and a shorter one holds inside only."""
    with running(time_limit_seconds=100):
        with running(time_limit_seconds=1000):
            assert seconds_left() <= 100
        with running(time_limit_seconds=1):
            assert seconds_left() <= 1
        assert 50 < seconds_left() <= 100


def test_time_that_is_over_is_an_error():
    """Tests the reason and what is said."""
    with running(time_limit_seconds=1e-9), pytest.raises(NoSolutionError, match="the work") as caught:
        check_time("the work")
    assert caught.value.reason is Reason.TIME_LIMIT


def test_a_loop_ends_when_time_is_over():
    """Tests that items come while there is time, and none after it."""
    assert list(in_time("abc", "reading")) == ["a", "b", "c"]
    with running(time_limit_seconds=1e-9), pytest.raises(NoSolutionError, match="reading") as caught:
        list(in_time("abc", "reading"))
    assert caught.value.reason is Reason.TIME_LIMIT


@pytest.mark.parametrize("limit", [0, -1, math.nan, "soon", True])
def test_bad_limit_is_refused(limit):
    """Tests that a limit is a positive number."""
    with pytest.raises(SolverError, match="time limit"), running(time_limit_seconds=limit):
        pass


def test_progress_that_cannot_be_called_is_refused():
    """Tests that it is told in one sentence."""
    with pytest.raises(SolverError, match="progress 3 is not a function"), running(3):
        pass


def test_another_thread_has_its_own():
    """Tests that neither progress nor limit reaches a thread that did not ask."""
    heard, left = [], []

    def other():
        tell(LOG, "from elsewhere")
        left.append(seconds_left())

    with running(heard.append, 10):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert (heard, left) == ([], [math.inf])


def test_phase_is_told_and_logged_with_its_seconds(caplog):
    """Tests that the start is told, and the end logged as INFO."""
    heard = []
    with caplog.at_level(logging.INFO, "placer"), running(heard.append), phase(LOG, "the work"):
        pass
    assert heard == ["the work"]
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert record.name == "placer.test"
    assert record.getMessage().startswith("the work: took 0.0")


def test_phase_that_fails_is_logged_too(caplog):
    """Tests that time spent in vain is logged."""
    with caplog.at_level(logging.INFO, "placer"), pytest.raises(KeyError), phase(LOG, "the work"):
        raise KeyError
    assert "the work: stopped after" in caplog.text


def test_library_is_silent_unless_asked(tiny, capfd):
    """Tests that solving writes nothing anywhere, and that the logger has a handler that does nothing."""
    placer.solve(tiny)
    assert capfd.readouterr() == ("", "")
    assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("placer").handlers)


def test_progress_that_raises_ends_the_work(tiny):
    """Tests that a progress function may stop a solve."""

    def stop(_):
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        placer.solve(tiny, progress=stop)


#: Every public function that solves something, as a call that tells.
TOLD = {
    "solve": lambda tiny, tell: placer.solve(tiny, progress=tell),
    "solve by columns": lambda tiny, tell: placer.solve(tiny, placer.ColumnGeneration(), progress=tell),
    "export_ceiling": lambda tiny, tell: placer.export_ceiling(tiny, progress=tell),
    "a part of a ceiling": lambda tiny, tell: ceiling_told_later(tiny, tell).limits,
    "ceiling_curve": lambda tiny, tell: placer.ceiling_curve(tiny, progress=tell),
    "explain": lambda tiny, tell: placer.explain(short(tiny), progress=tell),
    "solve_many": lambda tiny, tell: list(placer.solve_many([tiny], progress=tell)),
}


def ceiling_told_later(tiny, tell):
    """Return a ceiling that tells nothing while it is solved for, only when a part is asked for."""
    return replace(placer.export_ceiling(tiny), progress=tell)


def short(tiny):
    """Return a placement that cannot serve everything."""
    return placer.solve(tiny.replace(data_centres=tiny.data_centres.assign(accelerators=[20, 100, 100])))


@pytest.mark.slow
@pytest.mark.parametrize("name", TOLD)
def test_public_functions_tell(tiny, name):
    """Tests that lines of text come, in the thread that computes."""
    heard = []
    TOLD[name](tiny, lambda text: heard.append((text, threading.current_thread())))
    assert heard
    assert all(isinstance(text, str) and text for text, _ in heard)
    assert {thread for _, thread in heard} == {threading.current_thread()}


#: Public functions that solve programs, each as a call, and what they need.
LIMITED = {
    "solve": lambda placement: placer.solve(placement.instance),
    "solve by columns": lambda placement: placer.solve(placement.instance, placer.ColumnGeneration()),
    "session": lambda placement: placer.Session().solve(placement.instance),
    "export_ceiling": lambda placement: placer.export_ceiling(placement.instance),
    "curve": lambda placement: placer.export_ceiling(placement.instance).curve,
    "economic_range": placer.economic_range,
    "explain": placer.explain,
}


@pytest.mark.parametrize("name", LIMITED)
def test_blas_is_limited_inside_and_restored_after(tiny, monkeypatch, name):
    """Tests that whatever runs HiGHS does so with one BLAS thread, and leaves two behind as it found them."""
    placement, seen = short(tiny), []
    run = placer.solvers.interrupt.run

    def watched(engine):
        seen.append(blas_threads())
        return run(engine)

    for module in ("highs", "incremental"):
        monkeypatch.setattr(f"placer.solvers.{module}.run", watched)
    before = [library.num_threads for library in threads._libraries()]
    for library in threads._libraries():
        threads._set(library, 2)
    LIMITED[name](placement)
    assert blas_threads() == {2}
    assert all(each == {1} for each in seen)
    for library, number in zip(threads._libraries(), before, strict=True):
        threads._set(library, number)


@pytest.mark.parametrize("name", [name for name in LIMITED if name != "session"])
def test_time_limit_reaches_whatever_solves(tiny, name):
    """Tests that a limit that is over ends every public function, with the reason and nothing else."""
    placement = short(tiny)
    with running(time_limit_seconds=1e-9), pytest.raises(NoSolutionError) as caught:
        LIMITED[name](placement)
    assert caught.value.reason is Reason.TIME_LIMIT


@pytest.mark.parametrize("part", ["limits", "curve", "gross_share"])
def test_parts_of_a_ceiling_have_its_time_limit(tiny, part):
    """Tests that each part that is solved for later keeps the limit the ceiling was given."""
    ceiling = replace(placer.export_ceiling(tiny), time_limit_seconds=1e-9)
    with pytest.raises(NoSolutionError) as caught:
        getattr(ceiling, part)
    assert caught.value.reason is Reason.TIME_LIMIT


def test_economic_range_of_a_ceiling_says_that_time_was_up(tiny):
    """Tests that it holds what is certain then, with the reason, so that the other figures of a ceiling can be had."""
    found = replace(placer.export_ceiling(tiny), time_limit_seconds=1e-9).economic_range
    assert (found.low, found.high) == (0.0, 1.0)
    assert "time limit" in found.detail


def test_memory_that_runs_out_is_an_error_of_ours():
    """Tests that what no estimate saw ends like any other limit, with what NumPy or Python says of it."""
    for error, said in (
        (MemoryError("Unable to allocate 8 GiB"), "Unable to allocate 8 GiB"),
        (MemoryError(), "of Python"),
    ):
        with pytest.raises(NoSolutionError, match=rf"the memory ran out \({said}\); ") as caught, running():
            raise error
        assert caught.value.reason is Reason.MEMORY_LIMIT
