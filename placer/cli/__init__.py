"""The command line, one file for each command."""

from placer.cli.main import main

__all__ = ["main"]
