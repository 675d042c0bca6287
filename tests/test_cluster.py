"""Batches on a Dask cluster: a scheduler and two worker processes of their own, which are killed."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import psutil
import pytest

import placer
from placer.batch.runner import solve_many
from placer.batch.store import Store
from placer.cli.cluster import cluster as cluster_of_command
from tests.effort import PATIENCE_SECONDS

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

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


@dataclass(frozen=True)
class Leaving(Poisoned):
    """Demand sets of which one asks its interpreter to end."""

    def __getitem__(self, number):
        """Return a set, or leave."""
        if number == self.poison:
            sys.exit("leaving")
        return self.sets[number]


def rows_of(store):
    """Return how many rows a store has; none if it is not there yet."""
    if not store.exists():
        return 0
    with Store.read(store) as opened:
        return len(opened)


def wait_until(happened):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def started(*arguments):
    """Start a program of Dask; end it with all that it started."""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(  # noqa: S603
        command, env=os.environ | SETTINGS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            family = [*psutil.Process(process.pid).children(recursive=True), process]
            for member in family:
                member.kill()


@contextmanager
def cluster(folder, *options):
    """Start a scheduler and its workers with further options; return its address and its process."""
    file = folder / "scheduler.json"
    known = ("--scheduler-file", str(file), "--no-dashboard", *options)
    worker = ("distributed.cli.dask_worker", *known, "--nthreads", "1", "--local-directory", str(folder))
    with ExitStack() as opened:
        scheduler = started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *known)
        process = opened.enter_context(scheduler)
        for _ in range(WORKERS):
            opened.enter_context(started(*worker))
        # The file is there before it is written.
        wait_until(lambda: file.exists() and file.read_text(encoding="utf-8").rstrip().endswith("}"))
        yield json.loads(file.read_text(encoding="utf-8"))["address"], process


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Address of the scheduler of a cluster with two workers."""
    with cluster(tmp_path_factory.mktemp("cluster")) as (found, _):
        yield found


@pytest.fixture
def client(address):
    """A client of the cluster, once all workers are there."""
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(WORKERS, timeout=PATIENCE_SECONDS)
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


@pytest.mark.slow
def test_rows_are_the_same_to_the_last_bit_on_a_cluster(client, sets, expected):
    assert costs(solve_many(sets, executor=client.get_executor(), workers=WORKERS)) == expected
    assert len(expected) == 12


@pytest.mark.slow
def test_worker_that_is_killed_costs_no_set(client, sets, expected):
    pids, found = list(client.run(os.getpid).values()), []
    for row in solve_many(sets, executor=client.get_executor(pure=False), workers=WORKERS):
        found.append(row)
        if len(found) == 4:
            os.kill(pids[0], signal.SIGKILL)
    assert costs(found) == expected


@pytest.mark.slow
def test_connection_that_breaks_costs_no_set(client, sets, expected):
    """Tests that tasks in flight, and those whose results are on their way, are tried again once connected."""
    found = []
    for row in solve_many(sets, executor=client.get_executor(pure=False), workers=WORKERS):
        found.append(row)
        if len(found) in (2, 6):
            client.loop.add_callback(client.scheduler_comm.comm.abort)
    assert costs(found) == expected


@pytest.mark.slow
def test_set_that_kills_its_worker_is_a_row_and_the_others_are_solved(client, sets, expected):
    poisoned, executor = Poisoned(sets, 5), client.get_executor(pure=False)
    rows = {row["number"]: row for row in solve_many(poisoned, base=sets.instance, executor=executor, workers=WORKERS)}
    assert (rows[5]["status"], rows[5]["detail"]) == ("worker died", "its process died 3 times")
    del rows[5]
    assert costs(rows.values()) == {number: cost for number, cost in expected.items() if number != 5}


@pytest.mark.slow
def test_command_solves_on_a_cluster(run, client, address, sets):
    code, out, _ = run("tiny", "--n", 6, "--seed", 7, "--scheduler", address, "--json")
    found = json.loads(out)
    row = next(row for row in found["quantiles"] if row["figure"] == "cost_usd")
    assert code == 0
    assert found["endings"] == {"optimal": 6}
    assert row["mean"] == pytest.approx(sum(placer.solve(sets[number]).cost_usd for number in range(6)) / 6)


@pytest.mark.parametrize("address", ["garbage", "http://x:1", "tcp://", ""])
def test_what_is_no_address_is_said(run, monkeypatch, address):
    monkeypatch.setattr("placer.cli.cluster.PATIENCE", "1s")
    code, out, err = run("tiny", "--n", 2, "--scheduler", address)
    assert (code, out) == (2, "")
    assert "no scheduler answers at" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_set_that_ends_its_interpreter_ends_the_batch(client, sets):
    leaving, executor = Leaving(sets, 5), client.get_executor(pure=False)
    workers = set(client.run(os.getpid).values())
    with pytest.raises(SystemExit, match="leaving"):
        list(solve_many(leaving, base=sets.instance, executor=executor, workers=WORKERS))
    assert set(client.run(os.getpid).values()) == workers


