"""The components of a PyPSA network as tables and arrays, and everything in them that an instance cannot carry.

An attribute of PyPSA is read, or cannot change a linear optimum (``_IDLE``), or must have its default. So an attribute
of a later version is refused, not dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.validation import show
from placer.utils.arrays import BoolArray, FloatArray

#: Columns of carriers that are attributes of the workload whose loads have this carrier.
OF_WORKLOADS = (
    *("latency_slo_ms", "server_ms", "user_round_trips", "tool_round_trips", "tools_colocated", "gb_per_mtok"),
    "value_usd_per_mtok",
)
#: The ``p_nom`` of what nothing limits: where ``p_nom`` still equals it, there is no limit.
NO_LIMIT = "no_limit_p_nom"
#: The column that names the battery whose part a store, a link or a generator is.
BATTERY = "battery"
#: What is read of each component: attributes of PyPSA, then columns of one's own.
_READ = {
    "Bus": ({"carrier", "x", "y"}, {"data_centre", "hub", "link", "region"}),
    "Carrier": ({"co2_emissions"}, set(OF_WORKLOADS)),
    "Load": ({"active", "bus", "carrier", "p_set"}, set()),
    "Generator": (
        {"active", "bus", "carrier", "efficiency", "marginal_cost", "p_max_pu", "p_nom"},
        {"power_zone", NO_LIMIT, BATTERY},
    ),
    "Link": ({"active", "marginal_cost", "p_max_pu", "p_nom"}, {"rtt_ms", NO_LIMIT, BATTERY}),
    "Store": ({"active", "bus", "carrier", "e_cyclic", "e_nom"}, {BATTERY}),
}
#: Attributes without effect on an optimum where nothing is built, committed or of alternating current.
_IDLE = {
    *("name", "type", "unit", "location", "v_nom", "v_mag_pu_set", "v_mag_pu_min", "v_mag_pu_max", "control", "q_set"),
    *("color", "nice_name", "weight", "length", "terrain_factor", "carrier", "build_year", "lifetime", "p_init"),
    *("p_nom_mod", "p_nom_min", "p_nom_max", "p_nom_set", "capital_cost", "overnight_cost", "discount_rate"),
    *("fom_cost", "maintenance_duration", "maintenance_pu", "maintenance_events", "start_up_cost", "shut_down_cost"),
    *("stand_by_cost", "min_up_time", "min_down_time", "up_time_before", "down_time_before", "ramp_limit_start_up"),
    "ramp_limit_shut_down",
}
#: Ports of links; delays of further ports do nothing where the delay is 0.
_PORT = re.compile(r"bus\d+|efficiency\d*|cyclic_delay\d*")
#: Components that carry no flow of their own.
_TYPES = frozenset({"SubNetwork", "LineType", "TransformerType", "Shape"})


@dataclass(frozen=True, eq=False)
class Components:
    """A network of PyPSA."""

    network: Any

    @cached_property
    def links(self) -> pd.DataFrame:
        """The active links, without those of batteries."""
        return self.without_batteries("Link")

    @cached_property
    def generators(self) -> pd.DataFrame:
        """The active generators, without those of batteries."""
        return self.without_batteries("Generator")

    @cached_property
    def ports(self) -> list[tuple[str, str]]:
        """The further ports of links: the columns of their bus and of their efficiency."""
        numbers = sorted(int(name[3:]) for name in map(str, self.links) if re.fullmatch(r"bus\d+", name))
        return [(f"bus{number}", f"efficiency{number}") for number in numbers if number > 1]

    def without_batteries(self, component: str) -> pd.DataFrame:
        """Return the active components of a kind that are no part of a battery, by name."""
        rows = self.rows(component)
        return rows[self.column(component, BATTERY, rows.index, None).isna().to_numpy()]

    def rows(self, component: str) -> pd.DataFrame:
        """Return the active components of a kind, by name."""
        static = self.network.components[component].static
        return static[static["active"].to_numpy(bool)] if "active" in static else static

    def hourly(self, component: str, attribute: str, names: Sequence[str] | pd.Index) -> FloatArray:
        """Return an attribute of some components, static or not (names, snapshots)."""
        dense = self.network.get_switchable_as_dense(component, attribute)
        return np.asarray(dense[list(names)].to_numpy(float).T)

    def most(self, component: str, names: pd.Index) -> FloatArray:
        """Return ``p_nom p_max_pu`` of some components; inf where ``p_nom`` stands for no limit (names, snapshots)."""
        rows = self.rows(component).loc[names]
        p_nom = rows["p_nom"].to_numpy(float)
        unlimited = np.isinf(p_nom)
        if NO_LIMIT in rows:
            unlimited |= p_nom == rows[NO_LIMIT].to_numpy(float)
        share = self.hourly(component, "p_max_pu", names)
        with np.errstate(invalid="ignore"):  # of 0 times infinity, which is not chosen
            limit = np.where(unlimited[:, None], np.inf, p_nom[:, None]) * share
        return np.where(share > 0, limit, np.minimum(share, 0.0))

    def column(self, component: str, column: str, names: pd.Index, absent: Any) -> pd.Series:
        """Return a column of one's own, with a value for cells that are absent or empty."""
        rows = self.rows(component)
        if column not in rows:
            return pd.Series([absent] * len(names), index=names, dtype=object)
        values = rows.loc[names, column].astype(object)
        return values.where(values.notna() & (values != ""), absent)

    def refused(self) -> list[Violation]:
        """Return a violation for each component and each attribute that an instance cannot carry."""
        found = []
        for each in self.network.components:
            if each.name in _READ:
                found += [one for attribute in _fixed(each) for one in _not_default(each, attribute)]
                found += [one for attribute in sorted(_READ[each.name][0]) for one in _missing(each, attribute)]
                found += [
                    Violation(each.list_name, str(name), attribute, "piecewise in PyPSA, and linear here", "one number")
                    for attribute, points in each.piecewise.items()
                    for name in points.columns.get_level_values(0).unique()
                ]
            elif each.name not in _TYPES:
                problem = f"a {each.name} of PyPSA has no counterpart in an instance"
                found += [Violation(each.list_name, str(name), "", problem, "none") for name in each.static.index]
        return found

    def notes(self) -> list[str]:
        """Return a remark for each column of one's own that is ignored."""
        return [
            f"column {column} of {each.list_name} is ignored"
            for each in self.network.components
            if each.name in _READ
            for column in each.static
            if column not in each.defaults.index and column not in _READ[each.name][1]
        ]


