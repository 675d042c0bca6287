# %% [markdown]
# # Security: when a site goes dark
#
# The cheapest placement fills the cheapest site to the brim. Then the cheapest site loses power, on a Friday.
#
# **Question.** Three sites, one city. If any one of them is lost, who is stranded? And what does it cost to lose
# nobody?
#
# | site | region | accelerators | USD an hour | who may use it |
# |---|---|---|---|---|
# | A | north | 45 | 6 | voice |
# | B | south | 85 | 5 | voice, chat |
# | W | west | 90 | 4 | chat |
#
# *Needs `token-placer[plot]`.*

# %%
import placer

sites = {"A": ("north", 45, 6.0), "B": ("south", 85, 5.0), "W": ("west", 90, 4.0)}
one_hour = {"accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0}
instance = placer.Instance.from_tables(
    {
        "hubs": [{"hub": "city", "region": "north"}],
        "data_centres": [
            {
                "data_centre": name,
                "region": region,
                "accelerators": count,
                "accelerator_usd_per_hour": usd,
                "jurisdiction": name,
            }
            for name, (region, count, usd) in sites.items()
        ],
        "links": [{"from": "city", "to": name, "rtt_ms": 5} for name in sites],
        "workloads": [
            one_hour | {"workload": "voice", "jurisdictions": "A|B"},
            one_hour | {"workload": "chat", "jurisdictions": "B|W"},
        ],
        "demand": [{"workload": "voice", "hub": "city", "mtok": 40}, {"workload": "chat", "hub": "city", "mtok": 80}],
    }
)
cheapest = placer.solve(instance)
cheapest.flows["mtok"].droplevel(["hub", "hour"])

# %% [markdown]
# Voice at B, chat at W: the cheapest placement. An **audit** loses each site in turn and asks where its work could go,
# while all other work stays where it is.

# %%
security = placer.Security("data_centres")
audit = placer.audit(cheapest, security)
audit

# %%
audit.contingencies[["displaced_mtok", "stranded_mtok", "binding_sites", "extra_usd"]]

# %%
lost = audit.contingencies[["displaced_mtok", "stranded_mtok"]]
axis = lost.plot.bar(figsize=(6, 3.2), ylabel="Mtok", xlabel="lost site", rot=0)

# %% [markdown]
# If W is lost, 80 of chat need another place. Only B may take chat; it has 85 accelerators, and 40 of them are busy
# with voice.
#
# There *are* enough accelerators: with voice at A, chat would fit at B. Headroom is not a number, it is a place.
# So let us pay for the right place.

# %%
secure = placer.solve(instance, security=security)
secure

# %%
print(f"cheapest {cheapest.cost_usd:.0f} USD, secure {secure.cost_usd:.0f} USD")
secure.flows["mtok"].droplevel(["hub", "hour"])

# %% [markdown]
# ## By hand
#
# When W is lost, B must take all 80 of chat, so at most 85 - 80 = 5 of voice may stay at B. The other 35 move to A,
# at 6 in place of 5.

# %%
print(f"premium by hand: {35 * (6 - 5)} USD; placer: {secure.cost_usd - cheapest.cost_usd:.0f} USD")
assert abs(secure.cost_usd - cheapest.cost_usd - 35) < 1e-6
assert placer.audit(secure, security).passed

# %% [markdown]
# ## Who pays for headroom, and who earns it?

# %%
secure.prices["usd_per_mtok"].droplevel(["hub", "hour"])

# %% [markdown]
# Voice costs 6, as at A. Chat costs 5: 4 at W, and 1 for the place at B that must stay free for it, which would save
# 1 if voice could use it. The owner of B earns that rent without lifting a finger. It is paid for *not* selling.

# %%
secure.security_rents

# %%
book = secure.settlement
print(f"payments {book['payments']:.0f} = cost {book['cost']:.0f} + rents of security {book['security_rent']:.0f}")

# %% [markdown]
# **What it means.** Security has a price by site, by workload and by contingency. A flat "keep 20 % free" pays for
# headroom where nobody needs it, and may still lack it where somebody does.
#
# **Try this next.**
#
# - Protect only half of the chat: `placer.Security("data_centres", protected={"chat": 0.5})`.
# - Find how much could survive if *all* work may be placed again: `recourse="all"`.
# - `placer audit china --secure power_zones` does it for a country. [If one is lost](../security.md) explains the
#   rules.
