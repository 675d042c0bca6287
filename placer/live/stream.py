"""The work of one request in its own thread: messages of an answer as they come, until it is overtaken."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

from placer.errors import InstanceError, PlacerError
from placer.live.answers import Answers
from placer.live.changes import FIELDS, AskedChanges, read_changes
from placer.live.figures import Figures
from placer.live.parts import Message, first_message, next_message, strip_message
from placer.running import running

#: Least seconds between two messages of progress.
_BETWEEN_LINES = 0.2


class StoppedError(Exception):
    """The answer is no longer asked for: the progress callback raises it, and the work ends."""


def stream(answers: Answers, body: bytes, stop: Event, put: Callable[[Message], Any]) -> None:
    """Put all messages of the answer to some changes, of kinds ``progress``, ``sections`` and ``strip``.

    The last is of kind ``done``, or ``refused`` with the error of the library; there is none once ``stop`` is set.
    """
    try:
        with running(progress=Progress(stop, put)):
            for message in _messages(answers, read_changes(body, answers.source)):
                put(message)
                _check(stop)
            put({"kind": "done"})
    except StoppedError:
        return
    except PlacerError as error:
        put(refusal(error))


def refusal(error: PlacerError) -> Message:
    """Return the message of an error: its text, and its lines by the key of the control where they are about one."""
    violations = error.violations if isinstance(error, InstanceError) else ()
    at = {each.row or each.table: str(each) for each in violations if each.table in FIELDS}
    return {"kind": "refused", "text": str(error), "at": at}


def _messages(answers: Answers, asked: AskedChanges) -> Iterator[Message]:
    before = None
    for answer in answers.stages(asked):
        yield first_message(answer) if before is None else next_message(answer, before)
        yield strip_message(answer, answers.start)
        before = answer
    if before is not None and answers.start is None:
        yield strip_message(before, _start(answers))


def _start(answers: Answers) -> Figures | None:
    """Return the figures of the start, solved once; None where it has no answer."""
    try:
        answers.start = answers.whole(read_changes(b"{}", answers.source)).figures
    except PlacerError:
        return None
    return answers.start


class Progress:
    """The callback of ``placer.running``: a message now and then, and the end of work that is overtaken."""

    def __init__(self, stop: Event, put: Callable[[Message], Any] | None = None) -> None:
        self._stop, self._put, self._told = stop, put, -math.inf

    def __call__(self, text: str) -> None:
        """Put the text as a message, if the last was a while ago; raises StoppedError."""
        _check(self._stop)
        if self._put is not None and (now := time.monotonic()) - self._told >= _BETWEEN_LINES:
            self._told = now
            self._put({"kind": "progress", "text": text})


def _check(stop: Event) -> None:
    if stop.is_set():
        raise StoppedError
