"""What an unknown name was meant to be."""

from __future__ import annotations

import pytest

from placer.instance.attributes.schema import INPUT_TABLES, TABLES
from placer.instance.attributes.synonyms import CONVERSIONS, SYNONYMS, meant, nearest_name, perhaps


@pytest.mark.parametrize("name", sorted({name for table in TABLES.values() for name in table.names}))
@pytest.mark.parametrize("slip", [str.upper, str.title, lambda name: f" {name}", lambda name: name.replace("_", "-")])
def test_slips_of_case_and_blanks_are_seen(name, slip):
    """Tests that a name in other case, with a blank or with hyphens is taken for the known one."""
    assert meant(slip(name), (name,)) == name


@pytest.mark.parametrize(
    ("given", "intended"),
    [
        ("rtt", "rtt_ms"),
        ("capacity", "capacity_gbps"),
        ("acelerators", "accelerators"),
        ("acess_ms", "access_ms"),
        ("latency_slo", "latency_slo_ms"),
        ("kwh", "kwh_per_mtok"),
        ("usd_per_mw", "usd_per_mwh"),
    ],
)
def test_slips_of_letters_and_units_are_seen(given, intended):
    """Tests that a missing unit or a wrong letter is taken for the known name."""
    known = tuple({name for table in TABLES.values() for name in table.names if name != "loss"})
    assert meant(given, known) == intended


@pytest.mark.parametrize("name", ["population", "comment", "owner", "x", "", "name", "weight", "length_km"])
def test_other_names_are_left_alone(name):
    """Tests that attributes of other programs are not taken for slips."""
    for table in TABLES.values():
        assert name in table.names or meant(name, table.names) is None


@pytest.mark.parametrize(
    ("table", "given", "intended"),
    [
        ("data_centres", "gpus", "accelerators"),
        ("data_centres", "accelerator_count", "accelerators"),
        ("data_centres", "gpu_usd_per_hour", "accelerator_usd_per_hour"),
        ("data_centres", "capacity_mw", "power_limit_mw"),
        ("supplies", "capacity_mw", "limit_mw"),
        ("workloads", "slo_ms", "latency_slo_ms"),
        ("workloads", "max_latency_ms", "latency_slo_ms"),
        ("workloads", "latency_ms", "latency_slo_ms"),
        ("links", "latency_ms", "rtt_ms"),
        ("workloads", "deadline_h", "deadline_hours"),
        ("links", "gbps", "capacity_gbps"),
        ("power_zones", "co2_kg_per_mwh", "carbon_kg_per_mwh"),
        ("power_zones", "Price USD per MWh", "usd_per_mwh"),
        ("power_zones", "price", "usd_per_mwh"),
        ("power_zones", "Day-ahead price [EUR/MWh]", "usd_per_mwh"),
        ("data_centres", "price", "accelerator_usd_per_hour"),
        ("links", "cost", "usd_per_gb"),
        ("demand", "load", "mtok"),
    ],
)
def test_synonyms_are_known(table, given, intended):
    """Tests that what other programs call an attribute is taken for it, by table."""
    assert meant(given, TABLES[table].names) == intended


def test_every_synonym_is_of_a_column():
    """Tests that synonyms are those of columns and tables of the schema, and that none is an attribute itself."""
    columns = {name for table in INPUT_TABLES.values() for name in table.names}
    assert SYNONYMS.keys() <= columns | INPUT_TABLES.keys()
    assert not columns.intersection(name for names in SYNONYMS.values() for name in names)
    assert CONVERSIONS.keys() <= {name for names in SYNONYMS.values() for name in names}


def test_units_that_differ_are_told():
    """Tests that the advice says how to convert what comes in another unit."""
    assert perhaps("usd_per_kwh", "usd_per_mwh") == "perhaps usd_per_mwh (times 1000)"
    assert perhaps("gpus", "accelerators") == "perhaps accelerators"


@pytest.mark.parametrize(("given", "found"), [("chnia", "china"), ("China", "china"), ("moon", None), ("", None)])
def test_nearest_names(given, found):
    """Tests that a name misspelt finds the nearest, and another none."""
    assert nearest_name(given, ("china", "tiny", "world")) == found
