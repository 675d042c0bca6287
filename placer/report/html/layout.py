"""The pieces sections are made of: headings, paragraphs, and what folds."""

from __future__ import annotations

from placer.report.html.markup import Html, tag


def section(identity: str, title: str, *children: str | None) -> Html:
    """Return a section with its heading."""
    return tag(
        "section",
        tag("h2", title, id=f"{identity}-heading"),
        *children,
        id=identity,
        aria_labelledby=f"{identity}-heading",
    )


def para(*children: str | None) -> Html:
    """Return a paragraph that says how to read what follows."""
    return tag("p", *children, class_="lead")


def folded(summary: str, content: Html) -> Html:
    """Return content that stands behind its summary until it is asked for, and in print at once."""
    return tag("details", tag("summary", summary), content)
