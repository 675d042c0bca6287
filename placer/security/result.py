"""An audit as planners read it: a row for each contingency, and stranded work by workload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from placer.io.results import BoughtDemand, Result
from placer.placement.result import Placement
from placer.security.definition import Security
from placer.security.outages import Outage
from placer.security.replacement import Replacement
from placer.tolerances import PROOF
from placer.utils import notebook
from placer.utils.arrays import NOISE, BoolArray, FloatArray, sums_by
from placer.utils.numbers import percent, quantity


@dataclass(frozen=True, eq=False)
class Finding:
    """The effect of one contingency on a placement.

    Attributes
    ----------
    displaced, stranded : (demands,) arrays
        Protected Mtok that was served at a lost element; protected Mtok without a place.
    moved : (demands,) array
        Mtok served at another data centre than before.
    extra_usd : float
        Extra cost of the work that still runs.
    replacement : Replacement or None
        Its placement; None without displaced work.
    """

    outage: Outage
    displaced: FloatArray
    stranded: FloatArray
    moved: FloatArray
    extra_usd: float
    replacement: Replacement | None

    @property
    def name(self) -> str:
        """The name of the contingency."""
        return self.outage.name


@dataclass(frozen=True, eq=False, repr=False)
class Audit(Result):
    """The losses of a placement in every contingency, each proven by the project's certificate.

    Attributes
    ----------
    placement : Placement
    security : Security
    share : (classes,) array
        The protected share of every workload, and of its further modes.
    findings : tuple of Finding
        In the order of the contingencies.
    """

    placement: Placement
    security: Security
    share: FloatArray
    findings: tuple[Finding, ...]

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.placement.currency

    @property
    def bought_demand(self) -> BoughtDemand | None:
        """As of the placement."""
        return self.placement.bought_demand

    @cached_property
    def contingencies(self) -> pd.DataFrame:
        """One row per contingency; index ``contingency``.

        Columns, of protected work over the horizon: ``displaced_mtok`` (served at a lost element) and
        ``displaced_share`` (of all protected work that is served), ``moved_mtok`` (served at another data centre than
        before), ``stranded_mtok`` and ``stranded_share`` (of displaced work; under the rule ``all``, of all protected
        work), ``binding_sites`` (data centres whose accelerators or power bind), ``extra_usd`` (extra cost of the work
        that still runs), ``proven``.
        """
        served = float(self._protected_mtok.sum())
        rows = [self._row(finding, served) for finding in self.findings]
        names = pd.Index([finding.name for finding in self.findings], name="contingency", dtype=object)
        return pd.DataFrame(rows, index=names)

    @cached_property
    def workloads(self) -> pd.DataFrame:
        """One row per contingency and workload with displaced work; index ``contingency``, ``workload``.

        Columns: ``protected_share``, ``displaced_mtok``, ``moved_mtok``, ``stranded_mtok``, ``stranded_share`` (as in
        ``contingencies``).
        """
        rows: list[dict[str, Any]] = []
        names = self.placement.formulation.workloads
        for finding in self.findings:
            displaced, moved, stranded = (
                self._by_workload(each) for each in (finding.displaced, finding.moved, finding.stranded)
            )
            whole = displaced if self.security.recourse == "displaced" else self._protected_mtok
            rows += [
                {
                    "contingency": finding.name,
                    "workload": names[klass],
                    "protected_share": self.share[klass],
                    "displaced_mtok": displaced[klass],
                    "moved_mtok": moved[klass],
                    "stranded_mtok": stranded[klass],
                    "stranded_share": _share(stranded[klass], whole[klass]),
                }
                for klass in np.flatnonzero((displaced > 0) | (stranded > 0)).tolist()
            ]
        columns = ["contingency", "workload", "protected_share", "displaced_mtok", "moved_mtok", "stranded_mtok"]
        return pd.DataFrame(rows, columns=[*columns, "stranded_share"]).set_index(["contingency", "workload"])

    @cached_property
    def binding(self) -> pd.DataFrame:
        """One row per limit that binds in a contingency; index ``contingency``, ``limit``, ``name``; column ``hours``.

        Limits are ``accelerators``, ``site power``, ``supply`` and ``link``, as in ``Placement.scarcities``.
        """
        rows = [
            (finding.name, limit, name, hours)
            for finding in self.findings
            for limit, name, hours in self._binding_of(finding)
        ]
        table = pd.DataFrame(rows, columns=["contingency", "limit", "name", "hours"])
        return table.set_index(["contingency", "limit", "name"])

    @property
    def stranded_mtok(self) -> float:
        """Stranded work of the worst contingency."""
        return max(float(finding.stranded.sum()) for finding in self.findings)

    @property
    def worst(self) -> str:
        """The contingency with the most stranded work; the first of several, empty if no work strands."""
        stranded = [float(finding.stranded.sum()) for finding in self.findings]
        return self.findings[int(np.argmax(stranded))].name if max(stranded) > 0 else ""

    @property
    def passed(self) -> bool:
        """Whether no contingency strands more of the protected work than the security allows, by default none."""
        structure = self.placement.formulation.structure
        protected = float(structure.demand_amount @ self.share[structure.demand_class])
        return self.stranded_mtok <= (self.security.most_stranded or 0.0) * protected

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        table = self.contingencies
        return {
            "recourse": self.security.recourse,
            "contingencies": len(table),
            "passed": self.passed,
            "stranding": int((table["stranded_mtok"] > 0).sum()),
            "worst": self.worst,
            "stranded_mtok": self.stranded_mtok,
            "stranded_share": float(table["stranded_share"].max()),
            "proven": bool(table["proven"].all()),
        } | self._bought_figures()

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``contingencies``."""
        return self.contingencies

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name."""
        return {name: getattr(self, name) for name in ("contingencies", "workloads", "binding")}

    def _row(self, finding: Finding, served: float) -> dict[str, Any]:
        displaced, stranded = float(finding.displaced.sum()), float(finding.stranded.sum())
        whole = displaced if self.security.recourse == "displaced" else served
        binding = dict.fromkeys(
            name for limit, name, _ in self._binding_of(finding) if limit in ("accelerators", "site power")
        )
        moved = float(finding.moved.sum())
        return {
            "displaced_mtok": displaced,
            "displaced_share": _share(displaced, served),
            "moved_mtok": moved if moved > NOISE * served else 0.0,
            "stranded_mtok": stranded,
            "stranded_share": _share(stranded, whole),
            "binding_sites": ", ".join(binding),
            "extra_usd": finding.extra_usd,
            "proven": finding.replacement is None or finding.replacement.certificate.proven,
        }

    @cached_property
    def _protected_mtok(self) -> FloatArray:
        """Served protected work, by workload."""
        structure, flows = self.placement.formulation.structure, self.placement.answer.point
        klass = structure.arc_serves[flows.arc]
        return sums_by(klass, flows.amount * self.share[klass], structure.classes)

    def _by_workload(self, mtok: FloatArray) -> FloatArray:
        structure = self.placement.formulation.structure
        return sums_by(structure.demand_class, mtok, structure.classes)

    def _binding_of(self, finding: Finding) -> Iterator[tuple[str, str, float]]:
        """Yield the binding limits of a contingency, with their hours."""
        if finding.replacement is None:
            return
        formulation, instance = self.placement.formulation, self.placement.instance
        structure, duals = finding.replacement.structure, finding.replacement.answer.prices
        times = formulation.period_hours / formulation.hour_length
        worth = structure.tier_yield[:, None] * duals.balance[structure.tier_site]
        reduced = worth - structure.tier_cost - structure.cap_tier.priced(duals.cap)
        if structure.stores is not None:
            reduced += structure.stores.of_tiers(duals.source)
        supplies, links = instance.supplies, instance.links
        of_pools, (cap, at, hour) = duals.capacity.copy(), formulation.pool_caps
        np.add.at(of_pools, (at, hour), duals.cap[cap])
        limits = (
            ("accelerators", formulation.data_centres, of_pools, structure.capacity),
            ("site power", formulation.data_centres, duals.intake, structure.intake),
            ("supply", supplies["power_zone"] + " - " + supplies["data_centre"], reduced, structure.tier_limit),
            ("link", links["from"] + " - " + links["to"], duals.link, structure.link_capacity),
        )
        lost = finding.outage.contingency
        gone = (lost.sites, lost.sites, lost.supplies, lost.links)
        for (limit, names, rent, size), left_out in zip(limits, gone, strict=True):
            hours = _binds(rent, size) @ times
            for place in np.flatnonzero((hours > 0) & ~left_out).tolist():
                yield limit, str(np.asarray(names, dtype=object)[place]), float(hours[place])

    def __repr__(self) -> str:
        """Return the headline figures as text."""
        return "\n".join(f"{label:<16}{value}" for label, value in self._headlines())

    def _repr_html_(self) -> str:
        """Return the headline figures and the contingencies as HTML, for notebooks."""
        return notebook.figures(self._headlines()) + notebook.rows(self.contingencies, self.currency)

    def _headlines(self) -> list[tuple[str, str]]:
        count, stranding = len(self.findings), int((self.contingencies["stranded_mtok"] > 0).sum())
        kind = self.security.contingencies
        of_kind = f" of {kind.replace('_', ' ')}" if isinstance(kind, str) else ""
        lines = [
            ("Audit", f"{'passed' if self.passed else 'not passed'}: {count - stranding} of {count} lose no work"),
            ("Contingencies", f"{count}{of_kind}, each lost alone"),
            ("Recourse", _IN_WORDS[self.security.recourse or "displaced"]),
            *self._bought_lines(),
        ]
        if self.worst:
            share = float(self.contingencies["stranded_share"].to_dict()[self.worst])
            of = "displaced" if self.security.recourse == "displaced" else "protected"
            stranded = f"{quantity(self.stranded_mtok)} Mtok strand, {percent(share, 2)} of the {of} work"
            lines.append(("Worst", f"{self.worst}: {stranded}"))
        return lines


_IN_WORDS = {
    "displaced": "displaced: only work served at what is lost moves",
    "all": "all: everything may be placed anew",
}


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _binds(rent: FloatArray, limit: FloatArray) -> BoolArray:
    """Return where an existing limit has a rent (elements, hours)."""
    there = np.isfinite(limit) & (rent > 0)
    return np.asarray(there & (rent > PROOF * np.max(rent, initial=0.0, where=there)))
