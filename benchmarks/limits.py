"""Overshoot of time limits and response time to an interruption: of each way to solve, each call, and each command.

    python -m benchmarks.limits               # a quarter of an hour
    python -m benchmarks.limits --quick       # a small instance, as a check
    python -m benchmarks.limits --way plan    # one way, call or command

Every measurement is a separate process that imports placer, builds an instance, reports its start, and solves. One run
gets a time limit that is too short; another gets the signal of Ctrl-C while it solves. The figure counts the seconds
from the start, or from the signal, to the end of the process; the next columns count the processes and files that
outlived it, and say how it ended. Commands are measured from the start of their process, the import of the program
included, with several limits, and with Ctrl-C at several moments after they began to load; their processor time stands
beside, which a busy machine stretches less. The first line says how long the import takes: a command can end no sooner.
The exit status is 1 if a limit is overshot by more than a fifth plus a second, an interruption takes more than a
second, anything is left behind, or a process ends otherwise, as with an error of its input.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

import placer

from .command_limits import COMMANDS, LIMITS_SECONDS, MOMENTS_SECONDS, Ended, import_seconds, measured
from .families import build
from .limited_calls import OF_PLACEMENT, OF_PLAN, call_within
from .report import markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Targets: largest overshoot of a limit (a share of it plus seconds), and largest seconds of an interruption.
PART, SECONDS, HEARD = 0.2, 1.0, 1.0
_BEGUN, _DONE = "begun", "done"
#: Seconds after the end of a process in which its child processes end.
_LOOK_SECONDS = 0.2

#: Name -> the function that solves an instance within some seconds.
WAYS: dict[str, Callable[[placer.Instance, float], object]] = {
    "simplex": lambda instance, limit: placer.solve(instance, placer.HiGHS("simplex", limit)),
    "ipm": lambda instance, limit: placer.solve(instance, placer.HiGHS("ipm", limit)),
    "pdlp": lambda instance, limit: placer.solve(instance, placer.HiGHS("pdlp", limit)),
    "columns": lambda instance, limit: placer.solve(instance, placer.ColumnGeneration(time_limit_seconds=limit)),
    "CBC": lambda instance, limit: placer.solve(instance, placer.PuLP(_cbc(), limit)),
    "PuLP HiGHS": lambda instance, limit: placer.solve(instance, placer.PuLP("HiGHS", limit)),
    "ceiling": lambda instance, limit: placer.export_ceiling(instance, time_limit_seconds=limit),
    "curve": lambda instance, limit: placer.ceiling_curve(instance, time_limit_seconds=limit),
    "explain": lambda instance, limit: _within(limit, lambda: placer.explain(placer.solve(_halved(instance)))),
}


@dataclass(frozen=True)
class Measured:
    """The measurement of one process."""

    way: str
    what: str
    seconds: float
    target: float
    left_behind: int
    end: str

    @property
    def met(self) -> bool:
        """Whether the process ended in time, as it should, and left nothing behind."""
        ends = (_DONE, "time limit") if self.what == "limit" else (_DONE, "interrupted")
        return self.seconds <= self.target and not self.left_behind and self.end in ends


def _cbc() -> str:
    import pulp  # noqa: PLC0415 - only where it is asked for

    return next((name for name in ("COIN_CMD", "PULP_CBC_CMD") if name in pulp.listSolvers(onlyAvailable=True)), "CBC")


def _within(limit: float, call: Callable[[], object]) -> object:
    with placer.running(time_limit_seconds=limit):
        return call()


def _halved(instance: placer.Instance) -> placer.Instance:
    centres = instance.data_centres
    return instance.replace(data_centres=centres.assign(accelerators=centres["accelerators"] / 2))


def solve_here(way: str, size: str, limit: float) -> None:
    """Solve in this process, and report the start and the end."""
    try:
        if way in WAYS:
            instance = build("fleet", size)
            print(_BEGUN, flush=True)
            WAYS[way](instance, limit)
        else:
            call_within(way, limit, lambda: print(_BEGUN, flush=True))
    except placer.NoSolutionError as error:
        print(error.reason, flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    else:
        print(_DONE, flush=True)


def measure(way: str, what: str, size: str, limit: float, wait: float) -> Measured:
    """Return the time that a process takes to end, at its limit or after an interruption."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.limits", "--solve", way, size]
        command += ["--limit", str(limit if what == "limit" else 1e6)]
        environment = os.environ | {"TMPDIR": folder}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:  # noqa: S603
            process.stdout.readline()
            started = time.monotonic()
            if what == "Ctrl-C":
                time.sleep(wait)
                children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
                started = time.monotonic()
                process.send_signal(signal.SIGINT)
            else:
                children = []
            process.wait()
            seconds = time.monotonic() - started
            psutil.wait_procs(children, _LOOK_SECONDS)  # the tracker of multiprocessing ends after its parent
            alive = [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
            for child in alive:
                child.kill()
            end = process.stdout.read().decode().strip() or f"status {process.returncode}"
        left = len(alive) + len(list(Path(folder).iterdir()))
    target = limit * (1 + PART) + SECONDS if what == "limit" else HEARD
    return Measured(way, what, seconds, target, left, end)


def main(arguments: list[str] | None = None) -> int:
    """Print both tables; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits", description=__doc__.splitlines()[0])
    calls = [*WAYS, *OF_PLACEMENT, *OF_PLAN]
    parser.add_argument("--way", choices=[*calls, *COMMANDS], action="append", help="only this way; several times")
    parser.add_argument("--limit", type=float, default=3.0, help="time limit of a way to solve in seconds")
    parser.add_argument("--quick", action="store_true", help="a small instance, to see that all works")
    parser.add_argument("--solve", nargs=2, metavar=("WAY", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.solve:
        solve_here(*options.solve, options.limit)
        return 0
    # Shells turn Ctrl-C off in what they run in the background, and its processes would not hear it either.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chosen = options.way or ([*WAYS, "plan --sets"] if options.quick else [*calls, *COMMANDS])
    missed = _print_ways([way for way in calls if way in chosen], options.limit, quick=options.quick)
    missed |= _print_commands([name for name in COMMANDS if name in chosen], quick=options.quick)
    return int(missed and not options.quick)


def _print_ways(ways: list[str], limit: float, *, quick: bool) -> bool:
    """Print a line for each way to solve and each end; return whether a target was missed."""
    size, wait = ("smoke", 0.1) if quick else ("medium", 2.0)
    missed = False
    print(f"{'way or call':<16}{'what':<8}{'seconds':>9}{'target':>9}{'left':>6}  end")
    for way in ways:
        for what in ("limit", "Ctrl-C"):
            found = measure(way, what, size, limit, wait)
            missed |= not found.met
            seconds = f"{found.seconds:>9.2f}{found.target:>9.2f}{found.left_behind:>6}"
            print(f"{way:<16}{what:<8}{seconds}  {found.end}{'' if found.met else '  MISSED'}", flush=True)
    return missed


def _print_commands(names: list[str], *, quick: bool) -> bool:
    """Print a line for each command and each end; return whether a target was missed."""
    limits, moments = ((1.0,), (0.1,)) if quick else (LIMITS_SECONDS, MOMENTS_SECONDS)
    missed, every = False, list[Ended]()
    if names:
        print(f"\nplacer --version: {import_seconds():.2f} s")
        print(f"{'command':<18}{'what':<12}{'seconds':>9}{'target':>9}{'processor':>11}{'status':>8}")
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            for found in measured(name, Path(folder), limits, moments, (PART, SECONDS)):
                missed |= not found.met
                every.append(found)
                print(
                    f"{name:<18}{found.what:<12}{found.seconds:>9.2f}{found.target:>9.2f}"
                    f"{found.processor_seconds:>11.2f}{found.status:>8}{'' if found.met else '  MISSED'}",
                    flush=True,
                )
    if every:
        print(f"\n{_slowest(every)}")
    return missed


def _slowest(every: Sequence[Ended]) -> str:
    """Return the slowest command at each limit, and at any moment of Ctrl-C, as a table in Markdown."""
    worst: dict[str, Ended] = {}
    for found in sorted(every, key=lambda found: found.seconds):
        worst[found.what if found.what.startswith("limit") else "Ctrl-C"] = found
    names = sorted(worst, key=lambda name: (name == "Ctrl-C", name))
    targets = [f"{worst[name].target:.1f}" for name in names]
    slowest = [f"{worst[name].seconds:.2f} (`{worst[name].command}`)" for name in names]
    count = len({found.command for found in every})
    return markdown(("seconds", *names), (("target", *targets), (f"slowest of {count} commands", *slowest)))


if __name__ == "__main__":
    sys.exit(main())
