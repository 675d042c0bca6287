"""Arguments why the surviving mutants of the proof cannot matter; ``benchmarks.mutation`` reads them."""

from __future__ import annotations

#: Arguments by module, line and change.
ARGUED: dict[tuple[str, str, str], str] = {
    (
        "security/rents",
        "tier = left.tier_yield[:, None] * duals.balance[left.tier_site] - left.tier_cost - of_zones",
        "Sub to Add",
    ): "Of the cost, which is 0 in a contingency. A test of a supply within a zone kills that of the rent of the zone.",
    (
        "security/bound",
        "moves, stays = np.flatnonzero(hit & (share > 0)), np.flatnonzero(~hit & (share > 0))",
        "Gt to GtE",
    ): "Of what moves: a backup costs at most the penalty, and 0 times that is 0. A test kills that of what stays.",
    (
        "security/bound",
        "each = np.where(uses > 0, uses * np.where(uses > 0, rents, 0.0), 0.0)",
        "Gt to GtE",
    ): "Work that does not use links pays 0 times a rent, or is left out by the other condition.",
    (
        "security/bound",
        "each = np.where(uses > 0, uses * np.where(uses > 0, rents, 0.0), 0.0)",
        "0.0 to 1.0",
    ): "Of the inner one: work that does not use links pays 0 times it.",
    (
        "security/rents",
        "return without_noise(rents, 1e3 * float(np.max(rents, initial=0.0)))",
        "1000.0 to 1001.0",
    ): "Where noise ends is a choice, a thousandth more or less.",
    (
        "security/rents",
        "yield limit, names, _without_noise(np.where(there, rent, 0.0)), np.where(there, size, 0.0)",
        "0.0 to 1.0",
    ): "Of the size: where it is 0 there is no rent, and no line. Tests kill that of the rent.",
    (
        "decomposition/bound",
        "for place, cut in zip(places, cuts_of(vectors[vector[0]], of_shape), strict=True):",
        "True to False",
    ): "There is one cut for each member of the shape.",
    ("decomposition/bound", "for place in np.flatnonzero(multiplied.weight > 0).tolist():", "Gt to GtE"): (
        "A multiplier of 0 has no part of the bound, whether its cut is computed or not."
    ),
    (
        "proof/certificate",
        "least = min(1.0, np.abs(program.cost[np.abs(values) > IN_USE]).max(initial=0.0) or 1.0)",
        "1.0 to 2.0",
    ): "Of the last one: by the minimum 2 counts as 1. A test kills that of the first.",
    (
        "proof/bound",
        "paid = structure.tier_cost + structure.cap_tier.priced(cap) if cap.any() else structure.tier_cost",
        "always the first",
    ): "Caps without a rent add 0.",
    (
        "proof/bound",
        "work = work_cost + structure.cap_work.priced(cap) if cap.any() else work_cost",
        "always the first",
    ): "Caps without a rent add 0.",
    (
        "proof/bound",
        "for delay, ahead in zip(delays, structure.after(period, delays[:, None]), strict=True):",
        "True to False",
    ): "There is a row of periods for each delay.",
    (
        "proof/bound",
        "if not prices.cap.any() or not prices.cap[caps_of_arcs(structure)].any():",
        "Or to And",
    ): "Caps without a rent, and those that no route takes, add 0.",
    (
        "proof/bound",
        "arcs = None if kernels is None else priced_arcs(structure, prices, arriving)",
        "always the first",
    ): ("Without compiled loops NumPy finds the same prices."),
    (
        "proof/bound",
        "arcs = None if kernels is None else priced_arcs(structure, prices, arriving)",
        "always the second",
    ): ("The next line asks for the compiled loops once more."),
    ("proof/bound", "chunks = period_chunks(len(pairs), structure.periods, _AT_A_TIME // 10)", "10 to 11"): (
        "How much is held at a time changes no price."
    ),
    ("proof/bound", "_AT_A_TIME = 2_000_000", "2000000 to 2000001"): "How much is held at a time changes no price.",
    ("proof/bound", "return structure.arc_cost, False", "False to True"): (
        "Where no cap has a rent, routes pay 0 for caps."
    ),
    ("proof/bound", "slot = np.cumsum(asked) - 1", "1 to 2"): (
        "Slots from -1, which is the last row, give every pair a row of its own as well."
    ),
    (
        "proof/bound",
        "for span in period_chunks(structure.periods, max(int(asked.sum()), structure.origins), _AT_A_TIME):",
        "max to min",
    ): ("How much is held at a time changes no price."),
    ("proof/bound", "shape = (structure.sites, int(rank.max(initial=-1)) + 1, structure.periods)", "1 to 2"): (
        "One more place for tiers stays empty and earns nothing."
    ),
    ("proof/bound", "shape = (structure.sites, int(rank.max(initial=-1)) + 1, structure.periods)", "without USub"): (
        "Two places for tiers where there are none stay empty and earn nothing."
    ),
    ("proof/bound", "amount = np.where(gain > 0, np.minimum(amount, structure.intake[:, None]), 0.0)", "0.0 to 1.0"): (
        "What earns nothing comes after all that earns, and any amount of it is worth nothing."
    ),
    ("proof/answer_certificate", "side = np.where(there, limit, 0.0)", "0.0 to 1.0"): (
        "Without a limit nothing is above it, whatever 0 is divided by."
    ),
    (
        "proof/bound",
        "priced = (rents > 0).any(axis=1)",
        "Gt to GtE",
    ): "A link whose rents are 0 adds 0 to every route.",
    (
        "proof/answer_certificate",
        "caps = zip(duals.cap, structure.cap_limit, typical.take_cap.tolist(), strict=True)",
        "True to False",
    ): ("Arrays that do not fit the structure are refused before."),
    ("proof/bound", "for klass in np.flatnonzero(structure.window > 0):", "Gt to GtE"): (
        "The least over a window of 0 is the price itself."
    ),
    ("proof/answer_certificate", "below = -np.min(rent, initial=0.0)", "0.0 to 1.0"): (
        "Where no rent is below 0 this is at most 0 either way, and the other operand is at least 0."
    ),
    (
        "proof/answer_certificate",
        "max(np.max(dual, initial=0.0), -np.min(dual, initial=0.0)) <= LARGEST_DUAL * unit for dual, unit in units",
        "0.0 to 1.0",
    ): ("Of the minimum: it is negated and matters only below 0. A test of tiny prices kills that of the maximum."),
    ("proof/bound", "drawn = structure.draw[:, :, None] * structure.overhead", "Mult to Div"): (
        "Where work is never served, only whether it draws counts, and overhead is at least 1."
    ),
    (
        "proof/bound",
        "where = structure.arc_way[arcs] * structure.classes + structure.arc_class[arcs]",
        "Add to Sub",
    ): ("Ways and classes still have a number each; only the order of classes by a way is reversed."),
    ("proof/bound", "rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)", "Sub to Add"): (
        "Places further apart are still one a tier, and those between stay empty and earn nothing."
    ),
    (
        "proof/complementarity",
        "rents = np.where(rents > 0, prices.link[link, period[which]], 0.0) * rents",
        "0.0 to 1.0",
    ): "Where it counts, rents are 0, and the product is 0 either way.",
    (
        "proof/bound",
        "last = length - 1 if structure.cyclic else first + length - 1 - period",
        "Sub to Add",
    ): "On a cyclic horizon a delay of the whole block or one more sees only what shorter delays see.",
    ("proof/bound", "link=_earned(np.where(limit > 0, prices.link, 0.0), limit),", "0.0 to 1.0"): (
        "Where it counts, the limit is 0, and the product is 0 either way."
    ),
}
