"""The document around a report: one file, whose policy admits its own script and style and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from placer.errors import OutputError
from placer.report.html.document import check_target, document
from placer.report.html.markup import tag


def test_the_policy_admits_what_is_embedded():
    text = document("<title>", tag("p", "body"), tag("p", "foot"))
    assert "<title>placer: &lt;title&gt;</title>" in text
    for name in ("script", "style"):
        (content,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        found = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src &#x27;sha256-{found}&#x27;" in text


def test_targets_end_in_html(tmp_path):
    assert check_target(tmp_path / "a.html") == tmp_path / "a.html"
    with pytest.raises(OutputError):
        check_target(tmp_path / "a.pdf")
