"""The page around the answers: its header, the places for controls and sections, its style and its script."""

from __future__ import annotations

from importlib import resources

from placer.live.parts import PREFIX
from placer.live.source import Source
from placer.report.html.document import Further, document
from placer.report.html.markup import Html, data_block, fragment, name_of, tag
from placer.version import VERSION


def shell(source: Source) -> str:
    """Return the text of the page, which asks for its controls and its answer once it is loaded."""
    further = Further(_asset("live.css"), _asset("live.js"), "'self'")
    return document(source.name, _body(source), _foot(), further)


def _body(source: Source) -> Html:
    title = tag("h1", name_of(source.name), data_live="title")
    header = tag("header", tag("p", "Live report", class_="kicker"), title, class_="live-header")
    start = {"scenarios": list(source.start), "name": source.name}
    return fragment(
        header,
        tag("div", _panel(), _answer(), class_="live"),
        data_block("start", start),
        data_block(f"{PREFIX}data", {}),
        tag("noscript", "This page needs its script: it asks the program on your machine for answers."),
    )


def _panel() -> Html:
    """Return the place for the controls, with the buttons of all of them."""
    buttons = (
        tag("button", label, type="button", data_act=act)
        for act, label in (("reset", "Reset all"), ("report", "Save report"), ("script", "Save Python"))
    )
    inside = fragment(
        tag("div", *buttons, class_="acts", role="group", aria_label="All assumptions"),
        tag("p", "The address of this page holds the changes: a link to it brings them back.", class_="note"),
        tag("div", data_live="panel", aria_busy="true"),
    )
    return tag(
        "aside",
        tag("details", tag("summary", "Assumptions", class_="title"), inside, open=True),
        class_="panel",
        aria_label="Assumptions",
    )


def _answer() -> Html:
    """Return the place for the strip, the state, the navigation and the sections."""
    return tag(
        "div",
        tag(
            "div",
            tag("div", data_live="strip", role="group", aria_label="Figures, and what changed since the start"),
            tag(
                "p",
                tag("span", role="status", data_live="state"),
                tag("span", aria_hidden="true", data_live="progress"),
                class_="state",
            ),
            tag("p", role="alert", class_="wrong", data_live="alert", hidden=True),
            class_="bar",
        ),
        tag("div", data_live="navigation"),
        tag("div", data_live="opening"),
        tag("div", data_live="notes"),
        tag("main", tag("div", class_="subject", data_prefix=PREFIX)),
        class_="answer",
    )


def _foot() -> Html:
    said = (
        f"placer {VERSION} on this machine. The page asks no other, and keeps what it shows once the program has ended."
    )
    return tag("p", said)


def _asset(name: str) -> str:
    return resources.files("placer.live").joinpath("page", name).read_text(encoding="utf-8")
