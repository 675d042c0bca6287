"""The secure export ceiling: the largest export at which the loss of any single element strands the least work.

Order: least unserved demand, least displaced demand, least stranded work over all contingencies, most export
(``placer.ceiling.secure.programs``). The first two are those of the ceiling, and the secure ceiling is never above it.
Under the rule ``all`` contingencies do not bind a placement. Each contingency
then has its own ceiling, on the remaining network. The *survivable* ceiling is the least of these and of the ceiling
without security. A contingency may have more than that: more demand is unserved, or caps hold for the placement only.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from placer.ceiling.curve import By, need_steps
from placer.ceiling.maximum import most_export
from placer.ceiling.result import ExportCeiling
from placer.ceiling.secure.curve import (
    SecureCurve,
    SecureFigures,
    at_limits,
    figures_at,
    need_curve,
    need_limits,
    need_programs,
    secure_curve,
    shares_of_ceiling,
)
from placer.ceiling.secure.export import most_secure_export
from placer.ceiling.walk.entering import entering
from placer.io import table_files
from placer.io.results import BoughtDemand, Result
from placer.ladder.proven import AnySolver
from placer.model.answer import Flows
from placer.model.counts import displaced_total, export_weights, net, share_of
from placer.model.formulation import with_arcs
from placer.model.program import Solver
from placer.proof.certificate import Certificate
from placer.running import in_time, phase, running
from placer.security.definition import Security, need_least_stranded, security_of
from placer.security.outages import Outage, outages_of
from placer.tolerances import PROOF
from placer.utils import notebook
from placer.utils.arrays import FloatArray
from placer.utils.numbers import percent

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, repr=False)
class SecureCeiling(Result):
    """The secure export ceiling, net of swaps, or under the rule ``all`` the survivable one.

    Attributes
    ----------
    without : ExportCeiling
        The ceiling without security.
    security : Security
    share : float
        The ceiling, as a share of the weight of all demand.
    contingencies : DataFrame
        One row per contingency; index ``contingency``. ``displaced``: ``binds`` (whether the export would be larger
        without it) and ``stranded_mtok``. ``all``: ``share`` and ``unserved_mtok`` of its own ceiling.
    flows : Flows
        Of the ceiling; under the rule ``all``, those of the ceiling without security.
    certificates : tuple of Certificate
        Of all programs that were solved.
    """

    without: ExportCeiling
    security: Security
    share: float
    contingencies: pd.DataFrame
    flows: Flows
    certificates: tuple[Certificate, ...]

    @property
    def bought_demand(self) -> BoughtDemand | None:
        """As of the ceiling without security."""
        return self.without.bought_demand

    @cached_property
    def worst(self) -> str:
        """The contingency with the least ceiling under the rule ``all``; empty under ``displaced``."""
        return str(self.contingencies["share"].idxmin()) if self.security.recourse == "all" else ""

    @cached_property
    def curve(self) -> SecureCurve:
        """The secure ceiling against a limit on the round trip of every arc of the workloads that cannot wait.

        The curves need the rule ``displaced``, contingencies without lost links, and an instance that is not large.

        Raises
        ------
        InstanceError
            Listing every violation of these conditions and of those of ``placer.export_ceiling``.
        """
        return self.over("rtt")

    @cached_property
    def slo_curve(self) -> SecureCurve:
        """The secure ceiling against a factor on the latency limits of all workloads; raises as ``curve``."""
        return self.over("slo")

    @cached_property
    def shorten_curve(self) -> SecureCurve:
        """The secure ceiling against a reduction of every round trip in ms; raises as ``curve``."""
        return self.over("shorten")

    def over(self, by: By) -> SecureCurve:
        """Return the secure ceiling over a kind of limit, as ``curve`` and its like; raises as ``curve``."""
        without = self.without
        need_steps(without.weights, by)
        with running(without.progress, without.time_limit_seconds):
            need_limits(without, self.security)
            enter = entering(without.formulation, by)
            widest = with_arcs(without.formulation, enter < np.inf)
            need_curve(len(np.unique(enter[np.isfinite(enter)])), widest)
            demand, hours = widest.structure.total_demand, displaced_total(widest, without.count)
            largest = SecureFigures(demand, demand, hours or 1.0, without.total, 1.0)
            found = secure_curve(without.formulation, by, partial(figures_at, without, self.security), largest)
            return replace(found, bought_demand=self.bought_demand)

    def at_limits(self, limits: Iterable[float], by: By = "rtt") -> pd.DataFrame:
        """Return the secure ceiling at some limits on latency, for instances of any size.

        Each limit is solved and proven, from the prices of the one before.

        Parameters
        ----------
        limits : iterable of float
            Each from 0 on: ms of round trip, factors on latency limits, or ms off every round trip.
        by : str
            ``rtt``, ``slo`` or ``shorten``: the limits of ``curve``, ``slo_curve`` or ``shorten_curve``.

        Returns
        -------
        DataFrame
            One row for each limit, in ascending order, with the columns of ``SecureCurve.table``.

        Raises
        ------
        ValueError
            If a limit is negative or NaN.
        InstanceError
            If ``by`` is unknown, the rule is ``all``, a contingency loses a link, or the curve would have no steps.
        """
        without = self.without
        need_steps(without.weights, by)
        with running(without.progress, without.time_limit_seconds):
            need_limits(without, self.security)
            return at_limits(without.formulation, by, partial(figures_at, without, self.security), limits)

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        table = self.contingencies
        own = {"worst": self.worst} if self.worst else {"binding": list(table.index[table["binds"]])}
        return {
            "weight": self.without.weight,
            "recourse": self.security.recourse,
            "share": self.share,
            "share_without_security": self.without.share,
            "contingencies": len(table),
            "proven": all(certificate.proven for certificate in self.certificates),
        } | (own | self._bought_figures())

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``contingencies``."""
        return self.contingencies

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The contingencies, by the name of their file."""
        return self._tables(None)

    def save_tables(
        self, folder: str | os.PathLike[str], curve: SecureCurve | pd.DataFrame | None = None
    ) -> list[Path]:
        """Write the contingencies as CSV into a folder, and return the files.

        A curve, or the points that ``at_limits`` returns, are written too if given.
        """
        return table_files.write_csv_tables(self._tables(curve), folder)

    def save_excel(self, file: str | os.PathLike[str], curve: SecureCurve | pd.DataFrame | None = None) -> Path:
        """Write the summary and the same tables as sheets of one Excel file; needs ``token-placer[excel]``."""
        figures = table_files.figure_sheet(self.summary())
        return table_files.write_excel({"summary": figures} | self._tables(curve), file)

    def _tables(self, curve: SecureCurve | pd.DataFrame | None) -> dict[str, pd.DataFrame]:
        contingencies = {"secure_contingencies": self.contingencies}
        if curve is None:
            return contingencies
        if isinstance(curve, pd.DataFrame):
            return contingencies | {"secure_at_limits": curve}
        return contingencies | {f"secure_curve_{curve.by}": curve.table}

    def __repr__(self) -> str:
        """Return the ceiling in one line."""
        kind = "Survivable" if self.worst else "Secure"
        binds = bool(self.worst) and float(self.contingencies["share"].min()) <= self.share + PROOF
        at = f", if {self.worst} is lost" if binds else ""
        shares = (
            f"{percent(self.share, 2)} of {self.without.weight}{at}, {percent(self.without.share, 2)} without security"
        )
        return self._with_bought(f"{kind} export ceiling: {shares}, from {self.without.cut}")

    def _repr_html_(self) -> str:
        """Return the ceiling and the contingencies as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.contingencies)


