"""Rows of limits of one's own for an explicit program, written out as ``docs/limits.md`` defines each kind."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .explicit_program import ExplicitProgram, Terms
    from .verb_draws import Row


class ExplicitLimits:
    """The counts of limits over the columns of a program.

    Parameters
    ----------
    program : ExplicitProgram
    """

    def __init__(self, program: ExplicitProgram) -> None:
        self.program = program

    def add(self, limit: Row) -> None:
        """Add the rows of a limit to the program: one, or one for each hour."""
        for hours in self.scopes(limit):
            count, amount = self.count(limit, hours)
            sides = (-math.inf, amount) if limit["sense"] == "<=" else (amount, math.inf)
            self.program.rows.append((count, *sides))

    def scopes(self, limit: Row) -> list[list[int]]:
        """Return the hours of each row of a limit."""
        text, hours = limit.get("hours"), self.program.hours
        if text == "each":
            return [[hour] for hour in hours]
        return [[int(each) for each in text.split("|")] if text else hours]

    def count(self, limit: Row, hours: list[int]) -> tuple[Terms, float]:
        """Return what a limit counts over its scope and some hours, and the side of its row."""
        program, kind, amount = self.program, limit["kind"], limit["amount"]
        sites = [
            name for name, row in program.site.items() if _is_in(limit, "data_centre", name, row["region"], "region")
        ]
        supplies = [
            row
            for row in program.tables["supplies"]
            if row["data_centre"] in sites and row["power_zone"] in limit.get("power_zone", program.zone)
        ]
        names = [name for name in program.work if name in limit.get("workload", program.work)]
        if kind in ("tokens", "share"):
            return self._tokens(limit, hours, sites, names)
        if kind == "green_share":
            green = program.bought(lambda row, _: (row["green"] - amount) * (1 - row["loss"]), supplies, hours)
            return program.over_horizon(green), 0.0
        counts: dict[str, Callable[[], Terms]] = {
            "carbon_kg": lambda: program.bought(program.carbon, supplies, hours),
            "accelerator_hours": lambda: program.of_served(sites, hours, program.used, names),
            "water_litres": lambda: program.of_served(sites, hours, program.litres, names),
            "energy_mwh": lambda: program.of_served(sites, hours, program.drawn, names),
            "cost_usd": lambda: self._usd(sites, hours) | program.bought(program.usd_per_mwh, supplies, hours),
        }
        if "power_zone" in limit:
            counts["energy_mwh"] = lambda: program.bought(lambda *_: 1.0, supplies, hours)
            counts["cost_usd"] = lambda: program.bought(program.usd_per_mwh, supplies, hours)
        return program.over_horizon(counts[kind]()), amount

    def _usd(self, sites: list[str], hours: list[int]) -> Terms:
        """Return transit and work at some sites in some hours, in USD."""
        program = self.program
        work = program.of_served(sites, hours, program.usd_served)
        sent = program.sent(lambda key: key[3] in sites and key[4] in hours)
        return work | {key: program.transit_usd(*key[1:4]) for key in sent}

    def _tokens(self, limit: Row, hours: list[int], sites: list[str], names: list[str]) -> tuple[Terms, float]:
        program = self.program

        def asks(name: str, hub: str, hour: int) -> bool:
            return name in names and hour in hours and _is_in(limit, "hub", hub, program.region[hub], "hub_region")

        asked_for = program.sent(lambda key: asks(key[1], key[2], key[4]))
        count = {key: 1.0 for key in asked_for if key[3] in sites}
        if limit["kind"] == "tokens":
            return program.over_horizon(count), limit["amount"]
        if limit.get("of") == "served":
            share = {key: count.get(key, 0.0) - limit["amount"] for key in asked_for}
            return program.over_horizon(share), 0.0
        asked = sum(
            row["mtok"] * program.weight[row["hour"]]
            for row in program.tables["demand"]
            if asks(row["workload"], row["hub"], row["hour"])
        )
        return program.over_horizon(count), limit["amount"] * asked


def _is_in(limit: Row, scope: str, name: str, region: str, wider: str) -> bool:
    return name in limit.get(scope, (name,)) and region in limit.get(wider, (region,))
