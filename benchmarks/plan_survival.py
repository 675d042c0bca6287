"""Plans whose workers or scheduler are killed, or that are interrupted, beside the plan that is left alone."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

import placer
from tests.effort import PATIENCE_SECONDS

from .local_cluster import WORKERS, local_cluster
from .trials import Trials

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

#: Lines of progress on states in which the moment is drawn.
_LINES = 8


def plans(tries: int, dice: random.Random) -> Iterator[Trials]:
    """Yield the trials in processes of this machine and, where Dask is installed, on a cluster."""
    ask = question()
    calm = ask()
    yield _tried("plan, worker processes killed", tries, lambda: _processes(ask, calm, dice))
    try:
        distributed: Any = importlib.import_module("distributed")
    except ModuleNotFoundError:
        print("plans on a cluster: left out, Dask is not installed", file=sys.stderr)
        return
    yield _tried("plan, workers of a cluster killed", tries, lambda: _workers(distributed, ask, calm, dice))
    yield _tried("plan, scheduler killed", tries, lambda: _scheduler(distributed, ask, calm, dice))
    yield _tried("plan on a cluster, interrupted", tries, lambda: _interrupted(distributed, ask, calm, dice))


def _tried(what: str, tries: int, attempt: Callable[[], str]) -> Trials:
    return Trials(what, tries, tuple(filter(None, (attempt() for _ in range(tries)))))


def question(count: int = 12) -> Callable[..., placer.Plan]:
    """Return a function that plans for some states, which a risk keeps from being one program."""
    tiny = placer.load("tiny")
    valued = tiny.replace(workloads=tiny.workloads.assign(unserved_usd_per_mtok=20.0), accelerators="sunk")
    site = tiny.data_centres["data_centre"].iloc[0]
    hall = {"candidate": "hall", "adds": "accelerators", "target": site, "usd_per_unit_year": 2000.0}
    states = placer.States.of(placer.DemandSets(valued.scaled_demand(1.5), count=count, seed=7))
    return partial(placer.plan, valued, [hall], states, risk=placer.CVaR(), gap=1e-8, workers=WORKERS)


def _once(act: Callable[[], object], dice: random.Random) -> Callable[[str], None]:
    """Return a progress callback that acts once, at a random line on a state."""
    left = [dice.randrange(_LINES)]

    def progress(text: str) -> None:
        if "state" in text and left:
            left[0] -= 1
            if left[0] < 0:
                left.clear()
                act()

    return progress


def _difference(found: placer.Plan, calm: placer.Plan) -> str:
    same = (found.cost_usd_per_year, found.bound_usd_per_year) == (calm.cost_usd_per_year, calm.bound_usd_per_year)
    return "" if same and found.certificate.proven else f"{found!r} in place of {calm!r}"


def _processes(ask: Callable[..., placer.Plan], calm: placer.Plan, dice: random.Random) -> str:
    def kill() -> None:
        workers = [each for each in psutil.Process().children() if "--multiprocessing-fork" in each.cmdline()]
        if workers:
            dice.choice(workers).kill()

    try:
        return _difference(ask(progress=_once(kill, dice)), calm)
    except placer.PlacerError as error:
        return f"{type(error).__name__}: {error}"


def _workers(distributed: Any, ask: Callable[..., placer.Plan], calm: placer.Plan, dice: random.Random) -> str:
    with local_cluster() as started, distributed.Client(started.address, set_as_default=False) as client:
        client.wait_for_workers(WORKERS, timeout=PATIENCE_SECONDS)
        pid = dice.choice(list(client.run(os.getpid).values()))
        kill = _once(lambda: os.kill(pid, signal.SIGKILL), dice)
        return _difference(ask(executor=client.get_executor(pure=False), progress=kill), calm)


def _scheduler(distributed: Any, ask: Callable[..., placer.Plan], calm: placer.Plan, dice: random.Random) -> str:
    """Kill the scheduler; unless all states are solved by then, the plan ends, and goes on to the same cost."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "plan.db"
        with local_cluster() as started, distributed.Client(started.address, set_as_default=False) as client:
            client.wait_for_workers(WORKERS, timeout=PATIENCE_SECONDS)
            kill = _once(started.scheduler.kill, dice)
            with suppress(placer.BatchError):
                return _difference(ask(executor=client.get_executor(pure=False), progress=kill, store=file), calm)
        found = ask(store=file)
    near = abs(found.cost_usd_per_year / calm.cost_usd_per_year - 1) <= 1e-7
    return "" if near and found.certificate.proven else f"{found!r} in place of {calm!r}"


def _interrupted(distributed: Any, ask: Callable[..., placer.Plan], calm: placer.Plan, dice: random.Random) -> str:
    """Interrupt a plan; its tasks are given up, and the next plan on the cluster is the same."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with local_cluster() as started, distributed.Client(started.address, set_as_default=False) as client:
        client.wait_for_workers(WORKERS, timeout=PATIENCE_SECONDS)
        executor = client.get_executor(pure=False)
        with suppress(KeyboardInterrupt, placer.NoSolutionError):
            ask(executor=executor, progress=_once(interrupt, dice))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(client.processing().values()):
            if time.monotonic() > deadline:
                return f"tasks still run {PATIENCE_SECONDS} s after the interrupt"
            time.sleep(0.1)
        return _difference(ask(executor=executor), calm)
