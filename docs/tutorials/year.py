# %% [markdown]
# # A year: seasons, and twelve days that stand for it
#
# A day is easy. A year has winters, Sundays, and one calm week that everybody remembers.
#
# **Question.** What does a year cost, month by month? And how well do twelve days stand for it?
#
# We draw a year of our own, in steps of three hours: demand that sleeps at night and rests at weekends, a grid that
# is dear in winter evenings, a wind farm with moods of its own (drawn from a seed, so that yours are the same).
#
# *Needs `token-placer[plot]`.*

# %%
import numpy as np
import pandas as pd

import placer

steps = pd.date_range("2026-01-01", "2026-12-31 21:00", freq="3h")
random = np.random.default_rng(7)
winter = np.cos(2 * np.pi * (steps.day_of_year.to_numpy() - 15) / 365)  # 1 in the middle of January
evening = np.isin(steps.hour, (18, 21))
awake = np.select([steps.hour < 6, evening], [0.3, 1.0], 0.8)
rest = np.where(steps.day_of_week >= 5, 0.7, 1.0)
chat_mtok = np.round(3000 * awake * rest, 1)
usd_per_mwh = np.round(60 + 20 * winter + 40 * evening * (winter > 0), 1)
windy_days = random.choice([0.2, 1.0, 1.8], size=365)
wind_mw = np.round(0.06 * np.repeat(windy_days, 8), 3)

tables = {
    "hubs": [{"hub": "city", "region": "coast"}],
    "data_centres": [
        {"data_centre": "corner", "region": "coast", "accelerators": 80, "accelerator_usd_per_hour": 2.0},
        {"data_centre": "plateau", "region": "inland", "accelerators": 80, "accelerator_usd_per_hour": 2.0},
    ],
    "links": [{"from": "city", "to": "corner", "rtt_ms": 5}, {"from": "city", "to": "plateau", "rtt_ms": 35}],
    "power_zones": [
        {"power_zone": "grid", "usd_per_mwh": pd.Series(usd_per_mwh, steps), "carbon_kg_per_mwh": 500},
        {"power_zone": "wind", "usd_per_mwh": 30},
    ],
    "supplies": [
        {"power_zone": "grid", "data_centre": "corner"},
        {"power_zone": "wind", "data_centre": "plateau", "limit_mw": pd.Series(wind_mw, steps)},
    ],
    "workloads": [{"workload": "chat", "accelerator_hours_per_mtok": 0.1, "kwh_per_mtok": 0.1}],
    "demand": pd.DataFrame({"workload": "chat", "hub": "city", "hour": steps, "mtok": chat_mtok}),
}
year = placer.Instance.from_tables(tables, hour_length=3)
placement = placer.solve(year)
placement

# %% [markdown]
# The unserved tokens are no mistake. On calm evenings of working days the wind feeds 12 accelerators on the plateau,
# the corner has 80, and the demand needs 100. `placer.explain(placement)` would say the same.
#
# A series is aligned by its index, so a value can never slip by an hour. Timestamps that lack an hour, have one
# twice, or lack the time zone that others have are an error.
#
# ## By month

# %%
months = placement.by_period("month")[["demand_mtok", "cost_usd", "export_share", "cost_usd_per_mtok", "energy_mwh"]]
months.round(4)

# %%
axis = months["cost_usd_per_mtok"].plot.bar(figsize=(7, 3.2), rot=45, ylabel="USD per Mtok")
axis.set_ylim(0.95 * months["cost_usd_per_mtok"].min(), None)
assert abs(months["cost_usd"].sum() / placement.cost_usd - 1) < 1e-9

# %% [markdown]
# The months add up to the year. Note how little they differ: accelerators cost the same in July, and power is the
# small part of a token.
#
# ## Twelve days for a year
#
# `representative_days` puts days that are alike in demand, prices and wind into clusters, and keeps one day of each.
# It counts as often as its cluster has days.

# %%
few = year.representative_days(12, extremes="scarcest supply")
few.instance.periods.groupby("block")["weight"].first()

# %% [markdown]
# One calm day stands for itself: we asked for it. `carry_back` solves the twelve days, and takes their prices back to
# all 365: they bound the cost of every placement of the year. The cheapest placement near these prices is a placement
# of the year. The least cost lies between the two.

# %%
answer = placer.carry_back(few, headlines=["cost_usd_per_mtok", "export_share"])
answer

# %%
answer.headlines.round(4)

# %% [markdown]
# `smaller` is what the twelve days alone say. `least` and `most` are proven: no placement of the year that costs as
# little has a headline outside. We solved the year above, so we can look:

# %%
assert answer.lower_usd <= placement.cost_and_penalty_usd * (1 + 1e-9)
assert placement.cost_and_penalty_usd <= answer.upper_usd * (1 + 1e-9)
for name, row in answer.headlines.iterrows():
    assert row["least"] - 1e-6 <= getattr(placement, name) <= row["most"] + 1e-6
print(f"the twelve days alone are off by {answer.reduced_placement.cost_usd / placement.cost_usd - 1:+.2%}")

# %% [markdown]
# Twelve days alone know nothing of the calmest week of the year, which is when the lights matter. The placement that
# is carried back does:

# %%
weeks = answer.placement.by_period("week")["export_share"]
print(f"share made inland: {weeks.mean():.0%} in the mean week, {weeks.min():.0%} in the calmest ({weeks.idxmin()})")

# %% [markdown]
# **What it means.** A few days say in a moment what a year costs, and `carry_back` proves how far they are off. Alone
# they are good for *sums* (cost, energy, carbon), and poor for *extremes*.
#
# **Try this next.**
#
# - Take four days, then thirty-six. How far are the days alone off, and how wide is the interval?
# - Add a workload that waits twelve hours (`deadline_hours`). Within which block may it wait now?
# - `placer.datasets.year("china")` makes a year of a dataset; `placer solve DATASET --by month` prints such tables.
#   [Time and time zones](../time.md) has the rules.
