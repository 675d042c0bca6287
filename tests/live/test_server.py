"""The server of a live page, asked as the page asks and as others might."""

from __future__ import annotations

import contextlib
import json
import socket

import pytest

import placer
from placer.live.server import MOST_BODY

PATHS = ("", "alive", "panel", "answer", "report", "script")


@pytest.mark.slow
def test_the_page_asks_and_is_answered(live):
    """Tests every address: page, sign of life, controls, answer, report and script."""
    status, headers, text = live("GET", "")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"Live report" in text
    assert live("GET", "alive")[0] == 204
    status, _, controls = live("POST", "panel", '{"scenarios": ["dispatch"]}')
    assert (status, "data-factor" in json.loads(controls)["html"]) == (200, True)
    assert live.answer({})[-1] == {"kind": "done"}
    status, headers, report = live("POST", "report", "{}")
    assert (status, headers["Content-Disposition"]) == (200, 'attachment; filename="placer.html"')
    assert report.startswith(b"<!doctype html>")
    status, headers, script = live("POST", "script", '{"factors": {"demand.mtok": 2}}')
    assert (status, headers["Content-Disposition"]) == (200, 'attachment; filename="placer.py"')
    assert b"instance.scaled('demand.mtok', 2.0)" in script


def test_answers_are_those_of_the_library(live):
    """Tests the cost that the strip shows of a change."""
    cost = placer.solve(placer.load("tiny").scaled_demand(2)).cost_usd_per_mtok
    last = [message for message in live.answer({"factors": {"demand.mtok": 2}}) if message["kind"] == "strip"][-1]
    assert f"<strong>{cost:.4g}" in last["html"]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_nothing_is_there_without_the_token(live, method):
    """Tests that wrong tokens, none, and every path below are 404 for all methods, with the same text."""
    token = live.path.strip("/")
    for wrong in ("", "x", token[:-1], token + "x", token.upper() + "_", "%2e%2e", "..%2f" + token):
        for path in PATHS:
            status, headers, body = live.whole(method, f"/{wrong}/{path}", "{}" if method == "POST" else None)
            assert status == 404
            assert body in (b"404\n", b"")
            assert "tornado" not in str(headers).lower()


@pytest.mark.parametrize(
    "path",
    [
        *(
            "../../etc/passwd",
            "..%2f..%2fetc%2fpasswd",
            "%2e%2e/%2e%2e/etc/passwd",
            "static/../../etc/passwd",
            "//etc/passwd",
        ),
        *("alive/", "answer/x", "Answer", "page/live.js", "live.css", "favicon.ico", "%00", "answer%00", ".git/config"),
    ],
)
def test_no_other_path_is_there(live, path):
    """Tests that no file of the machine is reachable, nor one of the package."""
    assert live("GET", path)[0] == 404


@pytest.mark.parametrize(
    "host", ["rebound.example", "rebound.example:80", "127.0.0.1.example.org", "", "169.254.169.254"]
)
def test_foreign_names_of_this_machine_are_not_answered(live, host):
    """Tests the defence against DNS rebinding: even with the token, for pages and work."""
    assert live("GET", "", Host=host)[0] in (400, 404)
    assert live("POST", "answer", "{}", Host=host, Origin=f"http://{host}")[0] in (400, 404)


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://127.0.0.1"])
def test_foreign_pages_cannot_ask_for_work(live, origin):
    for path in ("panel", "answer", "report", "script"):
        assert live("POST", path, "{}", Origin=origin)[0] == 403


def test_only_json_is_read(live):
    """Tests that a form of another page, which needs no leave of the browser, is refused."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        assert live("POST", "answer", "{}", Content_Type=kind)[0] == 415


def test_other_methods_are_refused(live):
    assert {live(method, "answer")[0] for method in ("GET", "PUT", "DELETE")} == {405}
    assert live("POST", "", "{}")[0] == 405


def test_huge_bodies_and_heads_are_refused(live):
    """Tests that a body beyond the limit is not read, and that the server lives on."""
    with contextlib.suppress(ConnectionError):  # the server may have closed first
        assert live("POST", "answer", b" " * (MOST_BODY + 1))[0] in (400, 413)
    with contextlib.suppress(ConnectionError):
        assert live("GET", "x" * 100_000)[0] in (400, 404, 414, 431)
    with socket.create_connection((live.host, live.port)) as connection:
        connection.sendall(b"\x00\xff" * 1000 + b"\r\n\r\n")
    assert live("GET", "alive")[0] == 204


@pytest.mark.parametrize("body", ["", "[]", "{", '{"factors": {"demand.mtok": NaN}}', '{"else": 1}'])
def test_bad_changes_are_refused_by_field(live, body):
    """Tests that controls and files are status 400 with the error, and that an answer ends with it."""
    for path in ("panel", "report", "script"):
        status, _, said = live("POST", path, body)
        assert (status, json.loads(said)["kind"]) == (400, "refused")
    status, _, said = live("POST", "answer", body)
    assert (status, json.loads(said.splitlines()[-1])["kind"]) == (200, "refused")


def test_heads_keep_the_page_to_itself(live):
    """Tests what browsers are told: nothing is kept, framed by others as allowed alone, or sent on."""
    _, headers, _ = live("GET", "")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("frame-ancestors")
    assert "Server" not in headers


def test_an_answer_that_nobody_waits_for_is_given_up(live):
    """Tests that a closed connection leaves the server as it was: the next answer is whole."""
    with socket.create_connection((live.host, live.port)) as connection:
        head = f"POST {live.path}answer HTTP/1.1\r\nHost: {live.netloc}\r\nOrigin: http://{live.netloc}\r\n"
        connection.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    assert live.answer({})[-1] == {"kind": "done"}
