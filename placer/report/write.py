"""Write placements as one self-contained HTML file that needs no network, no other file and no server."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from placer.errors import PlacerError
from placer.report.content.findings import findings
from placer.report.content.origin import Origin, foot, origin_of
from placer.report.content.page import PageContent, Subject, content_of
from placer.report.html.markup import Html, data_block, fragment, name_of, tag
from placer.report.sections import map_svg
from placer.report.sections.accounts import accounts_section, plan_accounts_section
from placer.report.sections.ceiling import ceiling_section
from placer.report.sections.comparison import comparison_section
from placer.report.sections.evidence import assumptions_section, certificate_section, rules_section
from placer.report.sections.lost import lost_section
from placer.report.sections.map import map_section
from placer.report.sections.own_limits import own_limits_section, own_rows_section
from placer.report.sections.plan import plan_section
from placer.report.sections.results import (
    cost_section,
    footprint_section,
    headline_section,
    price_section,
    utilisation_section,
)
from placer.report.sections.study import study_section
from placer.utils.atomic import check_file, whole

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

#: Largest number of characters of the flows of all placements on a page.
MOST_FLOW_CHARACTERS = 800_000
#: Allowed endings of a report's name.
ENDINGS = (".html", ".htm")
#: Largest number of placements on one page.
MOST_SUBJECTS = 6

_SECTIONS = (
    headline_section,
    map_section,
    cost_section,
    ceiling_section,
    utilisation_section,
    own_limits_section,
    own_rows_section,
    price_section,
    footprint_section,
    accounts_section,
    lost_section,
    plan_section,
    plan_accounts_section,
    rules_section,
    study_section,
    certificate_section,
    assumptions_section,
)
#: Content security policy: the page may run its own script and style, and send no requests to any server.
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; connect-src 'none'; "
    "form-action 'none'; base-uri 'none'"
)


def write_page(path: str | os.PathLike[str], subjects: Sequence[Subject], origin: Origin | None = None) -> Path:
    """Write a report on one placement, or on several side by side, and return its path.

    The file is replaced as a whole: it is never half written, and an older file stays if writing fails.

    Parameters
    ----------
    path : str or path
        The file; its folder must exist.
    subjects : sequence of Subject
        The subjects of the report; differences are from the first.
    origin : Origin, optional
        Date and command for the foot; today and no command if not given.

    Raises
    ------
    OutputError
        If the folder does not exist, the path is a folder or does not end in .html, or the file cannot be written.
    PlacerError
        If there are no subjects or more than ``MOST_SUBJECTS``.
    ArgumentError
        If export ranges are not those of the placement.
    InstanceError
        If a dataset's ``sources.csv`` is invalid, a sensitivity study or a plan belongs to another instance, or an
        audit to another placement.
    """
    file = check_target(path)
    text = page(subjects, origin)
    with whole(file) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
    return file


def check_target(path: str | os.PathLike[str]) -> Path:
    """Return the path of a report to write, or raise ``OutputError`` if it cannot be written."""
    return check_file(path, ENDINGS)


def check_count(count: int) -> None:
    """Raise ``PlacerError`` if a page cannot hold this number of placements."""
    if not 0 < count <= MOST_SUBJECTS:
        raise PlacerError(f"{count} placements to report on; a page holds 1 to {MOST_SUBJECTS}")


def page(subjects: Sequence[Subject], origin: Origin | None = None) -> str:
    """Return the text of a report; raises as ``write_page``. The same placements and origin give the same text."""
    check_count(len(subjects))
    contents = [content_of(subject, MOST_FLOW_CHARACTERS // len(subjects)) for subject in subjects]
    style, script = _asset("style.css"), _asset("tables.js") + _asset("script.js")
    policy = _POLICY.format(script=_hash(script), style=_hash(style))
    title = _beside(contents)
    return Template(_asset("page.html")).substitute(
        policy=tag("meta", http_equiv="Content-Security-Policy", content=policy),
        title=tag("title", f"placer: {title}"),
        style=style,
        body=_body(contents),
        foot=foot(origin or origin_of(""), ((subject.title, subject.placement.instance) for subject in subjects)),
        script=script,
    )


def _body(contents: Sequence[PageContent]) -> Html:
    first = contents[0]
    if len(contents) == 1:
        header = tag(
            "header", tag("p", "Placement report", class_="kicker"), tag("h1", name_of(first.title)), _opening(first)
        )
        return fragment(header, _navigation(first, "s0-"), tag("main", _part(first, "s0-")), _data(contents))
    header = tag(
        "header", tag("p", "Placement reports side by side", class_="kicker"), tag("h1", name_of(_beside(contents)))
    )
    parts = [
        tag(
            "article",
            tag("h1", name_of(content.title), class_="part-title"),
            tag("p", findings(content), class_="summary"),
            _part(content, f"s{place}-"),
            class_="part",
        )
        for place, content in enumerate(contents)
    ]
    return fragment(header, tag("main", comparison_section(contents), _tabs(contents), *parts), _data(contents))


def _beside(contents: Sequence[PageContent]) -> str:
    return (" beside " if len(contents) == 2 else ", ").join(content.title for content in contents)


def _opening(content: PageContent) -> Html:
    """Return the description of the dataset, and the findings in a few sentences."""
    said = content.assumptions.description
    return fragment(tag("p", said, class_="opening") if said else None, tag("p", findings(content), class_="summary"))


def _navigation(content: PageContent, prefix: str) -> Html:
    study = {} if content.study is None else {"study": "Assumptions"}
    earns = {} if content.accounts is None else {"accounts": "Who earns what"}
    plan = {} if content.plan is None else {"plan": "What to build"}
    if content.plan is not None and content.plan.accounts is not None:
        plan["plan-accounts"] = "Who pays for the plan"
    lost = {} if content.lost is None and content.secured is None else {"lost": "If one is lost"}
    limits = {} if content.limit_lines.empty else {"limits": "Limits"}
    own = {} if content.own is None else {"own": "Own rows"}
    rules = {} if content.rules.empty else {"rules": "Naive rules"}
    names = {
        "figures": "Figures",
        "map": "Map",
        "cost": "Cost",
        "ceiling": "Ceiling",
        "use": "Use",
        **limits,
        **own,
        "prices": "Prices",
        "footprint": "Carbon and water",
        **earns,
        **lost,
        **plan,
        **rules,
        **study,
        "certificate": "Certificate",
        "assumptions": "Sources",
    }
    links = (tag("li", tag("a", title, href=f"#{prefix}{name}")) for name, title in names.items())
    return tag("nav", tag("ul", *links), aria_label="Sections")


def _tabs(contents: Sequence[PageContent]) -> Html:
    """Return a selector of the placement that is shown in full; without a script all are shown."""
    options = [tag("option", content.title, value=str(place)) for place, content in enumerate(contents)]
    label = tag("label", "In full", tag("select", *options, data_role="part"))
    return tag("div", label, class_="controls", hidden=True)


def _part(content: PageContent, prefix: str) -> Html:
    """Return all sections on one placement."""
    return tag("div", *(make(content, prefix) for make in _SECTIONS), class_="subject", data_prefix=prefix)


def _data(contents: Sequence[PageContent]) -> Html:
    """Return the data of the script, a block for each placement."""
    return fragment(*(data_block(f"s{place}-data", _for_script(content)) for place, content in enumerate(contents)))


def _for_script(content: PageContent) -> dict[str, object]:
    flows, found = content.flows, content.ceiling
    data: dict[str, object] = {}
    if len(flows.places) and len(flows.sites):
        data["map"] = map_svg.script_data(flows, content.steps.labels)
    if found is not None:
        curve = found.curve
        data["curve"] = {
            "limit": [float(f"{value:.6g}") for value in curve["rtt_limit_ms"]],
            "share": [round(value, 5) for value in curve["share"]],
            "unserved": [round(value, 5) for value in curve["unserved_share"]],
        }
    return data


def _asset(name: str) -> str:
    return resources.files("placer.report").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the hash that admits an embedded text in the content security policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
