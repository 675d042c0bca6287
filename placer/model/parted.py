"""Flows and duals of a whole, cut into those of its blocks: the way back from ``placer.model.blocks.joined``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.model.answer import Duals, Flows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from placer.model.blocks import Span
    from placer.model.structure import Structure


def parted(structure: Structure, spans: Sequence[Span], flows: Flows, duals: Duals) -> Iterator[tuple[Flows, Duals]]:
    """Yield flows and duals of each block, in their order.

    Duals of caps that blocks have in common are 0 there: the price of such a cap is that of the whole.

    Parameters
    ----------
    structure : Structure
        The whole.
    spans : sequence of Span
        Of all its blocks.
    flows, duals
        Of the whole.
    """
    of_queue = structure.queue_flows.arrival
    for span in spans:
        place = np.full(len(structure.demand_amount), -1)
        place[span.demands] = np.arange(len(span.demands))
        mine = np.flatnonzero(place[flows.demand] >= 0)
        waiting = (of_queue >= span.periods.start) & (of_queue < span.periods.stop)
        own = Flows(
            demand=place[flows.demand[mine]],
            arc=flows.arc[mine],
            amount=flows.amount[mine],
            unserved=flows.unserved[span.demands],
            waiting=flows.waiting[waiting],
            taken=flows.taken[:, span.periods],
        )
        by_period = {
            name: getattr(duals, name)[..., span.periods] for name in ("queue", "balance", "capacity", "intake", "link")
        }
        cap = np.concatenate([np.zeros(len(span.common)), duals.cap[span.caps]])
        yield own, Duals(demand=duals.demand[span.demands], cap=cap, **by_period)