@pytest.mark.slow
def test_scheduler_that_is_killed_ends_the_batch_with_what_there_is(tmp_path):
    """Tests that the command ends soon with the rows so far, and the same command goes on without the cluster."""
    store, count = tmp_path / "a.db", 3000
    command = ("tiny", "--n", str(count), "--seed", "7", "--store", str(store))
    with ExitStack() as opened:
        address, scheduler = opened.enter_context(cluster(tmp_path))
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "placer", "batch", *command, "--scheduler", address],
            env=os.environ | SETTINGS,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        opened.callback(process.kill)
        wait_until(lambda: rows_of(store) >= 3)
        os.kill(scheduler.pid, signal.SIGKILL)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    kept = rows_of(store)
    assert process.returncode == 1
    assert 3 <= kept < count
    assert f"{kept} optimal" in out
    assert f"{kept} of {count} sets are done; the same command with --store {store} --resume goes on" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_results_lost_with_the_scheduler_are_not_logged(address, caplog):
    """Tests that a closed connection is kept out of the log while a command uses the cluster; another error is not."""
    logger = logging.getLogger("tornado.application")
    with cluster_of_command(address):
        for error in (distributed.comm.CommClosedError("lost"), RuntimeError("another")):
            logger.error("in a callback", exc_info=error)
    logger.error("afterwards", exc_info=distributed.comm.CommClosedError("lost"))
    assert [record.exc_info[0] for record in caplog.records if record.name == logger.name] == [
        RuntimeError,
        distributed.comm.CommClosedError,
    ]


@pytest.mark.slow
def test_nobody_at_the_address_is_said(run, monkeypatch, tmp_path):
    monkeypatch.setattr("placer.cli.cluster.PATIENCE", "1s")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code, out, err = run("tiny", "--n", 6, "--scheduler", f"tcp://127.0.0.1:{port}", "--store", tmp_path / "a.db")
    assert code == 2
    assert f"no scheduler answers at tcp://127.0.0.1:{port}" in err
    assert err.count("\n") == 1
    assert not out
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def ask():
    """Return a function that plans for six states of the smallest dataset, its arguments changed."""
    tiny = placer.load("tiny")
    valued = tiny.replace(workloads=tiny.workloads.assign(unserved_usd_per_mtok=20.0), accelerators="sunk")
    site = tiny.data_centres["data_centre"].iloc[0]
    hall = {"candidate": "hall", "adds": "accelerators", "target": site, "usd_per_unit_year": 2000.0}
    states = placer.States.of(placer.DemandSets(valued.scaled_demand(1.5), count=6, seed=7))
    given = {"risk": placer.CVaR(), "gap": 1e-8, "workers": WORKERS}  # a risk has no extensive form: states are solved
    return partial(placer.plan, valued, [hall], states, **given)


@pytest.fixture(scope="module")
def expected_plan(ask):
    """Return the plan by processes of this machine."""
    return ask()


def at_first_state(act):
    """Return a progress callback that acts at the first line on a state, and the lines at which it acted."""
    acted = []

    def progress(text):
        if "state" in text and not acted:
            acted.append(text)
            act()

    return progress, acted


@pytest.mark.slow
def test_plan_is_the_same_to_the_last_bit_on_a_cluster_whose_worker_is_killed(client, ask, expected_plan):
    """Tests a plan against one by processes of this machine; a worker is killed after the first state."""
    pids, expected = list(client.run(os.getpid).values()), expected_plan
    progress, killed = at_first_state(lambda: os.kill(pids[0], signal.SIGKILL))
    found = ask(executor=client.get_executor(pure=False), progress=progress)
    assert killed
    assert found.certificate.proven
    assert found.cost_usd_per_year == expected.cost_usd_per_year
    assert found.bound_usd_per_year == expected.bound_usd_per_year
    assert found.solves.sum() == expected.solves.sum()


@pytest.mark.slow
def test_scheduler_that_is_killed_ends_the_plan_which_goes_on_without_it(tmp_path, ask, expected_plan):
    """Tests that the states solved before are kept, and the plan goes on from them on this machine."""
    file = tmp_path / "plan.db"
    with cluster(tmp_path) as (address, scheduler), distributed.Client(address, set_as_default=False) as lost:
        lost.wait_for_workers(WORKERS, timeout=PATIENCE_SECONDS)
        progress, killed = at_first_state(scheduler.kill)
        with pytest.raises(placer.BatchError, match="the scheduler of the cluster is gone"):
            ask(executor=lost.get_executor(pure=False), progress=progress, store=file)
    assert killed
    kept = rows_of(file)
    found = ask(store=file)
    assert found.certificate.proven
    assert found.cost_usd_per_year == pytest.approx(expected_plan.cost_usd_per_year, rel=1e-7)
    assert found.solves.sum() <= expected_plan.solves.sum()
    assert rows_of(file) >= kept


