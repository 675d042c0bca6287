"""The command line, one file for each command."""

from placer.cli.main import run_command_line

__all__ = ["run_command_line"]
