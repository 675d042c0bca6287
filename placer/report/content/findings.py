"""The findings of a page: a few sentences before its figures."""

from __future__ import annotations

import math
from collections.abc import Iterator

from placer.placement.accounts import COST_PARTS
from placer.report.content.ceiling import CeilingContent
from placer.report.content.headlines import written
from placer.report.content.page import LIKE_FOR_LIKE, PageContent
from placer.tolerances import PROOF, SOLVER
from placer.utils.numbers import figure, percent, points

#: Parts of cost below this share are not mentioned.
_WORTH_A_WORD = 0.005
#: Limits of a ceiling, at the beginning of a sentence.
_HOLDS_BACK = {
    "latency": "Latency holds",
    "residency": "Residency holds",
    "accelerators": "Accelerators hold",
    "power": "Power holds",
    "links": "Links hold",
}
#: Label of a figure -> its wording in a sentence about a change, in the order of the sentence.
_CHANGES = {
    LIKE_FOR_LIKE: "with the penalty, a million tokens of demand cost {0} {1} ({2} instead of {3} {4})",
    "Unserved": "unserved demand is {0} {1} ({2} instead of {3})",
    "Cost per million tokens": "a million tokens cost {0} {1} ({2} instead of {3} {4})",
    "Exported": "exports are {0} {1} ({2} instead of {3} of demand)",
    "Export ceiling": "the ceiling is {0} {1} ({2} instead of {3} of demand)",
    "Carbon": "carbon is {0} {1}",
    "Energy": "energy is {0} {1}",
}


def findings(content: PageContent) -> str:
    """Return the findings on one placement in a few sentences."""
    return " ".join(_sentences(content))


def _sentences(content: PageContent) -> Iterator[str]:
    figures = {item.label: item for item in content.headlines}
    cost, unserved = figures["Cost per million tokens"], figures["Unserved"].value
    if math.isnan(cost.value):
        yield "No demand is served."
        return
    yield f"Serving a million tokens costs {written(cost)} {content.currency}{_parts(content)}."
    yield f"In the cheapest placement, {written(figures['Exported'])} of tokens run outside the user's region."
    if content.ceiling is not None:
        yield from _ceiling(content.ceiling)
    sites = content.data_centres["mtok"]
    yield f"The busiest data centre is {sites.idxmax()} with {percent(sites.max() / sites.sum())} of the tokens served."
    if unserved > SOLVER:
        yield f"{percent(unserved, 2)} of demand is unserved."
    else:
        yield "All demand is served."
    yield "The placement is proven: none costs less." if content.proven else f"The placement is {content.verdict}."


def _parts(content: PageContent) -> str:
    """Return the two largest parts of the cost."""
    usd = {part: float(content.hubs[f"{part}_usd"].sum()) for part in COST_PARTS}
    whole = next(item.value for item in content.headlines if item.label == "Cost in all")
    largest = [part for part in sorted(usd, key=lambda part: -usd[part])[:2] if usd[part] > _WORTH_A_WORD * whole]
    said = " and ".join(f"{percent(usd[part] / whole)} for {part}" for part in largest)
    return f", {said}" if said else ""


def _ceiling(found: CeilingContent) -> Iterator[str]:
    work = "" if math.isnan(found.work_share) else f" ({percent(found.work_share)} of the work)"
    yield (
        f"At most {percent(found.share)} of {found.weight}{work} could be served elsewhere. With distance and law as "
        f"the only limits it would be {percent(found.latency_share)}."
    )
    kept = found.limits["share"].drop("not exportable", errors="ignore")
    if len(kept) and kept.max() > _WORTH_A_WORD:
        limit = str(kept.idxmax())
        yield f"{_HOLDS_BACK.get(limit, limit)} back another {percent(kept.max())}, more than any other limit."


def changes(first: PageContent, other: PageContent) -> str:
    """Return a sentence on the differences of another placement from the first."""
    said = []
    before, after = ({item.label: item for item in content.compared} for content in (first, other))
    all_served = max(before["Unserved"].value, after["Unserved"].value) <= SOLVER
    for label, wording in _CHANGES.items():
        item, old = after[label], before[label].value
        change = item.value - old
        if not abs(change) > PROOF * max(abs(old), abs(item.value)) or (label == LIKE_FOR_LIKE and all_served):
            continue
        relative = percent(abs(change / old)) if old else f"{figure(abs(change))} {item.unit}"
        amount = points(abs(change)) if item.unit == "share" else relative
        up, down = ("more", "less") if label.startswith("Cost") else ("higher", "lower")
        direction = up if change > 0 else down
        said.append(wording.format(amount, direction, written(item), written(before[label]), other.currency))
    if not said:
        return "Beside the first, no headline figure differs."
    sentence = ", ".join(said[:-1]) + " and " + said[-1] if len(said) > 1 else said[0]
    return f"{sentence[:1].upper()}{sentence[1:]}."
