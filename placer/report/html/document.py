"""The document around a report: style, script and a content security policy, in one file that needs no network."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from placer.report.html.markup import Html, tag
from placer.utils.atomic import check_file, whole

#: Allowed endings of a report's name.
ENDINGS = (".html", ".htm")
#: Content security policy: the page may run its own script and style, and ask no server but those of ``connect``.
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; connect-src {connect}; "
    "form-action 'none'; base-uri 'none'"
)


def check_target(path: str | os.PathLike[str]) -> Path:
    """Return the path of a report to write, or raise ``OutputError`` if it cannot be written."""
    return check_file(path, ENDINGS)


def write_document(file: Path, text: str) -> None:
    """Write the text of a report; the file is replaced as a whole, and an older one stays if writing fails."""
    with whole(file) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


@dataclass(frozen=True)
class Further:
    """What a page has besides a report: style, script, and the servers that it may ask, as the policy names them."""

    style: str = ""
    script: str = ""
    connect: str = "'none'"


def document(title: str, body: Html, foot: Html, further: Further = Further()) -> str:
    """Return the text of a report."""
    style = _asset("style.css") + further.style
    script = _asset("tables.js") + _asset("map.js") + _asset("script.js") + further.script
    policy = _POLICY.format(script=_hash(script), style=_hash(style), connect=further.connect)
    return Template(_asset("page.html")).substitute(
        policy=tag("meta", http_equiv="Content-Security-Policy", content=policy),
        title=tag("title", f"placer: {title}"),
        style=style,
        body=body,
        foot=foot,
        script=script,
    )


def _asset(name: str) -> str:
    return resources.files("placer.report").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the hash that admits an embedded text in the content security policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
