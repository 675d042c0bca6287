"""The pages beside the code: what they point at exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

import placer
from placer.cli.main import app
from placer.placement.unserved import REASONS

ROOT = Path(__file__).parents[1]
FOLDERS = ("*.md", "docs/*.md", "docs/tutorials/*.py", "datasets/*.md", "benchmarks/*.md")
PAGES = sorted(page.relative_to(ROOT).as_posix() for folder in FOLDERS for page in ROOT.glob(folder))


@pytest.mark.parametrize("name", PAGES)
def test_paths_exist(name):
    """Tests that every path of the repository that a page names in code leads to a file or folder."""
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"`((?:placer|tests|benchmarks|docs)/[\w./-]*\w)`", text)
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    """Tests that links between pages, to files and to headings, lead somewhere."""
    page = ROOT / name
    broken = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]*)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        other = page.parent / path if path else page
        if not other.exists() or (anchor and anchor not in _anchors(other.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("name", PAGES)
def test_calls_exist(name):
    """Tests that every call of placer that a page names in code is one of its public names."""
    called = re.findall(r"\bplacer\.([a-z_]\w*)\(", (ROOT / name).read_text(encoding="utf-8"))
    assert [each for each in called if not hasattr(placer, each)] == []


@pytest.mark.slow
def test_start_shows_what_the_command_prints():
    """Tests that the lines at the head of the first page are lines of the answer on China."""
    page = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
    shown = page.partition("```text\n")[2].partition("\n```")[0].splitlines()
    assert len(shown) == 3
    assert set(shown) <= set(str(placer.solve(placer.load("china"))).splitlines())


def test_every_reason_is_among_the_troubles():
    """Tests that the page of troubles says what to do about every reason why demand is unserved."""
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    assert [reason for reason in REASONS if reason and f"`{reason}`" not in page] == []


def _anchors(text):
    """Return the anchors of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_options_of_commands_exist(name):
    """Tests that every option on a line with a command of placer is an option of that command."""
    text = (ROOT / name).read_text(encoding="utf-8")
    commands, unknown = get_command(app).commands, []
    for command, words in re.findall(r"\bplacer (?:-v )?([a-z-]+)((?: [^`|#\n]*)?)", text):
        if command in commands:
            called = commands[command].loaded
            members = (called, *getattr(called, "commands", {}).values())
            known = {option for each in members for param in each.params for option in param.opts} | {"--help"}
            unknown += [
                f"{command} {each}" for each in re.findall(r"(?<![\w-])--?[a-z][\w-]*", words) if each not in known
            ]
    assert unknown == []