def secure_ceiling(ceiling: ExportCeiling, security: Security, solver: AnySolver | None) -> SecureCeiling:
    """Return the secure ceiling beside a ceiling without security.

    Raises
    ------
    InstanceError
        If the security does not fit the instance.
    SolverError
        If the solver does not take whole programs, under the rule ``displaced``.
    NoSolutionError
        If no answer was proven, or the program is too large for free memory.
    """
    security = survived(security)
    outages = outages_of(ceiling.instance, ceiling.formulation, security)
    if security.recourse == "all":
        return _survivable(ceiling, security, outages, solver)
    return _displaced(ceiling, security, outages, shares_of_ceiling(ceiling, security), need_programs(solver))


def survived(given: object) -> Security:
    """Return the security of a ceiling; raises as ``security_of`` and ``need_least_stranded``."""
    security = security_of(given)
    need_least_stranded(security)
    return security


def _survivable(
    ceiling: ExportCeiling, security: Security, outages: Sequence[Outage], solver: AnySolver | None
) -> SecureCeiling:
    """Return the least of the ceiling and of those of all contingencies, each with all work placed again."""
    rows: list[dict[str, Any]] = []
    certificates: list[Certificate] = []
    for outage in in_time(outages, "the ceiling of the next contingency"):
        count = net(ceiling.instance, export_weights(ceiling.instance, outage.distance, ceiling.weight), ceiling.cut)
        with phase(_log, f"the ceiling if {outage.name} is lost"):
            found = most_export(replace(ceiling.formulation, structure=outage.structure), count, solver)
        rows.append({"share": share_of(found.exported, ceiling.total), "unserved_mtok": found.unserved_mtok})
        certificates += found.certificates
    table = _labelled(outages, rows)
    least = min(ceiling.share, float(table["share"].min()))
    return SecureCeiling(ceiling, security, least, table, ceiling.extent.flows, tuple(certificates))


def _displaced(
    ceiling: ExportCeiling, security: Security, outages: Sequence[Outage], share: FloatArray, solver: Solver | None
) -> SecureCeiling:
    """Return the largest export at which any single loss strands the least work."""
    found = most_secure_export(ceiling, outages, share, solver)
    rows = [
        {"binds": binds, "stranded_mtok": stranded}
        for binds, stranded in zip(found.binds.tolist(), found.stranded.tolist(), strict=True)
    ]
    table = _labelled(outages, rows)
    return SecureCeiling(
        ceiling, security, share_of(found.exported, ceiling.total), table, found.flows, tuple(found.certificates)
    )


def _labelled(outages: Sequence[Outage], rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, index=pd.Index([outage.name for outage in outages], name="contingency", dtype=object))
