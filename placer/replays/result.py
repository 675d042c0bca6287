"""The result of a replay: cost and regret of every rule on every day, and what each workload lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from placer.currency import USD
from placer.io.results import Result
from placer.utils import notebook


@dataclass(frozen=True, eq=False, repr=False)
class Replay(Result):
    """Days replayed under routing rules, beside the least cost of each day.

    Attributes
    ----------
    days : DataFrame
        One row a rule, day and seed. ``cost_usd``; ``transfers_usd``, charges of policies that regions are paid;
        ``penalty_usd`` of unserved demand; ``waiting_usd``, the stated cost of late work that is left for the next day;
        ``cost_and_penalty_usd``, the sum of the others without transfers; ``least_cost_usd``, the proven lower bound on
        that sum with transfers; ``regret_share``, the sum with transfers over the bound, less 1, and inf for a sum
        above a bound of 0 or less; ``unserved_share`` of demand; ``expired_share``, the part of demand that was sent to
        wait and not served in time; ``export_share``, the part that counts as exported; ``decision_ms``, the mean time
        of a decision.
    workloads : DataFrame
        One row a rule, day, seed and workload: ``demand_mtok``, ``unserved_mtok`` (expired work included),
        ``expired_mtok``, ``waiting_mtok`` left for the next day, and ``least_unserved_mtok``, unserved in the programs
        behind the bound, late work left for the next day included.
    filled : DataFrame
        Steps of the days that a rule of the history filled: ``class``, ``day``, ``step``, ``rule``.
    currency : str
        Of all amounts.
    """

    days: pd.DataFrame
    workloads: pd.DataFrame
    filled: pd.DataFrame
    currency: str = USD

    @property
    def rules(self) -> pd.DataFrame:
        """One row a rule: mean and worst regret over days, each the mean over seeds, and means of the other shares."""
        by_rule = self.days.groupby(["rule", "day"], sort=False).mean().groupby("rule", sort=False)
        mean = by_rule[["regret_share", "unserved_share", "expired_share", "export_share", "decision_ms"]].mean()
        mean.insert(1, "worst_regret_share", by_rule["regret_share"].max())
        return mean

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``rules``."""
        return self.rules

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables to write and report: ``rules``, ``days``, ``workloads`` and ``filled``."""
        return {"rules": self.rules, "days": self.days, "workloads": self.workloads, "filled": self.filled}

    def summary(self) -> dict[str, Any]:
        """Return the number of days and the regrets of every rule as plain values."""
        regrets = self.rules[["regret_share", "worst_regret_share"]].to_dict("index")
        return {
            "days": int(self.days.index.get_level_values("day").nunique()),
            "steps_filled": len(self.filled),
            **{f"{rule}_{name}": share for rule, shares in regrets.items() for name, share in shares.items()},
        }

    def __repr__(self) -> str:
        """Return the number of days and the mean regret of every rule in one line."""
        days = self.days.index.get_level_values("day").nunique()
        regrets = ", ".join(f"{rule} {share:z.3%}" for rule, share in self.rules["regret_share"].items())
        filled = f"; steps filled: {len(self.filled):,}" if len(self.filled) else ""
        return f"<days replayed: {days}; mean regret: {regrets}{filled}>"

    def _repr_html_(self) -> str:
        """Return the rules and the days as HTML, for notebooks."""
        return (
            notebook.sentence(repr(self))
            + notebook.rows(self.rules, self.currency)
            + notebook.rows(self.days, self.currency)
        )
