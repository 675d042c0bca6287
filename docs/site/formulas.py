"""Formulas as mathematics: the notation of the docstrings as MathML.

The notation reads well in an editor. A block has a formula on each line, in columns that two spaces or more part; a
line that begins further in goes on with the line before. In a formula, ``x_kjt`` is x with the indices k, j and t,
``sum_k`` a sum over k, ``U*`` an optimum and ``mu`` a Greek letter. A cell without a relation or such names is words.
"""

from __future__ import annotations

import html
import re
from itertools import pairwise

_LETTERS = ["alpha", "beta", "gamma", "eta", "theta", "lambda", "mu", "nu", "pi", "rho", "sigma", "phi", "omega"]
GREEK = {name: html.unescape(f"&{name};") for name in _LETTERS}
#: Names set as operators; an index stands below them.
OPERATORS = {
    "sum": "∑",
    **dict.fromkeys(["min", "max", "least", "most", "minimise", "maximise", "log", "exp"]),
}
SIGNS = {"<=": "≤", ">=": "≥", "<-": "←", "->": "→", "*": "·", "-": "\N{MINUS SIGN}", "'": "\N{PRIME}"}
#: Ends of names that are units, not indices.
UNITS = frozenset({"ms", "mw", "kg", "gb", "usd", "per"})

