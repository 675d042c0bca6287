"""``placer reduce``: merge hubs and data centres, and carry the answer back to the whole with its proven gap."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from placer.cli.placing import placed
from placer.cli.run import Run, command
from placer.cli.screen import say
from placer.cli.tables import print_columns, records
from placer.errors import InstanceError, PlacerError, Violation, collected
from placer.instance.problem import Instance
from placer.instance.reduced import Reduced
from placer.reduced.carry_back import carry_back

if TYPE_CHECKING:
    from placer.reduced.result import CarriedBack

_Hubs = Annotated[int | None, typer.Option(help="Number of hubs that are left.")]
_DataCentres = Annotated[int | None, typer.Option(help="Number of data centres that are left.")]
_Gap = Annotated[float, typer.Option(help="Relative gap at which to stop; a wider one may remain.")]


@command("time_limit out require_served as_json")
def reduce_command(run: Run, *, hubs: _Hubs = None, data_centres: _DataCentres = None, gap: _Gap = 1e-3) -> None:
    """Merge hubs and data centres that are alike, solve what is left, and carry the answer back to the whole.

    It prints a placement of the whole, the proven bound on its least cost, and what stands for what.
    """
    with run.working() as (step, note):
        step("loading")
        instance = run.load()
        small = _reduced(instance, hubs, data_centres)
        step(f"solving {small!r}")
        found = carry_back(small, gap=gap)
        note(placed(found.placement))
    summary = run.asked | found.summary()
    tables = {name: records(found.tables[name]) for name in ("answers", "hubs", "data_centres")}
    run.tell(summary | {"tables": tables}, lambda: _print(found))
    run.save(summary, found)
    run.end(unserved=found.placement.unserved_mtok > 0)


def _reduced(instance: Instance, hubs: int | None, data_centres: int | None) -> Reduced[Instance]:
    """Return the instance with fewer places; raises with every violation of both numbers."""
    if hubs is None and data_centres is None:
        raise PlacerError("placer reduce needs --hubs, --data-centres or both")
    violations: list[Violation] = []
    small = None if hubs is None else collected(violations, partial(instance.merge_hubs, hubs))
    if data_centres is not None:
        merge = (small or instance).merge_data_centres
        small = collected(violations, partial(merge, data_centres))
    if violations or small is None:
        raise InstanceError(violations)
    return small


def _print(found: CarriedBack) -> None:
    say(repr(found.reduced).strip("<>"))
    say(repr(found))
    columns = ("cost_usd", "penalty_usd", "served_mtok", "unserved_mtok", "exported_mtok", "energy_mwh")
    print_columns("Answers", found.answers, *columns, currency=found.currency)
    for name, text in (("hubs", "Merged hubs"), ("data_centres", "Merged data centres")):
        places = found.tables[name]
        merged = places[places["merged_into"] != places.index]
        if len(merged):
            print_columns(text, merged, "merged_into")
