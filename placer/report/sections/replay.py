"""The section on a replay: what each rule loses without foresight, by day."""

from __future__ import annotations

from placer.report.content.page import PageContent
from placer.report.html.markup import Html, folded, fragment, labels, para, tag
from placer.report.html.tables import table
from placer.result_columns import long

_RULES = long("regret_share", "worst_regret_share", "unserved_share", "expired_share", "export_share", "decision_ms")


def replay_section(content: PageContent) -> Html | None:
    """Return the rules with their regret, and the regret of each day; nothing without a replay."""
    found = content.replay
    if found is None:
        return None
    rules = found.rules.set_axis(labels(list(map(str, found.rules.index))))
    by_day = found.days["regret_share"].groupby(["rule", "day"], sort=False).mean().unstack("rule")
    by_day = by_day[list(found.rules.index)].set_axis(rules.index, axis=1)
    by_day.index = [f"day {day}" for day in by_day.index]
    filled = f"Steps of the history that were filled: {len(found.filled):,}." if len(found.filled) else ""
    return fragment(
        para(
            f"Days of a history, routed as they came: {len(by_day)}. The regret is the cost and penalty of a rule over "
            "the least cost of the same day known in advance, less 1; that least cost is a proven lower bound."
        ),
        table(rules, "rule", _RULES, "Rules without foresight"),
        folded(
            "Regret by day", table(by_day, "day", {name: f"{name}, %" for name in map(str, by_day)}, "Regret by day")
        ),
        tag("p", filled, class_="note") if filled else None,
    )
