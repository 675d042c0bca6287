# %% [markdown]
# # Accounts: who pays, who earns, who would leave?
#
# A placement of least cost for everybody is nobody's budget. Accounts read it by region: what its users pay, what its
# data centres are paid, and whether it would do better alone.
#
# **Question.** In `tiny`, the coast (*east*) has users and dear power, the plateau (*west*) has wind. Is trade good
# for both? And could either threaten to leave?
#
# *Needs `token-placer[plot]`.*

# %%
import pandas as pd

import placer

tiny = placer.load("tiny")
placement = placer.solve(tiny)
accounts = placer.accounts(placement)
accounts.regions[["spent_usd", "made_usd", "exports_usd", "imports_usd", "net_cost_usd"]].round(2)

# %% [markdown]
# Four parties: two regions, the *network* that carries tokens, and an *authority* that would be paid for caps (there
# are none here). `net_cost_usd` is the net cost of a party, and the column adds up to the cost of the whole:

# %%
total = accounts.regions["net_cost_usd"].sum()
print(f"net costs {total:.4f} = least cost {placement.cost_usd:.4f}")
assert abs(total - placement.cost_usd) < 1e-6

# %% [markdown]
# ## Who pays whom?

# %%
accounts.trade.round(2)

# %%
from placer.plots import plot_accounts

axis = plot_accounts(accounts)

# %% [markdown]
# The parts of a dollar of tokens, by the region that makes them:

# %%
chain = accounts.chain
chain.loc[["east", "west", "all"], chain.max() > 0].round(3)

# %% [markdown]
# Mostly accelerators. So "exporting electricity as tokens" is a fine headline, but the export is, above all,
# somebody's hardware. Whose? That is a question about owners, not about places. If the east owns the accelerators of
# the plateau, their rent goes home:

# %%
owned = placer.accounts(placer.solve(tiny.replace(data_centres=tiny.data_centres.assign(owner="east"))))
both = {"owned where they stand": accounts, "all owned by the east": owned}
pd.DataFrame({name: each.regions["net_cost_usd"] for name, each in both.items()}).round(2)

# %% [markdown]
# ## Would anybody leave?

# %%
print(accounts.stability)

# %% [markdown]
# That sentence is a theorem, not a poll. The prices of the whole are feasible in the dual of every group's own
# problem, so the charge of a group is at most its cost alone. The proof is weak duality: one line, and no further
# solve.
#
# How much does each gain? That needs further solves: the cost of each region alone. (Unserved work needs a value for
# that; here it is 20 USD a Mtok.)

# %%
valued = tiny.replace(workloads=tiny.workloads.assign(unserved_usd_per_mtok=20.0))
gains = placer.accounts(placer.solve(valued)).gains
gains.table[["alone_usd", "gain_usd", "shapley_gain_usd"]].round(2)

# %% [markdown]
# Marginal prices give most of the gain to the west, whose accelerators are scarce. The Shapley value would split it
# evenly, since trade needs both. With two regions both ways are stable; with more the Shapley value may not be, and
# then `gains.objection` names the group that would walk out.
#
# **What it means.** Trade pays for both, and the owner of the scarce capacity earns the most. If that seems unfair,
# change the owners or the split, not the placement: the placement is the cheapest one either way.
#
# **Try this next.**
#
# - Give the west 200 accelerators in place of 100. How much of its rent remains, and who gains?
# - Cap carbon (`tiny.replace(carbon_limit_kg=60)`) and look at the earnings of the authority.
# - `placer accounts china --gains` does it for four regions. [Who earns what](../accounts.md) has every column.
