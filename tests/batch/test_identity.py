"""What makes a batch the same batch: all that its rows depend on."""

from __future__ import annotations

import pytest

import placer
from placer.batch.identity import digest, settings_of
from placer.batch.store import Store
from placer.errors import BatchError, StoreError


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"seed": 8}, "seed was 7, is 8"),
        ({"count": 13}, "count was 12, is 13"),
        ({"uncertainty": placer.Uncertainty(hub_sigma=0.5)}, "uncertainty was"),
    ],
)
def test_other_sets_are_refused_by_name(sets, tiny, tmp_path, change, expected):
    Store.create(tmp_path / "a.db", settings_of(sets, ["cost"])).close()
    others = placer.DemandSets(**({"instance": tiny, "count": 12, "seed": 7} | change))
    with pytest.raises(StoreError, match=expected):
        Store.resume(tmp_path / "a.db", settings_of(others, ["cost"]))


def test_other_instance_analyses_limit_and_version_are_refused_by_name(sets, tiny, tmp_path, monkeypatch):
    Store.create(tmp_path / "a.db", settings_of(sets, ["cost"])).close()
    others = placer.DemandSets(tiny.replace(carbon_usd_per_kg=0.1), count=12, seed=7)
    monkeypatch.setattr("placer.batch.identity.VERSION", "0.0.0")
    with pytest.raises(StoreError) as refused:
        Store.resume(tmp_path / "a.db", settings_of(others, ["ceiling"], 60.0))
    for name in ("instance", "analyses", "time_limit_seconds", "this is placer 0.0.0"):
        assert name in str(refused.value)
    assert "seed" not in str(refused.value)


def test_only_demand_sets_can_be_kept(sets):
    with pytest.raises(BatchError, match="only DemandSets and sets of a history can be kept"):
        settings_of([sets[0]], ["cost"])


def test_digest_is_of_all_tables_and_settings(tiny):
    same = placer.load("tiny")
    assert digest(same) == digest(tiny)
    changed = tiny.hubs.assign(access_ms=tiny.hubs["access_ms"] + 1e-12)
    assert len({digest(tiny), digest(tiny.replace(hubs=changed)), digest(tiny.replace(carbon_usd_per_kg=0.1))}) == 3
