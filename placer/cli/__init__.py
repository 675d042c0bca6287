"""The command line, one file for each command."""

from placer.cli.main import run

__all__ = ["run"]
