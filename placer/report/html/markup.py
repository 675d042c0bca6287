"""HTML that is safe by construction: every text is escaped unless ``tag`` itself made it.

Not Jinja2: charts, maps and tables, most of a page, are built in loops and would keep ``tag``, a second way to escape.
"""

from __future__ import annotations

import html
import json
from typing import Any

import pandas as pd

#: Longer names and texts are shortened, with their position in the list added so that they stay distinct.
LONGEST_NAME = 60

#: Void tags: without content and end tag.
_VOID = ("br", "input", "link", "meta")
#: Characters that could end a script element or a line in it -> their JSON escapes.
_IN_JSON = {sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class Html(str):
    """Text that is HTML already; only this module creates it."""

    __slots__ = ()


def tag(name: str, *children: str | None, **attributes: Any) -> Html:
    """Return an element. Children are escaped unless they are ``Html``; those that are None are left out.

    An attribute of True stands without a value, one of None or False is left out. In names of attributes an underscore
    stands for a hyphen, and one at the end for nothing.

    Examples
    --------
    >>> tag("td", "<script>", class_="name", data_row=3)
    '<td class="name" data-row="3">&lt;script&gt;</td>'
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{fragment(*children)}</{name}>")


def fragment(*children: str | None) -> Html:
    """Return some children one after another."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in children if part is not None))


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


def data_block(identity: str, data: Any) -> Html:
    r"""Return an element that holds data for a script as JSON; the data cannot end the element.

    Examples
    --------
    >>> print(data_block("names", ["</script>"]))
    <script type="application/json" id="names">["\u003c/script\u003e"]</script>
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = "".join(_IN_JSON.get(sign, sign) for sign in text) if any(sign in text for sign in _IN_JSON) else text
    return Html(f'<script type="application/json" id="{html.escape(identity)}">{text}</script>')


def name_of(text: str) -> Html:
    """Return a name isolated from the text direction around it."""
    return tag("bdi", text)


def plain(text: str) -> str:
    r"""Return a text with unprintable characters escaped: controls, direction marks, lone surrogates.

    Examples
    --------
    >>> plain("a\u202eb")
    'a\\u202eb'
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def labels(names: list[str]) -> list[str]:
    """Return printable names, shortened where they are long, for the page.

    Examples
    --------
    >>> labels(["Beijing", "x" * 100])
    ['Beijing', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (no. 2)']
    """
    return [shortened(name, f" (no. {place})") for place, name in enumerate(names, 1)]


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with printable row names for the page."""
    return frame.set_axis(pd.Index(labels([str(name) for name in frame.index]), name=frame.index.name))


def shortened(text: str, mark: str = "", longest: int = LONGEST_NAME) -> str:
    """Return a printable text; if it is longer than allowed, its beginning, three dots and a mark."""
    shown = plain(text[: longest + 1])
    return shown[:longest] + "..." + mark if len(shown) > longest or len(text) > longest else shown


def _attribute(key: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
