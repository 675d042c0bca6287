"""Tests of ``placer.solvers.interrupt`` with signals that a thread sends to this process while HiGHS works."""

import signal
import threading

import highspy
import numpy as np
import pytest

import placer
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

    def answer(_answer, is_noted):
        sent.append(signal.raise_signal(signal.SIGINT))
        _answer.user_interrupt = is_noted()

    monkeypatch.setattr("placer.solvers.interrupt._answer", answer)
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
