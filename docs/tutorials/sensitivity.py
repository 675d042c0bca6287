# %% [markdown]
# # Sensitivity: which guess matters
#
# Your tables hold guesses: a price, a growth, a limit. Which of them, if wrong, would change what you decide?
#
# **Question.** Two cities, two halls, four hours. Power may cost a fifth more or less. Chat may grow by half. Users may
# accept 700 ms in place of 1,000. Which of the three moves the cost of a token? Which moves the exports?
#
# *Needs `token-placer[plot]`.*
#
# The data are those that `placer template` writes; your own go into the same tables.

# %%
import pathlib
import tempfile

import placer
from placer.plots import plot_tornado

with tempfile.TemporaryDirectory() as place:
    mine = placer.load(placer.write_template(pathlib.Path(place) / "mine"))
mine

# %% [markdown]
# ## Say what may be otherwise
#
# `scale` holds factors of a column, `set` holds values in place of those given; `where` chooses rows, and hours. A list
# has a case for each of its values. Each case changes one assumption and nothing else.

# %%
assumptions = [
    placer.Assumption("power price", scale={"power_zones.usd_per_mwh": [0.8, 1.2]}),
    placer.Assumption("chat", scale={"demand.mtok": [1.5]}, where={"workload": "chat"}),
    placer.Assumption("latency limit", unit="ms", set={"workloads.latency_slo_ms": [700]}, where="chat"),
]
figures = ["cost_usd_per_mtok", "unserved_share", "economic_share_high"]
study = placer.sensitivity(mine, assumptions, figures=figures)
study.table[figures].round(4)

# %% [markdown]
# ## What moves the cost
#
# The longest bar is the assumption to measure first. A fifth on the price of power is a small part of 0.1 USD: a hall
# pays for accelerators, and power is 2 % of its cost.

# %%
plot_tornado(study, "cost_usd_per_mtok")

# %% [markdown]
# Check one bar by hand: energy is 2.03 % of the cost, so that a fifth more of it adds 0.41 %, if the same hall serves.

# %%
cost = study.table["cost_usd_per_mtok"]
added = cost["power price", "1.2"] / cost["as given", ""] - 1
print(f"a fifth on the price of power adds {added:.2%} to the cost of a token")
assert abs(added - 0.2 * 0.0203) < 1e-4

# %% [markdown]
# ## What moves the exports
#
# Not the price, but the limit and the growth. At 700 ms New York reaches the hall on its own shore alone, and Paris has
# no reason to leave the cheaper one on its own.

# %%
study.tornado("economic_share_high")[["low", "low_value", "base", "high"]].round(3)

# %% [markdown]
# ## A sentence, tested in every case
#
# A conclusion is a sentence with a condition. It holds if it holds in all cases.

# %%
cheap = placer.Conclusion("A million tokens cost less than 0.1 USD.", "cost_usd_per_mtok", at_most=0.1)
placer.sensitivity(mine, assumptions, figures=figures, conclusions=[cheap]).conclusions.round(4)

# %% [markdown]
# **What it means.** Measure the limit of chat and its growth before the price of power: they decide what leaves, and
# the price decides 0.4 % of the cost. Each case changes one thing. Two guesses that are wrong at once are
# not covered.
#
# **Try this next.**
#
# - Put these assumptions into the `sensitivity.toml` that `placer template my_data` writes, and run
#   `placer sensitivity my_data`.
# - Let one hall lose half of its accelerators: `scale={"data_centres.accelerators": [0.5]}, where="Lulea"`.
# - [Which assumption matters](../sensitivity.md) has all that can be written. Many guesses at once, with their chances,
#   are [many demand sets](batches.py).
