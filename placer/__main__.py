"""The command ``placer``, also as ``python -m placer``."""

from __future__ import annotations

import importlib
import sys

#: Exit status after Ctrl-C: that of a program ended by SIGINT (128 + 2), as shells have it.
INTERRUPTED = 130


def main() -> None:
    """Run the command line; an interrupt at any time, also while it is still being imported, is one line."""
    try:
        importlib.import_module("placer.cli").main()
    except KeyboardInterrupt:
        sys.stderr.write("placer: interrupted\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
