"""The elements of sections: headings, paragraphs and folded content."""

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
    """Return a paragraph that explains the content after it."""
    return tag("p", *children, class_="lead")


def folded(summary: str, content: Html) -> Html:
    """Return content folded behind its summary; it unfolds on request and in print."""
    return tag("details", tag("summary", summary), content)
