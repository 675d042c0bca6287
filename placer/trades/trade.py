"""The trade of an instance or a placement, beside autarky."""

from __future__ import annotations

import math

from placer.accounting.result import accounts
from placer.errors import ArgumentError
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.ladder.proven import AnySolver
from placer.placement.result import Placement
from placer.running import Progress, running
from placer.solve import solve
from placer.trades.result import Trade


def trade(
    given: Instance | Placement,
    by: str = "region",
    *,
    solver: AnySolver | str | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Trade:
    """Return who sells tokens to whom, at what price, and who gains.

    The exporter is the country of the data centre.

    Parameters
    ----------
    given : Instance or Placement
        An instance is placed first. With steps of value (``instance.with_elastic_demand``) there are the surplus of
        consumers and the welfare of countries too.
    by : str
        ``region``, or any column of ``hubs`` or ``data_centres`` that names the country.
    solver : Solver or str, optional
        As in ``placer.solve``.
    time_limit_seconds, progress
        As in ``placer.running``.

    Raises
    ------
    ArgumentError
        If it is given neither an instance nor a placement.
    InstanceError
        If there is no such column.
    NoSolutionError
        If no placement was proven.

    Examples
    --------
    >>> import placer
    >>> found = placer.trade(placer.load("tiny"))
    >>> found.flows["mtok"].to_dict()
    {('east', 'east'): 110.0, ('west', 'east'): 100.0, ('west', 'west'): 30.0}
    >>> found.countries.loc["west", ["exports_mtok", "exports_usd"]].round(6).tolist()
    [100.0, 177.6]
    """
    if not isinstance(given, Instance | Placement):
        raise ArgumentError(f"expected an instance or a placement, not {show(given)}")
    with running(progress, time_limit_seconds):
        placement = given if isinstance(given, Placement) else solve(given, solver)
        return Trade(accounts(placement, by))