@pytest.mark.slow
def test_plan_that_is_interrupted_leaves_the_cluster_ready(client, ask, expected_plan):
    """Tests that tasks in flight are given up, and that the next plan on the cluster is the same to the last bit."""

    def interrupt():
        raise KeyboardInterrupt

    progress, interrupted = at_first_state(interrupt)
    with pytest.raises((KeyboardInterrupt, placer.NoSolutionError)):
        ask(executor=client.get_executor(pure=False), progress=progress)
    assert interrupted
    wait_until(lambda: not any(client.processing().values()))
    found = ask(executor=client.get_executor(pure=False))
    assert found.cost_usd_per_year == expected_plan.cost_usd_per_year
    assert found.bound_usd_per_year == expected_plan.bound_usd_per_year


@pytest.mark.slow
def test_blocks_and_gains_are_the_same_to_the_last_bit_on_a_cluster_whose_workers_are_killed(client):
    """Tests two blocks and the groups of two regions; a worker is killed before each."""
    tiny = placer.load("tiny")
    tiny = tiny.replace(workloads=tiny.workloads.assign(unserved_usd_per_mtok=20.0))
    blocks = tiny.replace(periods=[{"hour": hour, "block": str(hour)} for hour in tiny.hours])
    placement = placer.solve(tiny)
    for ask in (
        lambda **way: placer.solve(blocks, **way).flows,
        lambda **way: placer.accounts(placement, **way).gains.table,
    ):
        executor = client.get_executor(pure=False)
        executor.submit(os._exit, 3)
        pd.testing.assert_frame_equal(ask(workers=WORKERS, executor=executor), ask(workers=WORKERS), check_exact=True)


@pytest.mark.slow
def test_days_are_replayed_the_same_on_a_cluster(client):
    """Tests four days of a history under two rules, with drawn counts."""
    rows = pd.DataFrame({"class": "all", "step": range(8), "requests": [10, 20, 30, 20, 12, 36, 20, 28], "mtok": 5.0})
    day = placer.load("tiny").replace(hour_length=12.0)
    names = dict.fromkeys(day.workloads["workload"], "all")
    around = placer.DemandHistory(placer.History.of_table(rows, step_minutes=720), day, names, reference_days=2)

    def replayed(**where):
        found = placer.replay(day, around, ["cheapest", "online"], substeps=4, dispersion=2.0, workers=WORKERS, **where)
        return found.days.drop(columns="decision_ms")

    on_cluster = replayed(executor=client.get_executor(pure=False))
    pd.testing.assert_frame_equal(on_cluster, replayed(), check_exact=True)


def certificates(folder):
    """Return files of an authority of one's own, of a certificate that it signed, and of the key of that."""
    files = [folder / name for name in ("ca.pem", "cert.pem", "key.pem", "ca-key.pem", "request.pem")]
    ca, cert, key, ca_key, request = map(str, files)
    new = ("-newkey", "rsa:2048", "-nodes")
    for arguments in (
        ("req", "-x509", *new, "-keyout", ca_key, "-out", ca, "-subj", "/CN=authority", "-days", "2"),
        ("req", *new, "-keyout", key, "-out", request, "-subj", "/CN=localhost"),
        ("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-out", cert, "-days", "2"),
    ):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)  # noqa: S603, S607
    return ca, cert, key


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates")
@pytest.mark.skipif(
    sys.version_info >= (3, 12) and ssl.OPENSSL_VERSION_INFO >= (3, 4),
    reason="encrypted connections break without cause: issue 148594 of CPython",
)
def test_command_solves_on_a_cluster_with_certificates(run, tmp_path):
    """Tests that the certificates of Dask's configuration are used, and that a client without them is refused."""
    ca, cert, key = certificates(tmp_path)
    options = ("--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key)
    asked = ("tiny", "--n", 2, "--seed", 7, "--json", "--scheduler")
    with cluster(tmp_path, "--protocol", "tls", *options) as (address, _):
        assert address.startswith("tls://127.0.0.1:")
        assert run(*asked, address)[0] == 2
        files = {"ca-file": ca, "client.cert": cert, "client.key": key}
        with (
            dask.config.set({f"distributed.comm.tls.{name}": file for name, file in files.items()}),
            dask.config.set({"distributed.comm.require-encryption": True}),
        ):
            code, out, _ = run(*asked, address)
    assert code == 0
    assert json.loads(out)["endings"] == {"optimal": 2}
