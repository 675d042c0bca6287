"""A change of a limit in words, and hours as spans."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from placer.instance.timestamps import short_text

if TYPE_CHECKING:
    from placer.instance.horizon import Hours
    from placer.utils.arrays import IntArray

#: Unit of the amount of a change, by limit.
UNITS = {
    "latency": "ms",
    "residency": "",
    "no route": "ms",
    "accelerators": "accelerators",
    "site power": "MW",
    "supply": "MW",
    "power zone": "MW",
    "no supply": "MW",
    "link": "Gbps",
    "carbon cap": "kg",
    "water cap": "litres",
    "limit": "",
    "penalty": "USD per Mtok",
}

#: A change in words, by limit: the amount, rounded up to four digits, and the name.
_RAISED = {
    "latency": "{amount} ms more of latency_slo_ms of {name}",
    "accelerators": "{amount} more accelerators at {name}",
    "site power": "{amount} MW more of power_limit_mw at {name}",
    "supply": "{amount} MW more at supply {name}",
    "power zone": "{amount} MW more of limit_mw of power zone {name}",
    "no supply": "a supply of {amount} MW, {name}",
    "link": "{amount} Gbps more on {name}",
    "carbon cap": "{amount} kg more of carbon_limit_kg",
    "water cap": "{amount} litres more of water_limit_litres",
    "limit": "{amount} {more} in the amount of limit {name}",
    "penalty": "{amount} USD per Mtok more of unserved_usd_per_mtok of {name}",
}


def raised_in_words(limit: str, name: str, amount: float) -> str:
    """Return a limit that is raised by an amount, or a new link of a round trip, in words.

    Examples
    --------
    >>> raised_in_words("accelerators", "Metro", 10.0)
    '10 more accelerators at Metro'
    >>> raised_in_words("no route", "Coast - Port", 12.5)
    'a link of at most 12.5 ms on Coast - Port'
    """
    if limit == "no route":
        return f"a link of at most {amount:,.4g} ms on {name}"
    more = "more" if amount > 0 else "less"
    return _RAISED[limit].format(amount=f"{rounded_up(abs(amount)):,.12g}", name=name, more=more)


def allowed_in_words(name: str, old: tuple[str, ...], new: tuple[str, ...] | None) -> str:
    """Return the jurisdictions that a workload is let go to in words; None is anywhere.

    Examples
    --------
    >>> allowed_in_words("voice", ("EU",), ("EU", "CN"))
    'CN among the jurisdictions of voice'
    """
    if new is None:
        return f"any jurisdiction for {name}"
    return f"{', '.join(place for place in new if place not in old)} among the jurisdictions of {name}"


def hour_spans(periods: IntArray, hours: Hours) -> str:
    """Return hours, given by their positions in the horizon, as spans.

    Examples
    --------
    >>> import numpy as np
    >>> hour_spans(np.array([7, 0, 1, 2, 3]), range(24))
    '0-3, 7'
    """
    spans: list[list[int]] = []
    for hour in sorted(periods.tolist()):
        if spans and hour == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], hour]
        else:
            spans.append([hour])
    between = "-" if isinstance(hours, range) else " to "
    return ", ".join(between.join(short_text(hours[place]) for place in span) for span in spans)


def rounded_up(amount: float) -> float:
    """Return an amount rounded up to four digits, so that the figure in words is enough.

    Examples
    --------
    >>> rounded_up(123456.0)
    123500.0
    """
    if not amount > 0:
        return amount
    unit = math.floor(math.log10(amount)) - 3
    return round(math.ceil(amount / 10.0**unit * (1 - 1e-7)) * 10.0**unit, max(-unit, 0))
