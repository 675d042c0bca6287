"""The page around the answers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

from placer.live.shell import shell


def test_the_policy_admits_the_page_and_its_own_server(source):
    """Tests that script and style are admitted by their hashes, and that nothing but the own server may be asked."""
    text = shell(source)
    for name in ("script", "style"):
        (content,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        found = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src &#x27;sha256-{found}&#x27;" in text
    assert "connect-src &#x27;self&#x27;" in text
    assert "default-src &#x27;none&#x27;" in text
    assert re.findall(r'(?:src|href)="(?!data:)([^"]*)"', text) == []


def test_the_start_is_data_and_names_are_text(source):
    hostile = replace(source, name="</script><img src=x>", start=("dispatch",))
    text = shell(hostile)
    assert "<img" not in text
    data = re.search(r'id="start">(.*?)</script>', text)[1]
    assert json.loads(data) == {"scenarios": ["dispatch"], "name": hostile.name}
