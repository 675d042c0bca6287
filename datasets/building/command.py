"""The command line of a script that builds a dataset."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from building.tables import report, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def run(
    description: str | None, build: Callable[[], Mapping[str, str]], folder: Path, tell_routes: Callable[[], None]
) -> int:
    """Rebuild or check the files of a dataset, or print its round trips, and return the exit status."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--routes", action="store_true")
    arguments = parser.parse_args()
    if arguments.routes:
        tell_routes()
        return 0
    act = report if arguments.check else write
    return act(build(), folder)
