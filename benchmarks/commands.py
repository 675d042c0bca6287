"""Every command of placer that computes, on a dataset that takes seconds, for ``benchmarks.survival``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_CHINA = ("china", "--scenario", "load_63")
_DISPATCH = (*_CHINA, "--scenario", "dispatch")
_YEARS = ("--year", "2026=1", "--year", "2030=2", "--until", "2034", "--discount-rate", "0.07", "--gap", "1e-2")
_TRY = """
import sys, placer
china = placer.load("china", ["load_63", "dispatch"])
try:
    {}
except placer.PlacerError as error:
    sys.exit(f"placer: {{error}}")
"""

_LIMIT = """
import os, resource, sys
resource.setrlimit(getattr(resource, sys.argv[1]), (int(sys.argv[2]),) * 2)
os.execv(sys.argv[3], sys.argv[3:])
"""

#: Arguments of each command, without stores and files.
COMMANDS: dict[str, tuple[str, ...]] = {
    "solve": ("solve", *_CHINA),
    "secure": ("solve", *_CHINA, "--secure", "data_centres"),
    "ceiling": ("ceiling", *_CHINA),
    "secure ceiling": ("ceiling", *_CHINA, "--secure", "data_centres"),
    "plan": ("plan", *_DISPATCH, "--sets", "4", "--gap", "1e-2"),
    "plan-years": ("plan-years", *_DISPATCH, *_YEARS),
    "batch": ("batch", *_CHINA, "--n", "4", "--workers", "2"),
    "accounts": ("accounts", *_DISPATCH, "--gains"),
    "sensitivity": ("sensitivity", *_CHINA, "--figures", "cost_usd_per_mtok", "--workers", "2"),
    "report": ("report", *_CHINA, "--out", "report.html"),
    "explain": ("explain", *_CHINA),
    "audit": ("audit", *_CHINA),
}
#: What no command does, as statements of Python.
CALLS = {
    "curve": "placer.ceiling_curve(china)",
    "roll": "placer.roll(china.replace(cyclic=False), 8, 8)",
    "flexibility": "placer.flexibility(placer.solve(china), china.power_zones['power_zone'][0], [0, 1])",
}
#: Commands that keep a store.
STORES = ("plan", "batch", "sensitivity")


def line_of(name: str, store: Path | None = None) -> list[str]:
    """Return the command line of a command or call, with a store if one is given."""
    if name in CALLS:
        return [sys.executable, "-W", "ignore", "-c", _TRY.format(CALLS[name])]
    kept = () if store is None else ("--store", str(store), "--resume")
    return [sys.executable, "-W", "ignore", "-m", "placer", *COMMANDS[name], *kept]


def limited(command: list[str], limit: str, amount: int) -> list[str]:
    """Return a command under a limit of the process, such as ``RLIMIT_AS``."""
    return [sys.executable, "-c", _LIMIT, limit, str(amount), *command]


def start(command: list[str], folder: Path) -> subprocess.Popen[str]:
    """Start a command in a folder that holds its temporary files too, in a folder ``temporary`` that must be there."""
    return subprocess.Popen(  # noqa: S603 - our own program
        command,
        cwd=folder,
        env=os.environ | {"TMPDIR": str(folder / "temporary"), "PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
