"""Accelerator-hours and energy of a workload, from the lengths of its requests.

With I uncached input, C cached input and O output tokens of all requests, and s the active parameters of the model over
37 billion,

    accelerator-seconds = (I . 0.248 + C . k . 0.248 + O . 0.541) s / 1000
    per Mtok            = accelerator-seconds / 3600 over (I + C + O) / 1e6
    kWh of IT           = accelerator-hours . 0.8925 kW

- 0.248 and 0.541 seconds per 1,000 tokens: DeepSeek's nodes of eight H800 in production (open-infra-index, day 6, 27
  and 28 February 2025: 73.7 thousand input tokens a second and node, of which 56 % hit the cache, and 14.8 thousand
  output tokens), cached tokens taken as free. They are means over a day, idle time included.
- 0.8925 kW an accelerator: 7.14 kW a node, 70 % of its largest draw of 10.2 kW. Node power is not published; the range
  of 0.68 to 1.275 kW is -24 and +43 %.
- k is not published. It is 0 in the low row and 0.1 in the high one: a range, not an estimate.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from placer.instance.arguments import need
from placer.instance.attributes.columns import Column
from placer.synthetic.uncertainty import refuse_values

INPUT_SECONDS, OUTPUT_SECONDS = 0.248, 0.541
KILOWATTS = 0.8925
REFERENCE_PARAMETERS = 37e9
#: Work of a cached token as a part of that of an input token.
CACHED = {"low": 0.0, "high": 0.1}
_PARAMETERS = Column("active_parameters", low=0, low_open=True, high=1e15, scaled=False)


def accelerator_hours_per_mtok(input_tokens: float, cached_tokens: float, output_tokens: float, cached: float) -> float:
    """Return the accelerator-hours of a million tokens of requests, for a model of 37 billion active parameters.

    Parameters
    ----------
    input_tokens, cached_tokens, output_tokens : float
        Of all requests, or means; the input includes the cached tokens.
    cached : float
        Work of a cached token as a part of that of an input token.

    Examples
    --------
    >>> round(accelerator_hours_per_mtok(1155, 0.563 * 1155, 211, 0.02), 4)  # interactive_chat of china
    0.0493
    """
    fresh = input_tokens - cached_tokens + cached * cached_tokens
    seconds = (fresh * INPUT_SECONDS + output_tokens * OUTPUT_SECONDS) / 1000
    return seconds / 3600 / (input_tokens + output_tokens) * 1e6


def workload_range(
    table: pd.DataFrame, name: str, like: Mapping[str, object] | pd.Series, active_parameters: float
) -> pd.DataFrame:
    """Return two rows of a table of workloads, as ``Requests.workload`` does.

    Raises
    ------
    ArgumentError
        If the name is no text, or ``like`` no row.
    InstanceError
        If the parameters are no number above 0.
    """
    need(name, str, "the name of a workload", "write 'chat'")
    need(like, (Mapping, pd.Series), "a row of workloads", "instance.workloads.iloc[0] is one")
    refuse_values("requests", {"active_parameters": active_parameters}, (_PARAMETERS,))
    size = float(active_parameters) / REFERENCE_PARAMETERS
    tokens = [float(table[f"{kind}_tokens"].sum()) for kind in ("input", "cached", "output")]
    rows = {}
    for end, cached in CACHED.items():
        hours = size * accelerator_hours_per_mtok(tokens[0], tokens[1], tokens[2], cached)
        derived = {"accelerator_hours_per_mtok": hours, "kwh_per_mtok": hours * KILOWATTS}
        kept = {str(key): value for key, value in like.items() if key != "peak_accelerator_hours_per_mtok"}
        rows[end] = {"workload": name} | kept | {"workload": name} | derived
    return pd.DataFrame.from_dict(rows, orient="index")
