"""The section on other answers of nearly the same cost: what all have, how far they differ, and a few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from placer.near_optimal.tables import named_groups
from placer.report.content.page import PageContent
from placer.report.html.markup import Html, folded, fragment, labels, para, tag
from placer.report.html.tables import table
from placer.report.html.tornado import MOST_LINES, parallel
from placer.result_columns import long

if TYPE_CHECKING:
    from placer.near_optimal.result import Alternatives

_RANGES = ("at_least_cost", "least", "most")


def alternatives_section(content: PageContent) -> Html | None:
    """Return what all placements within a budget have, and a few that differ most; nothing without alternatives."""
    found = content.alternatives
    return None if found is None or not found.placements else _shown(found)


def plan_alternatives_section(content: PageContent) -> Html | None:
    """Return the same of plans."""
    found = content.alternatives
    return None if found is None or found.placements else _shown(found)


def _shown(found: Alternatives) -> Html:
    unit = str(found.ranges["unit"].iloc[0])
    ranges = _named(found.ranges)
    shown = long(*(name for name in (*_RANGES, "least_share", "most_share") if not ranges[name].isna().all()))
    costs = long(*map(str, found.answers), currency=found.currency)
    answers = list(found.answers.index[:MOST_LINES])
    counted = _named(found.amounts["counted"].unstack("answer").loc[found.ranges.index][answers])
    unproven = len(ranges) - int(ranges["proven"].sum())
    return fragment(
        para(tag("strong", found.in_words)),
        para(
            "No answer within the budget has less of a group than its least, or more than its most. Each of these is "
            "proven, by a price on what the group counts."
        ),
        table(ranges, "group", shown, f"Least and most over all answers within the budget, {unit}"),
        _chart(found, answers),
        table(found.answers.loc[answers], "answer", costs, "Cost of these answers"),
        folded("What each has", table(counted, "group", {name: name for name in answers}, f"What each has, {unit}")),
        tag("p", f"Ranges with a wider gap between found and proven ends: {unproven}.", class_="note")
        if unproven
        else None,
    )


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table by kind and group with a short name for each that can stand on the page."""
    named = named_groups(frame)
    return named.set_axis(labels(list(named.index)))


def _chart(found: Alternatives, answers: list[str]) -> Html | None:
    """Draw the answers over the groups that have a range; nothing where none has."""
    free = found.ranges["most_found"] > found.ranges["least_found"]
    if not free.any():
        return None
    named = _named(found.ranges)[free.to_numpy()]
    places = found.amounts["place"].unstack("answer").loc[found.ranges.index[free]]
    ends = list(zip(named.index, named["least_found"], named["most_found"], strict=True))
    lines = {name: places[name].tolist() for name in answers}
    said = "Answers that differ most: a line each, over groups from the least to the most that any answer has."
    return fragment(para(said), parallel(ends, lines, said))
