"""The live page from Python and in notebooks."""

from __future__ import annotations

import subprocess
import sys
import threading
from urllib.error import URLError
from urllib.request import urlopen

import pytest

import placer
from placer.errors import ArgumentError


def test_a_page_is_served_until_it_is_stopped():
    """Tests that the address answers, that a notebook frames it, and that the thread ends."""
    with placer.explore(placer.load("tiny"), "mine") as page:
        assert page.address.startswith("http://127.0.0.1:")
        with urlopen(page.address) as response:  # noqa: S310 - of the loopback
            assert "frame-ancestors *" in response.headers["Content-Security-Policy"]
            assert b"mine" in response.read()
        assert f'<iframe src="{page.address}"' in page._repr_html_()
        assert page.address in repr(page)
    with pytest.raises(URLError):
        urlopen(page.address)  # noqa: S310
    assert "placer-explore" not in {thread.name for thread in threading.enumerate()}
    page.stop()


def test_a_port_that_is_taken_is_an_error():
    with placer.explore(placer.load("tiny")) as page, pytest.raises(OSError, match="in use"):
        placer.explore(placer.load("tiny"), port=int(page.address.split(":")[2].partition("/")[0]))


def test_what_is_no_instance_is_refused():
    with pytest.raises(ArgumentError):
        placer.explore("tiny")


@pytest.mark.slow
def test_the_missing_extra_is_said():
    """Tests that the name is there without tornado, and that the call names the extra to install."""
    code = "import sys; sys.modules['tornado'] = None; import placer; placer.explore(placer.load('tiny'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert "live pages need tornado: pip install 'token-placer[explore]'" in done.stderr
