"""Workloads: what a million tokens of each class needs, and how long it may take."""

from __future__ import annotations

from building.tables import Cell, Dataset, Row, decimals, read, read_by, significant, value

#: Classes that start an agent: round trips of a task, and the time it may take, follow from its sequential calls.
AGENTS = ("agentic_coding_loop", "computer_use_agent", "deep_research")
#: Classes bound by the time to the first answer: parameter of the limit, of the time without network.
ANSWERS = {
    "voice_assistant": ("e2e_slo", "non_network_time"),
    "interactive_chat": ("ttft_slo", "non_network_time"),
    "reasoning_chat": ("ttft_slo", "non_network_time"),
    "code_completion": ("e2e_slo", "non_network_time"),
    "rag_search": ("ttft_slo", "non_network_time"),
}
#: Share of an agent's sequential calls that the user starts; of the coding loop 0.9 of 8.7 by the trace.
USER_CALLS = {"agentic_coding_loop": 0.9}
TWINS = {"interactive_chat_strict": "strict", "regulated_realtime": "regulated"}
COLUMNS = (
    "workload",
    "accelerator_hours_per_mtok",
    "kwh_per_mtok",
    "gb_per_mtok",
    "latency_slo_ms",
    "server_ms",
    "user_round_trips",
    "tool_round_trips",
    "deadline_hours",
    "jurisdictions",
    "value_usd_per_mtok",
)


def parameter(workload: str, name: str) -> float:
    """Return one published or assumed parameter of a class."""
    return float(read_by("workload_parameters", "workload_class", "parameter")[f"{workload}|{name}"]["value"])


def needs(row: Row) -> dict[str, Cell]:
    """Return accelerator-hours, energy, bytes and price of a million tokens of a text class."""
    tokens = float(row["input_tokens"]) + float(row["output_tokens"])
    traffic = float(row["bytes_up_per_call"]) + float(row["bytes_down_per_call"])
    price = row["price_usd_per_M_blended_V3_2025"] or row["price_usd_per_M_blended_deepseek_flash_offpeak_2026"]
    return {
        "accelerator_hours_per_mtok": significant(float(row["gpu_s_per_1k_total_tokens"]) * 1000 / 3600),
        "kwh_per_mtok": significant(float(row["kwh_IT_per_M_total_tokens"])),
        "gb_per_mtok": significant(traffic / tokens / 1000),
        "value_usd_per_mtok": significant(float(price)),
    }


def video_needs(row: Row) -> dict[str, Cell]:
    """Return the same for video, by the token equivalent of a clip."""
    tokens = value("video tokens per clip")
    seconds = parameter(row["workload_class"], "gpu_seconds_per_video")
    watt_hours = parameter(row["workload_class"], "energy_per_video")
    price = float(read_by("further", "item")["Seedance 2.0 price, no video input"]["value"])
    return {
        "accelerator_hours_per_mtok": significant(seconds / 3600 / tokens * 1e6),
        "kwh_per_mtok": significant(watt_hours * value("video host overhead") / 1000 / tokens * 1e6),
        "gb_per_mtok": significant(parameter(row["workload_class"], "bytes_down_per_call") / tokens / 1000),
        "value_usd_per_mtok": significant(price),
    }


def limits(row: Row) -> dict[str, Cell]:
    """Return the time limits and round trips of a class, so that the budget per call is the published one."""
    workload = row["workload_class"]
    times: dict[str, Cell] = {"latency_slo_ms": "", "server_ms": ""}
    blank: dict[str, Cell] = times | {"user_round_trips": "1", "tool_round_trips": "0"}
    calls = float(row["sequential_calls"] or 1)
    if workload in AGENTS:
        task = parameter(workload, "task_time_p50") * 1000
        user = USER_CALLS.get(workload, 1.0)
        allowed = task * (1 + parameter(workload, "latency_overhead_tolerance"))
        times = {"latency_slo_ms": decimals(allowed, 0), "server_ms": decimals(task, 0)}
        return times | {"user_round_trips": decimals(user, 1), "tool_round_trips": decimals(calls - user, 1)}
    if workload not in ANSWERS:
        return blank
    slo, server = (parameter(workload, name) for name in ANSWERS[workload])
    times = {"latency_slo_ms": decimals(slo, 0), "server_ms": decimals(server, 0)}
    return blank | times | {"tool_round_trips": decimals(calls - 1, 1)}


def budget_ms(row: dict[str, Cell]) -> float:
    """Return the round trip that a workload leaves for each call."""
    calls = float(row["user_round_trips"]) + float(row["tool_round_trips"])
    return (float(row["latency_slo_ms"]) - float(row["server_ms"])) / calls


def twin(name: str, chat: dict[str, Cell]) -> dict[str, Cell]:
    """Return a class with the needs of interactive chat under a limit of its own."""
    which = TWINS[name]
    times: dict[str, Cell] = {
        "workload": name,
        "latency_slo_ms": decimals(value(f"{which} latency limit"), 0),
        "server_ms": decimals(value(f"{which} server time"), 0),
    }
    return chat | times | {"jurisdictions": "east" if which == "regulated" else ""}


def rows() -> list[dict[str, Cell]]:
    """Return the workloads table."""
    found: dict[str, dict[str, Cell]] = {}
    for name, row in read_by("workload_coefficients", "workload_class").items():
        need = video_needs(row) if name == "video_generation" else needs(row)
        deadline: dict[str, Cell] = {"deadline_hours": decimals(float(row["deadline_h"]), 1), "jurisdictions": ""}
        found[name] = {"workload": name} | need | limits(row) | deadline
    for name in TWINS:
        found[name] = twin(name, found["interactive_chat"])
    order = read_by("assumed_mix", "workload")
    return [{column: found[name][column] for column in COLUMNS} for name in order]


def add_workloads(dataset: Dataset) -> None:
    """Add workloads and the two scenarios that change them."""
    dataset.tables["workloads"] = rows()
    rounds = read_by("workload_coefficients", "workload_class")
    cold: list[dict[str, Cell]] = []
    for row in rows():
        if float(row["tool_round_trips"]) > 0:
            times = float(rounds[str(row["workload"])]["cold_tcp_rounds_m_stateless"])
            names = ("user_round_trips", "tool_round_trips")
            trips: dict[str, Cell] = {column: decimals(float(row[column]) * times, 1) for column in names}
            cold.append({"workload": row["workload"]} | trips)
    for name in ("user_round_trips", "tool_round_trips"):
        changed = [{"workload": row["workload"], name: row[name]} for row in cold]
        dataset.tables[f"scenarios/agents_stateless_{name}"] = changed
    fast = decimals(value("fast server time"), 0)
    dataset.tables["scenarios/faster_servers"] = [{"workload": "interactive_chat_strict", "server_ms": fast}]
    cite_workloads(dataset)


def cite_workloads(dataset: Dataset) -> None:
    """Say which parameters the limits of each class follow from."""
    columns = {
        "non_network_time": "server_ms",
        "sequential_calls_per_task": "tool_round_trips",
        "deadline_h": "deadline_hours",
    }
    columns |= dict.fromkeys(("e2e_slo", "ttft_slo", "task_time_p50", "latency_overhead_tolerance"), "latency_slo_ms")
    for row in read("workload_parameters"):
        name = row["parameter"]
        if name in columns:
            note = f"{name}: {row['note']}".rstrip(": ")
            dataset.cite("workloads", row["workload_class"], columns[name], row["source"], row["kind"], note)
