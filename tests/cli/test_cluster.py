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