def whole_problems(network: Any) -> list[Violation]:
    """Return what makes a network more than one problem: scenarios and investment periods."""
    kinds = (("scenarios", network.has_scenarios), ("investment_periods", network.has_investment_periods))
    allowed = {"scenarios": "network.get_scenario(name), and placer.States of all", "investment_periods": "none"}
    return [
        Violation("network", "", name, f"a network with {name.replace('_', ' ')} is not one instance", allowed[name])
        for name, there in kinds
        if there
    ]


def _fixed(component: Any) -> Iterator[str]:
    """Yield the input attributes of a component that must have their default."""
    defaults = component.defaults
    for attribute in defaults.index[defaults["status"].str.startswith("Input")]:
        port = component.name == "Link" and _PORT.fullmatch(attribute)
        if attribute not in _READ[component.name][0] and attribute not in _IDLE and not port:
            yield attribute


def _missing(component: Any, attribute: str) -> Iterator[Violation]:
    """Yield the active components without a value of an attribute that is read."""
    static = component.static
    gone = static[attribute].isna()
    series = component.dynamic.get(attribute)
    if series is not None and len(series.columns):
        gone[series.columns[series.isna().any(axis=0)]] = True
    for name in static.index[gone & static.get("active", True)]:
        yield Violation(component.list_name, str(name), attribute, "missing", "a value")


def _not_default(component: Any, attribute: str) -> Iterator[Violation]:
    """Yield the active components whose value of an attribute is not its default."""
    default = component.defaults.loc[attribute, "default"]
    static = component.static
    active = static["active"].to_numpy(bool) if "active" in static else np.ones(len(static), dtype=bool)
    odd = (
        {
            name: value
            for name, value, differs in zip(
                static.index, static[attribute], _differs(static[attribute], default), strict=True
            )
            if differs
        }
        if attribute in static
        else {}
    )
    series = component.dynamic.get(attribute)
    if series is not None and len(series.columns):
        for name in series.columns[_differs(series, default).any(axis=0)]:
            odd[name] = "values by snapshot"
    for name in static.index[active & static.index.isin(list(odd))]:
        value = odd[name]
        said = value if isinstance(value, str) and value == "values by snapshot" else show(value)
        yield Violation(
            component.list_name, str(name), attribute, f"{said} has no counterpart in an instance", show(default)
        )


def _differs(values: pd.Series | pd.DataFrame, default: Any) -> BoolArray:
    missing = np.asarray(pd.isna(values))
    return ~missing if pd.isna(default) else np.asarray(values != default) & ~missing
