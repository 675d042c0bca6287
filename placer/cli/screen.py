"""Output of the command line: steps on standard error, text and tables on standard output.

Names, titles, paths and messages come from untrusted files. They are shown literally: no function here reads markup,
and ``placer.texts.visible`` escapes control sequences. All commands write through ``say``, ``mention``, ``title``,
``print_table`` and ``write``; the JSON that they ``write`` comes from ``placer.cli.tables.json_text``. In ``silence``
the steps, bars, notes and the log on standard error are left out; errors are not.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import IO, Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from placer.texts import visible

#: Whether ``silence`` is kept.
_is_silent: ContextVar[bool] = ContextVar("is_silent", default=False)

#: Width of output that is not on a terminal: the width of a table.
_UNBOUNDED = 10_000


def console(*, errors: bool = False) -> Console:
    """Return the console on standard output or standard error, which shows text literally."""
    return _Console(stderr=errors, highlight=False, markup=False, emoji=False)


def aside() -> Console:
    """Return the console for steps and bars on standard error, which ``silence`` stops."""
    return _Console(stderr=True, quiet=_is_silent.get(), highlight=False, markup=False, emoji=False)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Leave out steps, bars, notes, the log and warnings within the context."""
    before = _is_silent.set(True)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        _is_silent.reset(before)


class _Console(Console):
    """A console that survives the loss of its reader: the command continues for its files and its exit status."""

    def on_broken_pipe(self) -> None:
        """Discard all further output."""
        _read_no_more(self.file)


def write(text: str) -> None:
    """Print text on standard output literally, for programs."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _read_no_more(sys.stdout)


def _read_no_more(stream: IO[str]) -> None:
    """Discard the output of a stream whose reader is gone (``placer solve china | head``)."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def say(text: str, *, errors: bool = False) -> None:
    """Print one or several lines of text; on standard error only as long as it can be written."""
    try:
        console(errors=errors).print(Text(visible(text, keep="\n")), soft_wrap=True)
    except OSError:  # a full disk
        if not errors:
            raise
        _read_no_more(sys.stderr)


def mention(text: str) -> None:
    """Print lines on standard error that a reader may do without."""
    if not _is_silent.get():
        say(text, errors=True)


def title(text: str) -> None:
    """Print a heading."""
    console().print(Text(visible(text), style="bold"), soft_wrap=True)


def print_table(table: Table) -> None:
    """Print a table whose figures are never cut: a narrow terminal wraps its lines."""
    out = console()
    needed = Measurement.get(out, out.options.update(max_width=_UNBOUNDED), table)
    width = max(out.width, needed.minimum if out.is_terminal else needed.maximum)
    out.width = width
    out.print(table, crop=False)


@contextlib.contextmanager
def steps() -> Iterator[Any]:
    """Show the current step on standard error; keep the output of solvers off standard output."""
    shown = aside()
    with _output_aside(), shown.status("starting") as status:

        def step(text: str) -> None:
            if shown.is_terminal:
                status.update(Text(visible(text)))
            else:
                mention(f"placer: {text}")

        yield step


@contextlib.contextmanager
def log_shown() -> Iterator[None]:
    """Show the INFO log of the package, such as timings, on standard error within the context."""
    log, handler = logging.getLogger("placer"), _Shown()
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


class _Shown(logging.Handler):
    """A handler that prints log records."""

    def emit(self, record: logging.LogRecord) -> None:
        mention(f"{record.name}: {record.getMessage()}")


def occasionally(tell: Callable[[str], None], seconds: float = 2.0) -> Callable[[str], None]:
    """Return a function that passes on its argument, but at most once in ``seconds`` seconds."""
    last = time.monotonic()

    def told(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            tell(text)

    return told


@contextlib.contextmanager
def _output_aside() -> Iterator[None]:
    """Redirect the process' standard output to standard error: solvers that PuLP runs may print there."""
    try:
        target = sys.__stderr__.fileno() if sys.__stderr__ else -1
        source = sys.__stdout__.fileno() if sys.__stdout__ else -1
        kept = os.dup(source)
    except (OSError, ValueError):
        yield
        return
    try:
        sys.stdout.flush()
        os.dup2(target, source)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, source)
        os.close(kept)
