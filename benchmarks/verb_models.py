"""Own rows, own columns and whole numbers on the programs of random instances, by ``placer.Model`` and written out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import placer

from .explicit_program import ExplicitProgram
from .verb_cases import IDENTITY, Finding, answered
from .verb_draws import Draw, Drawing, draw, in_blocks

if TYPE_CHECKING:
    from .explicit_program import Key, Terms


class Both:
    """A model and the explicit program, which get the same rows and columns.

    Parameters
    ----------
    given : Draw
    """

    def __init__(self, given: Draw) -> None:
        self.given, self.model, self.program = given, placer.Model(given.instance()), ExplicitProgram(given)
        columns = self.model.columns
        self.weight = dict(zip(columns.index, columns["weight"], strict=True))
        self.keys = {place: self._keys(row) for place, row in columns.iterrows()}

    def _keys(self, row: pd.Series) -> list[Key]:
        """Return the columns of the explicit program that a column of the model stands for."""
        block, work, hub, site, hour = (row[name] for name in ("block", "workload", "hub", "data_centre", "hour"))
        if block == "f":
            served = self.program.served[work, site, row["service_hour"]]
            return [key for key in served if key[3] == hour]
        keys = {"x": ("x", work, hub, site, hour), "u": ("u", work, hub, hour), "y": ("y", row["supply"], hour)}
        return [keys[block]]

    def add_column(self, name: str, cost_usd: float, upper: float, unit: float, *, whole: bool) -> None:
        """Add an own column of a unit: that of work, or 1 for a whole number."""
        self.model.add_columns(name, cost_usd=cost_usd * self.given.unit / unit, upper=upper * unit, integer=whole)
        self.program.cost["own", name] = cost_usd
        self.program.upper["own", name] = upper
        if whole:
            self.program.whole.add(("own", name))

    def add_row(self, name: str, on: dict[int, float], own: dict[str, tuple[float, float]], sides: Any) -> None:
        """Add an own row over columns of the model and own columns, these with a coefficient and its unit."""
        row = pd.Series(on | {column: value * unit for column, (value, unit) in own.items()}, dtype=float)
        lower, upper = (side * self.given.mtok for side in sides)
        self.model.add_rows(row, name=name, lower=lower, upper=upper)
        terms: Terms = {key: value for place, value in on.items() for key in self.keys[place]}
        self.program.rows.append((terms | {("own", column): value for column, (value, _) in own.items()}, *sides))


def models(seed: int, number: int) -> Finding:
    """Rows on some columns of one block, over one period or the horizon; ways out; sites that are open or closed."""
    finding, drawing = Finding(), Drawing(np.random.default_rng([seed, number, 4]))
    both = Both(in_blocks(draw(seed, number), drawing))
    free = both.program.solve()
    values = {} if free is None else free.values
    if drawing.chance(0.6):
        _open_sites(both, drawing)
    for place in range(drawing.some(1, 2)):
        _random_row(both, drawing, values, f"row {place}")
    true = both.program.solve()
    placement = answered(finding, true, lambda: both.model.solve(gap=1e-9))
    if placement is not None and true is not None:
        finding.identities(placement)
        finding.cost("cost", placement.cost_and_penalty_usd / both.given.unit, true.cost, true.size)
        for name, row in placement.own_rows.iterrows():
            slack = min(row["activity"] - row["lower"], row["upper"] - row["activity"])
            size = max(abs(row["activity"]), both.given.mtok)
            finding.must(slack >= -IDENTITY * size, f"{name}: {row['activity']} in {row['lower']} to {row['upper']}")
    return finding


def _open_sites(both: Both, drawing: Drawing) -> None:
    """Let a site be used where it is open, up to an amount in each hour, at a fixed cost."""
    columns = both.model.columns
    for site in both.program.site:
        if not drawing.chance(0.6):
            continue
        both.add_column(f"open {site}", drawing.usd(1, 30), 1.0, 1.0, whole=True)
        most = drawing.number(1, 6)
        for hour in both.program.hours:
            here = (columns["data_centre"] == site) & (columns["service_hour"] == hour)
            on = dict.fromkeys(columns.index[here].tolist(), 1.0)
            if on:
                both.add_row(f"{site} at {hour}", on, {f"open {site}": (-most, both.given.mtok)}, (-math.inf, 0.0))


def _random_row(both: Both, drawing: Drawing, free: dict[Key, float], name: str) -> None:
    """Add a row near its value without own rows, with a way out at a cost where it might be impossible."""
    columns = both.model.columns
    block = drawing.some("x", "x", "u", "y", "f")
    there = columns.index[columns["block"] == block].tolist()
    if not there:
        return
    chosen = [place for place in there if drawing.chance(0.6)] or there[:1]
    over_horizon = drawing.chance(0.5)
    on = {place: drawing.some(0.5, 1.0, 2.0) * (both.weight[place] if over_horizon else 1.0) for place in chosen}
    value = sum(each * free.get(key, 0.0) for place, each in on.items() for key in both.keys[place])
    side = max(value * float(drawing.random.uniform(0.3, 1.5)), 0.25)
    asks, own = drawing.chance(0.5), {}
    if drawing.chance(0.7):
        both.add_column(f"out of {name}", drawing.usd(0.5, 60), math.inf, both.given.mtok, whole=False)
        own = {f"out of {name}": (1.0 if asks else -1.0, 1.0)}
    both.add_row(name, on, own, (side, math.inf) if asks else (-math.inf, side))
