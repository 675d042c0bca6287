"""The page of every command and option, from the help that the command line prints."""

from __future__ import annotations

from typer.main import get_command
from typer.testing import CliRunner

from placer.cli.main import app

INTRODUCTION = """
What `placer --help` and `placer COMMAND --help` print. The page is made from the commands themselves.
"""

#: Columns of the terminal for which the help is set.
_WIDTH = "100"


def commands_page() -> str:
    """Return the page of all commands in Markdown: the help of `placer`, then that of each command."""
    parts = ["# Command line", INTRODUCTION.strip(), _block([])]
    for name in get_command(app).commands:
        parts += [f"## placer {name}", _block([name])]
    parts += ["## placer batch report", _block(["batch", "report"])]
    return "\n\n".join(parts) + "\n"


def _block(words: list[str]) -> str:
    """Return the help of a command as a block of text."""
    found = CliRunner().invoke(app, [*words, "--help"], prog_name="placer", env={"COLUMNS": _WIDTH, "NO_COLOR": "1"})
    if found.exit_code:
        raise RuntimeError(f"placer {' '.join(words)} --help: {found.output}")
    return f"```text\n{found.output.strip()}\n```"
