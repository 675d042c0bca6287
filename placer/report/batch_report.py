"""The report of a batch as one HTML file: distributions, what moves them, extreme sets, and what they rest on."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from placer.currency import USD
from placer.datasets.folder import Dataset
from placer.instance.arguments import need
from placer.report.content.batch import BatchContent, BatchSubject, batch_content
from placer.report.content.origin import Origin, foot, origin_of
from placer.report.html.document import check_target, document, write_document
from placer.report.html.markup import Html, fragment, name_of, tag
from placer.report.sections import batch
from placer.report.write import Section, headed, links_to, shown_sections
from placer.synthetic import SetsAround

#: The sections in their order on the page.
_SECTIONS = (
    Section("figures", "Figures", "Headline figures", batch.batch_headlines),
    Section("shares", "Thresholds", "Below thresholds", batch.shares_section),
    Section("distributions", "Distributions", "Distributions", batch.distribution_section),
    Section("drivers", "Drivers", "What moves the figures", batch.drivers_section),
    Section("extremes", "Extreme sets", "The extreme sets", batch.extremes_section),
    Section("failed", "Failed", "Sets without an answer", batch.failed_section),
    Section("sources", "Sources", "Settings and sources", batch.batch_sources),
)


def write_batch_report(
    rows: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    title: str = "Batch",
    sets: SetsAround | None = None,
    dataset: Dataset | None = None,
    below: Mapping[str, float] | None = None,
    currency: str = USD,
    date: dt.date | None = None,
) -> Path:
    """Write the rows of a batch as one HTML file, which opens offline and prints well, and return its path.

    Parameters
    ----------
    rows : DataFrame
        Of ``placer.solve_many``, or of a store.
    path : str or path
        The file; its folder must exist. An existing file is replaced.
    title : str
    sets : DemandSets or other SetsAround, optional
        The sets that were solved: for what moves the figures, how to solve a set again, and the settings.
    dataset : Dataset, optional
        The source of the instance (``placer.datasets.describe``), for its description and sources.
    below : mapping of str to float, optional
        Figures and thresholds: the report says in which share of the sets the figure is below it.
    currency : str
        Of the rows, where the sets are not given.
    date : date, optional
        Date in the foot; today's if not given.

    Raises
    ------
    ArgumentError
        If ``rows`` is not a table.
    BatchError
        If no set has a figure with a threshold.
    PlacerError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile, placer
    >>> from pathlib import Path
    >>> rows = pd.DataFrame({"number": [0, 1], "status": "optimal", "cost_usd_per_mtok": [1.0, 2.0]})
    >>> folder = tempfile.TemporaryDirectory()
    >>> placer.write_batch_report(rows, Path(folder.name, "batch.html")).name
    'batch.html'
    >>> folder.cleanup()
    """
    need(rows, pd.DataFrame, "a table of rows", "pandas.DataFrame(placer.solve_many(sets)) is one")
    known = None if currency == USD else {"currency": currency}
    subject = BatchSubject(title, rows, sets, dataset, below=tuple((below or {}).items()), identity=known)
    return write_batch_page(path, subject, origin_of("placer.write_batch_report", date))


def write_batch_page(path: str | os.PathLike[str], subject: BatchSubject, origin: Origin) -> Path:
    """Write the page of a batch, and return its path; raises as ``write_batch_report``."""
    file = check_target(path)
    sets = subject.sets
    below = foot(origin, [] if sets is None else [(subject.title, sets.instance)])
    write_document(file, document(subject.title, _body(batch_content(subject)), below))
    return file


def _body(content: BatchContent) -> Html:
    header = tag(
        "header", tag("p", "Batch report", class_="kicker"), tag("h1", name_of(content.title)), batch.opening(content)
    )
    parts = shown_sections(content, _SECTIONS)
    main = tag("main", tag("div", *headed(parts), class_="plan"))
    return fragment(header, links_to((each.link, each.key) for each in parts), main)
