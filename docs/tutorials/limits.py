# %% [markdown]
# # Own limits: every promise has a price
#
# "Half of it green." "Not more than 60 % at one site." "We signed a take-or-pay contract." Promises like these are
# rows of a table, and each gets a price tag.
#
# **Question.** What does each promise cost, and what would it save to relax it a little?
#
# *Needs `token-placer[plot]`.*

# %%
import pandas as pd

import placer

hours = range(8)  # eight steps of three hours
sun = [0, 0, 6, 9, 9, 6, 0, 0]  # MW of the solar farm
tables = {
    "hubs": [{"hub": "city", "region": "coast"}],
    "data_centres": [
        {"data_centre": "corner", "region": "coast", "accelerators": 8000, "accelerator_usd_per_hour": 1.5},
        {"data_centre": "plateau", "region": "inland", "accelerators": 12000, "accelerator_usd_per_hour": 1.5},
    ],
    "links": [{"from": "city", "to": "corner", "rtt_ms": 5}, {"from": "city", "to": "plateau", "rtt_ms": 35}],
    "power_zones": [
        {"power_zone": "coast grid", "usd_per_mwh": 90},
        {"power_zone": "coal", "usd_per_mwh": 45, "carbon_kg_per_mwh": 900},
        {"power_zone": "solar", "usd_per_mwh": 60},
    ],
    "supplies": [
        {"power_zone": "coast grid", "data_centre": "corner"},
        {"power_zone": "coal", "data_centre": "plateau"},
        {"power_zone": "solar", "data_centre": "plateau", "green": 1, "limit_mw": sun},
    ],
    "workloads": [
        {"workload": "chat", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.05},
        {"workload": "indexing", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.05, "deadline_hours": 12},
    ],
    "demand": [
        {"workload": name, "hub": "city", "hour": hour, "mtok": mtok}
        for name, mtok in (("chat", 250_000), ("indexing", 200_000))
        for hour in hours
    ],
}
instance = placer.Instance.from_tables(tables, hour_length=3, cyclic=True)
free = placer.solve(instance)
print(f"no promises: {free.cost_usd:,.0f} USD, {free.carbon_kg / 1000:,.0f} t of carbon")
free.data_centres[["mtok", "mwh"]].round(1)

# %% [markdown]
# ## Three promises
#
# Each row has a kind (what counts), a sense, an amount and a scope. Empty scopes mean all.

# %%
promises = pd.DataFrame(
    [
        {
            "limit": "use the corner",
            "kind": "accelerator_hours",
            "sense": ">=",
            "amount": 60_000,
            "data_centre": "corner",
        },
        {"limit": "green plateau", "kind": "green_share", "sense": ">=", "amount": 0.4, "data_centre": "plateau"},
        {"limit": "carbon", "kind": "carbon_kg", "sense": "<=", "amount": 100_000},
    ]
)
placement = placer.solve(instance.replace(limits=promises))
print(f"with them: {placement.cost_usd:,.0f} USD, {placement.cost_usd - free.cost_usd:,.0f} more")
placement.limits[["unit", "amount", "use", "rent_usd_per_unit", "rent_usd"]].round(4)

# %% [markdown]
# A rent of zero is a promise that costs nothing *at the margin*: it would be kept anyway, or another promise keeps it.
# The rent of another promise is the saving by one unit less. Of a green share the rent is the price of a certificate of
# origin, in USD per MWh: buy certificates if they are cheaper than that.
#
# ## Check a rent
#
# A derivative should be checked with a small step, as in school.

# %%
name = "use the corner"
relaxed = promises.assign(amount=promises["amount"].where(promises["limit"] != name, 60_000 - 1_000))
saved = placement.cost_usd - placer.solve(instance.replace(limits=relaxed)).cost_usd
rent = placement.limits.loc[(name, ""), "rent_usd_per_unit"]
print(f"1,000 accelerator-hours less save {saved:,.2f} USD; 1,000 x the rent is {1000 * rent:,.2f}")
assert abs(saved - 1000 * rent) < 1e-3

# %% [markdown]
# ## The price of green, from a little to all
#
# One promise alone, tightened step by step: the rent is the slope of the cost.

# %%
green = promises[promises["limit"] == "green plateau"]
shares = [0.1 * step for step in range(9)]
solved = [placer.solve(instance.replace(limits=green.assign(amount=share))) for share in shares]
curve = pd.DataFrame(
    {
        "share": shares,
        "cost_usd": [each.cost_usd for each in solved],
        "rent_usd_per_mwh": [each.limits["rent_usd_per_unit"].iloc[0] for each in solved],
    }
)
curve.round(2)

# %%
axis = curve.plot("share", "rent_usd_per_mwh", style="o-", figsize=(6, 3.2), legend=False)
_ = axis.set(xlabel="green share at the plateau", ylabel="rent, USD per MWh")

# %% [markdown]
# At first each green MWh costs the difference between solar and coal. When the sun is used up, the share can only
# rise by running *less* at the plateau: work goes to the dear corner, and the rent jumps.
#
# **What it means.** A promise is a constraint, and its rent is its price at the margin. State promises as rows and
# you can argue about dollars per MWh, not about principles.
#
# **Try this next.**
#
# - Write `"hours": "each"` in the green row: green hour by hour, in the way that round-the-clock contracts ask for.
#   What happens at night, and what does the message say?
# - Let indexing wait 24 hours. Which rents fall?
# - [Limits of one's own](../limits.md) has all kinds and scopes. Limits that no table can state: [own rows and
#   columns](../own_models.md).
