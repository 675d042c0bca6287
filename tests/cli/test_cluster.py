"""Executors of clusters; ``tests/test_cluster.py`` starts one."""

from __future__ import annotations

import json

import pytest
import typer

import placer
from placer.cli.cluster import cluster, needs_workers
from placer.errors import BatchError


def test_no_address_is_no_executor():
    """Commands then start processes of their own."""
    with cluster(None) as executor:
        assert executor is None


def test_what_is_no_address(monkeypatch):
    """The error names it."""
    pytest.importorskip("distributed")
    monkeypatch.setattr("placer.cli.cluster.PATIENCE", "1s")
    with pytest.raises(BatchError, match="no scheduler answers at garbage"), cluster("garbage"):
        pass


def test_encrypted_address_without_certificates():
    """Tests that the error names what to set, before Dask is asked."""
    pytest.importorskip("distributed")
    said = "needs certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, .*CLIENT__CERT, .*CLIENT__KEY, each to a file"
    with pytest.raises(BatchError, match=f"tls://127.0.0.1:1 {said}"), cluster("tls://127.0.0.1:1"):
        pass


def test_certificates_that_are_not_there(tmp_path):
    """Tests that a file that cannot be read is an error of ours."""
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    missing = str(tmp_path / "none.pem")
    names = ("ca-file", "client.cert", "client.key")
    with (
        dask.config.set({f"distributed.comm.tls.{name}": missing for name in names}),
        pytest.raises(BatchError, match="No such file"),
        cluster("tls://127.0.0.1:1"),
    ):
        pass


def test_plain_address_where_encryption_is_required():
    """Tests that the error says which of the two to change."""
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    with (
        dask.config.set({"distributed.comm.require-encryption": True}),
        pytest.raises(BatchError, match=r"require encryption, and tcp://127.0.0.1:1 has none"),
        cluster("tcp://127.0.0.1:1"),
    ):
        pass


@pytest.fixture(scope="module")
def local():
    """Return a cluster with a worker of two threads in this process."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, protocol="tcp", dashboard_address=":0"
    ) as found:
        yield found


@pytest.fixture
def dataset(tmp_path):
    """Return a dataset whose tokens have a value, with a candidate and an assumption."""
    tiny = placer.load("tiny")
    valued = tiny.workloads.assign(unserved_usd_per_mtok=20.0)
    folder = placer.save(tiny.replace(workloads=valued, accelerators="sunk").scaled_demand(1.5), tmp_path / "valued")
    rows = f"candidate,adds,target,usd_per_unit_year\nhall,accelerators,{tiny.data_centres['data_centre'][0]},2000\n"
    (folder / "candidates.csv").write_text(rows, encoding="utf-8")
    assumption = ('description = "Round trips."', "values = [2]", 'scaled = ["links.rtt_ms"]')
    studied = "\n".join(["[assumptions.trips]", *assumption, 'unit = "times"', 'source = "x"', 'kind = "assumption"'])
    (folder / "sensitivity.toml").write_text(studied, encoding="utf-8")
    return folder


#: Options of each command that solves in parallel, and the figures of its answer that are compared.
COMMANDS = {
    "accounts": (["--gains"], lambda found: [row["alone_usd"] for row in found["gains"]]),
    "batch": (["--n", "2"], lambda found: [found["quantiles"][0]["mean"]]),
    "plan": (["--sets", "2"], lambda found: [found["cost_usd_per_year"]]),
    "plan-years": (
        ["--year", "2026=1", "--until", "2030", "--discount-rate", "0.05"],
        lambda found: [found["cost_usd_per_year"]],
    ),
    "sensitivity": (
        ["--figures", "cost_usd_per_mtok"],
        lambda found: [row["cost_usd_per_mtok"] for row in found["cases"]],
    ),
}


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of Dask itself
@pytest.mark.usefixtures("in_threads")
@pytest.mark.parametrize("command", COMMANDS)
def test_commands_with_workers_solve_on_a_cluster(run, dataset, local, command, monkeypatch):
    """Tests that the worker of the cluster solves, and that the answer is that of this machine."""
    monkeypatch.setattr("placer.planning.search.proven_plan.is_small", lambda _: False)  # states are solved one by one
    options, figures = COMMANDS[command]
    asked, worker = (command, dataset, *options, "--json"), next(iter(local.workers.values()))
    (here, expected, _), before = run(*asked), worker.state.executed_count
    code, out, err = run(*asked, "--scheduler", local.scheduler_address, "--workers", "2")
    assert code == here == 0, err
    assert worker.state.executed_count > before
    assert figures(json.loads(out)) == pytest.approx(figures(json.loads(expected)), rel=1e-4)


@pytest.mark.parametrize(("way_on", "said"), [("", "placer: gone\n"), ("try x", "placer: gone; try x\n")])
def test_a_lost_cluster_is_no_bad_input(capsys, way_on, said):
    """Tests the exit status, and the line on standard error."""
    with pytest.raises(typer.Exit) as ended, needs_workers(way_on):
        raise BatchError("gone")
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == said
