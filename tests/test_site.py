"""The site of the documentation: it builds without a warning, and its reference lists every public name."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import placer

ROOT = Path(__file__).parents[1]


def _hooks():
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "site" / "hooks.py")
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    return hooks


def test_reference_lists_every_public_name():
    """Tests that each public name stands under one question, once."""
    pytest.importorskip("mkdocs")
    listed = [name for names in _hooks().REFERENCE.values() for name in names.split()]
    assert sorted(listed) == sorted(set(placer.__all__) - {"__version__"})


def test_every_page_is_in_the_menu():
    """Tests that the menu of the site leads to every page of ``docs``."""
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")}
    assert pages - set(re.findall(r"[\w]+\.md", menu)) == set()


def test_site_builds(tmp_path):
    """Tests that the site builds with warnings as errors: no broken link between pages, no unknown name."""
    pytest.importorskip("mkdocs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(  # noqa: S603 - this interpreter, and arguments of ours
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    )
    assert done.returncode == 0, done.stderr
    home = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "Its own certificate proves every answer optimal" in home
    assert "https://fonts" not in home
