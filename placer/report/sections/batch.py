"""The sections of the page of a batch, each a function from its content to HTML."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from placer.batch.columns import hub_of
from placer.batch.drivers import by_chance
from placer.batch.report import headlines, in_round_units
from placer.report.content.batch import BatchContent
from placer.report.content.headlines import Headline, written
from placer.report.html.histogram import histogram
from placer.report.html.markup import Html, folded, fragment, labelled, para, shortened, tag
from placer.report.html.tables import Cell, shares, table, text_table, written_table
from placer.report.html.tornado import tornado
from placer.report.sections.evidence import sources_of
from placer.report.sections.results import cards, figure_cell
from placer.result_columns import heading, is_share, unit_of
from placer.texts import spaced
from placer.tolerances import DISPLAY
from placer.utils.numbers import figure, percent

_QUANTILES = {name: name for name in ("mean", "p05", "p25", "p50", "p75", "p95", "sets")}
#: Numbers of features that are drawn for a figure.
_BARS = 8


def batch_headlines(content: BatchContent) -> Html:
    """Return how many sets were solved, and median and range of the headline figures."""
    solved, count = len(content.figures), int(content.endings.sum())
    ended = ", ".join(f"{number} {status}" for status, number in content.endings.items())
    found = [Headline("Demand sets solved", solved, "", ended, text=f"{solved} of {count}")]
    for name, row in headlines(content.quantiles).iterrows():
        if name in content.figures:
            unit = "share" if is_share(str(name)) else unit_of(str(name), content.currency)
            ends = [written(Headline("", row[end], unit)) for end in ("p05", "p95")]
            label = heading(str(name), content.currency).removesuffix(f", {unit}")
            found.append(Headline(f"{label}, median", row["p50"], unit, f"{ends[0]} to {ends[1]} in 90 % of the sets"))
    return fragment(cards(found), _quantiles(content))


def _quantiles(content: BatchContent) -> Html:
    """Return the quantiles of headlines, and of all other figures folded."""
    whole = content.quantiles
    first = headlines(whole)
    others = whole.drop(index=first.index)
    return fragment(
        table(
            _in_words(first, content.currency),
            "figure",
            _QUANTILES,
            "Quantiles of the headline figures over the solved sets",
        ),
        folded(
            f"All other figures: {len(others)}",
            table(
                labelled(_in_words(others, content.currency)), "figure", _QUANTILES, "Quantiles of all other figures"
            ),
        )
        if len(others)
        else None,
    )


def _in_words(table: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Return a table in round units with its figures in words."""
    rounded = in_round_units(table)
    words = [
        f"{_words(name, currency)}{label[len(name) :]}" for name, label in zip(table.index, rounded.index, strict=True)
    ]
    return rounded.set_axis(pd.Index(words, name="figure"))


def distribution_section(content: BatchContent) -> Html | None:
    """Return a histogram for every headline figure; nothing where no set is solved."""
    if content.figures.empty:
        return None
    return fragment(
        para("How many of the solved sets lie where; dotted lines mark the median and the 5 and 95 % quantiles."),
        *(
            _distribution(name, content.figures[name].dropna().to_numpy(float), content.currency)
            for name in content.headlines
        ),
    )


def _distribution(name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]], currency: str) -> Html:
    title, share = heading(name, currency), is_share(name)
    if not np.isfinite(values).all() or np.ptp(values) <= DISPLAY * np.abs(values).max(initial=0.0):
        return tag("p", f"{title}: {_value(name, float(values[0]))} in all sets.", class_="note")
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95)).tolist()
    said = f"{title}: 5 % of the sets below {_value(name, low)}, half below {_value(name, middle)}, "
    said += f"95 % below {_value(name, high)}."
    marks = {"5 %": low, "median": middle, "95 %": high}
    drawing = histogram(values, marks, f"{title}, %" if share else title, said, "%" if share else "")
    return fragment(tag("h3", title), drawing, tag("p", said, class_="note"))


def drivers_section(content: BatchContent) -> Html | None:
    """Return what moves every headline figure; nothing where the sets are unknown or too few."""
    found = content.drivers
    if found.empty:
        return None
    noise = by_chance(len(content.figures))
    headings = {str(name): heading(str(name), content.currency) for name in found}
    return fragment(
        para(
            "Rank correlation of each figure with what was drawn: 1 where both always rise together, -1 where one "
            f"falls as the other rises. Over {len(content.figures)} sets, unrelated figures stay within {noise:.2f} "
            "either way in 95 of 100 cases. A correlation is no proof of a cause."
        ),
        *(_driver_chart(headings[str(name)], found[name]) for name in found),
        folded("All correlations", table(labelled(found), "feature of the demand", headings, "Rank correlations")),
    )


