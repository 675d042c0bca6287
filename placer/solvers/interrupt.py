"""Let Ctrl-C end HiGHS while it runs, and let it say how far it is.

HiGHS asks from time to time whether it shall go on. Python hears a signal whenever it runs code of its own in the main
thread, and answering that question is such code: so the signal is noted there, HiGHS is told to stop, and once it has
returned the signal goes to whom it was meant for. Nothing runs in a thread, and nothing is left behind.

The same question is the occasion to tell the iterations and seconds so far (``placer.running``), once a second. HiGHS
asks nothing while it presolves, and its first-order method (``pdlp``) never does: what would take long so runs in a
process of its own (``placer.solvers.apart``).
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import highspy

from placer.running import SECONDS_BETWEEN_LINES, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_QUESTIONS = (
    highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt,
    highspy.cb.HighsCallbackType.kCallbackIpmInterrupt,
)

_log = logging.getLogger(__name__)


def run(engine: highspy.Highs) -> highspy.HighsStatus:
    """Run HiGHS.

    Raises
    ------
    KeyboardInterrupt
        If the user interrupts it, as soon as HiGHS has stopped. A signal to terminate is passed on likewise, and what
        ``progress`` raises.
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
    """Answers HiGHS, tells how far it is, and keeps what telling raised: no exception may pass through HiGHS."""

    def __init__(self, is_noted: Callable[[], bool]) -> None:
        self.raised: BaseException | None = None
        self._is_noted = is_noted
        self._told = time.monotonic()

    def answer(self, _kind: Any, _text: str, state: Any, answer: Any, _data: Any) -> None:
        if state is not None and time.monotonic() - self._told >= SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            iterations = max(state.simplex_iteration_count, state.ipm_iteration_count)
            try:
                tell(_log, f"HiGHS: {iterations:,} iterations, {state.running_time:.0f} s")
            except BaseException as error:  # noqa: BLE001 - raised again once HiGHS has stopped
                self.raised = error
        answer.user_interrupt = self.raised is not None or self._is_noted()


@contextmanager
def _noted_signals() -> Iterator[Callable[[], bool]]:
    """Note interruptions instead of acting on them; act at the end. Only the main thread is sent any."""
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
