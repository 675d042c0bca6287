"""Results, progress and interrupts in a Jupyter kernel; the package needs none of its libraries."""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
from typing import Any

from tests.effort import PATIENCE_SECONDS

from .trials import Trials

_FIRST = "import warnings, placer\nwarnings.simplefilter('ignore')\nchina = placer.load('china', ['load_63'])\nchina"
#: Cells whose last value has HTML.
_SHOWN = (
    "placement = placer.solve(china)\nplacement",
    "placer.export_ceiling(china)",
    "placer.ceiling_curve(china)",
    "placer.audit(placement, placer.Security('data_centres'))",
    "placer.solve(placer.load('tiny'), security=placer.Security('data_centres'))",
    "placer.sensitivity(placer.load('tiny'), placer.read_assumptions('tiny')[0])",
    "placer.explain(placement)",
)
_PROGRESS = "_ = placer.solve(china, progress=print)"
_INTERRUPTED = (
    "placer.export_ceiling(china).limits",
    "list(placer.solve_many(placer.DemandSets(china, count=40, seed=1), ['cost'], workers=2))",
    "placer.solve(china, placer.HiGHS())",
    "placer.sensitivity(china, placer.read_assumptions('china')[0])",
)
#: Python's own tracker of shared memory stays until the kernel ends.
_AFTER = """import psutil
children = [" ".join(child.cmdline()) for child in psutil.Process().children()]
assert all("multiprocessing.resource_tracker" in child for child in children), children
placer.solve(placer.load('tiny')).cost_usd"""
#: Seconds of work before the interrupt, and at most until it is heard.
_BEFORE, _PATIENCE = 3.0, 20.0


def notebooks() -> list[Trials]:
    """Run the cells, where nbclient and ipykernel are installed."""
    try:
        client: Any = importlib.import_module("nbclient")
        formats: Any = importlib.import_module("nbformat")
        importlib.import_module("ipykernel")
    except ModuleNotFoundError as error:
        print(f"notebooks: left out, {error.name} is not installed", file=sys.stderr)
        return []

    def opened(*cells: str) -> Any:
        notebook = formats.v4.new_notebook(cells=[formats.v4.new_code_cell(cell) for cell in cells])
        return client.NotebookClient(notebook, timeout=PATIENCE_SECONDS, kernel_name="python3", allow_errors=True)

    interrupts = tuple(filter(None, (asyncio.run(_interrupt(opened(_FIRST, each, _AFTER))) for each in _INTERRUPTED)))
    return [
        Trials("notebook, HTML of results", len(_SHOWN) + 1, tuple(_without_html(opened(_FIRST, *_SHOWN)))),
        Trials("notebook, progress", 1, tuple(_without_lines(opened(_FIRST, _PROGRESS)))),
        Trials("notebook, interrupts", len(_INTERRUPTED), interrupts),
    ]


def _without_html(client: Any) -> list[str]:
    cells = client.execute().cells
    return [cell.source for cell in cells if not any("text/html" in each.get("data", {}) for each in cell.outputs)]


def _without_lines(client: Any) -> list[str]:
    outputs = client.execute().cells[1].outputs
    return [] if len(outputs) > 1 and {each.output_type for each in outputs} == {"stream"} else ["no lines came"]


async def _interrupt(client: Any) -> str:
    """Interrupt the second cell, run the third, and return what is wrong."""
    first, second, third = client.nb.cells
    async with client.async_setup_kernel():
        await client.async_execute_cell(first, 0)
        task = asyncio.create_task(client.async_execute_cell(second, 1))
        await asyncio.sleep(_BEFORE)
        began = time.monotonic()
        await client.km.interrupt_kernel()
        await task
        seconds = time.monotonic() - began
        await client.async_execute_cell(third, 2)
    names = [each.get("ename") for cell in (second, third) for each in cell.outputs if each.output_type == "error"]
    wrong = names != ["KeyboardInterrupt"] or seconds > _PATIENCE
    return f"{second.source}: {names} after {seconds:.1f} s" if wrong else ""