_SPACE = '<mspace width="0.25em"></mspace>'
_NAME = r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*(?:_\{[^}]*\})?(?:'+[A-Za-z]*)?"
_TOKEN = re.compile(rf"(?P<raised>[a-z]\^[a-z]_\w+)|(?P<name>{_NAME})(?P<star>\*)?|(?P<sign><=|>=|<-|->|\d+|\S)")
_INDEX = re.compile(r"(?:[a-zA-Z]'*){1,3}|[ckhjtrw']{1,6}|0")
_BELOW = re.compile(rf"(?:\w|{'|'.join(GREEK)})(?:_\w)?")
_RELATION = re.compile(r"(?:^|\s)(?:<=|>=|=|<-|<)(?:\s|$)|\bsum(?! of| over)\b")
_BINARY = frozenset({"<=", ">=", "<-", "=", "<", "+", "-", "*", "/", "."})
_BLOCK = re.compile(r'<div class="highlight"><pre><span></span><code>([^<]*)</code></pre></div>')
_FENCE = re.compile(r"^```formula\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
_IN_WORDS = re.compile(rf"\b(?:[A-Za-z]|sum|{'|'.join(GREEK)})_[A-Za-z][A-Za-z']{{0,5}}(?![\w'])")


def with_formulas(content: str) -> str:
    """Return a page with mathematics for its blocks without a language, and for names with an index in its words."""
    content = _BLOCK.sub(lambda found: formulas(html.unescape(found[1])), content)
    parts = re.split(r"(<code>.*?</code>|<[^>]*>)", content)
    return "".join(
        part if part.startswith("<") else _IN_WORDS.sub(lambda found: mathematics(found[0]), part) for part in parts
    )


def with_fenced_formulas(markdown: str) -> str:
    """Return a page in Markdown with mathematics for its blocks in the language ``formula``."""
    return _FENCE.sub(lambda found: formulas(found[1]), markdown)


def formulas(text: str) -> str:
    """Return a block of formulas as tables without lines, one for each group of lines."""
    groups = re.split(r"\n\s*\n", text.strip("\n"))
    return f'<div class="formulas">{"".join(map(_table, groups))}</div>'


def _table(text: str) -> str:
    rows: list[list[str]] = []
    starts: list[int] = []
    for line in text.splitlines():
        cells = [(found.start(), found[0]) for found in re.finditer(r"\S+(?: \S+)*", line)]
        place = sum(start <= cells[0][0] for start in starts[1:]) if cells[0][0] and rows else 0
        if place and len(cells) == 1 and not (_is_formula(cells[0][1]) or _is_formula(rows[-1][-1])):
            rows[-1][-1] += f" {cells[0][1]}"
            continue
        rows.append([""] * place + [cell for _, cell in cells])
        starts = starts if place else [start for start, _ in cells]
    columns = max(map(len, rows))
    return f'<table class="formulas">{"".join(_row(row, columns) for row in rows)}</table>'


def _row(row: list[str], columns: int) -> str:
    """Return a row, whose last cell takes the columns that others have beside."""
    rest = columns - len(row) + 1
    spans = [""] * (len(row) - 1) + [f' colspan="{rest}"' if rest > 1 else ""]
    return f"<tr>{''.join(f'<td{span}>{_cell(cell)}</td>' for span, cell in zip(spans, row, strict=True))}</tr>"


def _cell(text: str) -> str:
    if _is_formula(text):
        return mathematics(text)
    return re.sub(r"``(.+?)``", r"<code>\1</code>", html.escape(text, quote=False))


def _is_formula(text: str) -> bool:
    names = re.findall(_NAME, text)
    indexed = sum(bool(_parts(name)[1]) for name in names)
    letters = sum(len(name.rstrip("'")) == 1 for name in names)
    related = bool(_RELATION.search(text)) or (letters > 1 and bool(re.search(r" [-+/.] ", text)))
    return "``" not in text and (related or (indexed > 0 and indexed >= len(names) - 2))


def mathematics(text: str) -> str:
    """Return a formula as MathML, in parts between which a browser may break the line.

    Examples
    --------
    >>> re.sub("<[^>]+>", "", mathematics("sum_k b_kj s_kjt <= capacity_jt"))
    '∑k bkj skjt ≤capacityjt'
    """
    parts, items, depth = [], [], 0
    tokens = list(_TOKEN.finditer(re.sub(r"\bsum (of|over)\b", r"sum~\1", text)))
    for token, after in pairwise([*tokens, None]):
        depth += (token[0] in "([{") - (token[0] in ")]}")
        spaced = after is not None and after.start() > token.end()
        items.append(_set(token, worded=after is not None and after[0] == "~"))
        if spaced and depth and not (token["sign"] or after["sign"]):
            items.append(_SPACE)
        if spaced and not depth and token["sign"] not in _BINARY:
            parts.append("".join(items))
            items = []
    return " ".join(f'<math displaystyle="true"><mrow>{part}</mrow></math>' for part in [*parts, "".join(items)])


def _set(token: re.Match[str], *, worded: bool) -> str:
    """Return a token as MathML; the name of an operator may be a word."""
    if raised := token["raised"]:
        return f"<msubsup><mi>{raised[0]}</mi>{_indices(raised[4:])}<mi>{raised[2]}</mi></msubsup>"
    if (sign := token["sign"]) == "~":
        return _SPACE
    if sign:
        kind = "mn" if sign.isdigit() else 'mo form="infix"' if sign in _BINARY else "mo"
        return f"<{kind}>{html.escape(SIGNS.get(sign, sign), quote=False)}</{kind.partition(' ')[0]}>"
    base, index = _parts(token["name"])
    if base in OPERATORS and not worded:
        made = f"<mo>{OPERATORS[base] or base}</mo>"
        return f"<munder>{made}{_indices(index)}</munder>" if index else made
    name = base.rstrip("'")
    made = f"<mi>{GREEK.get(name, name)}{SIGNS[chr(39)] * (len(base) - len(name))}</mi>"
    made = f"<msub>{made}{_indices(index)}</msub>" if index else made
    return f"<msup>{made}<mo>*</mo></msup>" if token["star"] else made


def _parts(name: str) -> tuple[str, str]:
    """Return a name and its indices: ``hour_length`` has none, and those of ``limit_mw_zt`` are z and t."""
    first, _, rest = name.partition("_")
    if rest.startswith("{") or first == "sum" or (first in ("min", "max") and _BELOW.fullmatch(rest)):
        return first, rest.strip("{}")
    base, _, index = name.rpartition("_")
    single = len(base) == 1 or base in GREEK
    return (base, index) if base and index not in UNITS and (single or _INDEX.fullmatch(index)) else (name, "")


def _indices(index: str) -> str:
    if "_" in index:
        base, inner = _parts(index)
        return f"<msub><mi>{GREEK.get(base, base)}</mi>{_indices(inner)}</msub>"
    if " " in index or len(index.replace("'", "")) > 4:
        return f"<mtext>{html.escape(index, quote=False)}</mtext>"
    letters = re.findall(r".'*", GREEK.get(index, index))
    return f"<mrow>{''.join(f'<mi>{letter}</mi>' for letter in letters)}</mrow>".replace("'", SIGNS["'"])
