"""Run tests on many mutants of a module from one process that has imported and prepared everything.

The tests run once on the module as it is, and fixtures of sessions and modules are kept. For each mutant the process is
forked: the child puts what the mutant defines in the place of what the module defines, wherever it was imported, and
runs the tests again, the fastest first, until one fails. A child that neither passes nor fails in time says nothing.
If the module as it is does not pass in a child, what the children say of mutants counts for nothing.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.runner import runtestprotocol

#: Whether processes can be forked here.
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"
_PASSED, _FAILED, _BROKEN = 0, 1, 2


class Screen:
    """A plugin of pytest that runs the collected tests on each mutant in a forked process.

    Parameters
    ----------
    name : str
        Full name of the module.
    sources : list of str
        The module as it is, then its mutants.
    teller : Connection
        What is sent a number for each source: passed, failed, or neither.
    """

    def __init__(self, name: str, sources: list[str], teller: Connection) -> None:
        self.name, self.sources, self.teller = name, sources, teller
        self.items: list[pytest.Item] = []
        self.seconds: dict[str, float] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run all tests as they are, then again for each source."""
        self.items = session.items
        started = time.monotonic()
        if not self._pass():
            return True
        limit = 5.0 * (time.monotonic() - started) + 20.0
        self.items = sorted(session.items, key=lambda item: self.seconds[item.nodeid])
        for source in self.sources:
            self.teller.send(self._screen(source, limit))
        return True

    def _pass(self) -> bool:
        """Run tests until one fails; return whether none does. What modules and sessions share is kept."""
        for place, item in enumerate(self.items):
            started = time.monotonic()
            # The test after the last is the first, so that nothing but the test itself is torn down.
            after = self.items[(place + 1) % len(self.items)]
            reports = runtestprotocol(item, nextitem=after, log=False)
            self.seconds[item.nodeid] = time.monotonic() - started
            if any(report.failed for report in reports):
                return False
        return True

    def _screen(self, source: str, limit: float) -> int:
        child = os.fork()
        if not child:
            status = _BROKEN
            try:
                status = _PASSED if _replaced(self.name, source) and self._pass() else _FAILED
            finally:
                os._exit(status)
        return _ended(child, limit)


def _ended(child: int, limit: float) -> int:
    """Wait for a process and return its status; end it and return that it said nothing after the limit."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else _BROKEN
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return _BROKEN


def _replaced(name: str, source: str) -> bool:
    """Run a source in the place of a module, wherever that was imported; return whether it runs at all."""
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
    """Start the tests on many sources; give for each whether tests noticed it; False also where that is not known.

    Parameters
    ----------
    context : BaseContext
        How the process that has everything imported is started.
    folder : Path
        Copy of a checkout.
    name : str
        Full name of the module.
    sources : list of str
        The module as it is, then its mutants; of these it is told.
    tests : tuple of str
        Files of tests.
    """
    told, teller = context.Pipe(duplex=False)
    process = context.Process(target=_screen, args=(str(folder), name, sources, tests, teller), daemon=True)
    process.start()
    teller.close()
    return _told(told, process, len(sources))


def _told(told: Connection, process: BaseProcess, count: int) -> Iterator[bool]:
    fine = _next(told) == _PASSED
    for _ in range(1, count):
        yield _next(told) == _FAILED and fine
    process.join()


def _next(told: Connection) -> int:
    try:
        return int(told.recv())
    except EOFError:
        return _BROKEN


def _screen(folder: str, name: str, sources: list[str], tests: tuple[str, ...], teller: Connection) -> None:
    """Run tests on all sources in a process of its own, the folder first on the path."""
    os.chdir(folder)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        pytest.main(["-q", "-p", "no:cacheprovider", *tests], plugins=[Screen(name, sources, teller)])
    os._exit(0)
