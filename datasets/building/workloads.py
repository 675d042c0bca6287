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
#: Classes served offline, in batches that fill the accelerators.
BATCH = ("batch_api_24h", "evaluation_synthetic_data", "rl_rollout")
ACCELERATORS_PER_NODE = 8
#: The coefficients are given with four decimals.
DIGIT = 0.5001e-4
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


def fleet(metric: str) -> float:
    """Return one published figure of the DeepSeek fleet of H800 nodes."""
    return float(read_by("throughput", "hardware", "metric")[f"8xH800 node|{metric}"]["value"])


def call_accelerator_seconds(workload: str, context_column: str = "value") -> tuple[float, float]:
    """Return the accelerator-seconds of one call's input and output.

    They follow from the rates of the DeepSeek fleet and the class's parameters. The context factor stands in
    ``context_column`` of the parameters: ``value``, or ``low`` or ``high`` of its range.

    Input that hits the cache counts as ``cache_hit_compute_share`` of input that does not, and all that the fleet spent
    on input is charged to the latter. Smaller models take prefill time in proportion to their active parameters.
    """
    known = read_by("workload_parameters", "workload_class", "parameter")

    def factor(name: str, default: float = 1.0, of: str = workload) -> float:
        return float(known[f"{of}|{name}"]["value"]) if f"{of}|{name}" in known else default

    missed = fleet("input_tokens_per_day") - fleet("cached_input_tokens_per_day")
    prefill = ACCELERATORS_PER_NODE / fleet("input_tokens_per_s_per_node") * fleet("input_tokens_per_day") / missed
    decode = ACCELERATORS_PER_NODE / fleet("output_tokens_per_s_per_node")
    hit = factor("cached_input_share")
    counted = 1 - hit + hit * factor("cache_hit_compute_share", of="all")
    prefill *= factor("input_size_factor")
    decode = factor("decode_accelerator_seconds", 1000 * decode) / 1000
    decode *= factor("decode_time_factor")
    if f"{workload}|context_factor" in known:
        decode *= float(known[f"{workload}|context_factor"][context_column])
    times = factor("batch_gpu_time_factor", of="all") if workload in BATCH else 1.0
    sent, received = factor("input_tokens_per_call"), factor("output_tokens_per_call")
    return times * sent * counted * prefill, times * received * decode


def check_coefficients() -> None:
    """Refuse coefficients that do not follow from the parameters of their class, to the digits they are given with."""
    for name, row in read_by("workload_coefficients", "workload_class").items():
        if not row["input_tokens"]:
            continue
        seconds = sum(call_accelerator_seconds(name))
        tokens = float(row["input_tokens"]) + float(row["output_tokens"])
        per_mtok = seconds / tokens * 1e6
        found = {
            "input_tokens": (parameter(name, "input_tokens_per_call"), 1e-9),
            "output_tokens": (parameter(name, "output_tokens_per_call"), 1e-9),
            "gpu_s_per_call": (seconds, DIGIT),
            "gpu_s_per_1k_total_tokens": (per_mtok / 1000, DIGIT),
            "kwh_IT_per_M_total_tokens": (per_mtok * value("H800 power") / 3600, DIGIT),
        }
        for column, (number, rounding) in found.items():
            if abs(number - float(row[column])) > rounding:
                raise ValueError(f"{name}: {column} is {row[column]}, but its parameters give {number:.5f}")


def list_price(workload: str) -> float:
    """Return the list price of a million tokens: input, cached input and output by their share in a call."""
    chosen = read_by("assumed_prices", "workload_class")[workload]
    price = read_by("prices", "model")[chosen["model"]]
    sent, received, hit = (
        parameter(workload, f"{name}")
        for name in ("input_tokens_per_call", "output_tokens_per_call", "cached_input_share")
    )
    parts = (
        (sent * (1 - hit), "usd_per_M_input_uncached"),
        (sent * hit, "usd_per_M_input_cached"),
        (received, "usd_per_M_output"),
    )
    usd = sum(tokens * float(price[column] or "nan") for tokens, column in parts if tokens)
    return usd / (sent + received) * float(chosen["discount"])


