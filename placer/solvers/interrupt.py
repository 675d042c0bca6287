"""Let Ctrl-C end HiGHS while it runs, instead of being heard only when it is done.

HiGHS asks from time to time whether it shall go on. Python hears a signal whenever it runs code of its own in the main
thread, and answering that question is such code: so the signal is noted there, HiGHS is told to stop, and once it has
returned the signal goes to whom it was meant for. Nothing runs in a thread, and nothing is left behind.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import highspy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_QUESTIONS = (
    highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt,
    highspy.cb.HighsCallbackType.kCallbackIpmInterrupt,
)


def run(engine: highspy.Highs) -> highspy.HighsStatus:
    """Run HiGHS.

    Raises
    ------
    KeyboardInterrupt
        If the user interrupts it, as soon as HiGHS has stopped.
    """
    with _noted_signals() as is_noted:
        engine.setCallback(lambda _kind, _text, _state, answer, _data: _answer(answer, is_noted), None)
        for question in _QUESTIONS:
            engine.startCallback(question)
        try:
            return engine.run()
        finally:
            for question in _QUESTIONS:
                engine.stopCallback(question)


def _answer(answer: Any, is_noted: Callable[[], bool]) -> None:
    answer.user_interrupt = is_noted()


@contextmanager
def _noted_signals() -> Iterator[Callable[[], bool]]:
    """Note interruptions instead of acting on them; act at the end. Only the main thread is sent any."""
    acts = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(acts):
        yield lambda: False
        return
    noted: list[Any] = []
    signal.signal(signal.SIGINT, lambda _number, frame: noted.append(frame))
    try:
        yield lambda: bool(noted)
    finally:
        signal.signal(signal.SIGINT, acts)
        if noted:
            acts(signal.SIGINT, noted[0])
