"""The reference: an index with a line for each public name, and a page for each group of names."""

from __future__ import annotations

import html
import json
import re
from functools import lru_cache
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[2]

#: The page of what all results offer, and the class that says it.
EVERY_RESULT, _RESULT = "reference/every_result.md", "placer.io.results.Result"

#: Columns of a signature, and pages that a group leads to at most.
_WIDTH, _GUIDES = 72, 3


def reference_pages(groups: dict[str, str]) -> dict[str, str]:
    """Return the pages by the names of their files: the index, and one for each group of names."""
    homes = _homes()
    pages = {"reference.md": _index(groups, homes), EVERY_RESULT: f"# Every result\n\n::: {_RESULT}\n"}
    for question, names in groups.items():
        parts = [f"# {question}", _guides(names.split()), *(_section(homes[name], homes) for name in names.split())]
        pages[file_of(question)] = "\n\n".join(parts) + "\n"
    return pages


def file_of(question: str) -> str:
    """Return the file of the page of a group.

    Examples
    --------
    >>> file_of("What runs where, at what cost")
    'reference/what_runs_where_at_what_cost.md'
    """
    return f"reference/{'_'.join(re.findall(r'[a-z]+', question.lower()))}.md"


def short_signatures(content: str) -> str:
    """Return a page with several parameters on a line of a signature, and without signatures of attributes."""
    signature = r'<div class="doc-signature highlight"><pre><span></span><code>(.*?)</code></pre></div>'
    return re.sub(signature, _shortened, content, flags=re.DOTALL)


def _shortened(found: re.Match[str]) -> str:
    head, *parameters = found[1].rstrip("\n").split("\n")
    if "(" not in html.unescape(re.sub("<[^>]+>", "", head)):
        return ""  # of an attribute, whose name stands in the heading
    if not parameters:
        return found[0]
    lines = [head]
    for place, parameter in enumerate(part.strip() for part in parameters):
        last = place == len(parameters) - 1
        width = len(html.unescape(re.sub("<[^>]+>", "", f"{lines[-1]} {parameter}")))
        if last or (len(lines) > 1 and width <= _WIDTH):
            lines[-1] += parameter if last else f" {parameter}"
        else:
            lines.append(f"    {parameter}")
    lines[-1] = re.sub(r',(</span>)?(?=(<span class="p">)?\))', r"\1", lines[-1])
    return found[0].replace(found[1], "\n".join(lines) + "\n")


def _index(groups: dict[str, str], homes: dict[str, str]) -> str:
    """Return the index: a line for each name, with the anchor that the name had when the reference was one page."""
    every = f"[Every result]({EVERY_RESULT}) has figures, tables and files."
    parts = ["# Reference", f"Every public name of `placer`, by the question that it answers. {every}"]
    for question, names in groups.items():
        parts.append(f"## [{question}]({file_of(question)})")
        parts.append("\n".join(_line(name, homes[name]) for name in names.split()))
    return "\n\n".join(parts) + "\n"


def _section(home: str, homes: dict[str, str]) -> str:
    """Return the section of a name, without members that stand with another name or with all results."""
    found = _found(home)
    shown = {}
    if found.is_class:
        hidden = {*homes.values(), _RESULT} - {home}
        others = [base for base in found.mro() if base.path in hidden]
        known = {name for base in others for name in base.all_members}
        shown["inherited_members"] = sorted(found.inherited_members.keys() - known)
    elif found.is_module and found.exports:
        public = {_found(path).path for path in homes.values()}
        shown["members"] = [name for name in found.exports if found[name].final_target.path not in public]
    options = [f"      {option}: {json.dumps(names)}" for option, names in shown.items()]
    return "\n".join([f"::: {home}", *(["    options:"] if options else []), *options])


def _line(name: str, home: str) -> str:
    return f'- <a id="{home}"></a>[`{name}`][{home}]: {_first_sentence(home)}'


def _guides(names: list[str]) -> str:
    """Return a line of links to the pages that speak most of some names."""
    spoken = re.compile(rf"\b(?:placer\.)?(?:{'|'.join(names)})\b")
    counts = {}
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        counts[page.name, text.partition("\n")[0].removeprefix("# ")] = len(spoken.findall(text))
    most = sorted(filter(counts.get, counts), key=lambda key: -counts[key])[:_GUIDES]
    guides = ", ".join(f"[{title}](../{name})" for name, title in most)
    return f"Guides: {guides}. [All names](../reference.md)."


def _first_sentence(path: str) -> str:
    """Return the first sentence of the docstring of a module, a class or a function."""
    return _found(path).docstring.value.partition("\n\n")[0].replace("\n", " ")


def _found(path: str) -> griffe.Object:
    """Return the module, the class or the function of a path, wherever it is written."""
    found = _package()[path.removeprefix("placer.")]
    return found.final_target if found.is_alias else found


@lru_cache
def _package() -> griffe.Module:
    """Return the package as it is written, not imported."""
    return griffe.load("placer", search_paths=[ROOT])


def _homes() -> dict[str, str]:
    """Return the dotted path of every public name, read from the imports of ``placer/__init__.py``."""
    text = (ROOT / "placer" / "__init__.py").read_text(encoding="utf-8")
    imports = re.findall(r"^    from (placer[\w.]*) import (\([^)]*\)|.+)$", text, flags=re.MULTILINE)
    return {name: f"{module}.{name}" for module, names in imports for name in re.findall(r"(\w+) as \1", names)}
