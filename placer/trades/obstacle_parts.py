"""What each obstacle takes from the tokens that a country sells abroad, as a result."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from placer.io.results import Result
from placer.utils import notebook
from placer.utils.numbers import quantity
from placer.utils.readable import text_table
from placer.utils.shapley import shapley_range, shapley_value

#: The obstacle that is in every dataset.
DISTANCE = "distance"
#: The set of no obstacles, and the row of what no obstacle explains.
NONE, UNEXPLAINED = "none", "none of these"


@dataclass(frozen=True, eq=False, repr=False)
class TradeObstacles(Result):
    """What keeps tokens of a country from users abroad: the part of each obstacle.

    Attributes
    ----------
    made_in : str
        The country of the data centres.
    demand_abroad_mtok : float
        What users abroad ask for; with steps of value, what all steps offer.
    obstacles : tuple of str
        ``distance``, and the scenarios.
    coalitions : DataFrame
        One row for every set of obstacles that is lifted, from ``none`` on: ``exports_mtok`` that the country sells
        abroad at least cost; ``low_mtok`` and ``high_mtok`` over all placements of the cost, of what is bought; and
        ``proven``: if False, low and high are bounds.
    """

    made_in: str
    demand_abroad_mtok: float
    obstacles: tuple[str, ...]
    coalitions: pd.DataFrame

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an obstacle, and one for what no obstacle explains: others make it cheaper, or have the room.

        ``takes_mtok`` is the mean increase of the exports when the obstacle is lifted, over all orders of lifting
        (Shapley), and ``takes_share`` the same as a part of the demand abroad. They add up to the demand abroad that
        the country does not serve. A part below 0 means that the country sells more with the obstacle than without.
        ``least_takes_mtok`` and ``most_takes_mtok`` hold the part whichever placements of least cost are chosen.
        """
        sold = self.coalitions
        exports, low, high = (sold[name].to_numpy(float) for name in ("exports_mtok", "low_mtok", "high_mtok"))
        least, most = shapley_range(low, high)
        rest = [self.demand_abroad_mtok - float(each[-1]) for each in (exports, high, low)]
        takes = np.append(shapley_value(exports), rest[0])
        return pd.DataFrame(
            {
                "takes_mtok": takes,
                "takes_share": takes / self.demand_abroad_mtok,
                "least_takes_mtok": np.append(least, rest[1]),
                "most_takes_mtok": np.append(most, rest[2]),
            },
            index=pd.Index([*self.obstacles, UNEXPLAINED], name="obstacle"),
        )

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """``obstacles``, the parts, and ``coalitions``."""
        return {"obstacles": self.table, "coalitions": self.coalitions}

    def summary(self) -> dict[str, Any]:
        """Return what is sold abroad with all obstacles and with none, and the obstacle that takes most."""
        exports = self.coalitions["exports_mtok"]
        takes = self.table["takes_mtok"].iloc[:-1]
        return {
            "made_in": self.made_in,
            "demand_abroad_mtok": self.demand_abroad_mtok,
            "exports_mtok": float(exports.iloc[0]),
            "free_exports_mtok": float(exports.iloc[-1]),
            "largest_obstacle": str(takes.idxmax()),
            "largest_takes_mtok": float(takes.max()),
            "proven": bool(self.coalitions["proven"].all()),
        }

    @property
    def headline(self) -> str:
        """What is sold abroad, with all obstacles and with none, and what takes most, in one line."""
        found = self.summary()
        names = ("exports_mtok", "demand_abroad_mtok", "free_exports_mtok", "largest_takes_mtok")
        sold, asked, free, takes = (quantity(found[name]) for name in names)
        largest = f"; {found['largest_obstacle']} takes most, {takes} Mtok" if found["largest_takes_mtok"] > 0 else ""
        return (
            f"Obstacles: {self.made_in} sells {sold} of the {asked} Mtok that users abroad ask for, and {free} without "
            f"obstacles{largest}"
        )

    def __repr__(self) -> str:
        """Return what is sold and the part of each obstacle, as text."""
        return f"{self.headline}\n{text_table(self.table).to_string()}"

    def _repr_html_(self) -> str:
        """Return the same as HTML, for notebooks."""
        return notebook.sentence(self.headline) + notebook.rows(self.table)
