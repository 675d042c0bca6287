"""The placement of least cost that many commands begin with."""

from __future__ import annotations

from placer.cli.run import Run, Told
from placer.currency import amount_in
from placer.placement.result import Placement
from placer.solve import place_instance


def placed(placement: Placement) -> str:
    """Return a line on a placement, for the results found before the time limit."""
    return f"a proven placement of {amount_in(placement.cost_usd, placement.currency)}"


def least_cost(run: Run, step: Told, note: Told) -> Placement:
    """Load the instance of a command and return its placement of least cost."""
    placement = place_instance(run.loaded(step, "solving"))
    note(placed(placement))
    return placement
