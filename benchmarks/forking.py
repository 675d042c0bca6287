"""Run tests on many mutants of a module, forked from a process that has imported and prepared everything.

Each file of tests has a process of its own, for pytest keeps the module fixtures of one file at a time. Session and
module fixtures are built once, with the original module. For each mutant the process is forked: the child replaces the
definitions of the module by those of the mutant, wherever they were imported, and runs the tests until one fails; tests
that killed earlier mutants go first. A child that exceeds its time limit gives no verdict. The first child replaces the
module by itself: if its tests fail, no mutant gets a verdict.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.runner import runtestprotocol

#: Whether this platform can fork processes.
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"
#: Time limit of a run of the tests: a multiple of the time without a mutant, plus some seconds.
PATIENCE, GRACE = 5.0, 20.0
_PASSED, _FAILED, _BROKEN = 0, 1, 2


class Screen:
    """A plugin of pytest that runs the collected tests on each mutant in a forked process.

    Parameters
    ----------
    name : str
        Full name of the module.
    sources : list of str
        The original module, then its mutants.
        pipe : Connection
        Receives a verdict on the original module, then one on every position in ``sources`` that it is asked for, until
        it is closed: passed, failed, or neither.
    """

    def __init__(self, name: str, sources: list[str], pipe: Connection) -> None:
        self.name, self.sources, self.pipe = name, sources, pipe
        self.items: list[pytest.Item] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Prepare the shared fixtures, then run all tests for each source that is asked for."""
        self.items = list(session.items)
        for item in self.items:
            if _shares_more(item):
                self._run(item)
        started = time.monotonic()
        self.pipe.send(self._screen(self.sources[0], None))
        limit = PATIENCE * (time.monotonic() - started) + GRACE
        with suppress(EOFError):
            while True:
                self.pipe.send(self._screen(self.sources[self.pipe.recv()], limit))
        return True

    def _run(self, item: pytest.Item) -> bool:
        """Run a test; return whether it passes. Module and session fixtures are kept for the next test."""
        place = self.items.index(item)
        reports = runtestprotocol(item, nextitem=self.items[(place + 1) % len(self.items)], log=False)
        return not any(report.failed for report in reports)

    def _screen(self, source: str, limit: float | None) -> int:
        """Return the verdict of a child on a source; the test that kills a mutant goes first from now on."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            status = _BROKEN
            try:
                status = _FAILED
                if _replaced(self.name, source):
                    first = next((place for place, item in enumerate(self.items) if not self._run(item)), None)
                    status = _PASSED if first is None else _FAILED
                    os.write(writing, str(first or 0).encode())
            except BaseException:  # noqa: BLE001 - whatever it is, it says nothing of the source
                status = _BROKEN
            finally:
                os._exit(status)
        os.close(writing)
        status = _ended(child, limit)
        with os.fdopen(reading, "rb") as told:
            place = int(told.read() or b"0")
        self.items.insert(0, self.items.pop(place))
        return status


def _shares_more(item: pytest.Item) -> bool:
    """Return whether a test needs a shared fixture that is not ready yet."""
    fixtures = item._fixtureinfo.name2fixturedefs.values()  # type: ignore[attr-defined]  # noqa: SLF001
    return any(each.scope != "function" and each.cached_result is None for known in fixtures for each in known)


def _ended(child: int, limit: float | None) -> int:
    """Wait for a process and return its status; after the limit, end it and return no verdict."""
    end = math.inf if limit is None else time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else _BROKEN
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return _BROKEN


def _replaced(name: str, source: str) -> bool:
    """Run a source in place of a module, wherever it was imported; return whether the source runs."""
    module = sys.modules[name]
    old = {key: value for key, value in vars(module).items() if not key.startswith("__")}
    try:
        exec(compile(source, str(module.__file__), "exec"), vars(module))  # noqa: S102 - a mutant of our own
    except Exception:  # noqa: BLE001 - any test notices a mutant that cannot be imported
        return False
    for holder in list(sys.modules.values()):
        if isinstance(holder, ModuleType) and holder is not module:
            for key, value in list(vars(holder).items()):
                if key in old and value is old[key]:
                    setattr(holder, key, vars(module)[key])
    return True


def screened(
    context: BaseContext, folder: Path, name: str, sources: list[str], tests: tuple[str, ...]
) -> Iterator[bool]:
    """Start the tests on many sources; yield for each whether tests killed it, False also without a verdict.

    The first file runs on all sources, each further file on those that the files before it did not kill.

    Parameters
    ----------
    context : BaseContext
        Start method of the process that imports everything.
    folder : Path
        A copy of a checkout.
    name : str
        Full name of the module.
    sources : list of str
        The original module, then its mutants, which get the verdicts.
    tests : tuple of str
        Files of tests.

    Raises
    ------
    RuntimeError
        On the first item, if the tests do not pass on the original module.
    """
    started = [_started(context, folder, name, sources, file) for file in tests]
    for position in range(1, len(sources)):
        started[0][1].send(position)
    return _told(name, *zip(*started, strict=True), len(sources))


def _started(
    context: BaseContext, folder: Path, name: str, sources: list[str], file: str
) -> tuple[BaseProcess, Connection]:
    """Start a process for a file of tests; return it and the pipe to it."""
    ours, theirs = context.Pipe()
    process = context.Process(target=_screen, args=(str(folder), name, sources, file, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _told(name: str, processes: tuple[BaseProcess, ...], pipes: tuple[Connection, ...], count: int) -> Iterator[bool]:
    if any(_next(pipe) != _PASSED for pipe in pipes):
        raise RuntimeError(f"{name}: its tests do not pass as it is")
    first, *further = pipes
    for position in range(1, count):
        yield _next(first) == _FAILED or any(_asked(pipe, position) == _FAILED for pipe in further)
    for process, pipe in zip(processes, pipes, strict=True):
        pipe.close()
        process.join()


def _asked(pipe: Connection, position: int) -> int:
    try:
        pipe.send(position)
    except OSError:
        return _BROKEN
    return _next(pipe)


def _next(pipe: Connection) -> int:
    try:
        return int(pipe.recv())
    except (EOFError, OSError):
        return _BROKEN


def _screen(folder: str, name: str, sources: list[str], file: str, pipe: Connection) -> None:
    """Run a file of tests on all sources in a separate process, with the folder first on the path."""
    os.chdir(folder)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        pytest.main(["-q", "-p", "no:cacheprovider", file], plugins=[Screen(name, sources, pipe)])
    os._exit(0)
