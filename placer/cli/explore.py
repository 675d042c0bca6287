"""``placer explore``: the report of a dataset on this machine, live, with its assumptions as controls."""

from __future__ import annotations

import asyncio
import importlib
import webbrowser
from dataclasses import replace
from typing import Annotated

import typer

from placer.cli.run import Run, command
from placer.cli.screen import say
from placer.live.source import Source, dataset_source

#: The server, which takes the extra ``explore``; without it the help of the command is still there.
_SERVER = "placer.live.server"


@command("port no_browser")
def explore_command(
    run: Run,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 for one that is free.")] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address alone, and open no browser.")
    ] = False,
) -> None:
    """Serve the report of a dataset on this machine, with its assumptions as controls, until Ctrl-C.

    Prices of power, accelerators, demand, latency limits, law, policies, sites, links and scenarios change on the page;
    each change is solved again and proven, and every figure, map and table follows. The address holds a secret token:
    who has it, on this machine, can use the page. Needs token-placer[explore].
    """
    server = importlib.import_module(_SERVER)
    source = source_of(run)
    run.load()  # notes what is probably not intended, and refuses bad input before anything is served

    def told(address: str) -> None:
        say(address)
        if not no_browser:
            webbrowser.open(address)

    asyncio.run(server.serve(source, port, told))


def source_of(run: Run) -> Source:
    """Return the source that a run stands for: its dataset, changed by its options before any change of the page."""
    source = dataset_source(run.dataset, tuple(run.scenarios))
    if not run.changes:
        return source
    add, change, without = run.add or [], run.change or [], run.without or []

    def python(scenarios: tuple[str, ...]) -> tuple[str, ...]:
        options = f"instance = changed_instance(instance, {add!r}, {change!r}, {without!r})"
        return ("from placer.cli.changes import changed_instance", *source.python(scenarios), options)

    return replace(source, load=lambda scenarios: run.changed(source.load(scenarios)), python=python)
