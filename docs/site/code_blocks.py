"""Blocks of code that copy as they run: examples with prompts are shown as code and, below it, what it prints.

Pages and docstrings keep the prompts, by which they are tested; the build takes them off what is shown.
"""

from __future__ import annotations

import doctest
import html
import re

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

#: Columns that a block shows without going on below, at 1280 pixels.
WIDTH = 90

#: A block of code as the highlighter writes it.
_BLOCK = re.compile(r'<div class="highlight"><pre><span></span><code>(.*?)</code></pre></div>', flags=re.DOTALL)


def without_prompts(content: str) -> str:
    r"""Return a page whose examples have no prompts.

    Examples
    --------
    >>> block = '<div class="highlight"><pre><span></span><code>{}</code></pre></div>'
    >>> page = without_prompts(block.format("&gt;&gt;&gt; one = 1\n&gt;&gt;&gt; print(one)\n1\n"))
    >>> re.sub("<[^>]+>", "", page)
    'one = 1\nprint(one)\n\n1'
    """
    return _BLOCK.sub(_shown, content)


def _shown(found: re.Match[str]) -> str:
    text = html.unescape(re.sub("<[^>]+>", "", found[1]))
    if not text.startswith(">>> "):
        return found[0]
    shown, source = [], ""
    for example in doctest.DocTestParser().get_examples(text):
        source += _fitted(re.sub(r" *# doctest:.*", "", example.source))
        if example.want:
            shown += [_code(source), _output(example.want)]
            source = ""
    return "\n".join([*shown, _code(source)] if source else shown)


def _fitted(source: str) -> str:
    """Return code with each comment behind its line, or above it if the two do not fit."""
    lines = []
    for line in source.splitlines():
        found = re.fullmatch(r"( *)(.*\S) {2,}(# .*)", line)
        indent, code, comment = found.groups() if found else ("", line, "")
        together = f"{indent}{code}  {comment}".rstrip()
        lines += [together] if len(together) <= WIDTH or not comment else [f"{indent}{comment}", f"{indent}{code}"]
    return "\n".join(lines) + "\n"


def _code(source: str) -> str:
    made = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return f'<div class="highlight"><pre><span></span><code>{made}</code></pre></div>'


def _output(want: str) -> str:
    text = re.sub(r"^<BLANKLINE>$", "", want.rstrip("\n"), flags=re.MULTILINE)
    return f'<pre class="output"><code>{html.escape(text, quote=False)}</code></pre>'
