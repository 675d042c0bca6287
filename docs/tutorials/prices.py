# %% [markdown]
# # Prices and rents: who is paid for being near?
#
# A price is a story with several chapters: the accelerator, the power, and a rent for whatever is scarce. This
# tutorial reads one such story, on a network that fits on a napkin.
#
# **Question.** One city, two data centres. The one around the corner is dear, the one on the plateau is cheap. What
# does one more Mtok (a million tokens) cost in each hour, and *why*?
#
# *Needs `token-placer[plot]`.*

# %%
import placer

network = {
    "hubs": [{"hub": "city", "region": "coast"}],
    "data_centres": [
        {"data_centre": "corner", "region": "coast", "accelerators": 50, "accelerator_usd_per_hour": 2.0},
        {"data_centre": "plateau", "region": "inland", "accelerators": 50, "accelerator_usd_per_hour": 1.8},
    ],
    "power_zones": [
        {"power_zone": "coast grid", "usd_per_mwh": [80, 120, 120, 80]},  # one price an hour
        {"power_zone": "wind farm", "usd_per_mwh": 40},
    ],
    "supplies": [
        {"power_zone": "coast grid", "data_centre": "corner"},
        {"power_zone": "wind farm", "data_centre": "plateau"},
    ],
    "links": [
        {"from": "city", "to": "corner", "rtt_ms": 5},
        {"from": "city", "to": "plateau", "rtt_ms": 35},
    ],
}

# %% [markdown]
# Now the work. *Voice* has to answer within 150 ms, of which the server itself takes 120: the network may spend 30
# ms, and the plateau is 35 ms away. *Chat* is happy to wait two seconds.
#
# A Mtok of voice takes 0.02 accelerator-hours, a Mtok of chat 0.05. Both take as many kWh as accelerator-hours, so an
# accelerator draws 1 kW.

# %%
voice = {"workload": "voice", "accelerator_hours_per_mtok": 0.02, "kwh_per_mtok": 0.02}
chat = {"workload": "chat", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.05}
workloads = [voice | {"latency_slo_ms": 150, "server_ms": 120}, chat | {"latency_slo_ms": 2000}]
by_hour = {"voice": [400, 900, 900, 300], "chat": [600, 1200, 1200, 500]}
demand = [
    {"workload": name, "hub": "city", "hour": hour, "mtok": mtok}
    for name, amounts in by_hour.items()
    for hour, mtok in enumerate(amounts)
]
instance = placer.Instance.from_tables(network | {"workloads": workloads, "demand": demand})
placement = placer.solve(instance)
placement

# %% [markdown]
# *Proven* is not a figure of speech. placer computed a lower bound on the cost of **every** placement from the data
# and the prices, and this placement meets it. We may believe the prices, then.
#
# ## Where does the work run?

# %%
from placer.plots import plot_load

placement.flows["mtok"].unstack("hour").droplevel("hub").round(1)

# %%
axis = plot_load(placement, by="workload")

# %% [markdown]
# Voice stays at the corner, since physics says so. Chat goes to the plateau. In the two busy hours the plateau is
# full (1,200 Mtok of chat need 60 accelerators, and there are 50), and the rest of the chat stays in town.
#
# ## What does one more Mtok cost?

# %%
parts = ["accelerators", "energy", "accelerator_rent", "latency_rent"]
prices = placement.prices[["usd_per_mtok", *(f"{part}_usd_per_mtok" for part in parts)]]
(1000 * prices.set_axis(["price", *parts], axis=1)).droplevel("hub").round(2)  # USD per 1,000 Mtok

# %% [markdown]
# Take chat, by hand. In a quiet hour one more Mtok goes to the plateau:

# %%
quiet = 0.05 * (1.8 + 0.040)  # accelerator, and 1 kWh at 40 USD/MWh
print(f"{quiet:.4f} USD, and placer says {placement.prices.loc[('chat', 'city', 0), 'usd_per_mtok']:.4f}")

# %% [markdown]
# In a busy hour the plateau is full, so one more Mtok runs at the corner, at 2.00 USD an hour and dear power.
# **That** sets the price of all chat in the hour, wherever it runs:

# %%
busy = 0.05 * (2.0 + 0.120)
print(f"{busy:.4f} USD, and placer says {placement.prices.loc[('chat', 'city', 1), 'usd_per_mtok']:.4f}")

# %% [markdown]
# ## Who keeps the difference?
#
# Chat on the plateau costs less than its price. The difference is the **rent** of the plateau's accelerators: the
# saving by one more of them. A limit that does not bind earns nothing, however impressive it looks in a brochure.

# %%
placement.scarcities.round(2)

# %%
rent = (2.0 + 0.120) - (1.8 + 0.040)
print(
    f"one accelerator-hour on the plateau earns {rent:.2f} USD in a busy hour; 50 of them in 2 hours {100 * rent:.2f}"
)

# %% [markdown]
# Voice has a chapter of its own, the **latency rent**: its price less the cost at the cheapest data centre *if
# distance did not count*. In quiet hours voice pays it. In busy hours it pays none: the plateau is full, and being
# allowed to go there would buy nothing.
#
# ## Does it add up?
#
# The payments of users equal cost plus rents, to the last cent. That is linear programming duality, wearing an
# accountant's hat.

# %%
book = placement.settlement
book.round(4)

# %%
rents = book["payments"] - book["cost"]
print(f"payments {book['payments']:.4f} = cost {book['cost']:.4f} + rents {rents:.4f}")
assert abs(rents - placement.scarcities["rent_usd"].sum()) < 1e-6

# %% [markdown]
# **What it means.** Prices are set by the dearest site that is needed, and rents tell you which limit made it so.
# Before buying accelerators, read the rents: they say where one more pays.
#
# **Try this next.**
#
# - Give the plateau 60 accelerators. Which rent disappears, and which appears?
# - Move the plateau to 25 ms. What happens to the latency rent of voice?
# - Read [Placements and prices](../placement.md) for the other tables, and [the ceiling](ceiling.py) for how much can
#   leave.
