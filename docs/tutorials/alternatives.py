# %% [markdown]
# # Alternatives: what every good answer has in common
#
# The placement of least cost serves three quarters of China's tokens in the west. A planner asks: must it?
#
# **Question.** What do all placements have that cost at most 1 % more? And which of two halls must be built?
#
# *Needs `token-placer[plot]`.*

# %%
import placer

placement = placer.solve(placer.load("china"))
found = placer.alternatives(placement, within=0.01, groups="region", answers=2)
print(found.in_words)

# %% [markdown]
# Each end is proven: no placement within the budget has less of a region than `least`, or more than `most`.

# %%
found.ranges[["at_least_cost", "least", "most", "least_share", "most_share", "proven"]].round(3)

# %% [markdown]
# The west serves 77 % at least cost, and 9 % would do for 1 % more. A few whole placements that differ most, each of
# which keeps all limits:

# %%
import placer.plots

placer.plots.plot_alternatives(found)

# %% [markdown]
# ## A tie
#
# A plan may build either of two halls, and the second costs 1 % more.

# %%
instance = placer.Instance.from_tables(
    {
        "hubs": [{"hub": "city"}],
        "data_centres": [{"data_centre": name, "accelerators": 0} for name in ("North", "South")],
        "links": [{"from": "city", "to": name, "rtt_ms": 5} for name in ("North", "South")],
        "workloads": [
            {"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "unserved_usd_per_mtok": 100}
        ],
        "demand": [{"workload": "chat", "hub": "city", "mtok": 2400}],
    },
    accelerators="sunk",
)
halls = [
    {"candidate": "North hall", "adds": "accelerators", "target": "North", "usd_per_unit_year": 10000},
    {"candidate": "South hall", "adds": "accelerators", "target": "South", "usd_per_unit_year": 10100},
]
plan = placer.plan(instance, halls)
plan.builds[["units", "value_usd_per_unit_year", "profit_usd_per_unit_year"]]

# %%
near = placer.alternatives(plan, within=0.02)
print(near.in_words)

# %%
assert near.tie.groups == ("North hall", "South hall")
near.ranges[["at_least_cost", "least", "most"]].round(2)

# %% [markdown]
# **What it means.** The plan builds only the North hall. Within 2 % of its cost either hall may stand for the other, so
# the site can wait for what the model does not know. The total cannot.
#
# **Try this next.** `within=0.001` for the placement: what does the west serve then? The guide
# [what else is nearly as cheap](../alternatives.md) has the answer, and [plans](../plans.md) say what to build.
