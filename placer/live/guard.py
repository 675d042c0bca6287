"""Who may ask the server of a live page: its own page alone, opened at an address with the token.

the token    of the address, compared in constant time; without it nothing is there
the host     of the request is this machine by a name of the loopback, so that no foreign name that resolves to it
             (DNS rebinding) is answered; any port, since ssh may forward another
the origin   of a request that does something is the same address as the host's, as browsers say it
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

#: Names of this machine that only this machine answers to.
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def new_token() -> str:
    """Return a token that nobody can guess: 192 random bits."""
    return secrets.token_urlsafe(24)


def is_token(given: str, token: str) -> bool:
    """Return whether a text is the token, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def is_loopback(host: str) -> bool:
    """Return whether a ``Host`` header names this machine.

    Examples
    --------
    >>> [is_loopback(host) for host in ("localhost:8000", "[::1]:80", "127.0.0.1", "rebound.example:8000", "", "[")]
    [True, True, True, False, False, False]
    """
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK
    except ValueError:
        return False


def is_own_origin(origin: str, host: str) -> bool:
    """Return whether an ``Origin`` header is that of the page itself.

    Examples
    --------
    >>> [is_own_origin(origin, "localhost:80") for origin in ("http://localhost:80", "http://localhost:81", "null", "")]
    [True, False, False, False]
    """
    return origin == f"http://{host}"
