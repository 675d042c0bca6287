"""Which tests a run takes: those marked slow wait for ``--all``, or for a command line that names their file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--all``."""
    parser.addoption("--all", action="store_true", help="run slow tests too; a file that is named runs whole anyway")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return a process for each core, and none beside this one for files that are named or to measure."""
    alone = config.getoption("benchmark_enable", default=False) or config.getoption("usepdb")
    return 0 if alone or len(_named(config)) == len(config.args) else os.cpu_count() or 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests out, unless the command line asks for all, for a marker or for their file."""
    if config.getoption("all") or config.getoption("markexpr"):
        return
    named = _named(config)
    left = [item for item in items if item.get_closest_marker("slow") and item.path not in named]
    if left:
        out = set(left)
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in out]


def _named(config: pytest.Config) -> set[Path]:
    """Return the files that the command line names."""
    if list(config.args) == list(config.getini("testpaths")):
        return set()
    paths = (config.invocation_params.dir / argument.split("::")[0] for argument in config.args)
    return {path.resolve() for path in paths if path.is_file()}
