"""Write placements as one self-contained HTML file that needs no network, no other file and no server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from placer.errors import PlacerError
from placer.instance.arguments import need_one_currency
from placer.report.content.findings import findings
from placer.report.content.origin import Origin, foot, origin_of
from placer.report.content.page import PageContent, Subject, content_of
from placer.report.content.plan import PlanContent
from placer.report.html.document import check_target, document, write_document
from placer.report.html.markup import Html, data_block, fragment, name_of, section, tag
from placer.report.sections import map_svg
from placer.report.sections.accounts import accounts_section, plan_accounts_section
from placer.report.sections.alternatives import alternatives_section, plan_alternatives_section
from placer.report.sections.batteries import batteries_section
from placer.report.sections.ceiling import ceiling_section, exports_data
from placer.report.sections.comparison import comparison_section
from placer.report.sections.evidence import assumptions_section, certificate_section, rules_section
from placer.report.sections.lost import lost_section
from placer.report.sections.map import map_section
from placer.report.sections.modes import modes_section
from placer.report.sections.own_limits import own_limits_section, own_rows_section
from placer.report.sections.plan import plan_opening, plan_section
from placer.report.sections.replay import replay_section
from placer.report.sections.results import (
    cost_section,
    footprint_section,
    headline_section,
    price_section,
    utilisation_section,
)
from placer.report.sections.study import study_section
from placer.report.sections.trade import trade_section

#: Largest number of characters of the flows of all placements on a page.
MOST_FLOW_CHARACTERS = 800_000
#: Largest number of placements on one page.
MOST_SUBJECTS = 6


@dataclass(frozen=True)
class Section:
    """A section of the page: its key, its name in the navigation, its heading, and what makes its content.

    ``make`` returns None where there is nothing to show; the section and its link are then left out.
    """

    key: str
    link: str
    heading: str
    make: Callable[[Any], Html | None]


#: The sections in their order on the page.
SECTIONS = (
    Section("figures", "Figures", "Headline figures", headline_section),
    Section("map", "Map", "Who serves whom", map_section),
    Section("cost", "Cost", "What a token costs, by hub", cost_section),
    Section("modes", "Modes", "Who runs how", modes_section),
    Section("ceiling", "Ceiling", "How much can leave", ceiling_section),
    Section("use", "Use", "How full data centres are", utilisation_section),
    Section("limits", "Limits", "Limits of one's own", own_limits_section),
    Section("own", "Own rows", "Own rows and columns", own_rows_section),
    Section("prices", "Prices", "Prices over time", price_section),
    Section("batteries", "Batteries", "What batteries did and earned", batteries_section),
    Section("footprint", "Carbon and water", "Carbon and water", footprint_section),
    Section("accounts", "Who earns what", "Who earns what", accounts_section),
    Section("trade", "Trade", "Who sells tokens to whom", trade_section),
    Section("alternatives", "Alternatives", "What else is nearly as cheap", alternatives_section),
    Section("lost", "If one is lost", "If one is lost", lost_section),
    Section("rules", "Naive rules", "What optimising bought", rules_section),
    Section("replay", "Replay", "Without foresight", replay_section),
    Section("study", "Assumptions", "How far the figures hang on assumptions", study_section),
    Section("certificate", "Certificate", "Certificate", certificate_section),
    Section("assumptions", "Sources", "Assumptions and sources", assumptions_section),
)
#: The sections on a plan, which stand before the placements of its states.
PLAN_SECTIONS = (
    Section("plan", "What to build", "What to build", plan_section),
    Section("plan-alternatives", "Other plans", "What else is nearly as cheap", plan_alternatives_section),
    Section("plan-accounts", "Who pays for the plan", "Who pays for the plan", plan_accounts_section),
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
        If there are no subjects or more than ``MOST_SUBJECTS``, or their currencies differ.
    ArgumentError
        If export ranges are not those of the placement.
    InstanceError
        If a dataset's ``sources.csv`` is invalid, a sensitivity study or a plan belongs to another instance, or an
        audit to another placement.
    """
    file = check_target(path)
    write_document(file, page(subjects, origin))
    return file


def check_count(count: int) -> None:
    """Raise ``PlacerError`` if a page cannot hold this number of placements."""
    if not 0 < count <= MOST_SUBJECTS:
        raise PlacerError(f"{count} placements to report on; a page holds 1 to {MOST_SUBJECTS}")


def page(subjects: Sequence[Subject], origin: Origin | None = None) -> str:
    """Return the text of a report; raises as ``write_page``. The same placements and origin give the same text."""
    check_count(len(subjects))
    need_one_currency({subject.title: subject.placement.currency for subject in subjects})
    most = MOST_FLOW_CHARACTERS // len(subjects)
    contents = [replace(content_of(subject, most), prefix=f"s{place}-") for place, subject in enumerate(subjects)]
    instances = [subject.placement.instance for subject in subjects]
    is_plan = _plan_of(contents) is not None
    title = contents[0].title if is_plan else _beside(contents)
    names = [_state_title(content) if is_plan else content.title for content in contents]
    below = foot(origin or origin_of(""), zip(names, instances, strict=True))
    return document(title, _body(contents), below)


