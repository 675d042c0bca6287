"""A check of every verb of the package on a draw: an answer with identities that hold, or a documented refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import accounting, explaining, exporting, placing, planning, securing, writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from .checks import Subject

VERBS: dict[str, Callable[[Subject], None]] = {
    "solve": placing.solve,
    "columns": placing.column_generation,
    "money": placing.money,
    "price_ranges": placing.price_ranges,
    "baselines": placing.baselines,
    "model": placing.model,
    "roll": placing.roll,
    "ceiling": exporting.ceiling,
    "curves": exporting.curves,
    "economics": exporting.economics,
    "audit": securing.audit,
    "secure": securing.secure,
    "cuts": securing.cuts,
    "secure_ceiling": securing.secure_ceiling,
    "plan": planning.plan,
    "plan_states": planning.states,
    "plan_outages": planning.outages,
    "plan_answers": planning.answers,
    "plan_years": planning.years,
    "accounts": accounting.accounts,
    "gains": accounting.gains,
    "explain": explaining.explain,
    "flexibility": explaining.flexibility,
    "regimes": explaining.regimes,
    "batches": explaining.batches,
    "sensitivity": explaining.sensitivity,
    "formats": writing.formats,
    "results": writing.results,
}
