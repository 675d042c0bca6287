"""Time limits and Ctrl-C of every command that solves, for ``benchmarks.limits``.

Every measurement is a process ``python -m placer``. A limit counts from the start of the process. Ctrl-C comes some
moment after the command says that it loads, and counts from there to the end of the process.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

import placer

if TYPE_CHECKING:
    from collections.abc import Iterator

_YEARS = "--year 2026=1 --year 2030=2 --until 2034 --discount-rate 0.07"
#: Name -> arguments; ``GROWING`` stands for the folder of ``growing``. Each takes longer than the limits without one.
COMMANDS: dict[str, str] = {
    "solve --ranges": "solve world --ranges",
    "solve --secure": "solve china -s load_63 --secure links",
    "ceiling": "ceiling world",
    "ceiling --secure": "ceiling china -s load_63 --secure links",
    "ceiling --at": "ceiling china -s load_63 --secure data_centres --at 20 --at 30 --at 40 --at 50",
    "audit": "audit china -s load_63 --secure links",
    "accounts": "accounts china -s load_63 --gains",
    "explain": "explain world",
    "report": "report world --secure data_centres",
    "plan": "plan china -s load_63 -s dispatch --sets 8 --set growth=2",
    "plan --sets": "plan GROWING -s dispatch --sets 100000",
    "plan --curve": "plan GROWING -s dispatch --sets 60 --set growth=3 --curve budget_usd_year=0:1.4e6",
    "plan --secure": "plan china -s load_63 -s dispatch --secure links --most-stranded 0.02",
    "plan-years": f"plan-years china -s load_63 -s dispatch {_YEARS}",
}
LIMITS_SECONDS, MOMENTS_SECONDS = (1.0, 2.0, 4.0), (0.1, 1.0, 2.5, 5.0)
_CANDIDATES = """candidate,adds,target,usd_per_unit_year,max_units
Metro hall,accelerators,Metro,6000,200
Plateau hall,accelerators,Plateau,3000,300
"""
_BUILD_LIMITS = "limit,sense,amount\nbudget_usd_year,<=,1500000\n"


@dataclass(frozen=True)
class Ended:
    """The end of the process of a command.

    Attributes
    ----------
    command, what : str
        Its name; its limit, or the moment of Ctrl-C.
    seconds, processor_seconds : float
        Until its end: from its start, or from Ctrl-C; and those of the processor, ended child processes included.
    target : float
    status : int
    """

    command: str
    what: str
    seconds: float
    processor_seconds: float
    target: float
    status: int

    @property
    def met(self) -> bool:
        """Whether it ended in time: with an answer, by its limit, or interrupted."""
        return self.seconds <= self.target and self.status in (0, 1, 130)


def growing(folder: Path) -> Path:
    """Write the smallest dataset with two candidates and a budget into a folder, and return it."""
    target = folder / "growing"
    shutil.copytree(placer.datasets.describe("tiny").folder, target)
    (target / "candidates.csv").write_text(_CANDIDATES)
    (target / "build_limits.csv").write_text(_BUILD_LIMITS)
    return target


def measured(
    name: str, folder: Path, limits: tuple[float, ...], moments: tuple[float, ...], overshoot: tuple[float, float]
) -> Iterator[Ended]:
    """Yield the end of a command at each limit, and at Ctrl-C at each moment.

    Parameters
    ----------
    name : str
        Of ``COMMANDS``.
    folder : Path
        An empty one.
    limits, moments : tuple of float
        Seconds.
    overshoot : (float, float)
        Target of a limit: it times 1 and a part, and some seconds.
    """
    part, more = overshoot
    given = [str(growing(folder)) if each == "GROWING" else each for each in COMMANDS[name].split()]
    for limit in limits:
        began = time.monotonic()
        process = _started([*given, "--time-limit", str(limit)], folder)
        processor, status = _waited(process)
        yield Ended(name, f"limit {limit:g}", time.monotonic() - began, processor, limit * (1 + part) + more, status)
    for moment in moments:
        process = _started(given, folder)
        if process.stderr is None:
            raise AssertionError
        process.stderr.readline()
        threading.Thread(target=process.stderr.read, daemon=True).start()
        time.sleep(moment)
        used = psutil.Process(process.pid).cpu_times()  # of a process that has ended too: nobody has waited for it yet
        before = used.user + used.system + used.children_user + used.children_system
        began = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        processor, status = _waited(process)
        yield Ended(name, f"Ctrl-C {moment:g}", time.monotonic() - began, processor - before, more, status)


def import_seconds() -> float:
    """Return the seconds of a command that does nothing, the least of three."""
    taken = []
    for _ in range(3):
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "placer", "--version"], stdout=subprocess.DEVNULL, check=True)
        taken.append(time.monotonic() - began)
    return min(taken)


def _started(arguments: list[str], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-W", "ignore", "-m", "placer", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if "--time-limit" not in arguments else subprocess.DEVNULL,
        cwd=folder,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)},
    )


def _waited(process: subprocess.Popen[str]) -> tuple[float, int]:
    """Wait for a process; return its processor time, that of its children included, and its exit status."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, process.returncode
