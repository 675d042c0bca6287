"""Text from elsewhere, fit for a terminal: unprintable characters are shown as escape sequences."""

from __future__ import annotations


def visible(text: str, keep: str = "") -> str:
    r"""Return a text in which every character that does not print is escaped, except those to keep.

    Names and titles come from files of strangers. A terminal obeys escape sequences, and marks of direction change the
    order of what stands beside them.

    Examples
    --------
    >>> visible("red \x1b[31m\u202e"), visible("one\ntwo", keep="\n")
    ('red \\x1b[31m\\u202e', 'one\ntwo')
    """
    return "".join(
        sign if sign.isprintable() or sign in keep else sign.encode("unicode_escape").decode() for sign in text
    )


def spaced(name: str) -> str:
    """Return a name of a table, a column or a part as words.

    Examples
    --------
    >>> spaced("accelerator_rent")
    'accelerator rent'
    """
    return name.replace("_", " ")
