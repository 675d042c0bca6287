"""Random further modes of the classes of a structure: other work and draw, over some of the arcs."""

from dataclasses import replace

import numpy as np

from placer.model.cap_rows import CapRows


def with_modes(structure, seed, most=3):
    """Return the structure with one to ``most`` modes for each class, each over about two thirds of its arcs."""
    random = np.random.default_rng([seed, 2])
    first = np.arange(structure.classes)
    serves = np.concatenate([first, np.repeat(first, random.integers(0, most, structure.classes))])
    is_first = np.arange(len(serves)) < structure.classes

    def varied(figure):
        """Return a figure of classes for each class of service, that of the first as it is."""
        each = figure[serves]
        return each * np.where(is_first.reshape(-1, *[1] * (each.ndim - 1)), 1.0, random.uniform(0.4, 1.6, each.shape))

    admitted = structure.admitted[serves]
    admitted &= random.random(admitted.shape) < 0.7
    klass, origin, site = np.nonzero(admitted)
    order = np.lexsort((site, klass, origin, serves[klass]))
    klass, origin, site = klass[order], origin[order], site[order]
    dearer = np.where(is_first, 1.0, random.uniform(0.5, 1.5, len(serves)))
    cost = np.zeros(structure.admitted.shape)
    cost[structure.arc_class, structure.arc_origin, structure.arc_site] = structure.arc_cost
    work = np.stack([varied(each) for each in structure.cap_work.array])
    return replace(
        structure,
        serves=serves,
        unserved_cost=structure.unserved_cost[serves],
        window=structure.window[serves],
        arc_class=klass,
        arc_origin=origin,
        arc_site=site,
        arc_rank=np.zeros_like(site),
        arc_cost=cost[serves[klass], origin, site] * dearer[klass],
        work_cost=varied(structure.work_cost),
        use=varied(structure.use),
        draw=varied(structure.draw),
        link_use=structure.link_use[serves],
        cap_work=CapRows.of(work),
        cap_send=structure.cap_send[:, serves],
    )