def _body(contents: Sequence[PageContent]) -> Html:
    first = contents[0]
    if found := _plan_of(contents):
        return _plan_body(contents, *found)
    if len(contents) == 1:
        header = tag(
            "header", tag("p", "Placement report", class_="kicker"), tag("h1", name_of(first.title)), opening(first)
        )
        parts, prefix = shown_sections(first), first.prefix
        navigation = links_to((each.link, f"{prefix}{each.key}") for each in parts)
        return fragment(header, navigation, tag("main", _part(parts, prefix)), _data(contents))
    header = tag(
        "header", tag("p", "Placement reports side by side", class_="kicker"), tag("h1", name_of(_beside(contents)))
    )
    titles = [content.title for content in contents]
    articles = map(_article, contents, titles)
    main = tag("main", comparison_section(contents), _tabs("In full", titles), *articles)
    return fragment(header, main, _data(contents))


def _plan_of(contents: Sequence[PageContent]) -> tuple[PageContent, PlanContent] | None:
    """Return the first content with a plan, which the page then opens with, and the plan."""
    return next(((content, content.plan) for content in contents if content.plan is not None), None)


def _plan_body(contents: Sequence[PageContent], with_plan: PageContent, plan: PlanContent) -> Html:
    """Return the plan, then the placements of states behind a selector."""
    header = tag(
        "header",
        tag("p", "Plan report", class_="kicker"),
        tag("h1", name_of(contents[0].title)),
        tag("p", plan_opening(plan), class_="summary"),
    )
    parts = shown_sections(with_plan, PLAN_SECTIONS)
    titles = [_state_title(content) for content in contents]
    said = f"In full: {len(contents)} of {len(plan.states)} states, with the builds."
    below = section(
        "placements",
        "Placements of the states",
        tag("p", said, class_="lead"),
        _tabs("State", titles) if len(contents) > 1 else None,
    )
    main = tag(
        "main", tag("div", *headed(parts, with_plan.prefix), class_="plan"), below, *map(_article, contents, titles)
    )
    links = [(each.link, f"{with_plan.prefix}{each.key}") for each in parts] + [("Placements", "placements")]
    if len(contents) == 1:
        links += [(each.link, f"{contents[0].prefix}{each.key}") for each in shown_sections(contents[0])]
    return fragment(header, links_to(links), main, _data(contents))


def _state_title(content: PageContent) -> str:
    if content.plan is None:
        return content.title
    return f"State {content.plan.state}" if content.plan.state else "Without the builds"


def _article(content: PageContent, title: str) -> Html:
    """Return all sections on one of several placements under a title of their own."""
    return tag(
        "article",
        tag("h1", name_of(title), class_="part-title"),
        tag("p", findings(content), class_="summary"),
        _part(shown_sections(content), content.prefix),
        class_="part",
    )


def _beside(contents: Sequence[PageContent]) -> str:
    return (" beside " if len(contents) == 2 else ", ").join(content.title for content in contents)


def opening(content: PageContent) -> Html:
    """Return the description of the dataset, and the findings in a few sentences."""
    said = content.assumptions.description
    return fragment(tag("p", said, class_="opening") if said else None, tag("p", findings(content), class_="summary"))


def links_to(links: Iterable[tuple[str, str]]) -> Html:
    """Return the navigation over some names and identities of sections."""
    items = (tag("li", tag("a", name, href=f"#{identity}")) for name, identity in links)
    return tag("nav", tag("ul", *items), aria_label="Sections")


def _tabs(label: str, titles: Iterable[str]) -> Html:
    """Return a selector of the placement that is shown in full; without a script all are shown."""
    options = [tag("option", title, value=str(place)) for place, title in enumerate(titles)]
    return tag("div", tag("label", label, tag("select", *options, data_role="part")), class_="controls", hidden=True)


def shown_sections(content: Any, sections: Sequence[Section] = SECTIONS) -> dict[Section, Html]:
    """Return what the sections make of some content, of those that have anything to show."""
    made = ((each, each.make(content)) for each in sections)
    return {each: part for each, part in made if part is not None}


def headed(parts: Mapping[Section, Html], prefix: str = "") -> list[Html]:
    """Return the sections with their headings; the prefix is of their identities."""
    return [section(f"{prefix}{each.key}", each.heading, part) for each, part in parts.items()]


def _part(parts: Mapping[Section, Html], prefix: str) -> Html:
    """Return all sections on one placement."""
    return tag("div", *headed(parts, prefix), class_="subject", data_prefix=prefix)


def _data(contents: Sequence[PageContent]) -> Html:
    """Return the data of the script, a block for each placement."""
    return fragment(*(data_block(f"s{place}-data", script_data(content)) for place, content in enumerate(contents)))


def script_data(content: PageContent) -> dict[str, object]:
    """Return what the script of the page draws from: the flows of the map, and the curve of the ceiling."""
    flows = content.flows
    has_map = len(flows.places) and len(flows.sites)
    drawn = {"map": map_svg.script_data(flows, content.steps.in_words)} if has_map else {}
    return drawn | curve_data(content)


def curve_data(content: PageContent) -> dict[str, object]:
    """Return what the script draws the curve of the ceiling from; nothing without one."""
    if content.ceiling is None:
        return {}
    curve = content.ceiling.curve
    return {
        "curve": {
            "limit": [float(f"{value:.6g}") for value in curve["rtt_limit_ms"]],
            "share": [round(value, 5) for value in curve["share"]],
            "unserved": [round(value, 5) for value in curve["unserved_share"]],
            "exports": exports_data(content),
        }
    }
