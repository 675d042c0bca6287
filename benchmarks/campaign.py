"""The command line of a campaign: a comparison over random instances, counted in a tally."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.progress import track


@dataclass(frozen=True)
class Campaign:
    """A comparison over random instances.

    Attributes
    ----------
    name : str
        Of the module in ``benchmarks``.
    description, epilog : str
        Of its help.
    count : int
        Instances by default.
    compare : function
        Takes the tally, the seed and the number of an instance.
    """

    name: str
    description: str | None
    epilog: str
    count: int
    compare: Callable[[Any, int, int], None]

    def run(self, tally: Any, arguments: list[str] | None = None) -> None:
        """Read the command line, compare into the tally, a dataclass, and print it."""
        parser = argparse.ArgumentParser(
            f"python -m benchmarks.{self.name}",
            description=self.description,
            epilog=self.epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("--count", type=int, default=self.count, help=f"instances (default {self.count})")
        parser.add_argument("--seed", type=int, default=0, help="of all instances (default 0)")
        parser.add_argument("--json", action="store_true", help="print machine-readable JSON")
        options = parser.parse_args(arguments)
        console = Console(stderr=True)
        for number in track(range(options.count), "comparing", console=console, disable=not console.is_terminal):
            self.compare(tally, options.seed, number)
        found = asdict(tally)
        print(json.dumps(found) if options.json else ", ".join(f"{name} {value:g}" for name, value in found.items()))