def _driver_chart(heading: str, correlations: pd.Series) -> Html:
    largest = correlations.dropna().sort_values(key=np.abs, ascending=False, kind="stable").head(_BARS)
    said = [f"{value:.2f}" for value in largest]
    swings = pd.DataFrame(
        {"low": largest.clip(upper=0), "high": largest.clip(lower=0), "low_value": said, "high_value": said}
    )
    title = f"{heading}: rank correlation"
    return fragment(tag("h3", heading), tornado(labelled(swings), 0.0, title, title))


def extremes_section(content: BatchContent) -> Html | None:
    """Return the sets with the least and the most of every headline figure, and how to solve one again."""
    found = content.extremes
    if found.empty:
        return None
    cells = [
        [part for end in ("low", "high") for part in (figure_cell(str(name), row[end]), str(int(row[f"{end}_set"])))]
        for name, row in found.iterrows()
    ]
    first = found.iloc[0]
    code = [*_in_python(content.identity), f"placement = placer.solve(sets[{int(first.high_set)}])"]
    return fragment(
        written_table(
            [_headed(str(name), content.currency) for name in found.index],
            cells,
            ["figure", "least", "in set", "most", "in set "],
            "The sets with the least and the most of every headline figure",
        ),
        para(f"The set with the most {heading(str(found.index[0]), content.currency)}, solved again in Python:"),
        tag("pre", tag("code", "\n".join(code))),
    )


def _in_python(identity: Mapping[str, Any]) -> list[str]:
    """Return how the sets are made, as far as it is known."""
    if not {"count", "seed", "uncertainty"} <= identity.keys():
        return ["# sets: the sequence that was solved"]
    given = identity["uncertainty"]
    return [
        "# instance: the one around which the sets lie, such as placer.load(NAME)",
        f"uncertainty = placer.Uncertainty({', '.join(f'{name}={_number(value)}' for name, value in given.items())})",
        f"sets = placer.DemandSets(instance, uncertainty, count={identity['count']}, seed={identity['seed']})",
    ]


def _number(value: float) -> str:
    """Return a number as Python reads it.

    Examples
    --------
    >>> _number(0.2), _number(float("inf"))
    ('0.2', "float('inf')")
    """
    return repr(value) if math.isfinite(value) else f"float('{value}')"


def shares_section(content: BatchContent) -> Html | None:
    """Return how often figures lie below thresholds; nothing without any."""
    if content.shares.empty:
        return None
    cells = [
        [figure_cell(str(row["figure"]), row["threshold"]), *shares([row["share"]])]
        for _, row in content.shares.iterrows()
    ]
    names = [_headed(name, content.currency) for name in content.shares["figure"]]
    return written_table(
        names, cells, ["figure", "below", "share of the sets, %"], "How often figures lie below thresholds"
    )


def failed_section(content: BatchContent) -> Html | None:
    """Return the sets without an answer; nothing if all were solved."""
    rows = content.failed
    if rows.empty:
        return None
    details = rows["detail"] if "detail" in rows else pd.Series("", rows.index)
    cells: list[list[str | Cell]] = [
        [str(status), shortened(str(detail), longest=300)]
        for status, detail in zip(rows["status"], details, strict=True)
    ]
    return fragment(
        para("These sets have no answer and are left out of all figures above."),
        written_table(
            [str(number) for number in rows["number"]], cells, ["set", "status", "why"], "Sets without an answer"
        ),
    )


def batch_sources(content: BatchContent) -> Html:
    """Return what the sets depend on, and the settings and sources of the instance."""
    given = [[name, value] for name, value in _flat(content.identity)]
    unknown = "The dataset is not known here; the report that the batch itself writes lists its sources."
    return fragment(
        para("What the sets depend on beside the instance."),
        text_table(given, ["setting", "value"], "Settings of the sets") if given else None,
        para(unknown) if content.assumptions is None else sources_of(content.assumptions),
    )


def _flat(identity: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the settings of the sets as texts; those within another one behind it."""
    found = []
    for name, value in identity.items():
        if isinstance(value, Mapping):
            found += _flat(value)
        else:
            found.append((spaced(str(name)), shortened(str(value), longest=200)))
    return found


def _words(name: str, currency: str) -> str:
    """Return the heading of a figure; the units of its shares are written elsewhere."""
    hub = hub_of(name)
    return heading(name, currency) if hub is None else f"price at {hub}, {unit_of('usd_per_mtok', currency)}"


def _headed(name: str, currency: str) -> str:
    return f"{heading(name)}, %" if is_share(name) else heading(name, currency)


def _value(name: str, value: float) -> str:
    return percent(value, 2 if 0 < value < 0.01 else 1) if is_share(name) else figure(value)


def opening(content: BatchContent) -> Html | None:
    """Return the description of the dataset, if it is known."""
    found = content.assumptions
    return tag("p", found.description, class_="opening") if found is not None and found.description else None
