"""Served models: which model answers the tokens of a class, how large its replicas are, and how long they take to load.

The tokens of a class are shared by the models that serve it. By the published concentration of hosted open-weight
models the model of rank r has

    share of rank r = (1 - q) q^(r - 1),    1 - q = the share of the largest family, 0.32

and the models of one class keep this ratio. A model without a published loading time takes that of another in
proportion to its weights.
"""

from __future__ import annotations

from collections.abc import Mapping

from building.tables import Cell, Dataset, Row, decimals, read, read_by

SCENARIO = "scenarios/served_models"
LARGEST = "share of the largest family"
#: Tables whose rows of a class become rows of each of its models.
SPLIT = ("workloads", "demand", "demand_profile")
LOADERS = ("Safetensors", "PyTorch")


def shares_of(workload: str) -> dict[str, float]:
    """Return the share of the tokens of a class that each of its models answers."""
    largest = float(read_by("model_popularity", "item")[LARGEST]["value"])
    ranks = {row["model"]: rank for rank, row in enumerate(read("assumed_served_models")) if workload in classes(row)}
    weights = {model: (1 - largest) ** rank for model, rank in ranks.items()}
    return {model: weight / sum(weights.values()) for model, weight in weights.items()}


def classes(row: Row) -> list[str]:
    """Return the classes that a model serves."""
    return row["workloads"].split("|")


def cold_start_seconds(row: Row) -> float:
    """Return the time to load a model: as published, or as that of another in proportion to the weights."""
    like = next(
        line for line in read("loading_times") if line["model"] == row["loads_like"] and line["loader"] in LOADERS
    )
    weights = float(read_by("served_models", "model")[row["model"]]["weights_gb"])
    return float(like["seconds"]) * weights / float(like["gb"])


def add_served_models(dataset: Dataset) -> None:
    """Add the scenario in which every class is split over the models that serve it."""
    for table in SPLIT:
        dataset.tables[f"{SCENARIO}_{table}"] = [part for row in dataset.tables[table] for part in _parts(table, row)]
        note = "the rows of a class for each of its models; tokens by the share of the model"
        dataset.cite(f"{SCENARIO}_{table}", "*", "*", f"as {table}; facts/assumed_served_models.csv", "derived", note)
    note = "shares by rank, geometric with the ratio of the largest family of hosted models: an assumption for models"
    source = "facts/model_popularity.csv: arXiv 2605.02821; facts/assumed_served_models.csv"
    dataset.cite(f"{SCENARIO}_demand", "*", "mtok", source, "assumption", note)
    note = "which 20 models stand for all"
    dataset.cite(SCENARIO, "*", "model", "facts/assumed_served_models.csv", "assumption", note)
    dataset.tables[SCENARIO] = [_served_model(dataset, row) for row in read("assumed_served_models")]


def _parts(table: str, row: Mapping[str, Cell]) -> list[dict[str, Cell]]:
    """Return a row of a class for each of its models; tokens are whole and add up, the most asked takes the rest."""
    shares = shares_of(str(row["workload"]))
    parts: list[dict[str, Cell]] = [{**row, "workload": f"{row['workload']} {model}"} for model in shares]
    if table == "demand":
        mtok = [round(float(row["mtok"]) * share) for share in shares.values()]
        mtok[0] = round(float(row["mtok"])) - sum(mtok[1:])
        for part, amount in zip(parts, mtok, strict=True):
            part["mtok"] = str(amount)
    return parts


def _served_model(dataset: Dataset, row: Row) -> dict[str, Cell]:
    """Return the row of a model, and say where its figures come from."""
    model, size = row["model"], read_by("served_models", "model")[row["model"]]
    dataset.cite(SCENARIO, model, "workloads", "facts/assumed_served_models.csv", row["kind"], row["note"])
    note = "; ".join(filter(None, (f"{size['precision']} on {size['hardware']}", size["note"])))
    dataset.cite(SCENARIO, model, "replica_accelerators", size["source"], size["kind"], note)
    like = row["loads_like"]
    kind, note = ("measured", "") if model == like else ("assumption", f"as {like}, in proportion to the weights")
    dataset.cite(SCENARIO, model, "cold_start_seconds", f"facts/loading_times.csv: {like}", kind, note)
    return {
        "model": model,
        "workloads": "|".join(f"{workload} {model}" for workload in classes(row)),
        "replica_accelerators": size["replica_accelerators"],
        "cold_start_seconds": decimals(cold_start_seconds(row), 1),
    }
