# %% [markdown]
# # The latency ceiling, and what sets it
#
# Cheap power is far away, and light is in no hurry: a round trip over 1,000 km takes ten milliseconds in glass before
# anyone has computed anything. How much of a coast's demand could be served inland at all, if nobody asked what it
# costs? That is the **export ceiling**.
#
# **Question.** Two cities on the coast, one large site on the steppe. What share of all tokens can leave the coast,
# and what stops the rest: distance, the law, or a lack of accelerators?
#
#         Harbour ---- 5 ---- Quay            (coast)
#            |                  |
#           40                 12
#            |                  |
#         Steppe ---- 25 ---- Hill            (Steppe: inland)
#
# The numbers are round trips in milliseconds.
#
# *Needs `token-placer[plot]`.*

# %%
import placer

network = {
    "hubs": [{"hub": "Harbour", "region": "coast"}, {"hub": "Hill", "region": "coast"}],
    "data_centres": [
        {"data_centre": "Quay", "region": "coast", "accelerators": 60, "jurisdiction": "coast"},
        {"data_centre": "Steppe", "region": "inland", "accelerators": 20, "jurisdiction": "inland"},
    ],
    "links": [
        {"from": "Harbour", "to": "Quay", "rtt_ms": 5},
        {"from": "Hill", "to": "Quay", "rtt_ms": 12},
        {"from": "Harbour", "to": "Steppe", "rtt_ms": 40},
        {"from": "Hill", "to": "Steppe", "rtt_ms": 25},
    ],
}
work = {"accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0}  # power is another story
workloads = [
    work | {"workload": "voice", "latency_slo_ms": 150, "server_ms": 120},  # leaves 30 ms for the network
    work | {"workload": "chat", "latency_slo_ms": 2000},
    work | {"workload": "letters", "latency_slo_ms": 2000, "jurisdictions": "coast"},  # the law keeps them
]
asked = {"voice": (100, 60), "chat": (300, 140), "letters": (120, 80)}
demand = [
    {"workload": name, "hub": hub, "mtok": mtok}
    for name, amounts in asked.items()
    for hub, mtok in zip(("Harbour", "Hill"), amounts, strict=True)
]
instance = placer.Instance.from_tables(network | {"workloads": workloads, "demand": demand})
ceiling = placer.export_ceiling(instance)
ceiling

# %% [markdown]
# ## By hand
#
# Letters stay: that is the law. Voice at the Harbour stays: 40 ms is more than 30. All else *may* leave. But the
# steppe has only 20 accelerators, and a Mtok takes 0.05 of an hour of one.

# %%
total = sum(map(sum, asked.values()))
may_leave = sum(asked["chat"]) + asked["voice"][1]
room = 20 / 0.05
print(f"distance and law alone: {may_leave} of {total} Mtok, {may_leave / total:.1%}")
print(f"with 20 accelerators:   {min(may_leave, room):.0f} of {total} Mtok, {min(may_leave, room) / total:.1%}")
assert abs(ceiling.share - min(may_leave, room) / total) < 1e-9

# %% [markdown]
# ## What stops the rest?
#
# Several limits can stop the same token, and each points at the others. placer lifts the limits in every possible
# order and takes the mean of what each adds: the Shapley value, invented to share out cake among people who do not
# trust each other.

# %%
ceiling.limits.round(4)

# %%
from placer.plots import plot_curve, plot_limits

axis = plot_limits(ceiling)

# %% [markdown]
# ## The curve over distance
#
# What if routes above a given number of milliseconds were barred? Every step below is a route that comes into reach.
# Between two steps nothing changes, so the curve is exact: no grid, no sampling.

# %%
ceiling.curve.table[["rtt_limit_ms", "share", "unserved_mtok"]].round(6)

# %%
axis = plot_curve(ceiling.curve)

# %% [markdown]
# Read it from the left. Below 5 ms nobody can be served. At 25 ms the Hill reaches the steppe: its voice and its chat
# can leave. At 40 ms the Harbour does, and the accelerators of the steppe run out before the chat does.
#
# ## Which route should be shorter?

# %%
len(ceiling.shortenings)

# %% [markdown]
# None, today. Ten milliseconds off the Harbour's route would let its voice go too, but the steppe is full: a seat in
# a full train does not get better by a faster train. With more accelerators there the same ten milliseconds are worth
# something. Limits come in queues, and it pays to know which one stands first.

# %%
bigger = instance.replace(data_centres=instance.data_centres.assign(accelerators=[60, 40]))
wider = placer.export_ceiling(bigger)
print(f"ceiling with 40 accelerators: {wider.share:.1%}")
wider.shortenings.round(4)

# %% [markdown]
# **What it means.** A ceiling has nothing to do with cost. It says what *could* leave; `placer.solve` says what
# *should*. The distance between the two is the room in which prices decide.
#
# **Try this next.**
#
# - Give power a price at both sites, and compare `placer.solve(instance).export_share` with the ceiling.
# - Let half of the letters go: split them into two workloads. Which part of the plot shrinks?
# - [How much can leave](../ceiling.md) has swaps, weights other than tokens, and what exporting a given share costs.
