"""Count the words of the built site, a line for each page: ``python docs/site/count_words.py [FOLDER]``.

What a reader sees of a page counts, code and tables included; the menu, the table of contents and scripts do not.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path


def words_of(folder: Path) -> dict[str, int]:
    """Return the number of words of every page of a built site, by its path."""
    pages = sorted(page for page in folder.rglob("*.html") if page.name != "404.html")
    return {
        page.relative_to(folder).as_posix().removesuffix(".html"): count(page.read_text(encoding="utf-8"))
        for page in pages
    }


def count(text: str) -> int:
    """Return the number of words of the article of a page; a word has a letter or a figure.

    Examples
    --------
    >>> count("<nav>no</nav><article><p>Two <b>words</b></p><script>no</script> &amp; 3.5</article>")
    3
    """
    reader = _Article()
    reader.feed(text)
    return sum(any(sign.isalnum() for sign in word) for word in " ".join(reader.parts).split())


class _Article(HTMLParser):
    """The text of the article of a page. Signs of one formula are a word, as a formula without spaces is."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - of the parser
        if tag in ("article", "script", "style", "math"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
            self.parts.append("x" if tag == "math" else "")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "article":
            self.parts.append(data)


def listed(folder: Path) -> str:
    """Return the words of each page, of the reference and of all pages, a line each."""
    words = words_of(folder)
    reference = sum(number for name, number in words.items() if name.startswith("reference"))
    lines = {**words, "the reference": reference, "all pages": sum(words.values())}
    return "\n".join(f"{number:7,}  {name}" for name, number in lines.items())


if __name__ == "__main__":
    sys.stdout.write(f"{listed(Path(sys.argv[1] if len(sys.argv) > 1 else 'site'))}\n")
