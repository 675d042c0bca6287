"""The command line: a file a command."""

from placer.cli.main import main

__all__ = ["main"]
