"""What a rule knows before a day begins: the network, and a forecast with its optimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.replays.network import DayNetwork
    from placer.replays.outlook import Outlook
    from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Brief:
    """What a rule is given before the day begins.

    Attributes
    ----------
    network, hours : DayNetwork
        Of the substeps, and of the hours.
    forecast : (pairs, hours) array
        Mtok.
    outlook : Outlook
        Of the forecast.
    rtt_ms : (pairs, choices) array
        Round trip; inf where there is no choice.
    """

    network: DayNetwork
    hours: DayNetwork
    forecast: FloatArray
    outlook: Outlook
    rtt_ms: FloatArray

    @property
    def expected(self) -> FloatArray:
        """The forecast of every substep (pairs, periods): that of an hour, evenly."""
        return np.repeat(self.forecast / self.network.parts, self.network.parts, axis=1)
