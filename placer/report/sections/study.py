"""The section on a sensitivity study: ranges, tornado charts and conclusions."""

from __future__ import annotations

import pandas as pd

from placer.report.content.page import PageContent
from placer.report.content.study import StudyContent
from placer.report.html.markup import Html, folded, fragment, para, tag
from placer.report.html.tables import Cell, text_table, written_table
from placer.report.html.tornado import tornado
from placer.report.sections.results import figure_cell
from placer.result_columns import RESULT_COLUMNS, is_share, long
from placer.utils.numbers import NOTHING, figure, percent

#: Figures with an unfolded chart; the others are folded.
_OPEN = ("cost_usd_per_mtok", "ceiling_share")


def study_section(content: PageContent) -> Html | None:
    """Return the section with ranges, charts and conclusions; nothing without a study."""
    found = content.study
    if found is None:
        return None
    return fragment(
        para(
            f"{found.cases} cases: the data as given, and each value of each assumption alone. Assumptions that are "
            "wrong together can lead beyond these ranges."
        ),
        *_conclusions(found),
        _ranges(found, content.currency),
        *_charts(found, content.currency),
        _assumptions(found),
        *(tag("p", f"No answer at {case}", class_="note") for case in found.failed),
    )


def _conclusions(found: StudyContent) -> list[Html]:
    """Return every conclusion as a sentence, with the cases in which it fails."""
    if not found.conclusions:
        return []
    sentences = [
        tag("li", tag("strong", said), " ", "Holds in all cases." if holds else f"Does not hold at: {fails_at}.")
        for said, holds, fails_at in found.conclusions
    ]
    return [tag("h3", "What holds, and what does not"), tag("ul", *sentences)]


def _ranges(found: StudyContent, currency: str) -> Html:
    cells: list[list[str | Cell]] = []
    for name, row in found.ranges.iterrows():
        low, base, high = (figure_cell(str(name), row[end]) for end in ("low", "base", "high"))
        cells.append([low, row["low_at"], base, high, row["high_at"]])
    headings = ["figure", *long("low", "low_at", "base", "high", "high_at").values()]
    names = list(long(*found.ranges.index, currency=currency).values())
    return written_table(names, cells, headings, "Least and most of every figure over all cases")


def _charts(found: StudyContent, currency: str) -> list[Html]:
    """Return a chart for every figure that an assumption moves."""
    drawn = []
    for name, swings in found.swings.items():
        if swings.empty:
            continue
        unmoved = ", ".join(found.unmoved[name])
        note = tag("p", f"Without effect: {unmoved}.", class_="note") if unmoved else None
        whole = fragment(_chart(name, swings, found, currency), note)
        title = f"What moves it: {RESULT_COLUMNS[name].words}"
        drawn.append(fragment(tag("h3", title), whole) if name in _OPEN else folded(title, whole))
    return drawn


def _chart(name: str, swings: pd.DataFrame, found: StudyContent, currency: str) -> Html:
    base = float(swings["base"].iloc[0])
    given = found.assumptions["base"]
    named = swings.set_axis([f"{label} ({given[label]} as given)" for label in swings.index])
    said = f"Tornado of {RESULT_COLUMNS[name].words}, {percent(base) if is_share(name) else figure(base)} as given"
    summary = f"{said}; the table of ranges holds its least and most."
    return tornado(named, base, summary, long(name, currency=currency)[name], "%" if is_share(name) else "")


def _assumptions(found: StudyContent) -> Html:
    table = found.assumptions
    rows = [
        [name, *(text or NOTHING for text in texts)]
        for name, *texts in table[["base", "unit", "description", "source", "kind"]].itertuples()
    ]
    caption = "The assumptions that are varied"
    headings = list(long("assumption", "base", "unit", "description", "source", "kind").values())
    return folded(caption, text_table(rows, headings, caption))
