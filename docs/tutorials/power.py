# %% [markdown]
# # Power: wind, a battery, a contract and a green promise
#
# A hub in the west has wind and sun beside it, and a town on the coast has the users. Everybody has an opinion on
# what the battery is for. Prices have one too.
#
# **Question.** What does a Mtok cost in each hour? And what are a battery, a contract for the wind farm, a green
# share, and work that waits or moves worth?
#
# *Needs `token-placer[plot]`.*

# %%
import pandas as pd

import placer

hours = range(8)  # eight steps of three hours
wind = [9, 12, 7, 2, 1, 1, 3, 7]  # MW
sun = [0, 0, 2, 5, 5, 2, 0, 0]
work = {"accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.05, "unserved_usd_per_mtok": 0.02}
tables = {
    "hubs": [{"hub": "town", "region": "coast"}],
    "data_centres": [
        {"data_centre": "coast", "region": "coast", "accelerators": 8000},
        {"data_centre": "hub", "region": "west", "accelerators": 8500},
    ],
    "links": [{"from": "town", "to": "coast", "rtt_ms": 5}, {"from": "town", "to": "hub", "rtt_ms": 35}],
    "power_zones": [
        {"power_zone": "coast grid", "usd_per_mwh": [70, 70, 85, 95, 95, 105, 125, 90]},
        {"power_zone": "hydro", "usd_per_mwh": 130},
        {"power_zone": "west grid", "usd_per_mwh": [40, 40, 50, 55, 55, 65, 90, 60]},
        {"power_zone": "wind", "usd_per_mwh": 35, "limit_mw": wind},
        {"power_zone": "sun", "usd_per_mwh": 30, "limit_mw": sun},
    ],
    "supplies": [
        {"power_zone": "coast grid", "data_centre": "coast"},
        {"power_zone": "hydro", "data_centre": "coast", "green": 1},
        {"power_zone": "west grid", "data_centre": "hub", "limit_mw": 2},
        {"power_zone": "wind", "data_centre": "hub", "green": 1},
        {"power_zone": "sun", "data_centre": "hub", "green": 1},
    ],
    "workloads": [{"workload": "chat"} | work, {"workload": "indexing", "deadline_hours": 12} | work],
    "demand": [
        {"workload": name, "hub": "town", "hour": hour, "mtok": mtok}
        for name, mtok in (("chat", 330_000), ("indexing", 150_000))
        for hour in hours
    ],
}
instance = placer.Instance.from_tables(tables, hour_length=3, cyclic=True)
free = placer.solve(instance)
free

# %% [markdown]
# Accelerators cost nothing here: they are bought, and only power is left to decide. Each draws 1 kW. Chat takes
# 5.5 MW in each hour and indexing 2.5 MW, which may wait twelve hours. The line of the grid to the hub carries 2 MW.
#
# ## What does a Mtok cost?

# %%
prices = 1000 * free.prices["usd_per_mtok"].unstack("workload").droplevel("hub")  # USD per 1,000 Mtok
prices.round(2).T

# %% [markdown]
# A Mtok takes 0.05 kWh, so 1,000 Mtok at a coast price of 70 USD per MWh cost 3.50 USD. Chat pays the price of its
# own hour. Indexing pays that of the cheapest hour that it can reach.
#
# ## What is a battery worth?

# %%
battery = {"battery": "hub battery", "data_centre": "hub", "power_mw": 1.5, "energy_mwh": 6, "efficiency": 0.95}
stored = instance.replace(batteries=[battery])
placement = placer.solve(stored)
print(f"the battery saves {free.cost_usd - placement.cost_usd:.2f} USD a day")
placement.batteries.droplevel("battery")[["content_mwh", "power_rent_usd_per_mwh", "energy_rent_usd_per_mwh"]].round(2)

# %% [markdown]
# The rents say which half of the battery is too small: the one that charges, or the one that holds. Summed over the
# day they are what one more MW, and one more MWh, would save.

# %%
rents = placement.batteries
power = 3 * rents["power_rent_usd_per_mwh"].sum()
energy = rents["energy_rent_usd_per_mwh"].sum()
for name, rent in (("power_mw", power), ("energy_mwh", energy)):
    larger = placer.solve(instance.replace(batteries=[battery | {name: battery[name] + 0.1}]))
    print(f"{name}: rent {rent:.2f}, and 0.1 more saves {placement.cost_usd - larger.cost_usd:.3f} USD a day")

# %% [markdown]
# ## What should a contract for the farm cost?
#
# So far the hub paid for the wind that it used. A contract pays for all of it, and sells what is left at 10 USD.

# %%
farm = {"contract": "farm", "power_zone": "wind", "data_centre": "hub", "output_share": 1, "sale_usd_per_mwh": 10}
rows = {}
for usd in (25, 35, 45):
    zones = [zone | {"usd_per_mwh": usd} if zone["power_zone"] == "wind" else zone for zone in tables["power_zones"]]
    rows[usd] = placer.solve(stored.replace(power_zones=zones, contracts=[farm])).contracts.loc["farm"]
contracts = pd.DataFrame(rows).T.rename_axis("price")
contracts[["paid_mwh", "used_mwh", "sales_usd", "rent_usd", "profit_usd"]].round(1)

# %%
worth = 10 + contracts["rent_usd"].iloc[0] / contracts["paid_mwh"].iloc[0]
print(f"sign below {worth:.2f} USD per MWh: the price of sale, and the rent per MWh paid for")

# %% [markdown]
# The rent is the same at each price: what is paid in any case decides nothing. The profit falls by one USD per MWh
# with each USD of the price, and the last line is where it is zero.
#
# ## What does each green share cost?
#
# A share of all energy over the day, or of every hour. Both without the battery: behind the meter it has a green and
# a grey content, which fronts do not carry yet.

# %%
fronts = {name: placer.green_front(instance, name) for name in ("horizon", "hour")}
axis = None
for name, front in fronts.items():
    table = front.table.assign(
        percent=100 * front.table["green_share"], more_usd=front.table["cost_usd"] - free.cost_usd
    )
    axis = table.plot("percent", "more_usd", style="o-", label=name, ax=axis, figsize=(6, 3.2))
_ = axis.set(xlabel="green share, %", ylabel="USD a day more")

# %%
for name, front in fronts.items():
    print(f"{name}: {front}")
fronts["hour"].table[["green_share", "cost_usd", "usd_per_mwh"]].round(2)

# %% [markdown]
# The slope is the price of a certificate of origin, in USD per MWh.
#
# ## What are waiting and moving worth?
#
# At 90 % green power in every hour, each alone and both together. A green MWh that is missing costs 200 USD, and a
# Mtok that nobody serves its penalty.

# %%
values = placer.flexibility_values(instance, 0.9, "hour", missing_usd_per_mwh=200)
print(values)
values.coalitions[["flexibilities", "cost_usd", "missing_mwh", "unserved_mtok"]].round(2)

# %% [markdown]
# **What it means.** One table of prices answers all five questions: rents say what the battery and the farm are
# worth, slopes what a green MWh costs, and coalitions what it is worth not to insist on here and now.
#
# **Try this next.**
#
# - Sell what is left at 30 USD. How does the price change below which to sign?
# - Let indexing wait three hours only. Which is worth more then, the battery or moving?
# - [Batteries](../batteries.md), [contracts](../contracts.md) and [green power](../green.md) have the rules, and [a
#   western hub](../western_hub.md) has them on measured wind and sun.
