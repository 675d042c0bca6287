"""The ceiling at quantiles of the round trips of links.

The round trip of a link is a distribution. ``ceiling_at_quantiles`` replaces the rtt_ms of every link by a quantile,
finds the routes anew and solves for the ceiling. The round trip of a route is then the sum of the quantiles of its
links. That is the quantile of the sum if all links are late together (the comonotone case). Otherwise the high
quantiles of the sum are lower, so this is conservative: an admissible arc meets its limit at least that often.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from numbers import Real

import numpy as np
import pandas as pd

from placer.ceiling.arc_sets import CeilingsByArcs
from placer.errors import InstanceError, Violation
from placer.instance.arguments import need_instance, need_mapping, need_numbers, need_regions
from placer.instance.problem import Instance
from placer.ladder.named import solver_of
from placer.ladder.proven import AnySolver
from placer.model.counts import Weight
from placer.model.formulation import Formulation, formulate
from placer.running import in_time, running
from placer.utils.arrays import FloatArray
from placer.utils.threads import one_blas_thread

#: A quantile of the links' round trips: a factor on rtt_ms, a column of the links, one value per link, or a table.
Quantile = float | str | Iterable[float] | pd.DataFrame

_QUANTILE_COLUMN = re.compile(r"rtt_(p\d+(?:_\d+)?)_ms")


def ceiling_at_quantiles(
    instance: Instance,
    quantiles: Mapping[str, Quantile] | None = None,
    weight: Weight = "tokens",
    solver: AnySolver | str | None = None,
    *,
    exporting: Iterable[str] | str | None = None,
    time_limit_seconds: float = math.inf,
) -> pd.DataFrame:
    """Return the technical ceiling with the ``rtt_ms`` of every link replaced by a quantile of its round trip.

    Parameters
    ----------
    instance : Instance
    quantiles : mapping of str to float, str, sequence of float or DataFrame, optional
        By name: a factor on ``rtt_ms``; the name of a column of the links (empty cells stand for ``rtt_ms``); one value
        per link; or a table with columns ``from``, ``to`` and ``rtt_ms``, which may leave links out (they keep theirs)
        and counts for all parallel links. If not given: ``rtt_ms`` itself and every column named like ``rtt_p95_ms``.
        Access keeps its ``access_ms``.
    weight : str
        ``tokens``, ``work``, ``energy`` or ``value``.
    solver : Solver or ColumnGeneration, optional
        As ``placer.solve`` chooses if not given.
    exporting : str or iterable of str, optional
        The regions that export, as in ``placer.export_ceiling``.
    time_limit_seconds : float
        As in ``placer.running``.

    Returns
    -------
    DataFrame
        Index ``quantile``; columns ``share``, ``latency_share`` (the share that distance and law alone allow),
        ``unserved_share`` (of all tokens) and ``rtt_ms`` (round trip to the nearest data centre, access included; mean
        over the hubs, weighted by demand).

    Raises
    ------
    InstanceError
        If a column or link is unknown, the number of values differs from that of links, or a round trip is not >= 0.
    NoSolutionError
        If no placement can meet the limits at a quantile, which it names, or no ceiling is proven, or not in time.

    Examples
    --------
    >>> import placer
    >>> ceiling_at_quantiles(placer.load("tiny"), {"p50": 1, "p99": 2.5})["share"].round(3).to_dict()
    {'p50': 0.438, 'p99': 0.208}
    """
    need_instance(instance)
    solver = solver_of(solver)
    need_regions(exporting)
    need_mapping({} if quantiles is None else quantiles, "a mapping of quantiles by name", '{"p95": 1.5}')
    links = instance.links
    columns = {match[1]: str(name) for name in links if (match := _QUANTILE_COLUMN.fullmatch(str(name)))}
    given: Mapping[str, Quantile] = {"rtt_ms": 1.0, **columns} if quantiles is None else quantiles
    with running(time_limit_seconds=time_limit_seconds):
        ceilings = CeilingsByArcs.of_cut(instance, weight, exporting, solver)
        formulations = [
            formulate(instance.replace(links=links.assign(rtt_ms=_round_trips(links, str(name), quantile))))
            for name, quantile in in_time(given.items(), "formulating the quantiles")
        ]
        found = [
            ceilings.of([formulation], [f"quantile {name}"])[0]
            for name, formulation in zip(given, formulations, strict=True)
        ]
    rows = [(*each, _nearest_ms(formulation)) for each, formulation in zip(found, formulations, strict=True)]
    index = pd.Index([str(name) for name in given], name="quantile")
    return pd.DataFrame(rows, index=index, columns=["share", "latency_share", "unserved_share", "rtt_ms"])


def _round_trips(links: pd.DataFrame, name: str, quantile: Quantile) -> FloatArray:
    """Return the round trip of every link at a quantile."""
    rtt = links["rtt_ms"].to_numpy(float, copy=True)
    if isinstance(quantile, pd.DataFrame):
        return _from_table(links, name, quantile)
    if isinstance(quantile, str):
        if quantile not in links:
            raise InstanceError([Violation("links", "", quantile, "no such column", "a column of the links")])
        given = pd.to_numeric(links[quantile], errors="coerce").to_numpy(float)
        unread = np.isnan(given) & links[quantile].notna().to_numpy()
        if unread.any():
            raise InstanceError(
                [Violation("links", "", quantile, "holds a value that is not a number", "numbers >= 0")]
            )
        return np.where(np.isnan(given), rtt, given)
    if isinstance(quantile, Real):
        return rtt * float(quantile)
    values = np.array(need_numbers(quantile, f"quantile {name}", "a factor such as 1.5, or one number per link"))
    if values.shape != rtt.shape:
        problem = f"{len(values)} values for {len(rtt)} links"
        raise InstanceError([Violation("quantiles", name, "rtt_ms", problem, "one per link")])
    return values


def _from_table(links: pd.DataFrame, name: str, table: pd.DataFrame) -> FloatArray:
    missing = [column for column in ("from", "to", "rtt_ms") if column not in table]
    if missing:
        raise InstanceError([Violation("quantiles", name, column, "column missing", "present") for column in missing])
    given = dict(zip(zip(table["from"], table["to"], strict=True), table["rtt_ms"], strict=True))
    ends = list(zip(links["from"], links["to"], strict=True))
    strangers = [pair for pair in given if pair not in set(ends)]
    if strangers:
        names = ["|".join(map(str, pair)) for pair in strangers]
        raise InstanceError([Violation("quantiles", row, "", "is no link", "a link of the instance") for row in names])
    return np.array([given.get(pair, rtt) for pair, rtt in zip(ends, links["rtt_ms"], strict=True)], dtype=float)


@one_blas_thread()
def _nearest_ms(formulation: Formulation) -> float:
    """Return the round trip to the nearest data centre, a mean weighted by demand."""
    structure = formulation.structure
    nearest = formulation.rtt_ms.min(axis=1)[structure.demand_origin]
    return float(nearest @ structure.demand_amount / structure.total_demand)
