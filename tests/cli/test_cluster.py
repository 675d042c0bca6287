"""Executors of clusters; ``tests/test_cluster.py`` starts one."""

from __future__ import annotations

import pytest

from placer.cli.cluster import cluster
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
