"""Run HiGHS so that Ctrl-C ends it, and so that it tells its progress.

HiGHS calls back from time to time and asks whether to go on. Python handles a signal whenever it runs code of its own
in the main thread, and the callback is such code. The callback notes the signal and stops HiGHS; once HiGHS has
returned, the handler that was installed for the signal handles it. No thread is started, and the handlers are restored.

The same callback tells the iterations and seconds so far (``placer.running``), once a second. HiGHS leaves out the
iterations of the methods that do not run, and the time: the seconds are counted here. It does not call back while it
presolves, and its first-order method (``pdlp``) never does. Large programs and ``pdlp`` therefore run in a process of
their own (``placer.solvers.apart``).
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import highspy

from placer.running import SECONDS_BETWEEN_LINES, tell
from placer.solvers.engine import iterations_so_far
from placer.utils.numbers import gap_in_words

_QUESTIONS = (
    highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt,
    highspy.cb.HighsCallbackType.kCallbackIpmInterrupt,
    highspy.cb.HighsCallbackType.kCallbackMipInterrupt,
)

_log = logging.getLogger(__name__)


def run(engine: highspy.Highs) -> highspy.HighsStatus:
    """Run HiGHS.

    Raises
    ------
    KeyboardInterrupt
        If the user interrupts it, as soon as HiGHS has stopped. A signal to terminate, and an exception that
        ``progress`` raises, are passed on in the same way.
    """
    with _noted_signals() as is_noted:
        listener = _Listener(is_noted)
        engine.setCallback(listener.answer, None)
        for question in _QUESTIONS:
            engine.startCallback(question)
        try:
            outcome = engine.run()
        finally:
            for question in _QUESTIONS:
                engine.stopCallback(question)
        if listener.raised is not None:
            raise listener.raised
        return outcome


class _Listener:
    """Answers the callback, reports progress, and keeps its exception, since none may pass through HiGHS."""

    def __init__(self, is_noted: Callable[[], bool]) -> None:
        self.raised: BaseException | None = None
        self._is_noted = is_noted
        self._began = self._told = time.monotonic()

    def answer(self, kind: Any, _text: str, state: Any, answer: Any, _data: Any) -> None:
        if state is not None and (now := time.monotonic()) - self._told >= SECONDS_BETWEEN_LINES:
            self._told = now
            try:
                tell(_log, f"solving: {_progress_of(kind, state)}{now - self._began:.0f} s")
            except BaseException as error:  # noqa: BLE001 - raised again once HiGHS has stopped
                self.raised = error
        answer.user_interrupt = self.raised is not None or self._is_noted()


def _progress_of(kind: Any, state: Any) -> str:
    """Return how far HiGHS is: in nodes of branch and bound, or in iterations."""
    if kind == highspy.cb.HighsCallbackType.kCallbackMipInterrupt:
        return f"{state.mip_node_count:,} nodes, {gap_in_words(state.mip_gap)}, "
    return iterations_so_far(state)


@contextmanager
def _noted_signals() -> Iterator[Callable[[], bool]]:
    """Note signals instead of handling them, and handle the first at the end. Only the main thread receives any."""
    here = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM) if here}
    acts = {number: handler for number, handler in handlers.items() if callable(handler)}
    noted: list[Any] = []
    for number in acts:
        signal.signal(number, lambda *sent: noted.append(sent))
    try:
        yield lambda: bool(noted)
    finally:
        for number, handler in acts.items():
            signal.signal(number, handler)
        if noted:
            acts[noted[0][0]](*noted[0])
