"""Batches on a Dask cluster: a scheduler and two worker processes of their own, which are killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import pytest

import placer
from placer.batch import solve_many

distributed = pytest.importorskip("distributed")

pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills workers"),
    # Of Dask itself: its sizes of large messages and what it leaves to the interpreter to close.
    pytest.mark.filterwarnings("default"),
]

#: Two processes of one thread each, started anew when they die; a task is given up when its worker has died once.
WORKERS = 2
SETTINGS = {
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    "PYTHONPATH": str(Path(__file__).parents[1]),
    "PYTHONWARNINGS": "default",
}


@dataclass(frozen=True)
class Poisoned(Sequence):
    """Demand sets of which one ends the process that makes it."""

    sets: placer.DemandSets
    poison: int

    def __len__(self):
        """Return how many sets there are."""
        return len(self.sets)

    def __getitem__(self, number):
        """Return a set, or end the process."""
        if number == self.poison:
            os._exit(3)
        return self.sets[number]


@contextmanager
def started(*arguments):
    """Start a program of Dask; end it with all that it started."""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(  # noqa: S603
        command, env=os.environ | SETTINGS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            family = [*psutil.Process(process.pid).children(recursive=True), process]
            for member in family:
                member.kill()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Address of the scheduler of a cluster with two workers."""
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    known = ("--scheduler-file", str(file), "--no-dashboard")
    worker = ("distributed.cli.dask_worker", *known, "--nthreads", "1", "--local-directory", str(folder))
    with ExitStack() as opened:
        opened.enter_context(started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *known))
        for _ in range(WORKERS):
            opened.enter_context(started(*worker))
        text = ""
        while not text.rstrip().endswith("}"):  # the file is there before it is written
            time.sleep(0.05)
            text = file.read_text(encoding="utf-8") if file.exists() else ""
        yield json.loads(text)["address"]


@pytest.fixture
def client(address):
    """A client of the cluster, once all workers are there."""
    with distributed.Client(address) as client:
        client.wait_for_workers(WORKERS, timeout=30)
        yield client


@pytest.fixture(scope="module")
def sets():
    """Twelve demand sets."""
    return placer.DemandSets(placer.load("tiny"), count=12, seed=7)


@pytest.fixture(scope="module")
def expected(sets):
    """What they cost, solved in processes of this machine."""
    return costs(solve_many(sets))


@pytest.fixture
def run(run_placer):
    """Return a function that runs ``placer batch`` and returns its exit code, standard output and standard error."""
    return partial(run_placer, "batch")


def costs(rows):
    return {row["number"]: row["cost_usd"] for row in rows if row["status"] == "optimal"}


def test_rows_are_the_same_to_the_last_bit_on_a_cluster(client, sets, expected):
    assert costs(solve_many(sets, executor=client.get_executor(), workers=WORKERS)) == expected
    assert len(expected) == 12


def test_worker_that_is_killed_costs_no_set(client, sets, expected):
    pids, found = list(client.run(os.getpid).values()), []
    for row in solve_many(sets, executor=client.get_executor(pure=False), workers=WORKERS):
        found.append(row)
        if len(found) == 4:
            os.kill(pids[0], signal.SIGKILL)
    assert costs(found) == expected


def test_set_that_kills_its_worker_is_a_row_and_the_others_are_solved(client, sets, expected):
    poisoned, executor = Poisoned(sets, 5), client.get_executor(pure=False)
    rows = {row["number"]: row for row in solve_many(poisoned, base=sets.instance, executor=executor, workers=WORKERS)}
    assert (rows[5]["status"], rows[5]["detail"]) == ("worker died", "its process died 3 times")
    del rows[5]
    assert costs(rows.values()) == {number: cost for number, cost in expected.items() if number != 5}


def test_command_solves_on_a_cluster(run, client, address, sets):
    code, out, _ = run("tiny", "--n", 6, "--seed", 7, "--scheduler", address, "--json")
    found = json.loads(out)
    row = next(row for row in found["quantiles"] if row["figure"] == "cost_usd")
    assert code == 0
    assert found["endings"] == {"optimal": 6}
    assert row["mean"] == pytest.approx(sum(placer.solve(sets[number]).cost_usd for number in range(6)) / 6)


def test_nobody_at_the_address_is_said(run, monkeypatch, tmp_path):
    monkeypatch.setattr("placer.batch_command.PATIENCE", "1s")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code, out, err = run("tiny", "--n", 6, "--scheduler", f"tcp://127.0.0.1:{port}", "--store", tmp_path / "a.db")
    assert code == 2
    assert f"no scheduler answers at tcp://127.0.0.1:{port}" in err
    assert err.count("\n") == 1
    assert not out
    assert not list(tmp_path.iterdir())
