# %% [markdown]
# # Plans over years: build now, or wait?
#
# A build that pays today may be regretted tomorrow, when something cheaper stands beside it. A plan over years knows
# tomorrow; a plan for this year does not.
#
# **Question.** A city needs 100 units of work now, 120 from 2030 and 160 from 2034. Its old hall does 80. What is
# left undone costs 45 USD a day and unit. A container can stand on the yard this year, at 40 USD a day. A hall on the
# hill costs 30, but takes four years to build. Shall we order containers?
#
# 40 is less than 45, so the answer seems to be yes.
#
# *Needs `token-placer[plot]`.*

# %%
import placer


def day(units):
    """Return a day with that many units of work; one unit keeps one accelerator busy."""
    chat = {"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "unserved_usd_per_mtok": 45 / 24}
    places = {"old hall": 80, "yard": 0, "hill": 0}
    tables = {
        "hubs": [{"hub": "city"}],
        "data_centres": [{"data_centre": name, "accelerators": count} for name, count in places.items()],
        "links": [{"from": "city", "to": name, "rtt_ms": 5} for name in places],
        "workloads": [chat],
        "demand": [{"workload": "chat", "hub": "city", "mtok": 24 * units}],
    }
    return placer.Instance.from_tables(tables, accelerators="sunk", hour_length=24)


demand = {2026: day(100), 2030: day(120), 2034: day(160)}
container = {"candidate": "container", "adds": "accelerators", "target": "yard", "usd_per_unit_year": 40 * 365}
hall = {"candidate": "hall", "adds": "accelerators", "target": "hill", "usd_per_unit_year": 30 * 365, "lead_years": 4}

this_year = placer.plan(demand[2026], [container])
print(f"a plan for 2026 alone: {this_year.builds.loc['container', 'units']:.0f} containers")

# %% [markdown]
# Now the whole period. Each planning year stands for itself and the years up to the next one; the last one ends at
# `until`. Money has a price of 7 % a year.

# %%
years = placer.Years(demand, until=2038, discount_rate=0.07)
plan = placer.plan_years(years, [container, hall])
plan

# %%
plan.standing.round(6)

# %% [markdown]
# No container. Half of the hall is in service from 2030, all of it from 2034. Until 2030, 20 units of work are left
# undone.
#
# ## By hand
#
# A container without end of life costs 40 in all three periods. It saves 45 in the first. Afterwards it saves only the
# 30 of the place in the hall that it replaces. Four years that begin four years later count 1.07^-4 as much:

# %%
weight = [1, 1.07**-4, 1.07**-8]
saved = 45 * weight[0] + 30 * weight[1] + 30 * weight[2]
paid = 40 * sum(weight)
print(f"a container saves {saved:.1f} and costs {paid:.1f}: it loses {paid - saved:.1f}")

# %%
costs = [20 * 45, 40 * 30, 80 * 30]  # unserved; a hall of 40; a hall of 80
mean = sum(part * cost for part, cost in zip(weight, costs, strict=True)) / sum(weight)
print(f"equivalent annual cost: {mean:.2f} USD a day by hand, {plan.cost_usd_per_year / 365:.2f} by placer")
assert abs(mean - plan.cost_usd_per_year / 365) < 0.01

# %% [markdown]
# The *equivalent annual cost*, paid every year of the plan, has the present value of all costs:

# %%
print(f"{plan.present_value_usd:,.0f} USD in 2026 = {plan.cost_usd_per_year:,.0f} x {years.discounted_years.sum():.4f}")

# %% [markdown]
# ## When is the quick build right?
#
# It saves 5 in the first period and loses 10 in each later one. So it pays only if the later ones hardly count: if
# 1.07 becomes a number *r* with r^-4 + r^-8 < 1/2, which is a rate of 28.6 % or more. A borrower in distress buys
# containers.

# %%
for rate in (0.07, 0.28, 0.29):
    found = placer.plan_years(placer.Years(demand, until=2038, discount_rate=rate), [container, hall])
    print(f"{rate:.0%}: {found.standing.loc['container', 2026]:.0f} containers")

# %% [markdown]
# Or if they can be given back. A candidate with `lifetime_years` leaves at the end of its life. Four years at 40 a
# day, without interest, are an investment of 58,400:

# %%
lease = {"candidate": "leased container", "adds": "accelerators", "target": "yard", "usd_per_unit": 4 * 40 * 365}
leased = placer.plan_years(years, [lease | {"wacc": 0, "lifetime_years": 4}, hall])
leased.standing.round(6)

# %%
saving = (plan.cost_usd_per_year - leased.cost_usd_per_year) / 365
print(f"saving: {saving:.2f} USD a day; by hand {20 * 5 * weight[0] / sum(weight):.2f}")
assert abs(saving - 20 * 5 / sum(weight)) < 0.01

# %% [markdown]
# ## Old halls retire, and permits are few
#
# The old hall is closed in 2034, and the town allows at most 100 units on the hill. Now containers are needed at the
# end, whoever dislikes them.

# %%
closing = placer.Years(demand, until=2038, discount_rate=0.07, retire={"old hall": 2034})
permit = hall | {"permits": 1}
plan = placer.plan_years(closing, [container, permit], {"permits": 100})
plan.standing.round(6)

# %%
axis = plan.standing.T.plot.bar(stacked=True, figsize=(6, 3.2), rot=0, ylabel="units in service")

# %% [markdown]
# In 2034 the hall stops at 100, and 60 containers do the rest. Why not sooner? Ordered in 2026, such a container gains
# 5 in the first period and loses 10 in the second only, since it is needed in the third anyway. That is still too much:
# 5 - 10 x 1.07^-4 = -2.6.
#
# The **rent** of a permit says what the town could ask for one more: it saves 40 - 30 = 10 USD a day in the last
# period. Like all amounts of the plan, it is paid every year.

# %%
plan.build_limits.round(2)

# %%
rent = plan.build_limits.loc[("permits", 2034), "rent_usd_per_unit_year"] / 365
print(f"rent: {rent:.2f} USD a day; by hand {10 * weight[2] / sum(weight):.2f}")
assert abs(rent - 10 * weight[2] / sum(weight)) < 0.01

# %% [markdown]
# Every planning year has its placement. This is 2034, in Mtok a day:

# %%
plan.placement(2034).flows["mtok"].droplevel(["workload", "hub", "hour"])

# %% [markdown]
# **What it means.** A plan for one year asks whether a build pays. A plan over years asks whether it still pays beside
# what comes next. The answer hangs on the discount rate, lead times and lifetimes, so state them with care.
#
# **Try this next.**
#
# - Let the hall take two years in place of four. Why does nothing change, and what if 2028 is a planning year too?
# - Give 2034 two futures: `placer.States.of({"low": day(120), "high": day(200)})` in place of `day(160)`.
# - `placer plan-years` does it for a dataset. [What to build](../plans.md) has the rules.
