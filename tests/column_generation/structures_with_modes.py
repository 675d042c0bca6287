"""Random further modes of the classes of a structure: other work and draw, over some of the arcs."""

from dataclasses import replace

import numpy as np

from placer.model.cap_rows import CapRows


def with_modes(structure, seed, most=3):
    """Return the structure with one to ``most`` modes for each class, each over about two thirds of its arcs."""
    random = np.random.default_rng([seed, 2])
    serves = _serves(structure, random, most)
    admitted = structure.admitted[serves]
    admitted &= random.random(admitted.shape) < 0.7
    dearer = np.where(_is_first(structure, serves), 1.0, random.uniform(0.5, 1.5, len(serves)))
    return _in_modes(structure, random, serves, admitted, _arc_costs(structure)[serves] * dearer[:, None, None])


def with_parallel_modes(structure, seed, most=4):
    """Return the structure with two to ``most`` modes for each class, all over its arcs but the last.

    That one leaves out every second origin. A mode costs the same more over all arcs.
    """
    random = np.random.default_rng([seed, 3])
    serves = _serves(structure, random, most, least=2)
    admitted = structure.admitted[serves]
    is_last = np.arange(len(serves)) == np.array([np.flatnonzero(serves == each)[-1] for each in serves])
    admitted[is_last, 1::2] = False
    dearer = np.where(_is_first(structure, serves), 0.0, random.uniform(-2.0, 2.0, len(serves)))
    return _in_modes(structure, random, serves, admitted, _arc_costs(structure)[serves] + dearer[:, None, None])


def _serves(structure, random, most, least=1):
    first = np.arange(structure.classes)
    return np.concatenate([first, np.repeat(first, random.integers(least - 1, most, structure.classes))])


def _is_first(structure, serves):
    return np.arange(len(serves)) < structure.classes


def _arc_costs(structure):
    cost = np.zeros(structure.admitted.shape)
    cost[structure.arc_class, structure.arc_origin, structure.arc_site] = structure.arc_cost
    return cost


def _in_modes(structure, random, serves, admitted, cost):
    """Return the structure with the classes of service that serve some classes, over some arcs at some costs."""
    is_first = _is_first(structure, serves)

    def varied(figure):
        """Return a figure of classes for each class of service, that of the first as it is."""
        each = figure[serves]
        return each * np.where(is_first.reshape(-1, *[1] * (each.ndim - 1)), 1.0, random.uniform(0.4, 1.6, each.shape))

    klass, origin, site = np.nonzero(admitted)
    order = np.lexsort((site, klass, origin, serves[klass]))
    klass, origin, site = klass[order], origin[order], site[order]
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
        arc_cost=cost[klass, origin, site],
        work_cost=varied(structure.work_cost),
        use=varied(structure.use),
        draw=varied(structure.draw),
        link_use=structure.link_use[serves],
        cap_work=CapRows.of(work),
        cap_send=structure.cap_send[:, serves],
    )
