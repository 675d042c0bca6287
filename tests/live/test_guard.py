"""Who may ask the server of a live page."""

from __future__ import annotations

import pytest

from placer.live.guard import is_loopback, is_own_origin, is_token, new_token


def test_tokens_are_long_and_differ():
    assert len({new_token() for _ in range(50)}) == 50
    assert all(len(new_token()) >= 32 for _ in range(10))


@pytest.mark.parametrize("given", ["", "secre", "secret ", "SECRET", "secrét", "\ud800", "\x00secret"])
def test_only_the_token_is_the_token(given):
    assert is_token("secret", "secret")
    assert not is_token(given, "secret")


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "127.0.0.1.example.org",
        "localhost.example.org:80",
        "127.0.0.2:80",
        "a@127.0.0.1.evil",
        "[::1",
        "10.0.0.1",
    ],
)
def test_foreign_hosts_are_not_this_machine(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "origin",
    ["", "null", "https://localhost:80", "http://localhost", "http://localhost:80.evil.org", "http://evil.org"],
)
def test_foreign_origins_are_not_the_page(origin):
    assert is_own_origin("http://localhost:80", "localhost:80")
    assert not is_own_origin(origin, "localhost:80")
