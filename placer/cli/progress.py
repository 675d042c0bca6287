"""Progress bars on standard error for commands over many sets or cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from placer.cli.screen import aside, mention


@contextmanager
def set_bar(total: int) -> Iterator[Callable[[bool], None]]:
    """Show on standard error the number of finished sets, their rate, and the number of failures."""
    shown = aside()
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=shown, disable=not shown.is_terminal) as bar:
        task, failed = bar.add_task("solving", total=total, failed=0), 0

        def step(solved: bool) -> None:  # noqa: FBT001 - told of each set
            nonlocal failed
            failed += not solved
            bar.update(task, advance=1, failed=failed)

        yield step


@contextmanager
def case_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show on standard error the current measurement: a bar on a terminal, otherwise one line each."""
    shown = aside()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=shown, disable=not shown.is_terminal) as bar:
        task = bar.add_task("starting")

        def step(text: str, done: int, total: int) -> None:
            bar.update(task, description=text, completed=done, total=total)
            if not shown.is_terminal:
                mention(f"placer: {text} ({done} of {total})")

        yield step
