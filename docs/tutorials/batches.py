# %% [markdown]
# # Many demand sets: one number is a rumour
#
# Nobody knows tomorrow's demand, yet every table of figures pretends to. Here we solve two dozen days in place of one
# and see which conclusions survive.
#
# **Question.** What does a Mtok cost, and how much can leave, if the uncertainty of demand is that of published
# figures?
#
# The network is `tiny`, which ships with placer: three hubs, three data centres, three workloads, two hours.
#
# *Needs `token-placer[plot]`.*

# %%
import pandas as pd

import placer

base = placer.load("tiny")
sets = placer.DemandSets(base, count=24, seed=7)
sets

# %% [markdown]
# Each set is the base instance with other demand: another level, another mix of workloads, other regions, a
# shifted day, bursts. Set 17 is set 17 on every machine, however many there are. Let us look at two of them.

# %%
asked = {f"set {number}": sets.demand(number).groupby("workload")["mtok"].sum() for number in (0, 17)}
pd.DataFrame({"as given": base.demand.groupby("workload")["mtok"].sum()} | asked).round(1)

# %% [markdown]
# `solve_many` solves them all. It would start processes, so that a set that hangs or dies harms no other. Two dozen
# tiny sets do not need that, and a notebook likes to stay in one piece, so the executor below works right here. For
# large sets write `workers=8` in its place.

# %%
from placer.utils.processes import InThisProcess

rows = pd.DataFrame(placer.solve_many(sets, ["cost", "ceiling"], executor=InThisProcess()))
rows["status"].value_counts()

# %% [markdown]
# A set that cannot be solved would be a row that says so. Nothing is dropped in silence: the survivors of a silent
# filter always look healthy.

# %%
figures = ["cost_usd_per_mtok", "export_share", "ceiling_share", "unserved_share"]
placer.batch_report.quantiles(rows).loc[figures, ["mean", "p05", "p50", "p95"]].round(3)

# %%
from placer.plots import plot_distributions

axis = plot_distributions(rows, figure="cost_usd_per_mtok")

# %% [markdown]
# And the base case, the one number that usually stands in the summary?

# %%
placement = placer.solve(base)
given = placement.cost_usd_per_mtok
rank = (rows["cost_usd_per_mtok"] < given).mean()
print(f"as given {given:.3f} USD per Mtok: dearer than {rank:.0%} of the sets")
print(f"the ceiling is below 40 % in {placer.batch_report.share_below(rows, 'ceiling_share', 0.4):.0%} of the sets")

# %% [markdown]
# ## What makes a set dear?
#
# Chat takes two accelerator-hours a Mtok and the others one. So the *mix* should matter more than the level.

# %%
chat = [
    (each := sets.demand(number)).query("workload == 'chat'")["mtok"].sum() / each["mtok"].sum() for number in range(24)
]
cost = rows.sort_values("number")["cost_usd_per_mtok"].to_numpy()
level = rows.sort_values("number")["demand_mtok"].to_numpy()
table = pd.DataFrame({"cost": cost, "share of chat": chat, "level of demand": level})
table.corr().loc[["cost"], ["share of chat", "level of demand"]].round(2)

# %%
axis = table.plot.scatter("share of chat", "cost", figsize=(6, 3.5), ylabel="cost, USD per Mtok")

# %% [markdown]
# **What it means.** The mix of workloads decides what a token costs, far more than the level of demand does. If you
# may ask for one more measurement, ask for the mix.
#
# **Try this next.**
#
# - Switch shocks off: `placer.DemandSets(base, 24, placer.Uncertainty(mix_concentration=float("inf")), seed=7)`.
# - Keep the rows: `placer.Store.create("runs.db", {"seed": 7})`, or `placer batch tiny --n 24 --seed 7 --store runs.db`
#   on the command line.
# - [Many demand sets](../batches.md) shows 200 days of China, and what happens if the power fails half way.
