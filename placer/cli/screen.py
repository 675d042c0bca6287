"""What the command line shows: steps on standard error, text and tables on standard output.

Names, titles, paths and messages come from files of strangers, and are shown as they are: nothing here reads markup,
and ``placer.texts.visible`` escapes what a terminal would obey. All commands write through ``say``, ``title``,
``print_table`` and ``write``; the JSON that they ``write`` is ``placer.cli.tables.json_text``.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from typing import IO, TYPE_CHECKING, Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from placer.texts import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


#: Width of what is not shown on a terminal: as much as a table takes.
_UNBOUNDED = 10_000


def console(*, errors: bool = False) -> Console:
    """Return what is written to: standard output or standard error, with text as it is."""
    return _Console(stderr=errors, highlight=False, markup=False, emoji=False)


class _Console(Console):
    """What is written to; where nobody reads any more, the command goes on for its files and its exit status."""

    def on_broken_pipe(self) -> None:
        """Write what follows to nowhere."""
        _read_no_more(self.file)


def write(text: str) -> None:
    """Print text on standard output as it is, for programs to read."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _read_no_more(sys.stdout)


def _read_no_more(stream: IO[str]) -> None:
    """Let a stream whose reader is gone (``placer solve china | head``) write to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def say(text: str, *, errors: bool = False) -> None:
    """Print text of one or several lines."""
    console(errors=errors).print(Text(visible(text, keep="\n")), soft_wrap=True)


def title(text: str) -> None:
    """Print a heading."""
    console().print(Text(visible(text), style="bold"), soft_wrap=True)


def print_table(table: Table) -> None:
    """Print a table whose figures are never cut: a terminal too narrow for them wraps the lines itself."""
    out = console()
    needed = Measurement.get(out, out.options.update(max_width=_UNBOUNDED), table)
    width = max(out.width, needed.minimum if out.is_terminal else needed.maximum)
    out.width = width
    out.print(table, crop=False)


@contextlib.contextmanager
def steps() -> Iterator[Any]:
    """Show what is being done on standard error; keep what solvers print themselves off standard output."""
    aside = console(errors=True)
    with _output_aside(), aside.status("starting") as status:

        def step(text: str) -> None:
            if aside.is_terminal:
                status.update(Text(visible(text)))
            else:
                say(f"placer: {text}", errors=True)

        yield step


@contextlib.contextmanager
def log_shown() -> Iterator[None]:
    """Show meanwhile what the package logs as INFO, such as where the time goes, on standard error."""
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
    """Says what is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        say(f"{record.name}: {record.getMessage()}", errors=True)


def occasionally(tell: Callable[[str], None], seconds: float = 2.0) -> Callable[[str], None]:
    """Return a function that passes on what it is told, but not more than once in so many seconds."""
    last = time.monotonic()

    def told(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            tell(text)

    return told


@contextlib.contextmanager
def _output_aside() -> Iterator[None]:
    """Send the process' standard output to standard error meanwhile: HiGHS inside PuLP prints its banner there."""
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
