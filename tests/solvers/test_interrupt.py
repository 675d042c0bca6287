"""Tests of ``placer.solvers.interrupt`` with signals that a thread sends to this process while HiGHS works."""

import signal
import threading
from types import SimpleNamespace

import highspy
import numpy as np
import pytest

import placer
from placer.running import running
from placer.solvers import interrupt
from placer.solvers.highs import Silent
from placer.solvers.interrupt import run


class Deaf(Silent):
    """HiGHS that works until it is told to stop, as it would on a program that takes hours."""

    def __init__(self, ask):
        super().__init__()
        self.ask, self.asked, self.on, self.function = ask, 0, [], None

    def setCallback(self, function, _data):  # noqa: D102, N802 - HiGHS' name
        self.function = function

    def startCallback(self, kind):  # noqa: D102, N802 - HiGHS' name
        self.on.append(kind)

    def stopCallback(self, kind):  # noqa: D102, N802 - HiGHS' name
        self.on.remove(kind)

    def run(self):  # noqa: D102
        answer = highspy.cb.HighsCallbackInput()
        while not answer.user_interrupt:
            self.asked += 1
            self.ask(self.asked)
            self.function(self.on[0], "", None, answer, None)
        return highspy.HighsStatus.kWarning


@pytest.fixture
def heard(monkeypatch):
    """Return the list of interruptions that reached whoever listens, in place of ending the tests."""
    got = []
    before = signal.signal(signal.SIGINT, lambda number, _: got.append(number))
    yield got
    signal.signal(signal.SIGINT, before)


def test_interruption_ends_the_run_and_is_passed_on(heard):
    engine = Deaf(lambda asked: signal.raise_signal(signal.SIGINT) if asked == 3 else None)
    assert run(engine) == highspy.HighsStatus.kWarning
    assert engine.asked in (3, 4)
    assert heard == [signal.SIGINT]
    assert engine.on == []


def test_interruption_is_raised_by_default():
    engine = Deaf(lambda asked: signal.raise_signal(signal.SIGINT) if asked == 2 else None)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run(engine)
    assert signal.getsignal(signal.SIGINT) is before


def test_solve_is_interrupted_without_a_thread_left(monkeypatch):
    """Tests that a signal at the first question HiGHS asks ends ``placer.solve``."""
    threads = threading.active_count()
    sent = []

    def answer(_listener, *said):
        sent.append(signal.raise_signal(signal.SIGINT))
        heard(_listener, *said)

    heard = interrupt._Listener.answer
    monkeypatch.setattr(interrupt._Listener, "answer", answer)
    with pytest.raises(KeyboardInterrupt):
        placer.solve(placer.load("tiny"), placer.HiGHS(options={"presolve": "off"}))
    assert len(sent) > 0
    assert threading.active_count() == threads


def test_in_another_thread_nothing_is_listened_for():
    found = []
    thread = threading.Thread(target=lambda: found.append(placer.solve(placer.load("tiny"), placer.HiGHS())))
    thread.start()
    thread.join()
    assert found[0].cost_usd == pytest.approx(330.77)
    assert np.isfinite(found[0].gap)


def listened(monkeypatch, progress, times, simplex=1200):
    """Return a listener that was asked at some times, with the answers it gave; HiGHS gives no time and no others."""
    now = iter([0.0, *times])
    monkeypatch.setattr(interrupt, "time", SimpleNamespace(monotonic=lambda: next(now)))
    listener = interrupt._Listener(lambda: False)
    answers = []
    with running(progress):
        for _ in times:
            answer = highspy.cb.HighsCallbackInput()
            state = SimpleNamespace(simplex_iteration_count=simplex, ipm_iteration_count=-1, running_time=-1.0)
            listener.answer(None, "", state, answer, None)
            answers.append(answer.user_interrupt)
    return listener, answers


def test_iterations_are_told(monkeypatch):
    """Tests what is told at most once a second."""
    heard = []
    _, answers = listened(monkeypatch, heard.append, [1.5, 2.0, 3.2])
    assert heard == ["solving: 1,200 iterations, 2 s", "solving: 1,200 iterations, 3 s"]
    assert answers == [False, False, False]


def test_what_highs_does_not_know_is_not_told(monkeypatch):
    """Tests that iterations it has not counted, and its time of -1 s, are left out."""
    heard = []
    listened(monkeypatch, heard.append, [1.5], simplex=-1)
    assert heard == ["solving: 2 s"]


def test_progress_that_raises_stops_highs(monkeypatch):
    """Tests that no exception passes through HiGHS: it is told to stop, and the exception is kept."""

    def stop(_):
        raise ConnectionAbortedError

    listener, answers = listened(monkeypatch, stop, [1.5])
    assert answers == [True]
    assert isinstance(listener.raised, ConnectionAbortedError)


def test_what_progress_raised_is_raised_after_the_run():
    """Tests that the caller meets the exception once HiGHS has stopped."""

    def stop(_):
        raise ConnectionAbortedError

    class Telling(Deaf):
        def run(self):
            answer = highspy.cb.HighsCallbackInput()
            while not answer.user_interrupt:
                state = SimpleNamespace(simplex_iteration_count=1, ipm_iteration_count=-1, running_time=1.0)
                self.function.__self__._told = -10.0
                self.function(self.on[0], "", state, answer, None)
            return highspy.HighsStatus.kWarning

    engine = Telling(lambda _: None)
    with running(stop), pytest.raises(ConnectionAbortedError):
        run(engine)
    assert engine.on == []