def needs(row: Row) -> dict[str, Cell]:
    """Return accelerator-hours, energy, bytes and price of a million tokens of a text class."""
    tokens = float(row["input_tokens"]) + float(row["output_tokens"])
    traffic = float(row["bytes_up_per_call"]) + float(row["bytes_down_per_call"])
    return {
        "accelerator_hours_per_mtok": significant(float(row["gpu_s_per_1k_total_tokens"]) * 1000 / 3600),
        "kwh_per_mtok": significant(float(row["kwh_IT_per_M_total_tokens"])),
        "gb_per_mtok": significant(traffic / tokens / 1000),
        "value_usd_per_mtok": significant(list_price(row["workload_class"])),
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
        task = parameter(workload, "task_time") * 1000
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


def peak_share() -> float:
    """Return the accelerator-hours of a token at the peak of the DeepSeek fleet, as a share of the day's average.

    At its busiest hour the fleet served 1.33 times its mean with 278 nodes, of 226.75 on average.
    """
    levels = [float(row["rel_to_mean"]) for row in read("demand_shapes") if row["series"].startswith("deepseek")]
    return fleet("nodes_peak") / (fleet("nodes_mean") * max(levels) / (sum(levels) / len(levels)))


def add_workloads(dataset: Dataset) -> None:
    """Add workloads and the scenarios that change them."""
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
    busy = {str(row["workload"]): peak_share() * float(row["accelerator_hours_per_mtok"]) for row in rows()}
    dataset.tables["scenarios/peak_throughput"] = [
        {"workload": name, "peak_accelerator_hours_per_mtok": significant(hours)} for name, hours in busy.items()
    ]
    add_context_factors(dataset)
    note = "of the DeepSeek fleet at its peak; that every class gains as much is an assumption"
    dataset.cite("scenarios/peak_throughput", "*", "*", "facts/throughput.csv", "derived", note)
    cite_workloads(dataset)


def add_context_factors(dataset: Dataset) -> None:
    """Add the scenarios with the context factors of all agents at the least and the most of their ranges."""
    coefficients = read_by("workload_coefficients", "workload_class")
    for scenario, column in (("context_factor_low", "low"), ("context_factor_high", "high")):
        hours: list[dict[str, Cell]] = []
        energy: list[dict[str, Cell]] = []
        for name in AGENTS:
            tokens = sum(float(coefficients[name][part]) for part in ("input_tokens", "output_tokens"))
            per_mtok = sum(call_accelerator_seconds(name, column)) / tokens * 1e6
            hours.append({"workload": name, "accelerator_hours_per_mtok": significant(per_mtok / 3600)})
            energy.append({"workload": name, "kwh_per_mtok": significant(per_mtok * value("H800 power") / 3600)})
        dataset.tables[f"scenarios/{scenario}_accelerator_hours"] = hours
        dataset.tables[f"scenarios/{scenario}_kwh"] = energy
        note = f"context_factor at the {'least' if column == 'low' else 'most'} of its range"
        for part in ("accelerator_hours", "kwh"):
            dataset.cite(f"scenarios/{scenario}_{part}", "*", "*", "facts/workload_parameters.csv", "assumption", note)


def cite_workloads(dataset: Dataset) -> None:
    """Say which parameters the limits of each class follow from."""
    columns = {
        "non_network_time": "server_ms",
        "sequential_calls_per_task": "tool_round_trips",
        "deadline_h": "deadline_hours",
    }
    columns |= dict.fromkeys(("e2e_slo", "ttft_slo", "task_time", "latency_overhead_tolerance"), "latency_slo_ms")
    for row in read("workload_parameters"):
        name = row["parameter"]
        if name in columns:
            note = f"{name}: {row['note']}".rstrip(": ")
            dataset.cite("workloads", row["workload_class"], columns[name], row["source"], row["kind"], note)
    cite_prices(dataset)


def cite_prices(dataset: Dataset) -> None:
    """Say of which model the price of each class is, and how it is blended."""
    known = {str(row["workload"]) for row in dataset.tables["workloads"]}
    for name in read_by("assumed_prices", "workload_class"):
        if name in known:
            cite_price(dataset, name, name)


def cite_price(dataset: Dataset, workload: str, needs_of: str) -> None:
    """Say of which model the price of a workload is, which has the needs of a published class."""
    row = read_by("assumed_prices", "workload_class")[needs_of]
    price = read_by("prices", "model")[row["model"]]
    blend = f"list price of {row['model']}: input, cached input and output by the tokens of a call"
    note = "; ".join(filter(None, (blend, f"x {row['discount']}" * (row["discount"] != "1"), row["note"])))
    dataset.cite("workloads", workload, "value_usd_per_mtok", price["source"], "derived", note)
